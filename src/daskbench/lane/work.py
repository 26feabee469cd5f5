"""The work of one loop on a Dask scheduler: a first compute, and those that depend on it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import dask
from dask.core import flatten

from daskbench.benchmarks.base import Benchmark, Finishes, Keeps, Prepares, Proceeds
from daskbench.benchmarks.work.base import Runs
from daskbench.benchmarks.workers import MeetsWorkers
from daskbench.lane.probes.tasks import count_tasks


class _Asked(NamedTuple):
    collections: Sequence[Any]
    keep: bool


class Computing:
    """Compute and persist on a scheduler; implements `daskbench.benchmarks.base.Compute`."""

    def __init__(
        self,
        compute: Callable[[Sequence[Any]], Sequence[Any]],
        keep: Callable[[Sequence[Any]], Sequence[Any]],
    ) -> None:
        self._compute, self._keep = compute, keep

    def __call__(self, *collections: Any) -> Sequence[Any]:
        """Return the values of the collections."""
        return self._compute(collections)

    def keep(self, *collections: Any) -> Sequence[Any]:
        """Persist the collections."""
        return self._keep(collections)


def prepare(benchmark: Benchmark, computing: Computing, workers: Sequence[str] = ()) -> None:
    """Tell the benchmark its `workers`, by address, and run its `prepare`, if it has these."""
    if isinstance(benchmark, MeetsWorkers):
        benchmark.meet(workers)
    if isinstance(benchmark, Prepares):
        benchmark.prepare(computing)


def collections_of(benchmark: Benchmark) -> list[Any]:
    """Return the collections that `collection` builds, as a list.

    Raises TypeError if none of them is a Dask collection.
    """
    _check_has(benchmark, "collection", "it can't run on Dask's schedulers")
    built = benchmark.collection()
    found = [built] if dask.is_dask_collection(built) else _listed(built)
    if found and any(map(dask.is_dask_collection, found)):
        return found
    odd = found[0] if found else built
    raise TypeError(f"collection returned {_shown(built, odd)}, not a list of Dask collections")


@contextmanager
def built_synchronously(benchmark: Benchmark) -> Iterator[list[Any]]:
    """Prepare a benchmark, and return the Dask collections that it builds, not to be timed."""
    computing = Computing(lambda found: dask.compute(*found), lambda found: dask.persist(*found))
    with dask.config.set(scheduler="synchronous"):
        try:
            prepare(benchmark, computing)
            yield [one for one in collections_of(benchmark) if dask.is_dask_collection(one)]
        finally:
            if isinstance(benchmark, Finishes):
                benchmark.finish()


def calls_of(benchmark: Benchmark) -> list[Callable[[], Any]]:
    """Return the calls of a benchmark, as a list. Raises TypeError if any is not callable."""
    _check_has(benchmark, "calls", "it can't run in plain NumPy")
    built = benchmark.calls()
    found = [built] if callable(built) else _listed(built)
    if found and all(map(callable, found)):
        return found
    odd = next((one for one in found if not callable(one)), built)
    raise TypeError(f"calls returned {_shown(built, odd)}, not a list of functions to call")


def _check_has(benchmark: Benchmark, name: str, without: str) -> None:
    if not callable(getattr(benchmark, name, None)):
        raise TypeError(f"{type(benchmark).__name__} has no method {name}, so {without}")


def _listed(built: Any) -> list[Any]:
    return list(built) if isinstance(built, Iterable) and not isinstance(built, str | bytes) else []


def _shown(built: Any, odd: Any) -> str:
    kind = type(built).__name__
    if isinstance(built, list | tuple):
        return f"a {kind} with a {type(odd).__name__}" if built else f"an empty {kind}"
    return f"a {kind}"


class Work:
    """The collections of one loop, recorded to count their tasks afterwards."""

    def __init__(self, benchmark: Benchmark) -> None:
        self._benchmark = benchmark
        self.whole = benchmark.whole() if isinstance(benchmark, Runs) else None
        built = [] if self.whole else collections_of(benchmark)
        keeps = isinstance(benchmark, Keeps) and benchmark.keeps  # it may depend on their size
        self._asked = [] if self.whole else [_Asked(built, keeps)]

    def run(self, computing: Computing) -> Any:
        """Compute everything; only this is timed."""
        if self.whole and isinstance(self._benchmark, Runs):
            return self._benchmark.run()
        first = self._asked[0]
        results = (computing.keep if first.keep else computing)(*first.collections)
        if not isinstance(self._benchmark, Proceeds):
            return results
        remembering = Computing(
            lambda collections: computing(*self._remember(collections, keep=False)),
            lambda collections: computing.keep(*self._remember(collections, keep=True)),
        )
        return self._benchmark.proceed(results, remembering)

    @property
    def tasks_elsewhere(self) -> int:
        """How many tasks a work that computes by itself ran on clusters of its own."""
        if self.whole and self.whole.anywhere and isinstance(self._benchmark, Runs):
            return self._benchmark.tasks_elsewhere
        return 0

    def _remember(self, collections: Sequence[Any], *, keep: bool) -> Sequence[Any]:
        self._asked.append(_Asked(collections, keep))
        return collections

    @property
    def keys(self) -> set[Any]:
        """The output keys of the first compute."""
        return set(flatten([one.__dask_keys__() for one in self.collections]))

    @property
    def collections(self) -> list[Any]:
        """The Dask collections of the first compute."""
        first = [collection for asked in self._asked[:1] for collection in asked.collections]
        return [one for one in first if dask.is_dask_collection(one)]

    def tasks(self) -> int:
        """Return the number of tasks of all recorded collections; at least 1 if unknown."""
        if self.whole:
            return self.whole.tasks or 1
        return sum(count_tasks(asked.collections, keep=asked.keep) for asked in self._asked)
