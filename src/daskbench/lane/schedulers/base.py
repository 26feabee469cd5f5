"""What a scheduler is to a lane."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from daskbench.benchmarks.base import Benchmark
from daskbench.lane.protocol import Found, Identity, Told

if TYPE_CHECKING:  # whoever only looks up the names of schedulers should not wait for Dask
    from daskbench.lane.work import Computing


class Proof(Protocol):
    """What the scheduler's own hook saw of one sample."""

    tasks_run: int
    tasks_known: int | None
    """Tasks of the graphs that the scheduler received; None where it does not tell."""
    first_task: float | None
    workers_lost: int
    workers_rss_bytes: int | None
    """What the workers held together, by their last heartbeats; None for those of the lane."""


class Scheduler(Protocol):
    """Runs a benchmark's work, and counts by its own hook what really ran."""

    local: bool
    """Whether all work is done by this lane's own processes."""

    @property
    def computing(self) -> "Computing":
        """How to compute here outside the clock: to prepare, and to judge an answer."""
        ...

    def open(self, benchmark: Benchmark) -> None:
        """Start what has to be started before the first sample."""
        ...

    def describe(self) -> Found:
        """Return what was found where it computes."""
        ...

    def elsewhere(self) -> Mapping[str, Identity]:
        """Return what acts in processes that are not of this lane, by what they are."""
        ...

    def count(self, work: Any) -> int:
        """Return how many tasks this work has to run."""
        ...

    def build(self, benchmark: Benchmark) -> Any:
        """Build the work of one loop, new every time."""
        ...

    def settle(self) -> None:
        """Wait until all is ready, and nothing of the last sample is left."""
        ...

    def proof(self) -> AbstractContextManager[Proof]:
        """Watch what runs meanwhile."""
        ...

    def compute(self, work: Any) -> Any:
        """Compute the work: this alone is timed."""
        ...

    def report(self, path: str) -> AbstractContextManager[None]:
        """Write the scheduler's own report of what runs meanwhile into the file `path`."""
        ...

    def close(self) -> None:
        """End what `open` started."""
        ...


@runtime_checkable
class TellsMemory(Protocol):
    """A scheduler that knows what each of its workers holds."""

    def tell_memory(self, tell: Callable[[Told], None], interval_s: float | None) -> None:
        """Tell of it from `open` on, from another thread."""
        ...

    def listen(self) -> None:
        """Wait until every worker has told what it did until now."""
        ...
