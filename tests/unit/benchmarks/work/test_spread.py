"""What cancels out is right if it is a rounding error of what it was computed from."""

from collections.abc import Callable
from typing import Any

import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest

from daskbench.benchmarks.work.answers import difference
from daskbench.benchmarks.work.base import WorkOptions
from daskbench.benchmarks.work.proof import Proof
from daskbench.benchmarks.work.spread import spread_of
from daskbench.benchmarks.work.structure import take_apart

N = 20_000


def values() -> Any:
    return np.random.default_rng(0).standard_normal(N)


def spread(built: Any) -> float:
    return spread_of(lambda: take_apart(built))


def test_the_spread_grows_with_magnitude_and_number() -> None:
    x = da.from_array(values(), chunks=N // 10)
    small = spread((x - x.mean()).sum())
    assert 1 * N**0.5 < small < 10 * N**0.5
    assert spread((x * 1000 - x.mean() * 1000).sum()) > 100 * small
    frame = dd.from_pandas(pd.DataFrame({"x": values(), "s": "a"}), npartitions=3)
    assert spread(frame.x - frame.x.mean()) > N**0.5


def test_there_may_be_nothing_to_look_at() -> None:
    assert spread([]) == 0.0
    assert spread(da.arange(10, chunks=5).sum()) == 0.0
    assert spread(dask.delayed(lambda: 1 / 0)()) == 0.0
    assert spread(dask.delayed(lambda: [np.nan, np.inf])()) == 0.0


def test_a_few_fill_values_do_not_count() -> None:
    filled = values()
    filled[::10] = 9.96921e36
    assert spread(da.from_array(filled, chunks=N // 10)) < 10 * N**0.5


def _sums() -> Any:
    x = da.from_array(values(), chunks=N // 10)
    rest = x - x.mean()
    return {"sum": rest.sum(), "mean": rest.mean(), "both": da.stack([rest.sum(), -rest.sum()])}


def _sums_of_numpy() -> Any:
    x = values()
    rest = x - x.mean()
    return {
        "sum": rest.sum(),
        "mean": float(rest.mean()),
        "both": np.array([rest.sum(), -rest.sum()]),
    }


@pytest.mark.parametrize("plain", [_sums_of_numpy, None])
def test_sums_that_cancel_out_are_right_in_any_order(plain: Callable[[], Any] | None) -> None:
    own = Proof("f", WorkOptions(), lambda: take_apart(_sums()), plain)
    right = _sums_of_numpy()
    [answer] = dask.compute(_sums(), scheduler="synchronous")
    assert difference(answer, right) is not None, "relative to itself it is nothing but error"
    assert own.account(answer).wrong is None
    assert own.account(right).wrong is None
    for wrong in ({"sum": 1e-9}, {"mean": 1e-9}, {"both": right["both"] + [0, 1e-9]}):
        assert own.account(right | wrong).wrong is not None
    exact = Proof("f", WorkOptions(tolerance=0), lambda: take_apart(_sums()), _sums_of_numpy)
    assert exact.account(answer).wrong is not None


def test_a_tolerance_that_would_do_is_told() -> None:
    told = "1.0 instead of 1.000001 (--tolerance 1e-5 accepts that)"
    assert difference(1.0, 1.000001) == told
    assert difference(np.array([1.0]), np.array([1.000001])) == told
    assert difference(1.0, 1.000001, 1e-5) is None
    for answer, reference, tolerance in [
        (1.0, 1.01, 1e-9),
        (1.0, 1.000001, 0),
        (1.0, np.nan, 1e-9),
    ]:
        assert "tolerance" not in str(difference(answer, reference, tolerance))
