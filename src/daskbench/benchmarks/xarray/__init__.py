"""Workloads of labelled arrays."""
