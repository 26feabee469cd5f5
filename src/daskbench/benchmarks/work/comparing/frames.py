"""Comparison of pandas objects: by schema, and by values whatever the order of the rows.

Dask promises an order of rows for few operations, and none after a shuffle. So rows are compared
in order first, and if they differ, sorted by all columns and the index.
"""

import sys
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from daskbench.benchmarks.work.comparing.base import (
    FAILURES,
    Comparison,
    Difference,
    kind_of,
    shown,
)
from daskbench.units import counted

Array = np.ndarray[Any, np.dtype[Any]]
_Pair = tuple[Array, Array]  # a column of the answer, and of the reference

#: Rows that are sorted by all columns of floats if need be, and how many columns otherwise.
_FEW_ROWS, _FEW_FLOATS = 100_000, 2
_PRIME = 0x100000001B3


class _Column(NamedTuple):
    where: str
    values: Array


def is_frame(value: object) -> bool:
    """Whether a value is a DataFrame, a Series or an Index of pandas."""
    pandas: Any = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, (pandas.DataFrame, pandas.Series, pandas.Index))


def is_extension_array(value: object) -> bool:
    """Whether a value is an array of pandas' own, such as a Categorical."""
    pandas: Any = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.api.extensions.ExtensionArray)


def extension_arrays(answer: Any, reference: Any, comparison: Comparison) -> Difference | None:
    """Compare two arrays of pandas, in order."""
    pandas: Any = sys.modules["pandas"]
    one, other = pandas.Series(answer), pandas.Series(reference)
    return _schema(one, other, comparison) or _in_order(_columns(one), _columns(other), comparison)


def compare(answer: Any, reference: Any, comparison: Comparison) -> Difference | None:
    """Compare two frames, series or indexes."""
    if found := _schema(answer, reference, comparison):
        return found
    ours, theirs = _columns(answer), _columns(reference)
    our_index, their_index = _levels(answer), _levels(reference)
    if _numbers_rows(our_index, reference) and _numbers_rows(their_index, reference):
        our_index, their_index = [], []
    found = _in_order([*our_index, *ours], [*their_index, *theirs], comparison)
    if found is None or len(reference) < 2:
        return found
    again = _sorted_equal([*our_index, *ours], [*their_index, *theirs], comparison)
    if again and _is_of_integers(reference):
        again = _sorted_equal(ours, theirs, comparison) or _sorted_equal(
            our_index, their_index, comparison
        )
    return again and min(again, found, key=lambda one: one.many)


def _schema(answer: Any, reference: Any, comparison: Comparison) -> Difference | None:
    """Compare types, names of columns and index, numbers of rows, and dtypes."""
    if not _same_type(answer, reference):
        return Difference(f"{kind_of(answer)} instead of {kind_of(reference)}")
    ours, theirs = _names(answer), _names(reference)
    for what in theirs:
        if comparison.compare(ours[what], theirs[what]):
            return Difference(f"{what} {shown(ours[what])} instead of {shown(theirs[what])}")
    for (where, one), (_, other) in zip(_series(answer), _series(reference), strict=True):
        if not _alike(one.dtype, other.dtype):
            return Difference(f"dtype {one.dtype} instead of {other.dtype}", where)
    if len(answer) != len(reference):
        return Difference(f"{counted(len(answer), 'row')} instead of {len(reference):,}")
    return None


def _same_type(answer: Any, reference: Any) -> bool:
    """Whether the types are equal; indexes are alike, as a RangeIndex equals others."""
    pandas: Any = sys.modules["pandas"]
    if isinstance(reference, pandas.Index):
        return isinstance(answer, pandas.Index)
    return type(answer) is type(reference)


def _names(frame: Any) -> dict[str, Any]:
    """Return the names of columns and of levels of the index, by what they are."""
    pandas: Any = sys.modules["pandas"]
    if isinstance(frame, pandas.Index):
        return {"names": list(frame.names)}
    if isinstance(frame, pandas.Series):
        return {"name": frame.name, "index names": list(frame.index.names)}
    return {"columns": list(frame.columns), "index names": list(frame.index.names)}


