"""Array workloads: one matrix, and what Dask's users do with it."""
