"""Comparison of pandas objects: by schema, and by values whatever the order of the rows.

Dask promises an order of rows for few operations, and none after a shuffle. So rows are compared
in order first, and if they differ, sorted by all columns and the index.
"""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from daskbench.benchmarks.work.comparing.base import Comparison, Difference, kind_of, shown
from daskbench.benchmarks.work.comparing.rows import Column, in_order, sorted_equal
from daskbench.units import counted

Array = np.ndarray[Any, np.dtype[Any]]

#: Of rows that are equal, in an index without a name; where labels repeat, they identify no row.
_OTHER_LABELS = Difference("rows have other labels (reset_index, if these mean nothing)", ".index")


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
    return _schema(one, other, comparison) or in_order(_columns(one), _columns(other), comparison)


def compare(answer: Any, reference: Any, comparison: Comparison) -> Difference | None:
    """Compare two frames, series or indexes."""
    if found := _schema(answer, reference, comparison):
        return found
    ours, theirs = _columns(answer), _columns(reference)
    our_index, their_index = _labels(answer, reference)
    found = in_order([*our_index, *ours], [*their_index, *theirs], comparison)
    if found is None or len(reference) < 2:
        return found
    again = sorted_equal([*our_index, *ours], [*their_index, *theirs], comparison)
    only_labels = again and their_index and _is_of_integers(reference)
    if only_labels and not sorted_equal(ours, theirs, comparison):
        return _OTHER_LABELS if reference.index.is_unique else None
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
            return Difference(_other_dtype(one.dtype, other.dtype), where)
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
        ours, theirs = one.categories, other.categories
        same: bool = one.ordered == other.ordered and _alike(ours.dtype, theirs.dtype)
        equal = list(ours) == list(theirs) if one.ordered else {*ours} == {*theirs}
        return same and equal
    return kinds <= {"string", "object"} and "string" in kinds


def _other_dtype(one: Any, other: Any) -> str:
    if str(one) != str(other):
        return f"dtype {one} instead of {other}"
    ours, theirs = ([*dtype.categories, *["ordered"] * dtype.ordered] for dtype in (one, other))
    for missing, whose in ((theirs, "lack"), (ours, "have")):
        only = [value for value in missing if value not in (ours if whose == "lack" else theirs)]
        if only:
            return f"categories {whose} {shown(only[0])}"
    return f"categories {shown(ours)} instead of {shown(theirs)}, in this order"


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


def _columns(frame: Any) -> list[Column]:
    return [part for where, series in _series(frame) for part in _as_arrays(where, series)]


def _labels(answer: Any, reference: Any) -> tuple[list[Column], list[Column]]:
    """Return the levels of both indexes; none if both only number the rows."""
    if _is_range(answer) and _is_range(reference):
        return [], []
    both = _levels(answer), _levels(reference)
    numbers = all(_numbers_rows(levels, reference) for levels in both)
    return ([], []) if numbers else both


def _is_range(frame: Any) -> bool:
    """Whether an index numbers all rows, without being in memory."""
    pandas: Any = sys.modules["pandas"]
    index = getattr(frame, "index", None)
    if not isinstance(index, pandas.RangeIndex):
        return False
    return (index.name, index.start, index.step) == (None, 0, 1)


def _levels(frame: Any) -> list[Column]:
    """Return the levels of a frame's index; an index has none."""
    index = getattr(frame, "index", None)
    if index is None:
        return []
    return [column._replace(where=f".index{column.where}") for column in _columns(index)]


def _as_arrays(where: str, series: Any) -> Iterator[Column]:
    """Yield a column as NumPy arrays, with None where a value is missing among objects."""
    dtype = series.dtype
    if getattr(dtype, "tz", None) is not None:
        series = series.dt.tz_convert(None)
        dtype = series.dtype
    if isinstance(dtype, np.dtype) and dtype.kind != "O":
        yield Column(where, series.to_numpy())
        return
    missing = series.isna().to_numpy(dtype=bool)
    numeric = getattr(dtype, "numpy_dtype", None)
    if numeric is not None and numeric.kind in "biuf":
        yield Column(f"{where}.isna()", missing)
        yield Column(where, series.to_numpy(dtype=numeric, na_value=numeric.type(0)))
        return
    values = np.array(series.astype(object).to_numpy())
    values[missing] = None
    yield Column(where, values)


def _numbers_rows(levels: Sequence[Column], frame: Any) -> bool:
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
