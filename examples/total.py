"""A benchmark of one's own: the sum of n random numbers."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from daskbench.benchmarks.base import Parameter


class Total:
    """The sum of n uniform random numbers, in chunks."""

    parameters: ClassVar = {
        "n": Parameter(1_000_000, "Random numbers."),
        "chunk": Parameter(100_000, "Random numbers in each chunk."),
    }

    def __init__(self, n: int, chunk: int, seed: int) -> None:
        self.n, self.chunk, self.seed = n, chunk, seed

    def collection(self) -> Sequence[Any]:
        """Build the Dask collections, anew each time: random keys are new keys."""
        import dask.array as da

        return [da.random.random(self.n, chunks=self.chunk).sum()]

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return the same in NumPy, for a plain loop."""
        return [lambda: np.random.default_rng().random(self.n).sum()]

    def check(self, answer: Sequence[Any]) -> str | None:
        """Return None, or what is wrong: here, more than six standard errors from n/2."""
        far = abs(float(answer[0]) - self.n / 2) > 6 * (self.n / 12) ** 0.5
        return f"{answer[0]} is far from n/2" if far else None
