"""The work of one loop on one of Dask's schedulers: a first compute, and what follows from it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import dask
from dask.core import flatten

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


def collections_of(benchmark: Benchmark) -> list[Any]:
    """Return what `collection` builds, as a list also where it is a single one.

    Raises TypeError where there is nothing in it for Dask to compute.
    """
    _check_has(benchmark, "collection", "it can't run on Dask's schedulers")
    built = benchmark.collection()
    found = [built] if dask.is_dask_collection(built) else _listed(built)
    if found and any(map(dask.is_dask_collection, found)):
        return found
    odd = found[0] if found else built
    raise TypeError(f"collection returned {_shown(built, odd)}, not a list of Dask collections")


def calls_of(benchmark: Benchmark) -> list[Callable[[], Any]]:
    """Return the calls of a benchmark, as a list also where it is a single one.

    Raises TypeError where they can't be called.
    """
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
    """Remembers what it asks for, so that its tasks can be counted afterwards."""

    def __init__(self, benchmark: Benchmark) -> None:
        self._benchmark = benchmark
        keeps = isinstance(benchmark, Keeps) and benchmark.keeps
        self._asked = [_Asked(collections_of(benchmark), keeps)]

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

    @property
    def keys(self) -> set[Any]:
        """Return the keys of what is computed first."""
        return set(flatten([one.__dask_keys__() for one in self._collections]))

    @property
    def _collections(self) -> list[Any]:
        return [one for one in self._asked[0].collections if dask.is_dask_collection(one)]

    def tasks(self) -> int:
        """Return how many tasks Dask has to run for all that was asked for."""
        return sum(count_tasks(asked.collections, keep=asked.keep) for asked in self._asked)
