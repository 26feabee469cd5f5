"""The work of one loop on one of Dask's schedulers: a first compute, and what follows from it."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from daskbench.benchmarks.base import Benchmark, Keeps, Prepares, Proceeds
from daskbench.lane.probes.tasks import count_tasks


class _Asked(NamedTuple):
    collections: Sequence[Any]
    keep: bool


class Computing:
    """A scheduler's two ways to compute, as `daskbench.benchmarks.base.Compute` has them."""

    def __init__(
        self,
        compute: Callable[[Sequence[Any]], Sequence[Any]],
        keep: Callable[[Sequence[Any]], Sequence[Any]],
    ) -> None:
        self._compute, self._keep = compute, keep

    def __call__(self, *collections: Any) -> Sequence[Any]:
        """Return the values."""
        return self._compute(collections)

    def keep(self, *collections: Any) -> Sequence[Any]:
        """Return the collections with their chunks held where the work was done."""
        return self._keep(collections)


def prepare(benchmark: Benchmark, computing: Computing) -> None:
    """Let a benchmark make what it needs before its first sample."""
    if isinstance(benchmark, Prepares):
        benchmark.prepare(computing)


class Work:
    """Remembers what it asks for, so that its tasks can be counted afterwards."""

    def __init__(self, benchmark: Benchmark) -> None:
        self._benchmark = benchmark
        keeps = isinstance(benchmark, Keeps) and benchmark.keeps
        self._asked = [_Asked(benchmark.collection(), keeps)]

    def run(self, computing: Computing) -> Any:
        """Compute all of it: this alone is timed."""
        first = self._asked[0]
        results = (computing.keep if first.keep else computing)(*first.collections)
        if not isinstance(self._benchmark, Proceeds):
            return results
        remembering = Computing(
            lambda collections: computing(*self._remember(collections, keep=False)),
            lambda collections: computing.keep(*self._remember(collections, keep=True)),
        )
        return self._benchmark.proceed(results, remembering)

    def _remember(self, collections: Sequence[Any], *, keep: bool) -> Sequence[Any]:
        self._asked.append(_Asked(collections, keep))
        return collections

    def tasks(self) -> int:
        """Return how many tasks Dask has to run for all that was asked for."""
        return sum(count_tasks(asked.collections, keep=asked.keep) for asked in self._asked)
