"""Answers of pandas, NumPy and xarray: every single wrong is found, and what is right passes."""

import copy
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas import Categorical, Index, Series

from daskbench.benchmarks.work.answers import AnyOrder, difference

pa: Any = import_module("pyarrow")  # which has no types
FRAME = pd.DataFrame({"a": [1, 2, 3, 4], "x": [0.5, 1.5, 2.5, np.nan], "s": [*"abca"]})
TIMES = pd.date_range("2020-01-01", periods=3, tz="UTC")
STRINGS = ("string[pyarrow]", "string[python]", "str", "object", pd.ArrowDtype(pa.string()))
masked: Any = np.ma.masked_array
RECORDS = np.zeros(3, [("a", "f8"), ("b", "U3"), ("c", "i4", (2,))])
MASKED = masked([1.0, 2, 3], [0, 1, 0])


def of(values: Any, dtype: Any = None) -> pd.DataFrame:
    return pd.DataFrame({"v": Series(values, dtype=dtype)})


def arrow(values: Any, dtype: Any) -> pd.DataFrame:
    return of(values, pd.ArrowDtype(dtype))


def category(values: str, categories: Any, ordered: bool = False) -> pd.DataFrame:
    return of(Categorical([*values], [*categories], ordered=ordered))


def labelled(*labels: Any, name: str | None = None) -> pd.DataFrame:
    return FRAME.set_axis(Index(labels, name=name), axis=0)


def changed(whole: Any, change: Callable[[Any], Any]) -> Any:
    made = copy.deepcopy(whole)
    change(made)
    return made


