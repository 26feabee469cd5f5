"""Work that takes workers to their memory limit on purpose."""
