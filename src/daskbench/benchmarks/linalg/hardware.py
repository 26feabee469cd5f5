"""What the machine can do: the two rates that no decomposition can be faster than."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import numpy as np

from daskbench.benchmarks.base import Compute, Evaluation, Needs, Parameter

DGEMM, TRIAD = "dgemm", "triad"
PROBES = (DGEMM, TRIAD)

_SIDE = 1500  # of the matrices of dgemm: 18 MiB each, beyond the caches and yet short
_NUMBERS = 1 << 24  # in each vector of the triad: 128 MiB, beyond any cache
_SAMPLED = 1 << 12  # one number in so many is checked
_PART = 1 << 16  # numbers that one core works on at once: what NumPy keeps in between stays cached


class Hardware:
    """One rate, by ``threads`` threads: dgemm's operations, or the bytes of STREAM's triad.

    dgemm multiplies two matrices of doubles, ``2 n^3`` operations, in as many BLAS threads as its
    lane has. The triad is ``a = b + 3 c`` on vectors: two read and one written, 24 bytes for each
    number, as STREAM counts them. Source: McCalpin (1995), "Memory bandwidth and machine balance
    in current high performance computers", IEEE TCCA Newsletter.
    """

    parameters: ClassVar = {
        "probe": Parameter(DGEMM, "What is measured.", PROBES),
        "threads": Parameter(1, "Threads that work on it."),
    }

    def __init__(self, probe: str, threads: int, seed: int) -> None:
        self.probe, self.threads, self.seed = probe, threads, seed
        self._ready = False

    def _make(self) -> None:
        """Make what is worked on, in the lane that needs it."""
        random = np.random.default_rng(self.seed)
        if self.probe == DGEMM:
            self.left, self.right = random.random((2, _SIDE, _SIDE))
        else:
            self.a = np.zeros(_NUMBERS)
            self.b, self.c = random.random((2, _NUMBERS))
            self._pool = ThreadPoolExecutor(self.threads)
        self._ready = True

    def collection(self) -> Sequence[Any]:
        """Return the same as a single task."""
        from dask import delayed

        return [delayed(call)() for call in self.calls()]

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return the one call that is timed."""
        if not self._ready:
            self._make()
        if self.probe == TRIAD:
            self.a.fill(0.0)  # so that a sample can't be right by doing nothing
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
        """Check by a random vector (Freivalds 1977), or some numbers of each part."""
        [found] = answer
        if self.probe == DGEMM:
            vector = np.random.default_rng(0).random(_SIDE)
            right = np.allclose(found @ vector, self.left @ (self.right @ vector))
        else:
            some = slice(None, None, _SAMPLED)
            right = np.array_equal(found[some], self.b[some] + 3.0 * self.c[some])
        return None if right else f"{self.probe} gives a wrong answer"

    def account(self, answer: Sequence[Any], compute: Compute) -> Evaluation:
        """Tell what was done, by which the time becomes a rate."""
        wrong = self.check(answer)
        if self.probe == DGEMM:
            return Evaluation(wrong, flops=2.0 * _SIDE**3)
        return Evaluation(wrong, moved_bytes=24.0 * _NUMBERS)

    def needs(self, *, in_numpy: bool, threads: int) -> Needs:
        """Return what the matrices or vectors take."""
        size = 8 * (3 * _SIDE**2 if self.probe == DGEMM else 4 * _NUMBERS)
        return Needs(size, size, size, size)
