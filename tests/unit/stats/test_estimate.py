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
    Interval,
    difference,
    huber,
    location_across,
    location_of,
    mean_across,
    mean_of,
)
from daskbench.stats.ratio import Ratio, ratios_of_logs, unpaired_ratio
from daskbench.stats.summary import summarize

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


def close(one: Estimate | None, two: Estimate | None, scale: float = 1.0) -> bool:
    """Whether two estimates are the same, but for rounding."""
    one, two = sure(one), sure(two)
    within = pytest.approx(
        (two.value, two.standard_error, two.degrees_of_freedom), rel=1e-6, abs=1e-8 * scale
    )
    return (one.value, one.standard_error, one.degrees_of_freedom) == within


ESTIMATORS = pytest.mark.parametrize("estimate", [mean_of, location_of])


# What holds for any series


@ESTIMATORS
@given(values=SERIES)
def test_no_figure_is_ever_nan(estimate: Estimator, values: Floats) -> None:
    found = sure(estimate(values))
    interval = found.interval()
    assert np.isfinite([found.value, found.standard_error, interval.low, interval.high]).all()
    assert values.min() - 1e-9 <= found.value <= values.max() + 1e-9
    assert found.standard_error >= 0
    assert found.degrees_of_freedom >= 1
    assert interval.low <= found.value <= interval.high


@given(SERIES)
def test_turning_the_ratio_over_turns_the_estimate_over(values: Floats) -> None:
    found = sure(location_of(values))
    assert close(
        location_of(-values), Estimate(-found.value, found.standard_error, found.degrees_of_freedom)
    )


@given(SERIES, st.floats(1e-6, 1e6))
def test_the_scale_does_not_matter(values: Floats, scale: float) -> None:
    found = sure(location_of(values))
    scaled = Estimate(found.value * scale, found.standard_error * scale, found.degrees_of_freedom)
    assert close(location_of(values * scale), scaled, scale)


@given(SERIES, st.floats(-10, 10))
def test_the_place_does_not_matter(values: Floats, shift: float) -> None:
    found = sure(location_of(values))
    moved = Estimate(found.value + shift, found.standard_error, found.degrees_of_freedom)
    assert close(location_of(values + shift), moved)


@given(SERIES)
def test_the_direction_of_time_does_not_matter(values: Floats) -> None:
    assert close(location_of(values[::-1]), location_of(values))
    assert close(mean_of(values[::-1]), mean_of(values))


@given(SERIES, st.floats(0, 1e3))
def test_how_wild_an_outlier_is_does_not_matter(values: Floats, further: float) -> None:
    wild, wilder = np.append(values, 1e3), np.append(values, 1e3 + further)
    if huber(wild)[1] and huber(wilder)[1]:  # else most are the same, and it is their mean
        assert close(location_of(wild), location_of(wilder))


@pytest.mark.parametrize("rounds", [7, 15, 100])
def test_a_wild_outlier_among_noise_hardly_moves_the_middle(rounds: int) -> None:
    chance = np.random.default_rng(rounds)
    for _ in range(200):
        values = chance.normal(0, 1, rounds)
        wild = values.copy()
        wild[chance.integers(rounds)] = 1e6
        moved = abs(sure(location_of(wild)).value - sure(location_of(values)).value)
        assert moved <= 2 * 3.5 / rounds**0.5


@ESTIMATORS
def test_no_value_is_left_out(estimate: Estimator) -> None:
    values = np.random.default_rng(2).normal(0, 1, 15)
    middle = int(np.argsort(values)[7])
    high, low = values.copy(), values.copy()
    high[middle], low[middle] = 50.0, -50.0
    found = [sure(estimate(v)) for v in (low, values, high)]
    assert found[0].value < found[1].value < found[2].value


@ESTIMATORS
@pytest.mark.parametrize("count", [0, 1, 2, FEWEST - 1])
def test_below_five_there_is_no_estimate(estimate: Estimator, count: int) -> None:
    assert estimate(np.ones(count)) is None


@ESTIMATORS
@pytest.mark.parametrize("count", [5, 7, 100])
def test_values_that_are_all_the_same_are_sure(estimate: Estimator, count: int) -> None:
    found = sure(estimate(np.full(count, 0.1)))
    assert found.value == pytest.approx(0.1)
    assert found.standard_error == pytest.approx(0, abs=1e-15)


def test_where_most_are_the_same_it_is_the_mean() -> None:
    assert huber(np.array([1.0, 1.0, 1.0, 5.0])) == (2.0, 0.0)


