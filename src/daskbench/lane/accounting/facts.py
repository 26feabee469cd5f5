"""What the instruments saw of a sample; all times are in seconds of one clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Task(NamedTuple):
    """A task that ran. `needs` are the numbers of the tasks whose results it takes.

    From `given` on it waited for a thread that was given others before it; None if it did not.
    """

    number: int
    start: float
    stop: float
    needs: Sequence[int] = ()
    given: float | None = None


class Compute(NamedTuple):
    """A graph, when its scheduler had it, and its tasks, numbered within the graph."""

    known: float
    tasks: Sequence[Task]


class Span(NamedTuple):
    """A period for which a cause kept one thread, or all free threads, from working."""

    cause: str
    start: float
    stop: float


@dataclass(frozen=True)
class Inside:
    """Seconds inside tasks, of all threads together.

    `cpu_s` is CPU time, of which `system_s` in the kernel; in `delay_s` a thread could run but had
    no core; in `moving_s` data were serialised or deserialised, in `importing_s` modules imported.
    """

    cpu_s: float = 0.0
    system_s: float = 0.0
    delay_s: float = 0.0
    moving_s: float = 0.0
    importing_s: float = 0.0


@dataclass(frozen=True)
class Facts:
    """A sample: its threads and its period, its graphs, and what happened beside tasks.

    For a phase all threads that are free wait, if no task is ready; a hold keeps one of them. In a
    `transfer` the client moves data while tasks wait for it. In `disk_s` workers wrote and read
    spilled data, seen or not; in `failed_s` workers tried tasks in vain, which then ran again, at
    times that nobody tells. The GIL was not to be had for `gil_held_s`, None if nobody knows, as
    for `beside_s`: the CPU time of threads that neither run tasks nor are Dask's, in the processes
    that run tasks. CPU quotas throttled processes for `throttled_s`. `sees_cores`: the system tells
    when a thread waits for a core.
    """

    threads: int
    start: float
    stop: float
    computes: Sequence[Compute] = ()
    phases: Sequence[Span] = ()
    holds: Sequence[Span] = ()
    transfers: Sequence[Span] = ()
    inside: Inside = Inside()
    disk_s: float = 0.0
    failed_s: float = 0.0
    moved_bytes: int = 0
    spilled_bytes: int = 0
    gil_held_s: float | None = None
    beside_s: float | None = None
    throttled_s: float = 0.0
    sees_cores: bool = True
    notes: Sequence[str] = ()
