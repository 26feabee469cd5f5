"""The lane: a child process that runs a single case.

It needs only the standard library, NumPy and Dask, to run under another interpreter.
"""
