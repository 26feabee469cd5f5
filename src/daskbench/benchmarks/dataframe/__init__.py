"""Dataframe workloads: one table, and what Dask's users do with it."""
