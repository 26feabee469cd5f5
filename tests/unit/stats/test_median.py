"""The interval of a median holds as often as it says, whatever the distribution."""

import numpy as np
import pytest

from daskbench.stats.median import median_of


def test_the_ends_are_order_statistics_of_the_binomial_distribution() -> None:
    """Table A3 of Conover (1999): 2nd and 9th of ten, 6th and 15th of twenty."""
    ten = median_of(np.arange(1.0, 11.0))
    assert ten
    assert ten.interval
    assert (ten.value, ten.interval.low, ten.interval.high) == (5.5, 2.0, 9.0)
    twenty = median_of(np.arange(1.0, 21.0)[::-1])
    assert twenty
    assert twenty.interval
    assert (twenty.interval.low, twenty.interval.high) == (6.0, 15.0)


@pytest.mark.parametrize(("count", "has"), [(1, False), (5, False), (6, True)])
def test_fewer_than_six_have_none(count: int, has: bool) -> None:
    found = median_of(np.ones(count))
    assert found
    assert (found.interval is not None) == has
    assert found.count == count


def test_no_values_have_no_median() -> None:
    assert median_of(np.array([])) is None


def test_it_holds_for_a_skewed_distribution() -> None:
    chance = np.random.default_rng(1)
    right = 0
    for _ in range(2000):
        found = median_of(chance.exponential(size=12))
        assert found
        assert found.interval
        right += found.interval.low <= np.log(2) <= found.interval.high
    assert 0.95 <= right / 2000 < 0.98


def test_a_multiple_keeps_its_interval() -> None:
    found = median_of(np.arange(1.0, 11.0))
    assert found
    half = found.times(0.5)
    assert half.interval
    assert (half.value, half.interval.low, half.interval.high) == (2.75, 1.0, 4.5)
