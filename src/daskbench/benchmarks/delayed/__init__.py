"""Delayed workloads: graphs of ordinary Python functions."""
