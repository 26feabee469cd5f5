"""Dask's single-machine schedulers.

Source: https://docs.dask.org/en/stable/scheduling.html
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

import dask
from dask.base import get_scheduler
from dask.system import CPU_COUNT

from daskbench.benchmarks.base import Benchmark
from daskbench.lane.probes.blas import blas_info, blas_of
from daskbench.lane.probes.tasks import TaskCounter
from daskbench.lane.protocol import Found, Identity, Open
from daskbench.lane.schedulers.base import Instruments
from daskbench.lane.work import Computing, Work, prepare


class LocalScheduler:
    """A scheduler that ``dask.compute(scheduler=NAME, num_workers=N)`` starts."""

    local = True
    name: ClassVar[str]

    def __init__(self, case: Open) -> None:
        self.workers: int | None = case.workers

    def open(self, benchmark: Benchmark) -> None:
        """Prepare the benchmark; Dask starts the pool when it computes.

        To find a scheduler, Dask imports distributed at first: that is part of the start.
        """
        get_scheduler(scheduler=self.name or None)
        self.prepare(benchmark)

    def prepare(self, benchmark: Benchmark) -> None:
        """Run the benchmark's own `prepare`, if it has one."""
        with self.default():
            prepare(benchmark, self.computing)

    def describe(self) -> Found:
        """Return the workers, and the BLAS of this process, which children inherit."""
        return Found(workers=self.workers, blas=blas_of(blas_info()))

    def elsewhere(self) -> dict[str, Identity]:
        """All work is done by this lane."""
        return {}

    @property
    def _where(self) -> dict[str, Any]:
        return {"scheduler": self.name, "num_workers": self.workers}

    @property
    def computing(self) -> Computing:
        """Compute on this scheduler."""
        return _computing_on(self._where)

    def count(self, work: Work) -> int:
        """Return the number of tasks that Dask would run."""
        return work.tasks()

    def build(self, benchmark: Benchmark) -> Work:
        """Build the collections anew."""
        return Work(benchmark)

    def settle(self) -> None:
        """Do nothing: the last sample is released."""

    def proof(self) -> TaskCounter:
        """Count tasks by Dask's callbacks."""
        return TaskCounter(self.name)

    def instruments(self) -> Instruments:
        """Time tasks in threads and processes, and mark what Dask does between them."""
        from daskbench.lane.probes.instruments import LocalInstruments

        return LocalInstruments(self._pool_size())

    def _pool_size(self) -> int:
        """Return how many tasks run at once."""
        return self.workers or CPU_COUNT

    def compute(self, work: Work) -> Any:
        """Run the work."""
        return work.run(self.computing)

    def default(self) -> AbstractContextManager[Any]:
        """Make this scheduler Dask's default, with as many workers."""
        given = {key: value for key, value in self._where.items() if value is not None}
        context: AbstractContextManager[Any] = dask.config.set(given)
        return context

    def report(self, path: str) -> AbstractContextManager[None]:
        """Do nothing: there is no report."""
        return nullcontext()

    def close(self) -> None:
        """Do nothing: Dask stops its pools."""


class Synchronous(LocalScheduler):
    """All tasks sequentially in the main thread."""

    name = "synchronous"

    def _pool_size(self) -> int:
        return 1


class Threads(LocalScheduler):
    """A pool of threads in this process."""

    name = "threads"


class Processes(LocalScheduler):
    """A pool of processes, started for each compute, which is Dask's default."""

    name = "processes"

    def compute(self, work: Work) -> Any:
        """Run the work, each compute in a new pool."""
        return work.run(_computing_on(self._where))

    @property
    def computing(self) -> Computing:
        """Compute in threads: data that are kept are in this process, and a pool takes a second."""
        return _computing_on(self._where | {"scheduler": Threads.name})


def _computing_on(where: Mapping[str, Any]) -> Computing:
    """Return what computes with these arguments of ``dask.compute``."""
    return Computing(
        lambda collections: dask.compute(*collections, **where),
        lambda collections: dask.persist(*collections, **where),
    )
