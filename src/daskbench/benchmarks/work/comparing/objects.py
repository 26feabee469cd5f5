"""Comparison of other objects: by `==`, by what they are made of, or by a digest of a pickle."""

import pickle
from collections.abc import Mapping
from datetime import datetime, time
from hashlib import sha256
from typing import Any, NamedTuple

import cloudpickle

from daskbench.benchmarks.work.comparing.base import (
    FAILURES,
    Comparison,
    Difference,
    instead,
    kind_of,
)


def compare(answer: Any, reference: Any, comparison: Comparison) -> Difference | None:
    """Compare two objects of any type."""
    if type(answer) is not type(reference):
        return Difference(f"{kind_of(answer)} instead of {kind_of(reference)}")
    if _says_equal(answer, reference):
        return None if _offset(answer) == _offset(reference) else instead(answer, reference)
    one, other = _state(answer), _state(reference)
    if one is not None and other is not None:
        found = _by_attributes(one.attributes, other.attributes, comparison)
        if found is None and comparison.compare(one.rest, other.rest):
            return instead(answer, reference)
        return found
    digests = _digest(answer), _digest(reference)
    if None in digests:
        return instead(answer, reference)
    return None if digests[0] == digests[1] else instead(answer, reference)


def _says_equal(answer: Any, reference: Any) -> bool:
    """Whether `==` is True; False where it raises, or returns anything else, such as an array."""
    try:
        return (answer == reference) is True
    except FAILURES:
        return False


def _offset(value: Any) -> Any:
    """Return the difference of a time from UTC: `==` is True for the same instant elsewhere."""
    return value.utcoffset() if isinstance(value, datetime | time) else None


class _State(NamedTuple):
    """What an object is made of: its attributes, and the rest of what a pickle would have."""

    attributes: Mapping[str, Any]
    rest: Any = ()


def _state(value: Any) -> _State | None:
    """Return what a copy of an instance would be made from; None for functions and classes.

    Attributes as such may be cached values that a copy has not, or not be all that there is.
    """
    if isinstance(value, type) or callable(value) or type(value).__module__ == "builtins":
        return None
    try:
        made = value.__reduce_ex__(4)
        state: Any = made[2] if isinstance(made, tuple) and len(made) > 2 else None
        parts: Any = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
        if all(part is None or isinstance(part, dict) for part in parts):
            return _State({**(parts[0] or {}), **(parts[1] or {})}, (*made[:2], *made[3:]))
        return _State({}, made)
    except FAILURES:
        attributes = _attributes(value)
        return _State(attributes) if attributes else None


def _attributes(value: Any) -> Mapping[str, Any]:
    """Return the attributes of an instance, in its ``__dict__`` or in slots."""
    try:
        found = dict(getattr(value, "__dict__", {}))
        for kind in type(value).__mro__:
            slots = kind.__dict__.get("__slots__", ())
            names = (slots,) if isinstance(slots, str) else tuple(slots)
            found |= {name: getattr(value, name) for name in names if hasattr(value, name)}
    except FAILURES:
        return {}
    return {name: one for name, one in found.items() if name not in ("__dict__", "__weakref__")}


def _by_attributes(
    ours: Mapping[str, Any], theirs: Mapping[str, Any], comparison: Comparison
) -> Difference | None:
    for name in dict.fromkeys([*theirs, *ours]):
        if name not in ours or name not in theirs:
            where = "the answer" if name in ours else "the reference"
            return Difference(f"only {where} has the attribute {name}")
        if found := comparison.compare(ours[name], theirs[name]):
            return found.within(f".{name}")
    return None


def _digest(value: Any) -> str | None:
    """Return the digest of an object's pickle; None if it cannot be pickled.

    It is pickled twice, because what is shared between parts of a fresh object may not be shared
    between those of a loaded one, which changes the pickle.
    """
    try:
        copied = pickle.loads(cloudpickle.dumps(value))
        return sha256(cloudpickle.dumps(copied)).hexdigest()
    except FAILURES:
        return None
