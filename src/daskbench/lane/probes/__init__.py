"""Probes of the running work: tasks, CPU time, memory, BLAS threads, versions, configuration."""
