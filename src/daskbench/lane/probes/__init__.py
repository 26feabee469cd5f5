"""What a lane can tell of the work: tasks, CPU seconds, BLAS threads, versions."""
