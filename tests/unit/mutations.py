"""Journals damaged by a seeded chance: what a disk, an editor or an enemy may leave of one."""

import json
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

#: What may stand where a value stood, as JSON text or not quite.
NASTY = (
    b"0", b"-1", b"1", b"-0.0", b"1e-300", b"1e300", b"-1e300", b"1e999", b"NaN", b"Infinity",
    b"-Infinity", b"1000000000", b"9007199254740993", b"-9223372036854775808", b"1" * 30,
    b"1" * 5000, b"true", b"null", b'""', b'"text"', b'"\\ud800"', b'"\\u0000"', b'"\\n[/x]{0}%s"',
    b'"\xff"', b"[]", b"{}", b"[1]", b'{"a":{}}', b"[" * 2000 + b"]" * 2000, b"[" * 2000,
    b'"' + b"x" * 5000 + b'"', b"0.5",
)  # fmt: skip

Lines = list[bytes]
#: A line that is damaged already can't be damaged in every way.
_SPOILT = (ValueError, KeyError, IndexError, TypeError, RecursionError, AttributeError)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to each value inside."""
    found = [path] if path else []
    if isinstance(value, dict | list):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            found += _places(one, (*path, key))
    return found


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _swapped(line: bytes, chance: random.Random) -> bytes:
    """Put something else in the place of one value."""
    document = json.loads(line)
    *before, last = chance.choice(_places(document))
    _at(document, tuple(before))[last] = "@@"
    text = json.dumps(document, separators=(",", ":")).encode()
    return text.replace(b'"@@"', chance.choice(NASTY), 1) + b"\n"


def _without(line: bytes, chance: random.Random) -> bytes:
    document = json.loads(line)
    *before, last = chance.choice(_places(document))
    del _at(document, tuple(before))[last]
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def _twice(line: bytes, chance: random.Random) -> bytes:
    key, value = chance.choice([*json.loads(line).items()])
    again = json.dumps({key: value}, separators=(",", ":")).encode()[1:]
    return line.rstrip()[:-1] + b"," + again + b"\n"


def _unknown(line: bytes, chance: random.Random) -> bytes:
    return line.rstrip()[:-1] + b',"unheard_of":' + chance.choice(NASTY) + b"}\n"


def _flipped(line: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(line) - 1)
    return line[:place] + bytes([line[place] ^ 1 << chance.randrange(8)]) + line[place + 1 :]


def _cut(line: bytes, chance: random.Random) -> bytes:
    return line[: chance.randrange(len(line))] + b"\n"


def _renamed(line: bytes, chance: random.Random) -> bytes:
    event = json.loads(line)["event"]
    other = chance.choice(["sample", "lane", "memory", "failure", "finished", "header", "what"])
    return line.replace(f'"{event}"'.encode(), f'"{other}"'.encode(), 1)


def _noise(line: bytes, chance: random.Random) -> bytes:
    return chance.choice([b"", b"\0" * 100, b"\xff\xfe", b"{}", b"[]", b"1", b"null", b"[" * 9**5])


IN_A_LINE: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _swapped, _swapped, _swapped, _swapped, _without, _twice, _unknown, _flipped, _cut, _renamed,
    _noise,
)  # fmt: skip


def _damaged_line(lines: Lines, chance: random.Random) -> Lines:
    # the header has most of what can be wrong
    number = 0 if chance.random() < 0.4 else chance.randrange(len(lines))
    return [*lines[:number], chance.choice(IN_A_LINE)(lines[number], chance), *lines[number + 1 :]]


def _reordered(lines: Lines, chance: random.Random) -> Lines:
    events = lines[1:]
    chance.shuffle(events)
    return [lines[0], *events]


def _moved(lines: Lines, chance: random.Random) -> Lines:
    left = list(lines)
    left.insert(chance.randrange(len(lines)), left.pop(chance.randrange(len(lines))))
    return left


def _doubled(lines: Lines, chance: random.Random) -> Lines:
    number = chance.randrange(len(lines))
    return [*lines[:number], lines[number], *lines[number:]]


OF_LINES: tuple[Callable[[Lines, random.Random], Lines], ...] = (
    *[_damaged_line] * 12,
    _reordered,
    _moved,
    _doubled,
    lambda lines, chance: lines * 2,  # one journal behind the other
    lambda lines, chance: lines[1:],  # no header
    lambda lines, chance: [lines[0], *lines],
    lambda lines, chance: [b"\xef\xbb\xbf" + lines[0], *lines[1:]],
    lambda lines, chance: [line.replace(b"\n", b"\r\n") for line in lines],
    lambda lines, chance: [b"".join(lines)[: chance.randrange(len(b"".join(lines)))]],
    lambda lines, chance: [line for line in lines if chance.random() < 0.7],
    lambda lines, chance: [*lines, b"\0" * 4096],
)


def mutated(lines: Lines, seed: int) -> bytes:
    """Return a journal with one, two or three damages."""
    chance = random.Random(seed)
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        with suppress(*_SPOILT):
            lines = chance.choice(OF_LINES)(lines, chance)
    return b"".join(lines)
