"""What goes over the pipes between the conductor and a lane: commands, answers and reports.

Both ends have this module in the same version: lanes of another interpreter run our code, too.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Literal, get_args

from daskbench.benchmarks.workers import Transfer

Message = dict[str, Any]

#: Environment variable with two file descriptors: commands to read, answers to write.
PIPES = "DASKBENCH_LANE_PIPES"

#: Environment variable with the folder that the lanes of a run share
#: (`daskbench.benchmarks.sharing.SHARED`).
SHARED = "DASKBENCH_SHARED"

#: File in the lane's folder with its current activity (`daskbench.lane.activity`).
DOING = "doing"


@dataclass(frozen=True, kw_only=True)
class Open:
    """Open a case: a benchmark on a scheduler. None means Dask's default.

    `started_at` is when the lane's process started, by the monotonic clock of this machine.
    `cluster` locates an existing cluster, or says which `kind` to start with which `options`; empty
    means a local one. With `memory`, the lane reports the memory of workers, and with `hardware`
    what lies between hosts. `slowdown` is the injected fraction of the time. Secrets are reported
    as digests keyed with `digest_key`. `work` are the options of a user's own function. A lane that
    has several cases tells them apart by `number`; all run on the scheduler of the first, whose
    cluster has `held` workers if they use different numbers of them.
    """

    op: ClassVar = "open"
    benchmark: str
    scheduler: str
    parameters: Mapping[str, Any]
    seed: int
    workers: int | None = None
    threads_per_worker: int | None = None
    memory_limit_bytes: int | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)
    blas_threads: int | None = None
    cluster: Mapping[str, Any] = field(default_factory=dict)
    memory: bool = False
    memory_interval_s: float | None = None
    timeout_s: float | None = None
    wait_for_workers_s: float | None = None
    queue_timeout_s: float | None = None
    slowdown: float = 0.0
    hardware: bool = False
    digest_key: str | None = None
    started_at: float | None = None
    work: Mapping[str, Any] = field(default_factory=dict)
    number: int | None = None
    held: int | None = None


@dataclass(frozen=True, kw_only=True)
class TakeSample:
    """Take a sample of `loops` loops; write Dask's performance report to the file `report`.

    With `account`, instruments are on, and the answer has an account.
    `number` is that of the case, in a lane that has several.
    """

    op: ClassVar = "sample"
    loops: int
    report: str | None = None
    account: bool = False
    number: int | None = None


@dataclass(frozen=True, kw_only=True)
class Identify:
    """Return the identity of a lane that has not opened a case."""

    op: ClassVar = "identify"
    digest_key: str | None = None


@dataclass(frozen=True)
class Listen:
    """Wait for the workers' next heartbeats."""

    op: ClassVar = "listen"


@dataclass(frozen=True)
class Close:
    """Close the scheduler cleanly."""

    op: ClassVar = "close"


Command = Open | TakeSample | Identify | Listen | Close
_COMMANDS: dict[str, Any] = {kind.op: kind for kind in (Open, TakeSample, Identify, Listen, Close)}


def message_of(command: Command) -> Message:
    """Return the message of a command, without fields that are None."""
    given = {name: value for name, value in asdict(command).items() if value is not None}
    return {"op": command.op, **given}


def command_of(message: Message) -> Command:
    """Return the command of a message. Raises TypeError or KeyError for an invalid one."""
    given = dict(message)
    made: Command = _COMMANDS[given.pop("op")](**given)
    return made


@dataclass(frozen=True, kw_only=True)
class Blas:
    """A BLAS library as threadpoolctl finds it in a process that computes."""

    api: str
    threads: int
    version: str | None = None


