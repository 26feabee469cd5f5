"""Arrays added in pairs until one is left: log2(leaves) steps, ever fewer of them at once."""

import math
from collections.abc import Callable, Sequence
from functools import cached_property, reduce
from typing import Any, ClassVar

import numpy as np

from daskbench.benchmarks.base import Needs, Parameter
from daskbench.benchmarks.sizes import bytes_of, rounded, size_parameter, sized

_ITEM_BYTES = 8
_LEAVES = 64


def leaf(seed: int, number: int, length: int) -> Any:
    """Return random integers, shape (length,)."""
    return np.random.default_rng([seed, number]).integers(0, 1 << 40, length)


def add(a: Any, b: Any) -> Any:
    """Return the sum of two arrays."""
    return a + b


class TreeReduction:
    """Add random arrays in pairs until one is left, with ``dask.delayed``."""

    parameters: ClassVar = {
        "size": size_parameter("numbers"),
        "numbers": sized(lambda size: rounded(bytes_of(size) / _ITEM_BYTES), "Numbers in total."),
        "leaves": Parameter(_LEAVES, "Number of arrays."),
    }

    def __init__(self, numbers: int, leaves: int, seed: int, size: str = "") -> None:
        self.leaves, self.length, self.seed = leaves, max(1, numbers // leaves), seed

    def collection(self) -> Sequence[Any]:
        """Return the sum, as a tree with new keys."""
        from dask import delayed

        level = [delayed(leaf)(self.seed, n, self.length) for n in range(self.leaves)]
        while len(level) > 1:
            left, right = level[::2], level[1::2]
            pairs = [delayed(add)(a, b) for a, b in zip(left, right, strict=False)]
            level = pairs + left[len(right) :]
        return level

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return the same in a loop, one array after the other."""
        return [self._in_numpy]

    def _in_numpy(self) -> Any:
        return reduce(add, (leaf(self.seed, n, self.length) for n in range(self.leaves)))

    @cached_property
    def _right(self) -> Any:
        return self._in_numpy()

    def check(self, answer: Sequence[Any]) -> str | None:
        """Compare with the sum in a loop: integers are exact in any order."""
        [found] = answer
        if np.shape(found) != self._right.shape:
            return f"the sum has the shape {np.shape(found)}, not {self._right.shape}"
        wrong = int((found != self._right).sum())
        return f"{wrong:,} of {self.length:,} sums are wrong" if wrong else None

    def needs(self, *, in_numpy: bool, threads: int) -> Needs:
        """Return the memory of the arrays: on each thread, one of each level waits for another."""
        array = self.length * _ITEM_BYTES
        data, task = self.leaves * array, 3 * array
        waiting = threads * math.ceil(math.log2(self.leaves)) * array
        held = 0 if in_numpy else min(data // 2, waiting)
        return Needs(data, array, held + (1 if in_numpy else threads) * task, task)
