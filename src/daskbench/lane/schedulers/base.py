"""The interface of schedulers."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

from daskbench.benchmarks.base import Benchmark
from daskbench.lane.protocol import Found, Identity, Open, Told

if TYPE_CHECKING:  # looking up names must not import Dask
    from daskbench.benchmarks.workers import Transfer
    from daskbench.lane.accounting.facts import Facts
    from daskbench.lane.work import Computing


class Proof(Protocol):
    """Observations of one sample by the scheduler's hook."""

    tasks_run: int
    tasks_known: int | None
    """Tasks in the graphs that the scheduler received; None if unknown."""
    computes: int
    """How many graphs the scheduler received."""
    tasks_reused: int
    """Tasks in these whose results another graph of the sample left in memory."""
    tasks_astray: int
    """Tasks that ran on workers which the case does not use."""
    stray: str | None
    """Another scheduler that ran tasks, if that is known."""
    first_task: float | None
    workers_lost: int
    workers_rss_bytes: int | None
    """Total RSS of external workers at their last heartbeats; None for local workers."""


class Instruments(Protocol):
    """Instruments that are on within the context, for one sample."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def facts(self, start: float, stop: float) -> "Facts":
        """Return what they saw, after the context; the times are those of ``perf_counter``."""
        ...


@dataclass
class Counted:
    """What a scheduler counted during one sample: a `Proof`."""

    tasks_run: int = 0
    tasks_known: int | None = None
    computes: int = 0
    tasks_reused: int = 0
    tasks_astray: int = 0
    stray: str | None = None
    first_task: float | None = None
    workers_lost: int = 0
    workers_rss_bytes: int | None = None


class Scheduler(Protocol):
    """Runs a benchmark's work, and counts the tasks that ran."""

    local: bool
    """Whether all work runs in this lane's processes."""

    @property
    def computing(self) -> "Computing":
        """Compute outside the clock, to prepare or to check an answer."""
        ...

    def open(self, benchmark: Benchmark) -> None:
        """Start the scheduler and prepare the benchmark."""
        ...

    def prepare(self, benchmark: Benchmark) -> None:
        """Prepare a benchmark on the running scheduler, beside those that it has."""
        ...

    def describe(self) -> Found:
        """Return the actual ``workers``, ``threads_per_worker``, ``blas`` and ``notes``."""
        ...

    def elsewhere(self) -> Mapping[str, Identity]:
        """Return what acts in processes that are not of this lane, by what they are."""
        ...

    def count(self, work: Any) -> int:
        """Return the expected number of tasks."""
        ...

    def build(self, benchmark: Benchmark) -> Any:
        """Build the work of one loop anew."""
        ...

    def settle(self) -> None:
        """Wait until workers are ready and the last sample is released."""
        ...

    def proof(self) -> AbstractContextManager[Proof]:
        """Count the tasks that run within the context."""
        ...

    def instruments(self) -> Instruments:
        """Return instruments that see where the time of its threads goes."""
        ...

    def compute(self, work: Any) -> Any:
        """Compute the work; only this is timed."""
        ...

    def default(self) -> AbstractContextManager[Any]:
        """Make this Dask's default scheduler in the context, for works that compute themselves."""
        ...

    def report(self, path: str) -> AbstractContextManager[None]:
        """Write the scheduler's performance report of the context to the file `path`."""
        ...

    def close(self) -> None:
        """Stop what `open` started."""
        ...


@runtime_checkable
class HasParts(Protocol):
    """A scheduler whose workers several cases use."""

    def part(self, case: Open) -> Scheduler:
        """Return the scheduler for another case, on the workers that it asks for."""
        ...


@runtime_checkable
class HasHosts(Protocol):
    """A scheduler whose workers may be on several hosts."""

    def between_hosts(self) -> "Sequence[Transfer]":
        """Let some hosts send each other messages; return what was seen, nothing on one host."""
        ...


@runtime_checkable
class TellsMemory(Protocol):
    """A scheduler that knows the memory of each worker."""

    def tell_memory(self, tell: Callable[[Told], None], interval_s: float | None) -> None:
        """Pass readings to `tell` from `open` on, from another thread."""
        ...

    def listen(self) -> None:
        """Wait until every worker has reported its memory up to now."""
        ...
