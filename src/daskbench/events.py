"""What happens while a plan is measured: each event is one line of the journal.

Names carry their units; times of day are in the header alone, as all else counts from there.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from daskbench.model import Plan

SCHEMA = 1


class Header(msgspec.Struct, frozen=True, omit_defaults=True, tag="header", tag_field="event"):
    """The first line: what was asked for, where, and when."""

    schema: int
    run_id: str
    command: str
    started: str
    plan: Plan
    environment: Mapping[str, Any]


class Blas(msgspec.Struct, frozen=True, omit_defaults=True):
    """A BLAS library as threadpoolctl finds it in a process that computes."""

    api: str
    threads: int
    version: str | None = None


class LaneStarted(msgspec.Struct, frozen=True, omit_defaults=True, tag="lane", tag_field="event"):
    """A lane is ready: how long that took, and what it found inside.

    `workers` and `threads_per_worker` are what is there, which for a cluster of somebody else's
    is known only now.
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
    notes: tuple[str, ...] = ()


class Sample(msgspec.Struct, frozen=True, omit_defaults=True, tag="sample", tag_field="event"):
    """One timed repetition with its proof. `wall_s` spans all `loops`; `flops` is of one loop."""

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
    workers_lost: int = 0
    others_cpu_s: float = 0.0
    swap_bytes: int = 0
    throttled_s: float = 0.0


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


Event = LaneStarted | Sample | CaseFailed | SuiteFinished | Resumed | Finished
Line = Header | Event
