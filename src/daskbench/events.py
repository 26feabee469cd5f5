"""The events of a run, each a line of the journal; ``at_s`` counts from the run's start."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from daskbench.account import Accounted
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

#: What each version of the format added. All versions can be read.
VERSIONS = {
    1: "headers, lanes, samples, failures, the ends of suites and of the run",
    2: "memory readings and events of workers",
    3: "the identity of each lane, and the seal of the header",
    4: "the experiment of a suite, by name; reference cases",
    5: "second samples of a baseline in a round",
    6: "the words of the command line, or the call from Python; clusters that lanes start; "
    "accounts of core-seconds, and why one is missing; transfers between workers",
}
SCHEMA = max(VERSIONS)


class _Line(
    msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="event"
):
    """A line of a journal."""


class Header(_Line, frozen=True, tag="header"):
    """The first line of a journal: command and its `words`, plan, environment and start time.

    Where Python measured, `call` is in place of the words.
    """

    schema: CountFromOne
    run_id: str
    command: str
    started: str
    plan: Plan
    environment: Mapping[str, Any]
    words: tuple[str, ...] = ()
    call: str = ""
    seal: str = ""  # the last field, as it seals the line before it


class Blas(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A BLAS library that threadpoolctl finds in a computing process."""

    api: str
    threads: Count
    version: str | None = None


class Host(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A node with workers of a cluster elsewhere; the cores are those that one may use there."""

    name: str
    workers: Count
    cpu: str = ""
    cores: Count = 0
    memory_bytes: Bytes = 0


class Setting(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The value of a key of Dask's configuration in a lane, its source, and its default."""

    value: str
    source: str
    default: str | None = None


class Identity(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The settings of a lane that differ from a fresh interpreter and Dask's defaults.

    Variables and switches are those at the lane's start; changes by code are in `at_run_time`.
    `source` maps each measured file to its digest: the benchmark's first, then those it imported.
    `elsewhere` holds the identities of an existing cluster's scheduler and workers. Values that
    look secret are replaced by digests.
    """

    config: Mapping[str, Setting] = {}
    variables: Mapping[str, str] = {}
    switches: Mapping[str, str] = {}
    at_run_time: Mapping[str, str] = {}
    source: Mapping[str, str] = {}
    elsewhere: Mapping[str, "Identity"] = {}


class Transfer(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A message of `sent_bytes` from `source` to `target`, as `target` timed it until it was there.

    It was sent several times over one connection: `first_s` is the first, a warm-up, and `seconds`
    are the others. With `returned`, `target` sent the message and `source` sent it back. If it did
    not arrive as it was, `reason` says why. Addresses are those at which workers listen.
    """

    source: str
    target: str
    source_address: str
    target_address: str
    sent_bytes: Bytes
    returned: bool = False
    same_host: bool = False
    first_s: Seconds | None = None
    seconds: tuple[Timed, ...] = ()
    reason: str | None = None


class LaneStarted(_Line, frozen=True, tag="lane"):
    """A lane that is ready: how long its start took, and what it runs on.

    `chosen` is the scheduler that `default` turned out to be. Before, jobs of `job_script` waited
    for `queued_s`. Thresholds are fractions of each worker's limit. Old lanes have no `identity`.
    `transfers` are messages between hosts, sent before the first sample.
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
    chosen: str = ""
    queued_s: Seconds | None = None
    job_script: str = ""
    hosts: tuple[Host, ...] = ()
    transfers: tuple[Transfer, ...] = ()


class Sample(_Line, frozen=True, tag="sample"):
    """One timed repetition with its proof. `wall_s` spans all `loops`; `flops` is of one loop.

    Measured is `build_s`, to build collections or calls, plus `wall_s`, to compute them. Only a
    baseline is measured `again` in a round. `peak_pss_bytes` is the lane's peak, shared pages
    counted once; `peak_rss_bytes` the sum of the kernel's high-water marks of its processes.
    Existing clusters have `workers_rss_bytes` alone, by the last heartbeats of their workers.
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
    again: bool = False
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
    transfers: tuple[Transfer, ...] = ()

    @property
    def loop_s(self) -> float:
        """Seconds of one loop, including building."""
        return (self.build_s + self.wall_s) / self.loops


class Reading(_Line, frozen=True, tag="memory"):
    """The memory of one worker, as reported to its scheduler by a heartbeat.

    The categories are those of ``distributed.scheduler.MemoryState``, where `unmanaged_bytes` is
    called unmanaged_old: managed + unmanaged + unmanaged recent = process. `span_s`, and all disk
    traffic, count from the worker's previous reading, without the time it was frozen. Of
    `written_bytes`, `monitor_bytes` are due to the threshold `spill`, the rest to `target`.
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
        """Whether the categories add up to the process memory."""
        parts = self.managed_bytes + self.unmanaged_bytes + self.unmanaged_recent_bytes
        return parts == self.process_bytes


Happening = Literal[
    "paused", "resumed", "spill-began", "spill-ended", "terminated", "left", "restarted"
]


class WorkerEvent(_Line, frozen=True, tag="worker"):
    """A change of a worker's state. `rss_bytes` is its memory when its nanny terminated it."""

    case: Count
    at_s: Seconds
    worker: str
    what: Happening
    rss_bytes: Bytes | None = None


class CaseFailed(_Line, frozen=True, tag="failure"):
    """The failure of a case, which gives no more samples."""

    case: Count
    phase: str
    reason: str
    detail: str | None = None


class Unaccounted(_Line, frozen=True, tag="no-account"):
    """Why a case that was to be explained gives no more accounts; its samples count."""

    case: Count
    reason: str
    detail: str | None = None


class Resumed(_Line, frozen=True, tag="resumed"):
    """The resumption of a run in another process, whose `at_s` continue from `elapsed_s`."""

    started: str
    elapsed_s: Seconds


EndReason = Literal["complete", "budget", "interrupted"]


class SuiteFinished(_Line, frozen=True, tag="suite-finished"):
    """The end of a suite, after how many complete rounds, and why."""

    suite: str
    rounds: Count
    reason: EndReason


class Finished(_Line, frozen=True, tag="finished"):
    """The last line of a run that completed or was interrupted."""

    reason: EndReason
    elapsed_s: Seconds
    failed: Count = 0


Event = (
    LaneStarted
    | Sample
    | Accounted
    | Reading
    | WorkerEvent
    | CaseFailed
    | Unaccounted
    | SuiteFinished
    | Resumed
    | Finished
)
Line = Header | Event
