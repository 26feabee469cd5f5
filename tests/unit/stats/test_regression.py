"""A fit finds what values are made of, and its intervals hold it; bursts don't move it much."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daskbench.stats.regression import Fit, Point, fit, solve

TERMS = ("fixed", "task", "dependency", "byte")
#: Points that tell the terms apart, as a number of graphs would be.
AMOUNTS: tuple[dict[str, float], ...] = (
    {"fixed": 1, "task": 100, "dependency": 99},
    {"fixed": 1, "task": 1000, "dependency": 999},
    {"fixed": 1, "task": 1000, "dependency": 2900},
    {"fixed": 1, "task": 30, "dependency": 29, "byte": 3e7},
    {"fixed": 1, "task": 10, "dependency": 0},
)
costs = st.fixed_dictionaries(
    {
        "fixed": st.floats(1e-3, 1.0),
        "task": st.floats(1e-6, 1e-2),
        "dependency": st.floats(1e-7, 1e-3),
        "byte": st.floats(1e-11, 1e-8),
    }
)


def value_of(amounts: dict[str, float], truth: dict[str, float]) -> float:
    return sum(amount * truth[term] for term, amount in amounts.items())


def points_of(
    truth: dict[str, float], rounds: int = 5, noise: float = 0.0, seed: int = 0
) -> list[Point]:
    chance, found = np.random.default_rng(seed), []
    drift = np.exp(noise / 2 * chance.normal(size=rounds))  # of a round, which all share
    for amounts in AMOUNTS:
        values = value_of(amounts, truth) * drift * np.exp(noise * chance.normal(size=rounds))
        found.append(Point(amounts, np.arange(1.0, rounds + 1), values))
    return found


def fitted(points: list[Point]) -> Fit:
    found = fit(points, TERMS)
    assert found
    return found


@given(costs)
def test_without_noise_every_term_is_found(truth: dict[str, float]) -> None:
    found = fitted(points_of(truth))
    assert found.terms == TERMS
    for point in points_of(truth):
        assert found.at(point.amounts).value == pytest.approx(point.values[0], rel=1e-6)
    for term, cost in truth.items():
        estimate = found.estimate(term)
        assert estimate
        share = min(cost * a.get(term, 0) / value_of(a, truth) for a in AMOUNTS if a.get(term))
        if share > 1e-3:  # what is lost beside the others can't be found to six digits
            assert estimate.value == pytest.approx(cost, rel=1e-3)


@settings(max_examples=25)
@given(costs, st.floats(1e-3, 1e3))
def test_another_unit_changes_nothing_but_the_unit(truth: dict[str, float], unit: float) -> None:
    points = points_of(truth, noise=0.05)
    scaled = [Point(p.amounts, p.rounds, p.values * unit) for p in points]
    for amounts in AMOUNTS:
        one, other = fitted(points).at(amounts), fitted(scaled).at(amounts)
        assert other.value == pytest.approx(one.value * unit, rel=1e-4)
        assert other.standard_error == pytest.approx(one.standard_error * unit, rel=1e-2, abs=1e-9)


@settings(max_examples=25)
@given(costs, st.permutations(range(len(AMOUNTS))))
def test_the_order_of_points_does_not_matter(truth: dict[str, float], order: list[int]) -> None:
    points = points_of(truth, noise=0.05)
    mixed = fitted([points[place] for place in order])
    for amounts in AMOUNTS:
        assert mixed.at(amounts).value == pytest.approx(fitted(points).at(amounts).value, rel=1e-4)


TRUTH = {"fixed": 8e-3, "task": 3e-4, "dependency": 5e-5, "byte": 2e-9}


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = [
        abs(estimate.value - TRUTH[term]) <= estimate.quantile(0.975) * estimate.standard_error
        for seed in range(100)
        for term in TERMS
        if (estimate := fitted(points_of(TRUTH, 6, 0.05, seed)).estimate(term))
    ]
    assert len(held) == 400
    assert 0.91 <= np.mean(held) <= 0.99


def test_more_rounds_narrow_the_intervals() -> None:
    errors = []
    for rounds in (5, 20, 80):
        found = [
            fitted(points_of(TRUTH, rounds, 0.05, seed)).estimate("task") for seed in range(10)
        ]
        errors.append(np.mean([one.standard_error for one in found if one]))
    assert all(later < 0.7 * earlier for earlier, later in pairwise(errors))


def test_a_burst_of_another_program_has_bounded_influence() -> None:
    points = points_of(TRUTH, 10, 0.02)
    points[1].values[3] *= 30  # a graph in one round
    estimate = fitted(points).estimate("task")
    assert estimate
    assert estimate.value == pytest.approx(TRUTH["task"], rel=0.1)


def test_terms_that_points_do_not_tell_apart_are_part_of_the_first_of_them() -> None:
    same = [
        Point({"fixed": 1, "task": n, "dependency": n}, np.array([1.0]), np.array([1.0 + n]))
        for n in (10, 100, 1000)
    ]
    found = fitted(same)
    assert found.terms == ("fixed", "task")
    assert found.estimate("dependency") is None
    assert found.at({"task": 5, "dependency": 5}).value == pytest.approx(5)


def test_a_single_round_has_no_finite_error() -> None:
    estimate = fitted(points_of(TRUTH, 1)).estimate("task")
    assert estimate
    assert np.isinf(estimate.standard_error)


def test_without_points_there_is_no_fit() -> None:
    assert fit([], TERMS) is None
    assert fit([Point({"fixed": 1}, np.array([]), np.array([]))], TERMS) is None


@given(st.lists(st.floats(0.1, 10), min_size=3, max_size=30))
def test_of_a_constant_it_is_huber_s_location(values: list[float]) -> None:
    """Which lies among the values, and is the median of two that are alike and one that is far."""
    found = solve(np.ones((len(values), 1)), np.array(values))[0]
    assert min(values) - 1e-6 <= found <= max(values) + 1e-6
