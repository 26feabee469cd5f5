"""The sum of a large array: a pass over data that need not be held."""

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from daskbench.benchmarks.array.workload import InNumpy
from daskbench.benchmarks.linalg.accuracy import shared

_CLOSE = 1e-12


class ArraySum(InNumpy):
    """Sum of a large array: ``x.sum()``."""

    keeps: ClassVar = False
    copies: ClassVar = 0.0
    copies_in_numpy: ClassVar = 2.0

    def work(self, x: Any) -> Any:
        """Return the sum of all entries."""
        return x.sum()

    @cached_property
    def _right(self) -> float:
        """The sum of the chunks' sums, exactly rounded."""

        def add() -> Any:
            return np.array(math.fsum(float(block.sum()) for block in self.matrix.blocks()))

        return float(shared(f"ArraySum {self.matrix.name}", add))

    def _wrong(self, result: Any, compute: Callable[[Any], Sequence[Any]]) -> str | None:
        if np.shape(result) != ():
            return f"the sum has the shape {np.shape(result)}"
        if abs(float(result) - self._right) <= _CLOSE * self._right:
            return None
        return f"the sum is {float(result):.15g}, not {self._right:.15g}"
