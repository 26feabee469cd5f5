"""Chains of tasks, each of which needs the one before: no more parallel than there are chains."""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Any, ClassVar

import numpy as np

from daskbench.benchmarks.base import Needs, Parameter
from daskbench.benchmarks.sizes import HALF, bytes_of, rounded, size_parameter, sized
from daskbench.errors import UsageError

_ITEM_BYTES = 8
_SMALL_BYTES = 4_000_000
_MOST_TASKS = 10**7
_MODULUS = 1 << 64


def start(seed: int, number: int, length: int) -> Any:
    """Return random integers, shape (length,)."""
    return np.random.default_rng([seed, number]).integers(0, 1 << 60, length, dtype=np.uint64)


def step(x: Any) -> Any:
    """Return 3 x + 1, modulo 2**64."""
    return x * np.uint64(3) + np.uint64(1)


def end(x: Any) -> int:
    """Return the sum, modulo 2**64."""
    return int(x.sum(dtype=np.uint64))


class Chain:
    """Chains of steps on arrays, each of which needs the one before, with ``dask.delayed``."""

    parameters: ClassVar = {
        "size": size_parameter("numbers", HALF),
        "numbers": sized(
            lambda size: rounded(bytes_of(size, _SMALL_BYTES, HALF) / _ITEM_BYTES),
            "Numbers in total.",
        ),
        "chains": Parameter(4, "Number of chains, which are independent."),
        "steps": Parameter(100, "Steps of each chain."),
    }

    def __init__(self, numbers: int, chains: int, steps: int, seed: int, size: str = "") -> None:
        if chains * steps > _MOST_TASKS:
            raise UsageError(f"{chains:,} chains of {steps:,} steps are too many tasks; use fewer")
        self.chains, self.steps, self.seed = chains, steps, seed
        self.length = max(1, numbers // chains)

    def collection(self) -> Sequence[Any]:
        """Return the end of each chain, with new keys."""
        from dask import delayed

        ends = []
        for number in range(self.chains):
            x = delayed(start)(self.seed, number, self.length)
            for _ in range(self.steps):
                x = delayed(step)(x)
            ends.append(delayed(end)(x))
        return ends

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return each chain as a loop."""
        return [partial(self._in_numpy, number) for number in range(self.chains)]

    def _in_numpy(self, number: int) -> int:
        x = start(self.seed, number, self.length)
        for _ in range(self.steps):
            x = step(x)
        return end(x)

    @cached_property
    def _right(self) -> list[int]:
        """The ends in closed form: x becomes ``3**k x + (3**k - 1) / 2`` after k steps."""
        power = 3**self.steps
        sums = (end(start(self.seed, number, self.length)) for number in range(self.chains))
        return [(power * one + self.length * (power - 1) // 2) % _MODULUS for one in sums]

    def check(self, answer: Sequence[Any]) -> str | None:
        """Compare with the closed form."""
        found = [*answer]
        if len(found) != self.chains:
            return f"{len(found)} ends instead of {self.chains}"
        wrong = sum(a != b for a, b in zip(found, self._right, strict=True))
        return f"{wrong} of {self.chains} chains end with a wrong sum" if wrong else None

    def needs(self, *, in_numpy: bool, threads: int) -> Needs:
        """Return the memory of the arrays."""
        array = self.length * _ITEM_BYTES
        at_once = 1 if in_numpy else min(self.chains, threads)
        held = 0 if in_numpy else (self.chains - at_once) * array
        return Needs(self.chains * array, array, held + 3 * at_once * array, 3 * array)
