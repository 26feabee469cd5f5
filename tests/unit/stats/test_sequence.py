"""Intervals that hold at any moment, for all rows of a table at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.model import FEWEST
from daskbench.stats.sequence import bounds_of

SEEDS = st.integers(0, 2**32 - 1)


def normal(seed: int, count: int = 20) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.random.default_rng(seed).normal(0.3, 0.1, count)


def test_the_width_is_that_of_the_paper() -> None:
    """By the formula, written out for 10 values of variance 1 and one row at 5 %."""
    values = np.array([1.0, -1.0] * 5)
    (found,) = bounds_of([values], independent=True)
    assert found
    variance, reach = 10 / 9, 1 + 10 * 3
    q = (reach**0.5 / 0.05) ** 0.2
    assert found.half == pytest.approx((variance / 10 * 9 * (q - 1) / (1 - q / reach)) ** 0.5)


@given(SEEDS, st.floats(0.1, 10), st.floats(-5, 5))
def test_scale_and_shift_go_through(seed: int, scale: float, shift: float) -> None:
    (one,), (two,) = bounds_of([normal(seed)]), bounds_of([normal(seed) * scale + shift])
    assert one
    assert two
    assert two.value == pytest.approx(one.value * scale + shift, abs=1e-6)
    assert two.half == pytest.approx(one.half * scale, rel=1e-6)


@given(SEEDS, st.integers(1, 8))
def test_more_rows_widen_every_row(seed: int, rows: int) -> None:
    one = bounds_of([normal(seed)], independent=True)[0]
    many = bounds_of([normal(seed + row) for row in range(rows + 1)], independent=True)[0]
    assert one
    assert many
    assert many.half > one.half


def test_few_values_borrow_from_the_other_rows() -> None:
    """A row whose own variance is small by luck is not as narrow as that alone would make it."""
    quiet, loud = np.array([0.1, -0.1] * 3), np.array([1.0, -1.0] * 3)
    alone, beside = (
        bounds_of(rows, independent=True, error=0.05 * len(rows))[0]
        for rows in ([quiet], [quiet, loud])
    )
    assert alone
    assert beside
    assert beside.half > alone.half


@given(SEEDS)
def test_what_neighbours_have_in_common_widens(seed: int) -> None:
    noise = normal(seed, 61)
    alike = noise[1:] + noise[:-1]
    (one,), (two,) = bounds_of([alike]), bounds_of([alike], independent=True)
    assert one
    assert two
    assert one.half >= two.half


def test_too_few_values_have_no_bounds() -> None:
    assert bounds_of([normal(0, FEWEST - 1)]) == [None]
    assert bounds_of([]) == []


def test_values_that_are_all_the_same_have_no_width() -> None:
    (found,) = bounds_of([np.full(10, 0.5)])
    assert found
    assert (found.low, found.high) == (0.5, 0.5)


def test_the_truth_is_inside_at_every_moment() -> None:
    """In 95 of 100 tables of nine rows, looked at after each of 40 rounds."""
    chance, wrong, tables = np.random.default_rng(5), 0, 150
    for _ in range(tables):
        rows = list(chance.normal(0, 1, (9, 40)))
        wrong += any(
            abs(found.value) > found.half
            for rounds in range(FEWEST, 41)
            for found in bounds_of([row[:rounds] for row in rows])
            if found
        )
    assert wrong / tables <= 0.05
