"""Columns with mean 0 and standard deviation 1: three passes over the same data."""

from typing import Any, ClassVar

import numpy as np

from daskbench.benchmarks.array.workload import InNumpy, times, transposed_times
from daskbench.benchmarks.linalg.matrix import Array


class Standardise(InNumpy):
    """Standardise columns: ``(x - x.mean(axis=0)) / x.std(axis=0)``."""

    copies: ClassVar = 1.5

    def work(self, x: Any) -> Any:
        """Return the standardised columns."""
        return (x - x.mean(axis=0)) / x.std(axis=0)

    def image(self, w: Array) -> Array:
        """Return the product from sums and squares of columns, in chunks of X."""
        rows, columns = self.shape
        mean = transposed_times(self.matrix, np.ones(rows)) / rows
        squares = np.zeros(columns)
        for _, left, block in self.matrix.placed_blocks():
            right = left + block.shape[1]
            squares[left:right] += ((block - mean[left:right]) ** 2).sum(axis=0)
        scaled = w / np.sqrt(squares / rows)
        return times(self.matrix, scaled) - mean @ scaled