def test_of_well_behaved_rounds_it_is_about_the_mean_and_as_sure() -> None:
    chance = np.random.default_rng(3)
    widths = [
        (sure(location_of(values)).standard_error, sure(mean_of(values)).standard_error)
        for values in chance.normal(0, 1, (500, 30))
    ]
    middle, mean = np.median(widths, axis=0)
    assert middle == pytest.approx(mean, rel=0.1)


def test_what_changes_slowly_widens_the_interval() -> None:
    chance = np.random.default_rng(4)
    noise = chance.normal(0, 1, (300, 60))
    slow = noise + 2 * np.sin(np.linspace(0, 5, 60))
    quick = noise + 2 * np.sin(np.arange(60) * 2.5)
    errors = [
        np.median([sure(mean_of(row)).standard_error for row in rows]) for rows in (slow, quick)
    ]
    assert errors[0] > 2 * errors[1]


# Estimates


def test_an_estimate_without_error_is_on_one_side_or_the_other() -> None:
    found = Estimate(0.5, 0.0, 3)
    assert (found.p_above(0.4), found.p_above(0.5), found.p_above(0.6)) == (0, 1, 1)
    assert (found.p_below(0.4), found.p_below(0.5), found.p_below(0.6)) == (1, 1, 0)


@given(st.floats(-5, 5), st.floats(0.01, 5), st.floats(1, 50), st.floats(-5, 5))
def test_both_sides_together_are_certain(
    value: float, error: float, freedom: float, bound: float
) -> None:
    found = Estimate(value, error, freedom)
    assert found.p_above(bound) + found.p_below(bound) == pytest.approx(1)


@given(st.floats(-5, 5), st.floats(0.01, 5), st.floats(1, 50))
def test_the_interval_is_where_chances_are_one_in_forty(
    value: float, error: float, freedom: float
) -> None:
    found = Estimate(value, error, freedom)
    assert found.p_above(found.interval().low) == pytest.approx(0.025)
    assert found.p_below(found.interval().high) == pytest.approx(0.025)


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
        alarms = [2 * min(one.p_above(0), one.p_below(0)) < DIFFERENCE for one in found]
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


def mean_interval(seconds: Floats, launches: list[float] | None = None) -> Interval:
    found = summarize(seconds, None if launches is None else np.array(launches, dtype=float))
    assert found is not None
    assert found.mean_interval is not None
    return found.mean_interval


def test_a_summary_over_launches_is_as_sure_as_they_agree() -> None:
    launches = np.repeat(np.arange(5.0), 6)
    seconds = 1 + launches % 2 + np.random.default_rng(9).normal(0, 0.01, 30)
    lone = [0.0] * 29 + [1.0]
    assert mean_interval(seconds, lone) == mean_interval(seconds)  # of one round nothing is known
    five = mean_interval(seconds, launches.tolist())
    assert five.high - five.low > 1


@pytest.mark.parametrize("launches", [[0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 2, 2]])
def test_a_summary_over_few_launches_has_no_interval(launches: list[int]) -> None:
    """Nor has it that of the rounds as one series, which would be narrower than the launches."""
    seconds = np.array([1.0, 1.01, 2.0, 2.01, 3.0, 3.01])
    found = summarize(seconds, np.array(launches, dtype=float))
    assert found is not None
    assert found.mean_interval is None


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


# How often it is so


def alike(chance: np.random.Generator, trials: int, rounds: int, part: float) -> Floats:
    """Noise of which each round is like the one before by this part."""
    found = chance.standard_normal((trials, rounds + 30))
    for i in range(1, rounds + 30):
        found[:, i] = part * found[:, i - 1] + (1 - part**2) ** 0.5 * found[:, i]
    return found[:, 30:]


@ESTIMATORS
@pytest.mark.parametrize("part", [0.0, 0.4])
@pytest.mark.parametrize("rounds", [7, 15, 30])
def test_intervals_hold_the_truth_and_alarms_are_few(
    estimate: Estimator, rounds: int, part: float
) -> None:
    trials = 2000
    rows = alike(np.random.default_rng(rounds), trials, rounds, part)
    found = [sure(estimate(row)) for row in rows]
    intervals = [one.interval() for one in found]
    alarms = [2 * min(one.p_above(0), one.p_below(0)) < DIFFERENCE for one in found]
    assert np.mean([i.low <= 0 <= i.high for i in intervals]) >= 0.94
    # Two standard errors of a simulation of that length, above what is promised.
    assert np.mean(alarms) <= DIFFERENCE + 2 * (DIFFERENCE / trials) ** 0.5
