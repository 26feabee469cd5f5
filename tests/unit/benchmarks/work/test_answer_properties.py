"""Properties of the comparison, over values made up by hypothesis."""

import copy
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from daskbench.benchmarks.work.answers import AnyOrder, difference

SLOW = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
DTYPES = st.sampled_from(
    [
        "f8",
        "f4",
        "f2",
        "c16",
        "c8",
        "i8",
        "u1",
        "i2",
        "?",
        "U3",
        "S2",
        "M8[s]",
        "m8[ms]",
        ">f8",
        "O",
    ]
)
OBJECTS = st.one_of(st.none(), st.integers(-5, 5), st.text(max_size=3), st.floats(width=16))


@st.composite
def made_arrays(draw: st.DrawFn) -> Any:
    dtype = np.dtype(draw(DTYPES))
    shape = draw(arrays.array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=4))
    elements = OBJECTS if dtype.kind == "O" else None
    return draw(arrays.arrays(dtype, shape, elements=elements))


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.decimals(),
    st.datetimes(),
    st.fractions(),
    made_arrays(),
)
VALUES = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        st.lists(parts, max_size=3),
        st.tuples(parts, parts),
        st.dictionaries(st.text(max_size=3) | st.integers(), parts, max_size=3),
        st.frozensets(st.integers() | st.text(max_size=3), max_size=3),
    ),
    max_leaves=8,
)


def _changed(leaf: Any) -> Any:
    """Another value of the same type, by more than any tolerance."""
    match leaf:
        case None:
            return 0
        case bool():
            return not leaf
        case datetime():
            return leaf + timedelta(days=1 if leaf.year < 9000 else -1)
        case str():
            return leaf + "x"
        case bytes():
            return leaf + b"x"
        case frozenset():
            return leaf | {object}
        case Decimal():
            return leaf * 2 + 1 if leaf.is_finite() else Decimal(0)
        case np.ndarray():
            return _changed_array(leaf)
        case float() | complex():
            return leaf / 2 + 1 if np.isfinite(leaf) and np.abs(leaf - 2) > 0.1 else type(leaf)(5)
    return leaf * 2 + 1 if leaf != -1 else 7


def _changed_array(array: Any) -> Any:
    made = array.copy()
    kind, at = array.dtype.kind, (0,) * array.ndim
    if kind in "fc":
        finite = np.where(np.isfinite(array), array, 0)
        with np.errstate(over="ignore"):
            new = -3 - 2 * np.abs(finite).max()
        made[at] = new if np.isfinite(new) and np.isfinite(array[at]) else np.nan
        made[at] = 0 if np.isnan(array[at]) else made[at]
    elif kind == "O":
        made[at] = object
    elif kind in "US":
        made[at] = "~" if made[at] != np.array("~", array.dtype) else "!"
    elif kind in "mM":
        made[at] = np.array(1 if array.view("i8")[at] != 1 else 2, "i8").view(array.dtype)
    else:
        made[at] = ~array[at]
    return made


def _spots(value: Any, put: Callable[[Any], None]) -> Iterator[tuple[Any, Callable[[Any], None]]]:
    """Yield every leaf with a function that replaces it."""
    if isinstance(value, list | dict):
        for key in range(len(value)) if isinstance(value, list) else [*value]:
            yield from _spots(value[key], partial(value.__setitem__, key))
    elif isinstance(value, tuple):
        for at in range(len(value)):
            yield from _spots(value[at], partial(_put_in_tuple, value, at, put))
    else:
        yield value, put


def _put_in_tuple(whole: tuple[Any, ...], at: int, put: Callable[[Any], None], new: Any) -> None:
    put((*whole[:at], new, *whole[at + 1 :]))


@SLOW
@given(VALUES)
def test_a_value_equals_its_copy(value: Any) -> None:
    assert difference(copy.deepcopy(value), value) is None
    assert difference(copy.deepcopy(value), value, 0) is None


