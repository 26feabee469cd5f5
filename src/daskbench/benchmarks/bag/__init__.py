"""Bag workloads: Python objects, by default on processes."""