WRONG: dict[str, tuple[Any, Any]] = {
    "NaN for a number": (FRAME.assign(x=[np.nan, 1.5, 2.5, np.nan]), FRAME),
    "a number for NaN": (FRAME.fillna({"x": 0.0}), FRAME),
    "int32": (FRAME.astype({"a": "int32"}), FRAME),
    "int for float": (FRAME.assign(a=FRAME.a.astype(float)), FRAME),
    "Int64": (FRAME.astype({"a": "Int64"}), FRAME),
    "a row missing": (FRAME[:3], FRAME),
    "a row twice, another missing": (FRAME.iloc[[0, 1, 2, 2]].reset_index(drop=True), FRAME),
    "order of columns": (FRAME[["x", "a", "s"]], FRAME),
    "a column renamed": (FRAME.rename(columns={"a": "b"}), FRAME),
    "columns changed places": (of([1, 2]).assign(w=[3, 4]), of([3, 4]).assign(w=[1, 2])),
    "one of two columns of a name": (
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pd.DataFrame([[1, 3]], columns=["a", "a"]),
    ),
    "the type of an empty frame": (FRAME[:0], FRAME[:0].astype({"a": float})),
    "labels": (labelled(*"wxyz"), labelled(*"wxyq")),
    "the name of the index": (FRAME.rename_axis("i"), FRAME),
    "named numbers": (labelled(1, 2, 3, 9, name="i"), labelled(1, 2, 3, 4, name="i")),
    "numbers without a name": (labelled(1, 2, 3, 9), labelled(1, 2, 3, 4)),
    "named numbers changed places": (
        labelled(2, 1, 3, 4, name="i"),
        labelled(1, 2, 3, 4, name="i"),
    ),
    "numbers changed places": (labelled(20, 10, 30, 40), labelled(10, 20, 30, 40)),
    "counts of values": (Series([30, 5, 7], [2, 0, 1]), Series([30, 7, 5], [2, 0, 1])),
    "a level of an index": (
        FRAME.set_index(["a", "s"]).rename(index={1: 9}),
        FRAME.set_index(["a", "s"]),
    ),
    "levels changed places": (FRAME.set_index(["s", "a"]), FRAME.set_index(["a", "s"])),
    "a series": (FRAME.a, FRAME[["a"]]),
    "a category": (category("ab", "ab"), category("aa", "ab")),
    "other categories": (category("ab", "abc"), category("ab", "abd")),
    "more categories": (category("ab", "abc"), category("ab", "ab")),
    "ordered categories": (category("ab", "ab", True), category("ab", "ab")),
    "the order of categories": (category("ab", "ba", True), category("ab", "ab", True)),
    "numbers as categories": (of(Categorical([1, 2])), of(Categorical([1.0, 2.0]))),
    "shifted times": (of(TIMES + pd.Timedelta("1h")), of(TIMES)),
    "another time zone": (of(TIMES.tz_convert("Europe/Berlin")), of(TIMES)),
    "no time zone": (of(TIMES.tz_convert(None)), of(TIMES)),
    "the unit of times": (of(TIMES.as_unit("s")), of(TIMES)),
    "times as labels": (Series([1, 2, 3], TIMES + pd.Timedelta(1)), Series([1, 2, 3], TIMES)),
    "NaT": (of([TIMES[0], pd.NaT, TIMES[2]]), of(TIMES)),
    "the zone of one time": (TIMES[0].tz_convert("Europe/Berlin"), TIMES[0]),
    "Decimal": (of([Decimal("1.1"), Decimal(2)]), of([Decimal("1.1"), Decimal("2.1")])),
    "floats for Decimals": (of([1.5, 2.0], object), of([Decimal("1.5"), Decimal(2)])),
    "booleans for ones": (of([True, 2], object), of([1, 2], object)),
    "a missing integer": (of([1, None], "Int64"), of([1, 0], "Int64")),
    "a missing boolean": (of([True, None], "boolean"), of([True, False], "boolean")),
    "a large integer": (of([2**62 + 1, None], "Int64"), of([2**62, None], "Int64")),
    "periods": (of(pd.period_range("2020", periods=2)), of(pd.period_range("2021", periods=2))),
    "intervals": (of(pd.interval_range(0, 2)), of(pd.interval_range(1, 3))),
    "sides of intervals": (of(pd.interval_range(0, 2, closed="left")), of(pd.interval_range(0, 2))),
    "sparse": (of([0, 0, 1], "Sparse[int]"), of([0, 0, 2], "Sparse[int]")),
    "dense": (of([0, 0, 1]), of([0, 0, 1], "Sparse[int]")),
    "an integer of Arrow": (arrow([1, None], pa.int64()), arrow([1, 2], pa.int64())),
    "a decimal of Arrow": (
        arrow([Decimal("1.10")], pa.decimal128(9, 2)),
        arrow([Decimal("1.11")], pa.decimal128(9, 2)),
    ),
    "a list of Arrow": (arrow([[1, 2]], pa.list_(pa.int8())), arrow([[1, 3]], pa.list_(pa.int8()))),
    "a float of Arrow": (arrow([1.0, 2.0], pa.float64()), arrow([1.0, 2.001], pa.float64())),
    "a time of Arrow": (
        arrow([datetime(2020, 1, 1)], pa.timestamp("us")),
        arrow([datetime(2020, 1, 2)], pa.timestamp("us")),
    ),
    "an array in a dict": ({"a": [{"b": np.arange(3.0)}]}, {"a": [{"b": np.arange(3.0) + 1e-3}]}),
    "a list in place of an array": ({"a": [1, 2]}, {"a": np.array([1, 2])}),
    "objects": (np.array([1, "a", None], object), np.array([1, "a", np.nan], object)),
    "booleans as objects": (np.array([1, 0], object), np.array([True, False], object)),
    "arrays as objects": (
        np.array([np.arange(3), np.arange(2)], object),
        np.array([np.arange(3), np.arange(1, 3)], object),
    ),
    "a part of a record": (changed(RECORDS, lambda it: it["c"].fill(7)), RECORDS),
    "fields of records": (RECORDS.astype([("z", "f8"), *RECORDS.dtype.descr[1:]]), RECORDS),
    "a masked array": (masked([1.0, 2, 4], [0, 1, 0]), MASKED),
    "a mask": (masked([1.0, 2, 3], [0, 0, 0]), MASKED),
    "no mask": (MASKED.filled(0), MASKED),
    "a masked field": (
        masked(np.ones(2, "i4,f8"), [(0, 1), (0, 0)]),
        masked(np.ones(2, "i4,f8"), [(0, 0), (0, 0)]),
    ),
    "what is generated": ([np.full(2, i) for i in (1, 2)], (np.full(2, i) for i in (1, 3))),
    "a frame of a bag": (AnyOrder([FRAME, FRAME[:2]]), AnyOrder([FRAME[:3], FRAME])),
}
RIGHT: dict[str, tuple[Any, Any]] = {
    "rows in another order": (FRAME.iloc[[2, 0, 3, 1]].reset_index(drop=True), FRAME),
    "rows numbered by partition": (labelled(0, 1, 0, 1), FRAME),
    "numbers that repeat": (labelled(5, 8, 5, 1), labelled(8, 5, 1, 5)),
    "rows with labels in another order": (
        FRAME.set_index(["a", "s"])[::-1],
        FRAME.set_index(["a", "s"]),
    ),
    "rounding errors in another order": (FRAME.assign(x=FRAME.x * (1 + 1e-14))[::-1], FRAME),
    "another order of categories": (category("ab", "ba"), category("ab", "ab")),
    "Decimals in another order": (
        of([Decimal(2), Decimal("1.1")]),
        of([Decimal("1.1"), Decimal(2)]),
    ),
    "intervals in another order": (of(pd.interval_range(0, 2)[::-1]), of(pd.interval_range(0, 2))),
    "lists in another order": (
        arrow([[1, 2], [3]], pa.list_(pa.int8())),
        arrow([[3], [1, 2]], pa.list_(pa.int8())),
    ),
    "floats of Arrow": (arrow([1.0], pa.float64()), arrow([1 + 1e-13], pa.float64())),
    "masked values": (masked([1.0, 99, 3], [0, 1, 0]), MASKED),
    "a record": (RECORDS[1].copy(), RECORDS[1]),
    "frames of a bag": (AnyOrder([FRAME, FRAME[:2]]), AnyOrder([FRAME[:2], FRAME])),
    "arrays of a bag": (AnyOrder([np.zeros(2), np.ones(3)]), AnyOrder([np.ones(3), np.zeros(2)])),
}


