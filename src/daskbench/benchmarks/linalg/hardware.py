"""The peak rates of the machine, which bound every decomposition: dgemm and memory bandwidth."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import numpy as np

from daskbench.benchmarks.base import Compute, Evaluation, Needs, Parameter

DGEMM, TRIAD = "dgemm", "triad"
PROBES = (DGEMM, TRIAD)

_SIDE = 1500  # of dgemm's matrices: 18 MiB each, beyond the caches yet quick
_NUMBERS = 1 << 24  # in each vector of the triad: 128 MiB, beyond any cache
_SAMPLED = 1 << 12  # one in this many numbers is checked
_PART = 1 << 16  # numbers per step of a core: NumPy's intermediate results stay cached


class Hardware:
    """The rate of one probe with ``threads`` threads: dgemm, or STREAM's triad.

    dgemm multiplies two n x n matrices of doubles, ``2 n^3`` operations, with the BLAS threads of
    its lane. The triad is ``a = b + 3 c``: two vectors read and one written, 24 bytes per element,
    as STREAM counts them. Source: McCalpin (1995), "Memory bandwidth and machine balance in
    current high performance computers", IEEE TCCA Newsletter.
    """

    parameters: ClassVar = {
        "probe": Parameter(DGEMM, "The rate to measure.", PROBES),
        "threads": Parameter(1, "Number of threads."),
    }

    def __init__(self, probe: str, threads: int, seed: int) -> None:
        self.probe, self.threads, self.seed = probe, threads, seed
        self._ready = False

    def _make(self) -> None:
        """Allocate the matrices or vectors, only in the lane that needs them."""
        random = np.random.default_rng(self.seed)
        if self.probe == DGEMM:
            self.left, self.right = random.random((2, _SIDE, _SIDE))
        else:
            self.a = np.zeros(_NUMBERS)
            self.b, self.c = random.random((2, _NUMBERS))
            self._pool = ThreadPoolExecutor(self.threads)
        self._ready = True

    def collection(self) -> Sequence[Any]:
        """Return the same call as a single task."""
        from dask import delayed

        return [delayed(call)() for call in self.calls()]

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return the single call."""
        if not self._ready:
            self._make()
        if self.probe == TRIAD:
            self.a.fill(0.0)  # so that a sample that computes nothing is wrong
        return [self._dgemm if self.probe == DGEMM else self._triad]

    def _dgemm(self) -> Any:
        return self.left @ self.right

    def _triad(self) -> Any:
        bounds = np.linspace(0, _NUMBERS, self.threads + 1).astype(int)
        list(self._pool.map(self._triad_of_part, bounds[:-1], bounds[1:]))
        return self.a

    def _triad_of_part(self, first: int, last: int) -> None:
        for start in range(first, last, _PART):
            part = slice(start, min(start + _PART, last))
            np.multiply(self.c[part], 3.0, out=self.a[part])
            np.add(self.a[part], self.b[part], out=self.a[part])

    def check(self, answer: Sequence[Any]) -> str | None:
        """Check dgemm with a random vector (Freivalds 1977), the triad at some of its numbers."""
        [found] = answer
        if self.probe == DGEMM:
            vector = np.random.default_rng(0).random(_SIDE)
            right = np.allclose(found @ vector, self.left @ (self.right @ vector))
        else:
            some = slice(None, None, _SAMPLED)
            right = np.array_equal(found[some], self.b[some] + 3.0 * self.c[some])
        return None if right else f"{self.probe} gives a wrong answer"

    def account(self, answer: Sequence[Any], compute: Compute) -> Evaluation:
        """Return the operations or bytes that turn the time into a rate."""
        wrong = self.check(answer)
        if self.probe == DGEMM:
            return Evaluation(wrong, flops=2.0 * _SIDE**3)
        return Evaluation(wrong, moved_bytes=24.0 * _NUMBERS)

    def needs(self, *, in_numpy: bool, threads: int) -> Needs:
        """Return the memory of the matrices or vectors."""
        size = 8 * (3 * _SIDE**2 if self.probe == DGEMM else 4 * _NUMBERS)
        return Needs(size, size, size, size)
