"""Results that stay where they are: chunks summarised, and compared by their summaries."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import dask
import dask.array as da
import dask.bag as db
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.benchmarks.work.kept import (
    Kept,
    difference_of_kept,
    estimated_bytes,
    look,
    synchronously,
)
from daskbench.benchmarks.work.summaries import summarise
from daskbench.lane.schedulers.local import Synchronous
from tests.unit.builders import opening

COMPUTE = Synchronous(opening()).computing
ROWS = 5000


def kept(*collections: Any, rest: Any = None) -> Kept:
    return look([COMPUTE.keep(one)[0] for one in collections], rest, COMPUTE)


def compared(answer: Any, reference: Any, tolerance: float = 1e-9) -> str | None:
    return difference_of_kept(kept(answer), synchronously([reference], None), tolerance)


def array(change: Callable[[Any], Any] = lambda x: x, dtype: str = "f8") -> Any:
    made = np.random.default_rng(0).standard_normal((400, 300))
    return da.from_array(change((made * 100).astype(dtype)), chunks=(100, 100))


def put(at: Any, value: Any) -> Callable[[Any], Any]:
    def change(x: Any) -> Any:
        x = x.copy()
        x[at] = value
        return x

    return change


def swap(x: Any) -> Any:
    x = x.copy()
    x[0, 0], x[0, 1] = x[0, 1], x[0, 0]
    return x


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "?", "c16", "M8[s]", "S8"])
def test_equal_arrays(dtype: str) -> None:
    assert compared(array(dtype=dtype), array(dtype=dtype)) is None


@pytest.mark.parametrize(
    "change", [lambda x: x * (1 + 1e-12), lambda x: np.where(x == 0, -x, x), lambda x: x + 1e-18]
)
def test_rounding_errors_are_accepted(change: Callable[[Any], Any]) -> None:
    assert compared(array(change), array()) is None


def test_a_tolerance_of_zero_is_exact() -> None:
    assert compared(array(lambda x: x * (1 + 1e-12)), array(), 0) is not None


@pytest.mark.parametrize(
    "change", [put((3, 4), 1.0), put((399, 299), np.nan), lambda x: x * (1 + 1e-6), swap]
)
def test_changed_values_are_found(change: Callable[[Any], Any]) -> None:
    found = compared(array(change), array())
    assert found is not None
    assert "chunks" in found


@given(st.integers(0, 399), st.integers(0, 299), st.sampled_from(["f8", "f4", "i8", "c16"]))
def test_each_single_changed_value_is_found(row: int, column: int, dtype: str) -> None:
    changed = put((row, column), 12345)(np.asarray(array(dtype=dtype)))
    answer, reference = summarise(changed), summarise(np.asarray(array(dtype=dtype)))
    answers, references = Kept(None, [[answer]]), Kept(None, [[reference]])
    assert difference_of_kept(answers, references, 1e-9) is not None
    assert difference_of_kept(references, references, 1e-9) is None


def test_what_differs_is_told() -> None:
    assert compared(array(put((3, 4), 1.0)), array()) == (
        "1 of 12 chunks differs: 1 of 3 sums of groups differs, by up to 0.00043 relative"
    )
    assert compared(array(dtype="f4"), array()) == (
        "float32 of shape (100, 100) instead of float64 of shape (100, 100)"
    )
    assert compared(array()[:100], array()) == "3 chunks instead of 12"
    assert compared(array(put((3, 4), 1), "i8"), array(dtype="i8")) == (
        "1 of 12 chunks differs: another checksum of 10,000 values"
    )


# Frames


def frame(change: Callable[[Any], Any] = lambda x: x, partitions: int = 5) -> Any:
    random = np.random.default_rng(0)
    made = pd.DataFrame(
        {
            "key": random.integers(0, 500, ROWS),
            "name": random.choice(["a", "b, c", "d"], ROWS),
            "x": random.standard_normal(ROWS),
        }
    )
    return dd.from_pandas(change(made), npartitions=partitions, sort=False)


def cell(row: int, column: str, value: Any) -> Callable[[Any], Any]:
    def change(made: Any) -> Any:
        made.loc[row, column] = value
        return made

    return change


@pytest.mark.parametrize(
    "change",
    [
        lambda made: made,
        lambda made: made.sample(frac=1, random_state=1),
        lambda made: made.sample(frac=1, random_state=1).reset_index(drop=True),
        lambda made: made.assign(x=made.x * (1 + 1e-13)),
        lambda made: made.astype({"name": object}),
    ],
)
@pytest.mark.parametrize("partitions", [5, 3])
def test_frames_equal_whatever_their_order_and_partitions(
    change: Callable[[Any], Any], partitions: int
) -> None:
    assert compared(frame(change, partitions), frame()) is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (cell(7, "x", 3.0), "['x']: 1 of 1,024 sums of groups differs"),
        (cell(7, "key", 501), "another checksum of 5,000 values"),
        (cell(7, "name", "z"), "another checksum"),
        (cell(7, "x", np.nan), "NaN or infinities"),
        (lambda made: made[1:], "4,999 rows instead of 5,000"),
        (lambda made: made.rename(columns={"x": "y"}), "columns"),
        (lambda made: made.astype({"key": "int32"}), "dtype"),
        (lambda made: made.set_index("key"), "columns"),
    ],
)
def test_changed_frames_are_found(change: Callable[[Any], Any], told: str) -> None:
    found = compared(frame(change), frame())
    assert found is not None
    assert told in found


def test_an_index_with_a_name_is_compared() -> None:
    def named(change: Callable[[Any], Any] = lambda x: x) -> Any:
        return frame(lambda made: change(made).set_index("key"))

    assert compared(named(), named()) is None
    assert compared(named(cell(7, "key", 501)), named()) is not None


def test_series_are_compared() -> None:
    assert compared(frame().x, frame().x) is None
    assert compared(frame(cell(7, "x", 3.0)).x, frame().x) is not None


# Bags, delayed values, and several results


def bag(items: Sequence[Any], partitions: int = 3) -> Any:
    return db.from_sequence(items, npartitions=partitions)


def test_bags_equal_whatever_their_order_and_partitions() -> None:
    items = [("a", 1), ("b", 2.5), {"x": [1.0]}, {"x": [2.0]}, None]
    same = [("b", 2.5 + 1e-12), ("a", 1), None, {"x": [2.0]}, {"x": [1.0]}]
    assert compared(bag(same, 2), bag(items)) is None
    for wrong in ([*items[:-1], 0], items[:-1], [*items, None]):
        assert compared(bag(wrong), bag(items)) is not None


def test_delayed_values_are_in_order() -> None:
    one, other = dask.delayed([1, 2], pure=False), dask.delayed([2, 1], pure=False)
    assert compared(one, one) is None
    assert compared(one, other) is not None


def test_the_rest_and_each_result_are_compared() -> None:
    reference = synchronously([array(), frame()], {"n": 1.0})
    assert difference_of_kept(kept(array(), frame(), rest={"n": 1.0}), reference, 1e-9) is None
    wrong = kept(array(), frame(cell(7, "x", 3.0)), rest={"n": 1.0})
    found = difference_of_kept(wrong, reference, 1e-9)
    assert found is not None
    assert found.startswith("result 2 of 2: 1 of 1 chunks differs: ['x']")
    found = difference_of_kept(kept(array(), frame(), rest={"n": 2.0}), reference, 1e-9)
    assert found == "answer[0]['n']: 2.0 instead of 1.0"


def test_xarray_objects() -> None:
    xr = pytest.importorskip("xarray")

    def made(change: Callable[[Any], Any] = lambda x: x, last: int = 3) -> Any:
        data = xr.DataArray(array(change), dims=("t", "x"), coords={"x": np.arange(300) + last})
        return data.to_dataset(name="v").assign(w=("t", da.ones(400, chunks=50)))

    assert compared(made(), made()) is None
    assert compared(made().v, made().v) is None
    assert compared(made(put((1, 1), 9)), made()) is not None
    assert compared(made(put((1, 1), 9)).v, made().v) is not None
    assert compared(made(last=4), made()) is not None


# Sizes


def test_sizes_are_estimated_before() -> None:
    assert estimated_bytes([array()]) == 400 * 300 * 8
    assert estimated_bytes([dask.delayed(1), frame().x.sum(), frame(partitions=1)]) == 0
    frames = estimated_bytes([frame()])
    assert frames == pytest.approx(kept(frame()).nbytes, rel=0.05)
    assert estimated_bytes([bag(range(300))]) > 300
    unknown = array()[array()[:, 0] > 0]
    assert estimated_bytes([unknown]) == pytest.approx(400 * 300 * 4, rel=0.3)


def test_works_without_arrays_do_not_import_them() -> None:
    code = "import sys, daskbench.benchmarks.work.function; sys.exit('dask.array' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
