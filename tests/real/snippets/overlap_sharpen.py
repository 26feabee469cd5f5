# Laplace filter of a large image: chunks need a margin from their neighbours
import dask.array as da
import numpy as np

image = da.from_array(np.random.default_rng(42).random((300, 300)), chunks=(100, 150))


def laplace(block, strength):
    around = sum(np.roll(block, step, axis) for step in (-1, 1) for axis in (0, 1))
    return block + strength * (4 * block - around)


def sharpen(strength: float = 0.25):
    return image.map_overlap(laplace, strength=strength, depth=1, boundary="reflect")
