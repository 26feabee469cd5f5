"""Comparison of rows: in order, or in the order of their values.

A row's values are one in each of several columns of equal length.
"""

import sys
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from daskbench.benchmarks.work.comparing.base import FAILURES, Comparison, Difference, shown

Array = np.ndarray[Any, np.dtype[Any]]
_Pair = tuple[Array, Array]  # a column of the answer, and of the reference

#: Rows that are sorted by all columns of floats if need be, and how many columns otherwise.
_FEW_ROWS, _FEW_FLOATS = 100_000, 2
_PRIME = 0x100000001B3


class Column(NamedTuple):
    """A column, and where it is in the answer."""

    where: str
    values: Array


def in_order(
    ours: Sequence[Column], theirs: Sequence[Column], comparison: Comparison
) -> Difference | None:
    """Compare the columns of both, row by row."""
    for one, other in zip(ours, theirs, strict=True):
        if found := comparison.compare(one.values, other.values):
            return found.within(other.where)
    return None


def sorted_equal(
    ours: Sequence[Column], theirs: Sequence[Column], comparison: Comparison
) -> Difference | None:
    """Compare the rows of both in the order of their values; return the smallest difference."""
    found: Difference | None = None
    if not theirs:
        return None
    exact, floats = _keys(ours, theirs)
    hashes = _hashes(exact + floats)
    if np.array_equal(np.sort(hashes[0]), np.sort(hashes[1])):
        return None
    for first, second in _orders(hashes, exact, floats):
        again = in_order(
            [Column(column.where, column.values[first]) for column in ours],
            [Column(column.where, column.values[second]) for column in theirs],
            comparison,
        )
        if again is None:
            return None
        found = again if found is None or again.many < found.many else found
    return found and found._replace(what=f"{found.what} (rows sorted)")


def _keys(ours: Sequence[Column], theirs: Sequence[Column]) -> tuple[list[_Pair], list[_Pair]]:
    """Return what sorts both alike: the columns without and those with rounding errors."""
    exact: list[_Pair] = []
    floats: list[_Pair] = []
    for one, other in zip(ours, theirs, strict=True):
        pair = one.values, other.values
        kinds = {values.dtype.kind for values in pair}
        if kinds <= {"f", "c"}:
            floats.append(pair)
        else:
            exact.append(_codes(*pair) if "O" in kinds else pair)
    return exact, floats


def _orders(
    hashes: _Pair, exact: list[_Pair], floats: list[_Pair]
) -> Iterator[tuple[Array, Array]]:
    """Yield orders that sort both alike, the fastest first.

    The hash of a whole row is enough unless there are rounding errors. With these, exact columns
    decide first. Floats follow in single precision, so that rounding errors in one column do not
    decide between rows that differ in the next, and then in their own.
    """
    yield _order(hashes)
    most = len(floats) if len(hashes[1]) <= _FEW_ROWS else _FEW_FLOATS
    for count in dict.fromkeys((min(_FEW_FLOATS, most), most)):
        if chosen := floats[:count]:
            known = [_hashes(exact)] if exact else []
            yield _order(*known, *map(_rounded, chosen), *chosen)


def _order(*keys: _Pair) -> tuple[Array, Array]:
    """Return the orders of both by these keys, the first of which is the most significant."""
    first, second = ([key[side] for key in reversed(keys)] for side in (0, 1))
    return np.lexsort(first), np.lexsort(second)


def _hashes(columns: Sequence[_Pair]) -> _Pair:
    """Return a hash of each row of both."""
    pandas: Any = sys.modules["pandas"]
    totals = []
    for side in (0, 1):
        total = np.zeros(len(columns[0][side]), np.uint64)
        for column in columns:
            total = total * np.uint64(_PRIME) + pandas.util.hash_array(column[side])
        totals.append(total)
    return totals[0], totals[1]


def _rounded(pair: _Pair) -> _Pair:
    """Return both in single precision."""
    with np.errstate(all="ignore"):
        kind = np.complex64 if pair[0].dtype.kind == "c" else np.float32
        return pair[0].astype(kind), pair[1].astype(kind)


def _codes(one: Array, other: Array) -> tuple[Array, Array]:
    """Return a number for each object, the same for equal ones."""
    pandas: Any = sys.modules["pandas"]
    both = np.concatenate([one, other])
    if not {*map(type, both)} <= {str, type(None)}:  # equal values of other types have one hash
        both = _typed(both)
    try:
        codes, _ = pandas.factorize(both)
    except FAILURES:  # objects that cannot be hashed
        codes, _ = pandas.factorize(np.array([shown(value) for value in both], dtype=object))
    return codes[: len(one)], codes[len(one) :]


def _typed(values: Array) -> Array:
    """Return each object with its type, but for integers and floats, which may be equal."""
    found = np.empty(len(values), object)
    for at, value in enumerate(values):
        kind = type(value)
        found[at] = (float if kind is int else kind, value)
    return found
