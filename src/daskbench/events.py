"""What happens while a plan is measured: each event is one line of the journal.

Names carry their units; times of day are in the header alone, as all else counts from there.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from daskbench.model import Plan

SCHEMA = 2


class Header(msgspec.Struct, frozen=True, omit_defaults=True, tag="header", tag_field="event"):
    """The first line: what was asked for, where, and when."""

    schema: int
    run_id: str
    command: str
    started: str
    plan: Plan
    environment: Mapping[str, Any]
    seal: str = ""  # the last, as it seals all that stands before it in the line


class Blas(msgspec.Struct, frozen=True, omit_defaults=True):
    """A BLAS library as threadpoolctl finds it in a process that computes."""

    api: str
    threads: int
    version: str | None = None


class Setting(msgspec.Struct, frozen=True, omit_defaults=True):
    """A key of Dask's configuration as a lane has it, where that is from, and what is default."""

    value: str
    source: str
    default: str | None = None


class Identity(msgspec.Struct, frozen=True, omit_defaults=True):
    """What acted in a lane: what differs from an interpreter and a Dask as they are installed.

    Variables and switches are as the lane was started; those that code changed later are in
    `at_run_time`. `source` has the digest of each file that is measured: the benchmark's first,
    then those that it imported. `elsewhere` are the scheduler and the workers of a cluster of
    somebody else's. Values that look secret are digests.
    """

    config: Mapping[str, Setting] = {}
    variables: Mapping[str, str] = {}
    switches: Mapping[str, str] = {}
    at_run_time: Mapping[str, str] = {}
    source: Mapping[str, str] = {}
    elsewhere: Mapping[str, "Identity"] = {}


class LaneStarted(msgspec.Struct, frozen=True, omit_defaults=True, tag="lane", tag_field="event"):
    """A lane is ready: how long that took, and what it found inside.

    `workers` and `threads_per_worker` are what is there, which for a cluster of somebody else's
    is known only now; so are the limit of each worker's memory, and its thresholds as fractions
    of that (0 is off), which are looked for where memory is read. Lanes of earlier versions told
    no `identity`.
    """

    case: int
    launch: int
    startup_s: float
    tasks: int
    workers: int | None = None
    threads_per_worker: int | None = None
    blas: tuple[Blas, ...] = ()
    versions: Mapping[str, str] = {}
    dashboard: str | None = None
    memory_limit_bytes: int | None = None
    thresholds: Mapping[str, float] = {}
    notes: tuple[str, ...] = ()
    identity: Identity | None = None


class Sample(msgspec.Struct, frozen=True, omit_defaults=True, tag="sample", tag_field="event"):
    """One timed repetition with its proof. `wall_s` spans all `loops`; `flops` is of one loop.

    `peak_pss_bytes` is the most that the lane's processes held together, pages that they share
    counted once, as it was followed from outside; `peak_rss_bytes` adds up the kernel's own
    high-water mark of each process.
    """

    case: int
    round: int
    wall_s: float
    tasks_expected: int
    tasks_run: int
    valid: bool
    loops: int = 1
    launch: int = 0
    session: int = 0
    warmup: bool = False
    answer_ok: bool | None = None
    figures: Mapping[str, float] = {}
    flops: float | None = None
    moved_bytes: float | None = None
    note: str | None = None
    reason: str | None = None
    at_s: float = 0.0
    watched_s: float = 0.0
    build_s: float = 0.0
    cpu_s: float | None = None
    first_task_s: float | None = None
    peak_rss_bytes: int | None = None
    peak_pss_bytes: int | None = None
    workers_lost: int = 0
    others_cpu_s: float = 0.0
    swap_bytes: int = 0
    throttled_s: float = 0.0


class Reading(msgspec.Struct, frozen=True, omit_defaults=True, tag="memory", tag_field="event"):
    """What one worker held, as its scheduler learned it from a heartbeat.

    The categories are those of ``distributed.scheduler.MemoryState``, where `unmanaged_bytes` is
    called unmanaged_old: managed + unmanaged + unmanaged recent = process. `spilled_bytes` are on
    disk. `span_s`, and what was written and read on disk, count since the last reading of the
    worker, without the time for which it was frozen. `monitor_bytes` of what was written are due to
    the threshold `spill`, the others to `target`.
    """

    case: int
    at_s: float
    worker: str
    process_bytes: int
    managed_bytes: int
    unmanaged_bytes: int
    unmanaged_recent_bytes: int
    spilled_bytes: int
    state: str
    span_s: float = 0.0
    written_bytes: int = 0
    monitor_bytes: int = 0
    read_bytes: int = 0
    write_s: float = 0.0
    read_s: float = 0.0

    @property
    def balanced(self) -> bool:
        """Whether the categories add up to what the process holds."""
        parts = self.managed_bytes + self.unmanaged_bytes + self.unmanaged_recent_bytes
        return parts == self.process_bytes


Happening = Literal[
    "paused", "resumed", "spill-began", "spill-ended", "terminated", "left", "restarted"
]


class WorkerEvent(msgspec.Struct, frozen=True, omit_defaults=True, tag="worker", tag_field="event"):
    """What happened to a worker. `rss_bytes` is what it held when its nanny terminated it."""

    case: int
    at_s: float
    worker: str
    what: Happening
    rss_bytes: int | None = None


class CaseFailed(msgspec.Struct, frozen=True, omit_defaults=True, tag="failure", tag_field="event"):
    """A case that will give no more samples, and why."""

    case: int
    phase: str
    reason: str
    detail: str | None = None


class Resumed(msgspec.Struct, frozen=True, omit_defaults=True, tag="resumed", tag_field="event"):
    """The run goes on in another process; its `at_s` go on counting from `elapsed_s`."""

    started: str
    elapsed_s: float


EndReason = Literal["complete", "budget", "interrupted"]


class SuiteFinished(
    msgspec.Struct, frozen=True, omit_defaults=True, tag="suite-finished", tag_field="event"
):
    """A suite has ended: after how many whole rounds, and why then."""

    suite: str
    rounds: int
    reason: EndReason


class Finished(msgspec.Struct, frozen=True, omit_defaults=True, tag="finished", tag_field="event"):
    """The last line of a run that ended by itself, or was asked to end."""

    reason: EndReason
    elapsed_s: float
    failed: int = 0


Event = (
    LaneStarted | Sample | Reading | WorkerEvent | CaseFailed | SuiteFinished | Resumed | Finished
)
Line = Header | Event
