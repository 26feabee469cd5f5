"""Benchmarks that drive workers to their memory limit on purpose."""
