"""The options: how the value of each is read, on the command line and in benchmarks.toml alike."""

import math
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from daskbench.benchmarks.base import Parameter
from daskbench.errors import UsageError, nearest
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.units import (
    format_seconds,
    parse_bytes,
    parse_count,
    parse_count_or_zero,
    parse_seconds,
)

#: Between two heartbeats of a worker where there are up to 10
#: (distributed.scheduler.heartbeat_interval).
HEARTBEAT_S = 0.5
#: Two limits nearer to each other than this part differ less than two runs of the same.
_FINEST = 0.01
#: No machine is so quiet that an interval becomes narrower than this.
_NARROWEST = 0.001


@dataclass(frozen=True)
class Key:
    """One option: how its value is read, what it may look like, and what it is for.

    A `flag` is given without a value, as ``--memory`` or ``--no-memory``; in a file it is true or
    false.
    """

    read: Callable[[object], Any]
    metavar: str
    help: str
    flag: bool = False

    def with_default(self, default: str) -> "Key":
        """Return the same for a command that has another default: it stands last in the help."""
        return replace(self, help=f"{self.help.rpartition(' [')[0]} [{default}]")


def _list(read: Callable[[object], Any]) -> Callable[[object], tuple[Any, ...]]:
    """Read ``1,2,4`` or ``[1, 2, 4]``, dropping what is said twice."""

    def read_list(value: object) -> tuple[Any, ...]:
        parts = value.split(",") if isinstance(value, str) else value
        items = parts if isinstance(parts, list | tuple) else (parts,)
        if not items:
            raise UsageError("an empty list; name at least one, or leave it out")
        return tuple(dict.fromkeys(read(part) for part in items))

    return read_list


def one_of(choices: Iterable[str]) -> Callable[[object], str]:
    """Return a reader of one of these words; it raises UsageError with the nearest."""
    known = tuple(choices)

    def read(value: object) -> str:
        word = str(value).strip()
        if word not in known:
            raise UsageError(f"no '{word}': {nearest(word, known)}")
        return word

    return read


def _count(value: object) -> int:
    return parse_count(str(value))


def _number(value: object) -> float:
    with suppress(ValueError):
        if math.isfinite(number := float(str(value))):
            return number
    raise UsageError(f"'{value}' is not a number")


def _count_or_zero(value: object) -> int:
    return parse_count_or_zero(str(value))


def _bytes(value: object) -> int:
    return parse_bytes(str(value))


def _switch(value: object) -> bool:
    return value is True or (value is not False and one_of(("on", "off"))(value) == "on")


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise UsageError(f"{value!r} is neither true nor false")


def _seconds(value: object) -> float:
    return parse_seconds(str(value))


def _interval(value: object) -> float:
    if (seconds := _seconds(value)) >= HEARTBEAT_S:
        return seconds
    raise UsageError(
        f"{value} is shorter than the {format_seconds(HEARTBEAT_S)} between two heartbeats, by "
        "which a worker tells what it holds: nothing new would be seen"
    )


def _fraction(value: object) -> float:
    """Read ``0.6``, ``60%`` or ``off``, which is 0."""
    text = str(value).strip()
    if value is False or text == "off":
        return 0.0
    with suppress(ValueError):
        number = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        if 0 < number <= 1:
            return number
    raise UsageError(f"'{value}' is not a part of the limit; write one as 0.6 or 60%, or off")


def _percent(least: float, example: str) -> Callable[[object], float]:
    """Return a reader of ``2%`` or ``0.02``, from `least` to 1."""

    def read(value: object) -> float:
        text = str(value).strip()
        with suppress(ValueError):
            number = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
            if least <= number <= 1:
                return number
        part = float(example.removesuffix("%")) / 100
        raise UsageError(
            f"'{value}' is no such part; write one from {100 * least:g}% to 100%, "
            f"as {example} or {part:g}"
        )

    return read


