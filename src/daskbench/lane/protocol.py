"""JSON lines over a pair of pipes that are neither stdin nor stdout, which belong to the work."""

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

#: The lane finds its two pipes' numbers here: commands come from the first.
PIPES = "DASKBENCH_LANE_PIPES"

#: And here the folder in which the lanes of a run share what all of them need
#: (`daskbench.benchmarks.linalg.accuracy.SHARED`).
SHARED = "DASKBENCH_SHARED"

#: A lane says in this file of its own folder what it does right now (`daskbench.lane.doing`).
DOING = "doing"

#: The pipes are moved to numbers from here on, away from what loops over descriptors may reach.
_HIDDEN = 800
_LONGEST_TEXT = 16_000


@dataclass(frozen=True, kw_only=True)
class Open:
    """Make a case: its benchmark, on its scheduler. Times are in seconds, None what Dask does.

    `cluster` is how to reach one of somebody else's, empty for one of the lane's own. With `memory`
    the lane tells what workers hold. `slowdown` is injected. Secrets are told as digests that are
    keyed with `digest_key`.
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
    """Take one sample of so many loops; with `report` Dask's own goes to that file."""

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
    """Wait until the workers have reported what they did last."""

    op: ClassVar = "listen"


@dataclass(frozen=True)
class Close:
    """Close the scheduler cleanly."""

    op: ClassVar = "close"


Command = Open | TakeSample | Identify | Listen | Close
_COMMANDS: dict[str, Any] = {kind.op: kind for kind in (Open, TakeSample, Identify, Listen, Close)}


def message_of(command: Command) -> Message:
    """Return a command as it goes over the pipe, without what is not given."""
    given = {name: value for name, value in asdict(command).items() if value is not None}
    return {"op": command.op, **given}


def command_of(message: Message) -> Command:
    """Return the command that came over the pipe; raises TypeError or KeyError for none of ours."""
    given = dict(message)
    made: Command = _COMMANDS[given.pop("op")](**given)
    return made


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Whether a sample is valid: all tasks ran, and its answers are right."""

    tasks_expected: int
    tasks_run: int
    answer_ok: bool
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class Sampled:
    """One sample as its lane took it; `daskbench.events.Sample` says what each figure is."""

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
        """Return it as it goes over the pipe: flat, as a line of the journal is."""
        told = asdict(self)
        return {**told.pop("proof"), **told}


class Channel:
    """The lane's end of the pipes, which only the lane uses."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands = os.fdopen(commands, "r", encoding="utf-8")
        self._answers = answers
        self._sending = Lock()
        self._owner = os.getpid()

    @classmethod
    def from_environment(cls) -> "Channel":
        """Take the pipes over from the parent; no child of the lane has them, forked or spawned."""
        numbers = os.environ.pop(PIPES).split(",")
        channel = cls(*(_hide(int(number)) for number in numbers))
        os.register_at_fork(after_in_child=channel.close)
        return channel

    def receive(self) -> Message | None:
        """Wait for the next command; None when the parent is gone."""
        line = self._commands.readline()
        message: Message | None = json.loads(line) if line.endswith("\n") else None
        return message

    def send(self, message: Message) -> None:
        """Send what happens meanwhile; from any thread."""
        self.write(encode_answer(message))

    def write(self, line: bytes) -> None:
        """Send a line whole.

        What the work forked, and what then came back to the lane's loop, ends here.
        """
        if os.getpid() != self._owner:
            os._exit(0)
        with self._sending:
            while line:
                line = line[os.write(self._answers, line) :]

    def close(self) -> None:
        """Close both pipes, in whatever process this is."""
        for descriptor in (self._commands.fileno(), self._answers):
            with suppress(OSError):  # whoever closes all descriptors has closed these
                os.close(descriptor)


def _hide(descriptor: int) -> int:
    """Move a pipe to where nobody looks for it, if there is room; children don't inherit it."""
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
    """Return the message as one line. Raises TypeError or ValueError for what is no plain data."""
    return json.dumps(message, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def encode_answer(message: Message) -> bytes:
    """Return what a lane has to say as one line; its texts may be the work's, and are tamed."""
    return encode(_plain(message))


def _plain(value: Any, name: str = "") -> Any:
    """Return what can be sent of a value: texts of some length, in characters that UTF-8 has."""
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
