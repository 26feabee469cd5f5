"""The child process that runs one case and nothing else.

It needs only the standard library, NumPy and Dask, so that it can run under another interpreter.
"""
