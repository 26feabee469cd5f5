"""Comparison of other objects: by `==`, by their attributes, or by a digest of their pickle."""

import pickle
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

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
        return None
    ours, theirs = _attributes(answer), _attributes(reference)
    if ours or theirs:
        return _by_attributes(ours, theirs, comparison)
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


def _attributes(value: Any) -> Mapping[str, Any]:
    """Return the attributes of an instance, in its ``__dict__`` or in slots."""
    if isinstance(value, type) or callable(value):
        return {}
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
