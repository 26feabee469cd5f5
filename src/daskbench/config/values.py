"""Parsers of values, used for the command line and benchmarks.toml alike."""

import json
import math
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from daskbench.errors import UsageError, nearest
from daskbench.paths import check_text, usable
from daskbench.ranges import MOST
from daskbench.units import (
    format_seconds,
    parse_bytes,
    parse_count,
    parse_count_or_zero,
    parse_seconds,
)

#: Seconds between two heartbeats of a worker, with up to 10 workers
#: (distributed.scheduler.heartbeat_interval).
HEARTBEAT_S = 0.5
_ADDRESS = r"\w+://.+:\d+"


def list_of(read: Callable[[object], Any]) -> Callable[[object], tuple[Any, ...]]:
    """Return a parser of ``1,2,4`` or ``[1, 2, 4]`` that drops duplicates."""

    def read_list(value: object) -> tuple[Any, ...]:
        parts = value.split(",") if isinstance(value, str) else value
        items = parts if isinstance(parts, list | tuple) else (parts,)
        if not items:
            raise UsageError("the list is empty; give at least one value, or leave it out")
        return tuple(dict.fromkeys(read(part) for part in items))

    return read_list


def one_of(choices: Iterable[str]) -> Callable[[object], str]:
    """Return a parser of one of these words; it raises UsageError, which names the nearest."""
    known = tuple(choices)

    def read(value: object) -> str:
        word = str(value).strip()
        if word not in known:
            raise UsageError(f"no '{word}': {nearest(word, known)}")
        return word

    return read


def read_count(value: object) -> int:
    """Read a whole number above zero; raises UsageError."""
    return parse_count(str(value))


def read_few(value: object) -> int:
    """Read a number of rounds, workers or threads, at most `MOST`."""
    if (count := read_count(value)) <= MOST:
        return count
    raise UsageError(f"{value} is too many; use at most {MOST:,}")


def read_number(value: object) -> float:
    """Read a finite number; raises UsageError."""
    with suppress(ValueError):
        if math.isfinite(number := float(str(value))):
            return number
    raise UsageError(f"'{value}' is not a number")


def read_tolerance(value: object) -> float:
    """Read a relative difference from 0 to 1; raises UsageError."""
    if 0 <= (number := read_number(value)) <= 1:
        return number
    raise UsageError(f"{value} is no relative difference; use 0 to 1, e.g. 1e-6")


def read_integer(value: object) -> int:
    """Read a whole number, which may be negative; raises UsageError."""
    text = str(value).strip()
    return -read_count_or_zero(text[1:]) if text.startswith("-") else read_count_or_zero(text)


def read_count_or_zero(value: object) -> int:
    """Read a whole number of at least 0; raises UsageError."""
    return parse_count_or_zero(str(value)) and read_few(value)


def read_bytes(value: object) -> int:
    """Read a size such as ``4GiB`` as bytes; raises UsageError."""
    return parse_bytes(str(value))


def read_switch(value: object) -> bool:
    """Read ``on`` or ``off``, or their equivalents in a file; raises UsageError."""
    return value is True or (value is not False and one_of(("on", "off"))(value) == "on")


def read_flag(value: object) -> bool:
    """Read true or false; raises UsageError."""
    if isinstance(value, bool):
        return value
    raise UsageError(f"{value!r} is neither true nor false")


def read_seconds(value: object) -> float:
    """Read a duration such as ``60s`` as seconds; raises UsageError."""
    return parse_seconds(str(value))


def read_interval(value: object) -> float:
    """Read a duration of at least one heartbeat interval; raises UsageError."""
    if (seconds := read_seconds(value)) >= HEARTBEAT_S:
        return seconds
    raise UsageError(
        f"{value} is too short; workers report their memory every {format_seconds(HEARTBEAT_S)}, "
        "so use at least that"
    )


def read_fraction(value: object) -> float:
    """Read ``0.6``, ``60%`` or ``off``, which is 0."""
    text = str(value).strip()
    if value is False or text == "off":
        return 0.0
    with suppress(ValueError):
        number = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        if 0 < number <= 1:
            return number
    raise UsageError(f"'{value}' is not a fraction of the memory limit; write 0.6, 60% or off")


def percent_from(least: float, example: str) -> Callable[[object], float]:
    """Return a parser of ``2%`` or ``0.02``, from `least` to 1."""

    def read(value: object) -> float:
        text = str(value).strip()
        with suppress(ValueError):
            number = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
            if least <= number <= 1:
                return number
        part = float(example.removesuffix("%")) / 100
        raise UsageError(
            f"'{value}' is out of range: use {100 * least:g}% to 100%, e.g. {example} or {part:g}"
        )

    return read


def read_blas_threads(value: object) -> int | None:
    """Read a number of threads, or ``native`` as None; raises UsageError."""
    return None if value == "native" else read_few(value)


def read_text(value: object) -> str:
    """Read a non-empty text; raises UsageError."""
    if not isinstance(value, str) or not value:
        raise UsageError(f"{value!r} is not a text")
    return check_text(value)


def read_texts(value: object) -> tuple[str, ...]:
    """Read a text or a list of texts, which may contain commas. Raises UsageError."""
    parts = value if isinstance(value, list | tuple) else (value,)
    return tuple(read_text(part) for part in parts)


def read_pairs(value: object) -> tuple[str, ...]:
    """Read ``KEY=VALUE``, a list of them, or a table of TOML; raises UsageError."""
    if isinstance(value, dict):
        return tuple(check_text(f"{key}={one}") for key, one in value.items())
    return read_texts(value)


def read_existing_file(value: object) -> str:
    """Read the path of an existing file and make it absolute; raises UsageError."""
    path = usable(read_text(value))
    if path.is_file():
        return str(path.resolve())
    raise UsageError(f"there is no file {path}")


def read_scheduler_file(value: object) -> str:
    """Read the path of a file that ``dask scheduler`` wrote; raises UsageError."""
    path = read_existing_file(value)
    try:
        text = Path(path).read_text(encoding="utf-8")
        address = json.loads(text)["address"] if text.strip() else ""
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, RecursionError):
        text, address = "x", ""
    if isinstance(address, str) and re.fullmatch(_ADDRESS, address):
        return path
    what = "has no address of a scheduler" if text.strip() else "is empty"
    raise UsageError(f"{path} {what}; name the file that 'dask scheduler --scheduler-file' wrote")


def read_address(value: object) -> str:
    """Read the address of a scheduler; raises UsageError."""
    address = read_text(value)
    if not re.fullmatch(_ADDRESS, address):
        raise UsageError(f"'{address}' is not an address; write tcp://host:port or tls://host:port")
    return address
