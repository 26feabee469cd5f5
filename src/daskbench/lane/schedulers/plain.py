"""NumPy in a plain loop, without Dask: the baseline."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import dask

from daskbench.benchmarks.base import Benchmark
from daskbench.lane.probes.blas import blas_info, blas_of
from daskbench.lane.probes.calls import CallInstruments
from daskbench.lane.protocol import Found, Identity, Open
from daskbench.lane.schedulers.base import Counted
from daskbench.lane.work import Computing, calls_of


class PlainLoop:
    """Calls the benchmark's NumPy equivalents in sequence."""

    local = True

    _calls: CallInstruments | None = None

    def __init__(self, case: Open) -> None:
        self._threads = case.blas_threads or 1

    @property
    def computing(self) -> Computing:
        """Compute synchronously, as checks of an answer may use Dask."""
        return Computing(
            lambda collections: dask.compute(*collections, scheduler="synchronous"),
            lambda collections: dask.persist(*collections, scheduler="synchronous"),
        )

    def open(self, benchmark: Benchmark) -> None:
        """Do nothing: there is nothing to start."""

    def prepare(self, benchmark: Benchmark) -> None:
        """Do nothing: `calls` prepares what it needs."""

    def describe(self) -> Found:
        """Return the BLAS of this process."""
        return Found(blas=blas_of(blas_info()))

    def elsewhere(self) -> dict[str, Identity]:
        """All work is done by this lane."""
        return {}

    def count(self, work: Sequence[Callable[[], Any]]) -> int:
        """Return the number of calls."""
        return len(work)

    def build(self, benchmark: Benchmark) -> Sequence[Callable[[], Any]]:
        """Return the calls."""
        return calls_of(benchmark)

    def settle(self) -> None:
        """Do nothing: the last sample is released."""

    @contextmanager
    def proof(self) -> Iterator[Counted]:
        """Count the calls that return."""
        self._count = Counted()
        yield self._count

    def instruments(self) -> CallInstruments:
        """Time the calls of the next sample."""
        self._calls = CallInstruments(self._threads)
        return self._calls

    def compute(self, work: Sequence[Callable[[], Any]]) -> Sequence[Any]:
        """Make the calls in a plain loop."""
        results, count = [], self._count
        for call in self._calls.timed(work) if self._calls else work:
            results.append(call())
            count.tasks_run += 1
        return results

    def default(self) -> AbstractContextManager[None]:
        """Do nothing: nothing is computed by Dask."""
        return nullcontext()

    def report(self, path: str) -> AbstractContextManager[None]:
        """Do nothing: there is no report."""
        return nullcontext()

    def close(self) -> None:
        """Do nothing: nothing was started."""
