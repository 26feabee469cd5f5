"""A matrix with chunks in both dimensions, flattened: Dask has to merge chunks first."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from daskbench.benchmarks.array.workload import InNumpy, array_parameters, differing_row, times
from daskbench.benchmarks.linalg.matrix import Array


class Reshape(InNumpy):
    """Flatten a matrix: ``x.reshape(-1)``."""

    parameters: ClassVar = array_parameters(small=8_000_000)

    def work(self, x: Any) -> Any:
        """Return the rows of X one after the other."""
        return x.reshape(-1)

    def image(self, w: Array) -> Array:
        """Return V' X W, with random weights V of the rows, too, and W of the columns."""
        return np.array([self._v @ times(self.matrix, w)])

    @cached_property
    def _v(self) -> Array:
        return np.random.default_rng(2).uniform(-1.0, 1.0, self.shape[0])

    def _wrong(self, result: Any, compute: Callable[[Any], Sequence[Any]]) -> str | None:
        length = self.shape[0] * self.shape[1]
        if result.shape != (length,):
            return f"the result has the shape {result.shape}, not {(length,)}"
        if isinstance(result, np.ndarray):
            found = weigh(result, self._v, self._w)
        else:
            parts = result.map_blocks(
                weigh, self._v, self._w, chunks=((1,) * result.numblocks[0],), dtype=float
            )
            [found] = compute(parts.sum(keepdims=True))
        return differing_row(np.asarray(found), self._image)


def weigh(flat: Array, v: Array, w: Array, block_info: Any = None) -> Array:
    """Return the sum of a chunk's entries, each times the weights of its row and column in X."""
    first = block_info[0]["array-location"][0][0] if block_info else 0
    place = np.arange(first, first + len(flat))
    return np.array([flat @ (v[place // len(w)] * w[place % len(w)])])
