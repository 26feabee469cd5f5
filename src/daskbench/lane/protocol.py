"""The protocol of conductor and lanes: JSON lines over two pipes, leaving stdio to user code."""

import fcntl
import json
import os
import resource
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from math import isfinite
from threading import Lock
from typing import Any, ClassVar

Message = dict[str, Any]

#: Environment variable with two file descriptors: commands to read, answers to write.
PIPES = "DASKBENCH_LANE_PIPES"

#: Environment variable with the folder that the lanes of a run share
#: (`daskbench.benchmarks.linalg.accuracy.SHARED`).
SHARED = "DASKBENCH_SHARED"

#: File in the lane's folder with its current activity (`daskbench.lane.activity`).
DOING = "doing"

#: Lowest descriptor for the pipes, beyond the reach of loops that close descriptors.
_HIDDEN = 800
_LONGEST_TEXT = 16_000


@dataclass(frozen=True, kw_only=True)
class Open:
    """Open a case: a benchmark on a scheduler. None means Dask's default.

    `cluster` locates an existing cluster; empty means a local one. With `memory`, the lane reports
    the memory of workers. `slowdown` is the injected fraction of the time. Secrets are reported as
    digests keyed with `digest_key`.
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
    cluster: Mapping[str, str] = field(default_factory=dict)
    memory: bool = False
    memory_interval_s: float | None = None
    timeout_s: float | None = None
    wait_for_workers_s: float | None = None
    slowdown: float = 0.0
    digest_key: str | None = None


@dataclass(frozen=True, kw_only=True)
class TakeSample:
    """Take a sample of `loops` loops; write Dask's performance report to the file `report`."""

    op: ClassVar = "sample"
    loops: int
    report: str | None = None


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
class Proof:
    """The validity of a sample: whether all tasks ran and all answers are correct."""

    tasks_expected: int
    tasks_run: int
    answer_ok: bool
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class Sampled:
    """A sample as measured by the lane; `daskbench.events.Sample` documents the fields."""

    proof: Proof
    wall_s: float
    build_s: float
    cpu_s: float | None
    lane_cpu_s: float | None
    first_task_s: float | None
    figures: Mapping[str, float]
    flops: float | None
    moved_bytes: float | None
    note: str | None
    workers_lost: int
    workers_rss_bytes: int | None

    def message(self) -> Message:
        """Return the message of the sample: flat, like a line of the journal."""
        told = asdict(self)
        return {**told.pop("proof"), **told}


class Channel:
    """The lane's end of the pipes."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands = os.fdopen(commands, "r", encoding="utf-8")
        self._answers = answers
        self._sending = Lock()
        self._owner = os.getpid()

    @classmethod
    def from_environment(cls) -> "Channel":
        """Take over the pipes from the parent, hidden from all children of the lane."""
        numbers = os.environ.pop(PIPES).split(",")
        channel = cls(*(_hide(int(number)) for number in numbers))
        os.register_at_fork(after_in_child=channel.close)
        return channel

    def receive(self) -> Message | None:
        """Return the next command; None if the parent is gone."""
        line = self._commands.readline()
        message: Message | None = json.loads(line) if line.endswith("\n") else None
        return message

    def send(self, message: Message) -> None:
        """Send a report, from any thread."""
        self.write(encode_answer(message))

    def write(self, line: bytes) -> None:
        """Send a complete line; end the process if user code forked it off the lane."""
        if os.getpid() != self._owner:
            os._exit(0)
        with self._sending:
            while line:
                line = line[os.write(self._answers, line) :]

    def close(self) -> None:
        """Close both pipes in this process."""
        for descriptor in (self._commands.fileno(), self._answers):
            with suppress(OSError):  # user code may have closed them
                os.close(descriptor)


def _hide(descriptor: int) -> int:
    """Move a pipe to a high descriptor, if possible, that children don't inherit."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    least = _HIDDEN if soft == resource.RLIM_INFINITY else max(3, min(_HIDDEN, soft - 8))
    try:
        hidden = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, least)
    except OSError:
        os.set_inheritable(descriptor, False)
        return descriptor
    os.close(descriptor)
    return hidden


def encode(message: Message) -> bytes:
    """Encode a message as a line. Raises TypeError or ValueError if JSON can't represent it."""
    return json.dumps(message, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def encode_answer(message: Message) -> bytes:
    """Encode a lane's message as a line, sanitizing strings, which may come from user code."""
    return encode(_plain(message))


def _plain(value: Any, name: str = "") -> Any:
    """Return a value with strings truncated and encodable as UTF-8; ValueError for NaN or inf."""
    if isinstance(value, dict):
        return {_text(str(key)): _plain(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, name) for item in value]
    if isinstance(value, float) and not isfinite(value):
        raise ValueError(f"{name} is {value:g}, not a finite number")
    return _text(value) if isinstance(value, str) else value


def _text(text: str) -> str:
    if (more := len(text) - _LONGEST_TEXT) > 0:
        text = f"{text[:_LONGEST_TEXT]}... ({more} more characters)"
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