@dataclass(frozen=True, kw_only=True)
class Host:
    """A node with workers of a cluster elsewhere; the cores are those that one may use there."""

    name: str
    workers: int
    cpu: str
    cores: int
    memory_bytes: int


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What acts in a lane; `daskbench.events.Identity` says what each part is."""

    config: Mapping[str, Mapping[str, str]]
    variables: Mapping[str, str]
    switches: Mapping[str, str]
    at_run_time: Mapping[str, str] = field(default_factory=dict)
    source: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, "Identity"] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a scheduler found where it computes; limits are told where memory is read.

    `chosen` is the scheduler that Dask chose, if that was left to it. Workers that are jobs waited
    for `queued_s` in their queue, and run `job_script`.
    """

    workers: int | None = None
    threads_per_worker: int | None = None
    blas: Sequence[Blas] = ()
    dashboard: str | None = None
    memory_limit_bytes: int | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)
    notes: Sequence[str] = ()
    chosen: str = ""
    queued_s: float | None = None
    job_script: str = ""
    hosts: Sequence[Host] = ()


@dataclass(frozen=True, kw_only=True)
class Opened(Found):
    """Answers `Open`: the case is ready. `tasks` are those of one loop.

    `took_s` are the seconds since the lane's process started, if it was told when; they do not
    include those of `transfers` between hosts.
    """

    tasks: int
    took_s: float | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    identity: Identity | None = None
    transfers: Sequence[Transfer] = ()


Cause = Literal[
    "computing",
    "waiting",
    "cores",
    "starting",
    "graph",
    "submitting",
    "scheduling",
    "moving",
    "disk",
    "gathering",
    "own",
    "imbalance",
    "critical",
]
#: What the time of threads is divided among, in the order shown (`daskbench.account.Accounted` says
#: what each is).
CAUSES: tuple[Cause, ...] = get_args(Cause)


@dataclass(frozen=True, kw_only=True)
class Account:
    """Where the time of threads went, in core-seconds, as in `daskbench.account.Accounted`."""

    threads: int
    whole_s: float
    causes: Mapping[str, float]
    system_s: float = 0.0
    critical_path_s: float = 0.0
    longest_task_s: float = 0.0
    tasks: int = 0
    moved_bytes: int = 0
    spilled_bytes: int = 0
    gil_s: float | None = None
    beside_s: float | None = None
    throttled_s: float = 0.0
    sees_cores: bool = True
    notes: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Sampled:
    """Answers `TakeSample`; `daskbench.events.Sample` documents the fields.

    It is valid without a `reason`: all tasks ran, and the answers are right. `lane_cpu_s` is the
    CPU time of all that the lane did, None where others compute.
    """

    tasks_expected: int
    tasks_run: int
    answer_ok: bool
    reason: str | None = None
    wall_s: float
    build_s: float
    cpu_s: float | None = None
    lane_cpu_s: float | None = None
    first_task_s: float | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    flops: float | None = None
    moved_bytes: float | None = None
    note: str | None = None
    workers_lost: int = 0
    workers_rss_bytes: int | None = None
    account: Account | None = None
    transfers: Sequence[Transfer] = ()


@dataclass(frozen=True, kw_only=True)
class Identified:
    """Answers `Identify`."""

    identity: Identity


@dataclass(frozen=True)
class Done:
    """Answers what has nothing to say."""


@dataclass(frozen=True)
class Failed:
    """Answers a command that failed: why, in a line, and the traceback."""

    reason: str
    detail: str | None = None


Answer = Opened | Sampled | Identified | Done


@dataclass(frozen=True)
class Told:
    """What a scheduler tells of a worker meanwhile: an event of the journal, but for its case.

    `at` is by the monotonic clock of this machine, in seconds. The `fields` come from another
    process, and are checked where they are read.
    """

    event: str
    at: float
    fields: Mapping[str, Any]

    def message(self) -> Message:
        """Return it as it goes over the pipe."""
        return {"heard": {**self.fields, "event": self.event, "at": self.at}}


def answer_message(token: str, answer: Answer | Failed) -> Message:
    """Return an answer as it goes over the pipe, with the token of its command."""
    return {"id": token, "ok": not isinstance(answer, Failed), **asdict(answer)}


def encode(message: Message) -> bytes:
    """Encode a message as a line. Raises TypeError or ValueError if JSON can't represent it."""
    return json.dumps(message, separators=(",", ":"), allow_nan=False).encode() + b"\n"
