"""Benchmarks of Dask whose figures can be believed."""

__version__ = "0.1.0"