def _blas_threads(value: object) -> int | None:
    return None if value == "native" else _count(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise UsageError(f"{value!r} is not a text")
    return value


def _existing_file(value: object) -> str:
    path = Path(_text(value))
    with suppress(OSError, ValueError):  # a name that no file can have
        if path.is_file():
            return str(path.resolve())
    raise UsageError(f"there is no file {path}")


def _address(value: object) -> str:
    address = _text(value)
    if not re.fullmatch(r"\w+://.+:\d+", address):
        raise UsageError(f"'{address}' is not an address; write tcp://host:port or tls://host:port")
    return address


WHERE = {
    "schedulers": Key(
        _list(one_of(SCHEDULERS)), "NAME,...", f"Where to run: {', '.join(SCHEDULERS)}. [all]"
    ),
    "workers": Key(
        _list(_count),
        "N,...",
        "Workers of threads, processes and distributed. [1 and the number of usable cores]",
    ),
    "threads-per-worker": Key(_list(_count), "N,...", "Threads of a distributed worker. [1]"),
    "memory-limit": Key(
        _list(_bytes),
        "SIZE,...",
        "Memory of a distributed worker, as 4GiB. [its share of all]",
    ),
    "address": Key(
        _address, "URL", "Measure distributed on the cluster whose scheduler is at tcp://host:port."
    ),
    "scheduler-file": Key(
        _existing_file, "FILE", "Find that cluster by the file that 'dask scheduler' wrote."
    ),
    "tls-ca": Key(_existing_file, "FILE", "CA certificate of that cluster (PEM)."),
    "tls-cert": Key(_existing_file, "FILE", "Client certificate for that cluster (PEM)."),
    "tls-key": Key(_existing_file, "FILE", "Key of the client certificate (PEM)."),
}
THRESHOLDS = {
    name: Key(_fraction, "FRACTION|off", f"Part of a worker's memory limit {what}. [{default}]")
    for name, what, default in (
        ("target", "of managed data above which the oldest go to disk", 0.6),
        ("spill", "of its process above which data go to disk", 0.7),
        ("pause", "of its process above which it starts no task", 0.8),
        ("terminate", "of its process above which its nanny ends it", 0.95),
    )
} | {
    "recent-to-old": Key(
        _seconds, "TIME", "Age at which unmanaged memory is no longer called recent. [30s]"
    )
}
HOW = {
    "rounds": Key(_count, "N", "Rounds: samples of each case, taken in turns. [10]"),
    "warmup": Key(
        _count_or_zero,
        "N",
        "Samples of each case first that count in no figure. [1; 0: none at all]",
    ),
    "launches": Key(
        _count,
        "N",
        "Start each lane anew so many times, with those rounds each: what one launch has by luck "
        "then shows in the intervals. [1]",
    ),
    "precision": Key(
        _percent(_NARROWEST, "2%"),
        "PERCENT",
        "Go on until the 95 % interval of every mean and ratio is narrower than this part of it, "
        "or --budget is spent. [none]",
    ),
    "budget": Key(
        _seconds,
        "TIME",
        "Stop after the round that crosses this time, but not before round 3. "
        "[none; with --precision 5m]",
    ),
    "timeout": Key(_seconds, "TIME", "End a case when one of its samples takes longer. [10m]"),
    "min-time": Key(_seconds, "TIME", "Repeat shorter work in a loop, up to this time. [10ms]"),
    "blas-threads": Key(
        _blas_threads, "N|native", "BLAS threads of each worker; native: as each ships. [1]"
    ),
    "hardware": Key(
        _switch,
        "on|off",
        "Measure dgemm and memory bandwidth beside a benchmark that comes near them. [on]",
    ),
    "memory": Key(
        _flag, "", "Read what each worker of distributed holds, at its heartbeats.", flag=True
    ),
    "memory-interval": Key(_interval, "TIME", "Read it not more often than this. [500ms]"),
}
KEYS = WHERE | THRESHOLDS | HOW
#: What a search for the smallest memory limit has beside them, and those that it has of them.
SEARCH = {
    "from": Key(
        _bytes, "SIZE", "Smallest limit to try. [120MiB, about what an empty worker takes]"
    ),
    "to": Key(_bytes, "SIZE", "Largest limit to try. [a worker's share of the machine]"),
    "precision": Key(_percent(_FINEST, "10%"), "PERCENT", "Step from one limit to the next. [10%]"),
    "workers": Key(_list(_count), "N", "Workers of the cluster. [the number of usable cores]"),
    "threads-per-worker": Key(_list(_count), "N", "Threads of each. [1]"),
    **THRESHOLDS,
    "rounds": Key(_count, "N", "Samples at each limit, of which the worst counts. [1]"),
    "timeout": Key(
        _seconds,
        "TIME",
        "End a trial when a sample takes longer: so ends a worker that is paused for ever. [2m]",
    ),
    "blas-threads": HOW["blas-threads"],
}

#: What a calibration has, which is of one case.
CALIBRATION = {
    "schedulers": Key(_list(one_of(SCHEDULERS)), "NAME", "Where to run. [threads]"),
    "workers": Key(_list(_count), "N", "Workers, where they count. [the number of usable cores]"),
    "threads-per-worker": Key(_list(_count), "N", "Threads of a distributed worker. [1]"),
    "memory-limit": WHERE["memory-limit"],
    "comparisons": Key(_count, "N", "How often to compare: more make the shares surer. [20]"),
    "slowdown": Key(
        _list(_percent(_NARROWEST, "5%")),
        "PERCENT,...",
        "Slow it down by so much, in lanes of their own, to see how often that is found. [5%]",
    ),
    "launches": Key(_count, "N", "Launches of a comparison, as in 'daskbench ab'. [10]"),
    "rounds": Key(_count, "N", "Rounds of each launch. [15]"),
    "warmup": HOW["warmup"],
    "timeout": HOW["timeout"],
    "min-time": HOW["min-time"],
    "blas-threads": HOW["blas-threads"],
}


def option_name(parameter: str) -> str:
    """Return the name that a parameter has as an option and in benchmarks.toml."""
    return parameter.replace("_", "-")


def parameter_key(parameter: Parameter) -> Key:
    """Return how a benchmark's parameter is read: a list sweeps it."""
    if parameter.read:
        return Key(_list(parameter.read), parameter.metavar, parameter.help)
    if parameter.choices:
        return Key(_list(one_of(parameter.choices)), "|".join(parameter.choices), parameter.help)
    if isinstance(parameter.default, str):
        return Key(_list(_text), "TEXT,...", parameter.help)
    if isinstance(parameter.default, float):
        return Key(_list(_number), "X,...", parameter.help)
    return Key(_list(_count), "N,...", parameter.help)