@SLOW
@given(VALUES, st.data())
def test_every_single_changed_value_is_found(value: Any, data: st.DataObject) -> None:
    holder = [copy.deepcopy(value)]
    spots = [*_spots(holder, lambda _: None)]
    assume(spots)
    leaf, put = data.draw(st.sampled_from(spots))
    put(_changed(leaf))
    found = difference(holder, [value])
    assert found is not None
    assert "\n" not in found
    assert difference([value], holder) is not None


@SLOW
@given(VALUES, VALUES)
def test_what_is_found_does_not_depend_on_which_is_the_reference(one: Any, other: Any) -> None:
    assert (difference(one, other) is None) == (difference(other, one) is None)


@given(st.floats(1e-100, 1e100), st.sampled_from([1e-3, 1e-6, 1e-9]), st.sampled_from([-1, 1]))
def test_the_tolerance_is_respected(value: float, tolerance: float, sign: int) -> None:
    near, far = value * (1 + sign * tolerance / 2), value * (1 + sign * tolerance * 2)
    for wrap in (lambda x: x, lambda x: [x], lambda x: np.array([x]), lambda x: pd.Series([x])):
        assert difference(wrap(near), wrap(value), tolerance) is None
        assert difference(wrap(far), wrap(value), tolerance) is not None


# Frames

_COLUMNS = {
    "i": st.integers(-3, 3),
    "f": st.floats(-1e6, 1e6) | st.just(float("nan")),
    "s": st.sampled_from(["a", "b", "c", None]),
    "t": st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)),
    "o": st.sampled_from([None, "x", 1, (1, 2)]),
}


@st.composite
def made_frames(draw: st.DrawFn) -> pd.DataFrame:
    rows = draw(st.integers(1, 12))
    chosen = draw(st.lists(st.sampled_from([*_COLUMNS]), min_size=1, unique=True))
    data = {name: draw(st.lists(_COLUMNS[name], min_size=rows, max_size=rows)) for name in chosen}
    index = draw(
        st.none()
        | st.lists(st.integers(0, 3), min_size=rows, max_size=rows)
        | st.lists(st.sampled_from("abc"), min_size=rows, max_size=rows)
    )
    made = pd.DataFrame(data, index=index)
    if "o" in made:
        made["o"] = made["o"].astype(object)
    if "s" in made:
        kind: Any = draw(st.sampled_from(["str", "object", "string[pyarrow]", "category"]))
        made["s"] = made["s"].astype(kind)
    return made


@SLOW
@given(made_frames(), st.randoms(use_true_random=False))
def test_a_frame_equals_its_rows_in_any_order(frame: pd.DataFrame, random: Any) -> None:
    order = random.sample(range(len(frame)), len(frame))
    permuted = frame.iloc[order]
    assert difference(permuted, frame) is None
    assert difference(permuted.reset_index(drop=True), frame.reset_index(drop=True)) is None
    for name in frame:
        assert difference(permuted[name], frame[name]) is None


@SLOW
@given(made_frames(), st.data())
def test_a_changed_cell_is_found_in_any_order(frame: pd.DataFrame, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, len(frame) - 1))
    name = data.draw(st.sampled_from([*frame.columns]))
    order = data.draw(st.permutations(range(len(frame))))
    cells = frame[name].tolist()
    new = {"i": 99, "f": 3e6, "s": "zz", "t": datetime(1999, 1, 1), "o": (9,)}[name]
    cells[row] = new
    changed = frame.copy()
    dtype = object if name in "so" else frame[name].dtype
    changed[name] = pd.Series(cells, index=frame.index, dtype=dtype)
    assert difference(changed, frame) is not None
    assert difference(changed.iloc[order], frame) is not None
    assert difference(frame, changed.iloc[order]) is not None


@given(st.lists(st.integers() | st.text(max_size=2) | st.floats(), max_size=8), st.data())
def test_a_bag_equals_its_items_in_any_order(items: list[Any], data: st.DataObject) -> None:
    order = data.draw(st.permutations(items))
    assert difference(AnyOrder(order), AnyOrder(items)) is None
    assert difference(AnyOrder([*order, "more"]), AnyOrder(items)) is not None
    assert difference(AnyOrder([*order[1:], object]), AnyOrder([*items[1:], "more"])) is not None
