"""Where the middle lies and how sure that is: what holds for any series, and how often it is so."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.model import FEWEST
from daskbench.stats.estimate import (
    Estimate,
    difference,
    huber,
    location_across,
    mean_across,
)
from daskbench.stats.ratio import Ratio, ratios_of_logs, unpaired_ratio

#: How often a test at this level may be wrong.
DIFFERENCE = 0.01

Floats = npt.NDArray[np.float64]
Estimator = Callable[[Floats], Estimate | None]

#: Logarithms of ratios in whole nanoseconds: real clocks have steps too.
LOG = st.integers(-7_000_000_000, 7_000_000_000).map(lambda steps: steps / 1e9)
SERIES = st.lists(LOG, min_size=FEWEST, max_size=40).map(np.array)


def sure(estimate: Estimate | None) -> Estimate:
    assert estimate is not None
    return estimate


def test_where_most_are_the_same_it_is_the_mean() -> None:
    assert huber(np.array([1.0, 1.0, 1.0, 5.0])) == (2.0, 0.0)


@pytest.mark.parametrize("values", [7, 15, 100])
def test_a_wild_outlier_among_noise_hardly_moves_the_location(values: int) -> None:
    chance = np.random.default_rng(values)
    for _ in range(200):
        quiet = chance.normal(0, 1, values)
        wild = quiet.copy()
        wild[chance.integers(values)] = 1e6
        assert abs(huber(wild)[0] - huber(quiet)[0]) <= 2 * 3.5 / values**0.5


# Estimates


def test_an_estimate_without_error_has_an_interval_of_no_width() -> None:
    interval = Estimate(0.5, 0.0, 3).interval()
    assert (interval.low, interval.high) == (0.5, 0.5)


def test_the_interval_is_students() -> None:
    """With one degree of freedom the quantile at 97.5 % is 12.706."""
    assert Estimate(1.0, 0.5, 1).interval().high == pytest.approx(1 + 0.5 * 12.7062, rel=1e-4)


# Launches


@pytest.mark.parametrize("count", [0, 1, 2, FEWEST - 1])
def test_below_five_launches_there_is_nothing_across_them(count: int) -> None:
    assert mean_across([1.0] * count) is None


def test_across_launches_what_differs_between_them_is_the_error() -> None:
    found = sure(mean_across([1.0, 2.0, 3.0, 4.0, 5.0]))
    assert found == Estimate(3.0, pytest.approx(0.5**0.5), 4)  # type: ignore[arg-type]


def test_launches_that_are_all_the_same_are_sure() -> None:
    assert sure(mean_across([1.0] * 5)) == Estimate(1.0, 0.0, 4)


def test_of_many_launches_one_that_was_disturbed_pulls_no_more_than_others() -> None:
    quiet = [0.01 * (i % 5 - 2) for i in range(10)]
    calm, disturbed = sure(location_across(quiet)), sure(location_across([*quiet[:9], 5.0]))
    assert abs(disturbed.value - calm.value) < 0.01
    assert disturbed.standard_error < 2 * calm.standard_error
    assert sure(mean_across([*quiet[:9], 5.0])).value > 0.4


@pytest.mark.parametrize("count", [2, 5, 7])
def test_of_few_launches_it_is_the_mean(count: int) -> None:
    values = [float(i * i) for i in range(count)]
    assert location_across(values) == mean_across(values)


@pytest.mark.parametrize("count", [8, 10, 15, 20])
def test_launches_raise_no_more_false_alarms_than_they_may(count: int) -> None:
    chance = np.random.default_rng(1)
    for draws in (chance.standard_normal((2000, count)), chance.standard_t(2, (2000, count))):
        found = [sure(location_across(list(values))) for values in draws]
        sides = [one.interval(1 - DIFFERENCE) for one in found]
        alarms = [not side.low <= 0 <= side.high for side in sides]
        assert np.mean(alarms) < 1.7 * DIFFERENCE  # four standard errors above it
        covered = [one.interval().low <= 0 <= one.interval().high for one in found]
        assert np.mean(covered) > 0.93


def ratio(launches: list[list[float]]) -> Ratio | None:
    return ratios_of_logs([[np.array(launch) for launch in launches]])[0]


def test_a_launch_with_a_single_round_is_left_out_of_several() -> None:
    found, without = (ratio([[0.1, 0.2], *more, [0.3, 0.5]]) for more in ([[9.0]], []))
    assert found == without
    assert found is not None
    assert (found.launches, found.rounds) == (2, 4)


def test_one_launch_that_is_left_is_a_series() -> None:
    found = ratio([[0.1, 0.2, 0.15], [0.3]])
    assert found == ratio([[0.1, 0.2, 0.15]])
    assert found is not None
    assert found.launches == 1


@pytest.mark.parametrize("launches", [[], [[]], [[1.0]], [[1.0], [2.0]]])
def test_without_two_rounds_in_a_launch_there_is_no_ratio(launches: list[list[float]]) -> None:
    assert ratio(launches) is None


def test_few_launches_have_a_ratio_without_an_interval() -> None:
    found = ratio([[0.1, 0.2], [0.3, 0.5]])
    assert found is not None
    assert found.value == pytest.approx(np.exp(0.275))
    assert (found.low, found.high) == (None, None)
    assert found.lacks == "needs 5 launches"


def test_few_rounds_have_a_ratio_without_an_interval() -> None:
    found = ratio([[0.1, 0.1, 0.1, 0.1]])
    assert found is not None
    assert found.value == pytest.approx(np.exp(0.1))
    assert (found.low, found.high, found.lacks) == (None, None, "needs 5 rounds")


# Two sides that share no rounds


def test_the_difference_of_two_adds_their_variances() -> None:
    found = difference(Estimate(3.0, 0.3, 9), Estimate(1.0, 0.4, 9))
    assert found == Estimate(2.0, pytest.approx(0.5), pytest.approx(9 * 625 / 337))  # type: ignore[arg-type]


@given(st.floats(0, 5), st.floats(0.01, 5), st.floats(1, 50), st.floats(1, 50))
def test_its_freedom_is_between_the_lesser_and_the_sum(
    error: float, other: float, freedom: float, others: float
) -> None:
    found = difference(Estimate(0, error, freedom), Estimate(0, other, others))
    assert min(freedom, others) * 0.999 <= found.degrees_of_freedom <= (freedom + others) * 1.001


def test_two_sides_without_error_differ_for_sure() -> None:
    found = difference(Estimate(3.0, 0.0, 4), Estimate(1.0, 0.0, 2))
    assert found == Estimate(2.0, 0.0, 2)


def sides(chance: np.random.Generator, seconds: float, launches: int = 5) -> list[Floats]:
    luck = chance.normal(0, 0.05, (launches, 1))
    return [*(seconds * np.exp(luck + chance.normal(0, 0.02, (launches, 7))))]


def holds(found: Ratio | None, truth: float) -> bool:
    """Whether an interval holds the truth."""
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    return found.low < truth < found.high


def test_unpaired_sides_are_compared_launch_by_launch() -> None:
    chance = np.random.default_rng(5)
    found = unpaired_ratio(sides(chance, 2.0), sides(chance, 1.0))
    assert found is not None
    assert holds(found, 2)
    assert (found.rounds, found.launches) == (0, 5)


def test_an_unpaired_side_of_few_launches_proves_nothing() -> None:
    chance = np.random.default_rng(6)
    for few in (1, 4):
        assert unpaired_ratio(sides(chance, 2.0, few), sides(chance, 1.0)) is None
        assert unpaired_ratio(sides(chance, 2.0), sides(chance, 1.0, few)) is None


def test_swapping_unpaired_sides_inverts_the_ratio() -> None:
    chance = np.random.default_rng(7)
    one, two = sides(chance, 2.0), sides(chance, 1.0)
    there, back = unpaired_ratio(one, two), unpaired_ratio(two, one)
    assert there
    assert back
    assert back.low is not None
    assert back.high is not None
    expected = pytest.approx((1 / back.value, 1 / back.high, 1 / back.low))
    assert (there.value, there.low, there.high) == expected


def test_unpaired_intervals_hold_the_truth_as_often_as_they_say() -> None:
    chance = np.random.default_rng(8)
    ratios = [unpaired_ratio(sides(chance, 2.0), sides(chance, 1.0)) for _ in range(1000)]
    assert np.mean([holds(found, 2) for found in ratios]) >= 0.93