@pytest.mark.parametrize("what", WRONG)
def test_every_wrong_is_found(what: str) -> None:
    answer, reference = WRONG[what]
    found = difference(answer, reference)
    assert found is not None
    assert "cannot be compared" not in found
    assert len(found) < 250
    assert difference(reference, answer) is not None


@pytest.mark.parametrize("what", RIGHT)
def test_what_is_right_passes(what: str) -> None:
    answer, reference = RIGHT[what]
    assert difference(answer, reference) is None
    assert difference(reference, answer) is None


@pytest.mark.parametrize("one", STRINGS, ids=str)
@pytest.mark.parametrize("other", STRINGS, ids=str)
def test_strings_are_equal_however_they_are_stored(one: Any, other: Any) -> None:
    reference = of(["b", "a", None], other)
    assert difference(of([None, "b", "a"], one), reference) is None
    for wrong in ("", "nan", "None", "c"):
        assert difference(of([wrong, "b", "a"], one), reference) is not None


def test_cached_attributes_are_no_part_of_an_object() -> None:
    seen = pd.Timedelta("1h")
    assert seen.days == 0  # which is cached in its __dict__
    assert (
        difference([seen, (1,)], [pd.Timedelta("1h"), [1]])
        == "answer[1]: a tuple instead of a list"
    )
    for unit in ("1h", "2h"):
        told = difference(pd.Timedelta(unit), seen)
        assert (told is None) == (unit == "1h")


def test_xarray() -> None:
    xr = pytest.importorskip("xarray")
    x = xr.DataArray(
        np.arange(6.0).reshape(2, 3),
        dims=("t", "s"),
        coords={"t": [10, 20], "k": ("s", [*"abc"])},
        attrs={"units": "K"},
        name="x",
    )
    wrong = [
        x.assign_attrs(units="C"),
        x.drop_attrs(),
        x.assign_coords(t=[10, 30]),
        x.drop_vars("k"),
        x.assign_coords(k=("s", [*"abd"])),
        changed(x, lambda it: it.coords["t"].attrs.update(u=1)),
        x.rename("y"),
        x.transpose(),
        x.rename(s="q"),
        x.astype("f4"),
        x.where(x > 0),
        x.to_dataset(),
    ]
    assert [difference(one, x) is not None for one in wrong] == [True] * len(wrong)
    data = x.to_dataset()
    for one in (data.assign_attrs(a=1), data.assign(y=1), x.to_dataset(name="y")):
        assert difference(one, data) is not None
    assert difference(changed(x, lambda it: it.data.__imul__(1 + 1e-13)), x) is None
