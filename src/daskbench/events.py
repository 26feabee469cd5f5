"""What happens while a plan is measured: each event is one line of the journal.

Names carry their units; times of day are in the header alone: all else counts from there."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from daskbench.model import Plan
from daskbench.ranges import (
    Amount,
    Bytes,
    Count,
    CountFromOne,
    Difference,
    Number,
    Round,
    Seconds,
    SessionNumber,
    Timed,
)

#: What each version of the format brought. All of them are read.
VERSIONS = {
    1: "headers, lanes, samples, failures, the ends of suites and of the run",
    2: "what workers held, and what happened to them",
    3: "what acted in each lane (its identity), and the seal of the header",
    4: "the experiment of a suite, by name; cases that are a reference",
}
SCHEMA = max(VERSIONS)


class Header(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag="header",
    tag_field="event",
):
    """The first line: what was asked for, where, and when."""

    schema: CountFromOne
    run_id: str
    command: str
    started: str
    plan: Plan
    environment: Mapping[str, Any]
    seal: str = ""  # the last, as it seals all that stands before it in the line


class Blas(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A BLAS library as threadpoolctl finds it in a process that computes."""

    api: str
    threads: Count
    version: str | None = None


class Setting(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A key of Dask's configuration as a lane has it, where that is from, and what is default."""

    value: str
    source: str
    default: str | None = None


class Identity(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
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


class LaneStarted(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag="lane",
    tag_field="event",
):
    """A lane is ready: how long that took, and what it found inside.

    `workers` and `threads_per_worker` are what is there, which for a cluster of somebody else's
    is known only now; so are the limit of each worker's memory, and its thresholds as fractions
    of that (0 is off), which are looked for where memory is read. Lanes of earlier versions told
    no `identity`.
    """

    case: Count
    launch: Count
    startup_s: Seconds
    tasks: Count
    workers: Count | None = None
    threads_per_worker: Count | None = None
    blas: tuple[Blas, ...] = ()
    versions: Mapping[str, str] = {}
    dashboard: str | None = None
    memory_limit_bytes: Bytes | None = None
    thresholds: Mapping[str, Amount] = {}
    notes: tuple[str, ...] = ()
    identity: Identity | None = None


class Sample(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag="sample",
    tag_field="event",
):
    """One timed repetition with its proof. `wall_s` spans all `loops`; `flops` is of one loop.

    What counts is `build_s`, to build collections or calls, and `wall_s`, to compute them.
    `peak_pss_bytes` is the most that the lane's processes held together, pages that they share
    counted once, as it was followed from outside; `peak_rss_bytes` adds up the kernel's own
    high-water mark of each process. Of a cluster of somebody else's there is `workers_rss_bytes`
    alone: what its workers held together by their last heartbeats.
    """

    case: Count
    round: Round
    wall_s: Timed
    tasks_expected: Count
    tasks_run: Count
    valid: bool
    loops: CountFromOne = 1
    launch: Count = 0
    session: SessionNumber = 0
    warmup: bool = False
    answer_ok: bool | None = None
    figures: Mapping[str, Number] = {}
    flops: Amount | None = None
    moved_bytes: Amount | None = None
    note: str | None = None
    reason: str | None = None
    at_s: Seconds = 0.0
    watched_s: Seconds = 0.0
    build_s: Seconds = 0.0
    cpu_s: Difference | None = None
    first_task_s: Difference | None = None
    peak_rss_bytes: Bytes | None = None
    peak_pss_bytes: Bytes | None = None
    workers_lost: Count = 0
    workers_rss_bytes: Bytes | None = None
    others_cpu_s: Difference = 0.0
    swap_bytes: Bytes = 0
    throttled_s: Seconds = 0.0

    @property
    def loop_s(self) -> float:
        """Seconds of one loop, from building to the answer."""
        return (self.build_s + self.wall_s) / self.loops


class Reading(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag="memory",
    tag_field="event",
):
    """What one worker held, as its scheduler learned it from a heartbeat.

    The categories are those of ``distributed.scheduler.MemoryState``, where `unmanaged_bytes` is
    called unmanaged_old: managed + unmanaged + unmanaged recent = process. `spilled_bytes` are on
    disk. `span_s`, and what was written and read on disk, count since the last reading of the
    worker, without the time for which it was frozen. `monitor_bytes` of what was written are due to
    the threshold `spill`, the others to `target`. What shuffles write and read is no spilling: it
    is counted apart.
    """

    case: Count
    at_s: Seconds
    worker: str
    process_bytes: Bytes
    managed_bytes: Bytes
    unmanaged_bytes: Bytes
    unmanaged_recent_bytes: Bytes
    spilled_bytes: Bytes
    state: str
    span_s: Seconds = 0.0
    written_bytes: Bytes = 0
    monitor_bytes: Bytes = 0
    read_bytes: Bytes = 0
    write_s: Seconds = 0.0
    read_s: Seconds = 0.0
    shuffle_written_bytes: Bytes = 0
    shuffle_read_bytes: Bytes = 0

    @property
    def balanced(self) -> bool:
        """Whether the categories add up to what the process holds."""
        parts = self.managed_bytes + self.unmanaged_bytes + self.unmanaged_recent_bytes
        return parts == self.process_bytes


Happening = Literal[
    "paused", "resumed", "spill-began", "spill-ended", "terminated", "left", "restarted"
]


class WorkerEvent(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag="worker",
    tag_field="event",
):
    """What happened to a worker. `rss_bytes` is what it held when its nanny terminated it."""

    case: Count
    at_s: Seconds
    worker: str
    what: Happening
    rss_bytes: Bytes | None = None


class CaseFailed(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag="failure",
    tag_field="event",
):
    """A case that will give no more samples, and why."""

    case: Count
    phase: str
    reason: str
    detail: str | None = None


class Resumed(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag="resumed",
    tag_field="event",
):
    """The run goes on in another process; its `at_s` go on counting from `elapsed_s`."""

    started: str
    elapsed_s: Seconds


EndReason = Literal["complete", "budget", "interrupted"]


class SuiteFinished(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag="suite-finished",
    tag_field="event",
):
    """A suite has ended: after how many whole rounds, and why then."""

    suite: str
    rounds: Count
    reason: EndReason


class Finished(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag="finished",
    tag_field="event",
):
    """The last line of a run that ended by itself, or was asked to end."""

    reason: EndReason
    elapsed_s: Seconds
    failed: Count = 0


Event = (
    LaneStarted | Sample | Reading | WorkerEvent | CaseFailed | SuiteFinished | Resumed | Finished
)
Line = Header | Event