def _alike(one: Any, other: Any) -> bool:
    """Whether two dtypes hold the same values, however strings are stored."""
    if one == other:
        return True
    kinds = {_kind(one), _kind(other)}
    if kinds == {"category"}:
        same: bool = one.ordered == other.ordered
        return same and not (one.ordered and list(one.categories) != list(other.categories))
    return kinds <= {"string", "object"} and "string" in kinds


def _kind(dtype: Any) -> str:
    text = str(dtype)
    stored = text.startswith(("string[", "large_string[")) or text in ("string", "str")
    return "string" if stored else text


def _series(frame: Any) -> Iterator[tuple[str, Any]]:
    """Yield the columns of a frame, each with its place; an index has a column for each level."""
    pandas: Any = sys.modules["pandas"]
    if isinstance(frame, pandas.DataFrame):
        for at, name in enumerate(frame.columns):
            yield f"[{shown(name)}]", frame.iloc[:, at]
    elif isinstance(frame, pandas.Series):
        yield "", frame
    else:
        for at in range(frame.nlevels):
            where = f".get_level_values({at})" if frame.nlevels > 1 else ""
            yield where, frame.get_level_values(at).to_series()


def _columns(frame: Any) -> list[_Column]:
    return [part for where, series in _series(frame) for part in _as_arrays(where, series)]


def _levels(frame: Any) -> list[_Column]:
    """Return the levels of a frame's index; an index has none."""
    index = getattr(frame, "index", None)
    if index is None:
        return []
    return [column._replace(where=f".index{column.where}") for column in _columns(index)]


def _as_arrays(where: str, series: Any) -> Iterator[_Column]:
    """Yield a column as NumPy arrays, with None where a value is missing among objects."""
    dtype = series.dtype
    if getattr(dtype, "tz", None) is not None:
        series = series.dt.tz_convert(None)
        dtype = series.dtype
    if isinstance(dtype, np.dtype) and dtype.kind != "O":
        yield _Column(where, series.to_numpy())
        return
    missing = series.isna().to_numpy(dtype=bool)
    numeric = getattr(dtype, "numpy_dtype", None)
    if numeric is not None and numeric.kind in "biuf":
        yield _Column(f"{where}.isna()", missing)
        yield _Column(where, series.to_numpy(dtype=numeric, na_value=numeric.type(0)))
        return
    values = np.array(series.astype(object).to_numpy())
    values[missing] = None
    yield _Column(where, values)


def _numbers_rows(levels: Sequence[_Column], frame: Any) -> bool:
    """Whether an index only numbers the rows, of the frame or of each of its partitions."""
    if len(levels) != 1 or not _is_of_integers(frame):
        return False
    values = levels[0].values
    if values.dtype.kind not in "iu" or not len(values):
        return False
    return bool(values[0] == 0 and np.all((values[1:] == values[:-1] + 1) | (values[1:] == 0)))


def _is_of_integers(frame: Any) -> bool:
    """Whether a frame has an index of integers without a name."""
    index = getattr(frame, "index", None)
    return index is not None and list(index.names) == [None] and index.dtype.kind in "iu"


def _in_order(
    ours: Sequence[_Column], theirs: Sequence[_Column], comparison: Comparison
) -> Difference | None:
    for one, other in zip(ours, theirs, strict=True):
        if found := comparison.compare(one.values, other.values):
            return found.within(other.where)
    return None


def _sorted_equal(
    ours: Sequence[_Column], theirs: Sequence[_Column], comparison: Comparison
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
        again = _in_order(
            [_Column(column.where, column.values[first]) for column in ours],
            [_Column(column.where, column.values[second]) for column in theirs],
            comparison,
        )
        if again is None:
            return None
        found = again if found is None or again.many < found.many else found
    return found and found._replace(what=f"{found.what} (rows sorted)")


def _keys(ours: Sequence[_Column], theirs: Sequence[_Column]) -> tuple[list[_Pair], list[_Pair]]:
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
    try:
        codes, _ = pandas.factorize(both)
    except FAILURES:  # objects that cannot be hashed
        codes, _ = pandas.factorize(np.array([shown(value) for value in both], dtype=object))
    return codes[: len(one)], codes[len(one) :]
