"""Benchmarks of the network between workers."""
