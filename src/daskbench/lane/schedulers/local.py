"""Dask's schedulers of one machine, as Dask ships them.

Source: https://docs.dask.org/en/stable/scheduling.html
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

import dask

from daskbench.benchmarks.base import Benchmark
from daskbench.lane.probes.blas import blas_info, blas_of
from daskbench.lane.probes.tasks import TaskCounter
from daskbench.lane.protocol import Found, Identity, Open
from daskbench.lane.work import Computing, Work, prepare


class LocalScheduler:
    """A scheduler that ``dask.compute(scheduler=NAME, num_workers=N)`` starts by itself."""

    local = True
    name: ClassVar[str]

    def __init__(self, case: Open) -> None:
        self.workers: int | None = case.workers

    def open(self, benchmark: Benchmark) -> None:
        """Nothing has to be started: Dask does so when it computes."""
        prepare(benchmark, self.computing)

    def describe(self) -> Found:
        """Return the BLAS of this process, or as its children inherit it."""
        return Found(workers=self.workers, blas=blas_of(blas_info()))

    def elsewhere(self) -> dict[str, Identity]:
        """All work is done by this lane."""
        return {}

    @property
    def computing(self) -> Computing:
        """Compute as a user does."""
        where = {"scheduler": self.name, "num_workers": self.workers}
        return Computing(
            lambda collections: dask.compute(*collections, **where),
            lambda collections: dask.persist(*collections, **where),
        )

    def count(self, work: Work) -> int:
        """Return the tasks of the graphs that Dask would run."""
        return work.tasks()

    def build(self, benchmark: Benchmark) -> Work:
        """Build the collections anew."""
        return Work(benchmark)

    def settle(self) -> None:
        """Nothing of the last sample is left."""

    def proof(self) -> TaskCounter:
        """Count by Dask's callbacks, which the local schedulers call after each task."""
        return TaskCounter()

    def compute(self, work: Work) -> Any:
        """Run the work."""
        return work.run(self.computing)

    def report(self, path: str) -> AbstractContextManager[None]:
        """There is none."""
        return nullcontext()

    def close(self) -> None:
        """Nothing was started."""


class Synchronous(LocalScheduler):
    """All tasks one after the other in the main thread."""

    name = "synchronous"


class Threads(LocalScheduler):
    """A pool of threads in this process."""

    name = "threads"


class Processes(LocalScheduler):
    """A pool of processes, started anew at each compute: as Dask ships it."""

    name = "processes"
