"""Dask's schedulers of one machine, as Dask ships them.

Source: https://docs.dask.org/en/stable/scheduling.html
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import dask

from daskbench.benchmarks.base import Benchmark
from daskbench.lane.probes.blas import blas_info
from daskbench.lane.probes.tasks import TaskCounter, count_tasks
from daskbench.lane.protocol import Message


class LocalScheduler:
    """A scheduler that ``dask.compute(scheduler=NAME, num_workers=N)`` starts by itself."""

    local = True
    name: ClassVar[str]

    def __init__(self, case: Message) -> None:
        self.workers: int | None = case.get("workers")

    def open(self, benchmark: Benchmark) -> None:
        """Nothing has to be started: Dask does so when it computes."""

    def describe(self) -> Message:
        """Return the BLAS of this process, or as its children inherit it."""
        return {"workers": self.workers, "blas": blas_info()}

    def count(self, work: Sequence[Any]) -> int:
        """Return the tasks of the graph that Dask would run."""
        return count_tasks(work)

    def build(self, benchmark: Benchmark) -> Sequence[Any]:
        """Build the collections anew."""
        return benchmark.collection()

    def settle(self) -> None:
        """Nothing of the last sample is left."""

    def proof(self) -> TaskCounter:
        """Count by Dask's callbacks, which the local schedulers call after each task."""
        return TaskCounter()

    def compute(self, work: Sequence[Any]) -> Sequence[Any]:
        """Compute as a user does."""
        answer: Sequence[Any] = dask.compute(*work, scheduler=self.name, num_workers=self.workers)
        return answer

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
