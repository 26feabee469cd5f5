"""Reliable benchmarks for Dask."""

__version__ = "0.1.0"
