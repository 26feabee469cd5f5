"""A function whose answer is wrong in a worker's process, to show that this is found."""

import multiprocessing

import dask.array as da


def slightly_wrong(block):
    """Change one value in a process that another one started."""
    changed = block.copy()
    if multiprocessing.parent_process():
        changed[3] *= 1.002
    return changed


def build(n: int = 1_000_000):
    """Return the square roots of the first numbers.

    Args:
        n: How many numbers.
    """
    return {"roots": da.sqrt(da.arange(n, chunks=100_000)).map_blocks(slightly_wrong)}
