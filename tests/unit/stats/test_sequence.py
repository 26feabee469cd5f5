"""Intervals that hold at any moment: they agree with their verdicts, and with the mathematics."""

from math import exp, inf, log, log1p, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.stats.mixture import (
    ALPHA,
    ROW_ALPHA,
    Floats,
    bent,
    half_widths,
    inflation,
    lag_one,
    pooled_rho,
    prior_degrees,
    row_alpha,
    unit_width,
)
from daskbench.stats.sequence import (
    FIRST,
    FIRST_LAUNCHES,
    MARGIN,
    AnytimeInterval,
    Verdict,
    intervals,
    least_units,
)

EDGE = log1p(MARGIN)
LOGS = st.floats(-2, 2)
ALPHAS = st.floats(1e-5, 0.05)


def table(rows: int, rounds: int, seed: int = 0, spread: float = 0.1) -> list[list[Floats]]:
    random = np.random.default_rng(seed)
    return [[spread * random.standard_normal(rounds)] for _ in range(rows)]


def found(rows: list[list[Floats]]) -> list[AnytimeInterval]:
    return [one for one in intervals(rows) if one]


def of(value: float, half: float, units: int = 10) -> AnytimeInterval:
    return AnytimeInterval(value, half, units, 4, 0.005)


@given(LOGS, st.floats(0, 2), st.floats(0, 0.5))
def test_a_verdict_is_what_its_interval_says(value: float, half: float, margin: float) -> None:
    one, edge = of(value, half), log1p(margin)
    expected = {
        Verdict.SLOWER: one.low > edge,
        Verdict.FASTER: one.high < -edge,
        Verdict.EQUIVALENT: -edge < one.low and one.high < edge,
    }
    assert sum(expected.values()) <= 1
    assert expected.get(one.verdict(margin), not any(expected.values()))


@given(LOGS, st.floats(0, 2), st.floats(0, 2))
def test_a_wider_interval_never_says_another_word(value: float, half: float, more: float) -> None:
    narrow, wide = of(value, half).verdict(), of(value, half + more).verdict()
    assert wide in (narrow, Verdict.UNDECIDED)


@given(LOGS, st.floats(0, 2))
def test_swapped_sides_swap_the_verdict(value: float, half: float) -> None:
    swapped = {Verdict.FASTER: Verdict.SLOWER, Verdict.SLOWER: Verdict.FASTER}
    word = of(value, half).verdict()
    assert of(-value, half).verdict() == swapped.get(word, word)


@given(st.integers(FIRST, 500), ALPHAS, st.integers(0, 8))
def test_the_likelihood_ratio_is_one_over_alpha_at_the_end(
    n: int, alpha: float, degrees: int
) -> None:
    half = float(unit_width(n, alpha, degrees))
    if half == inf:
        return
    freedom, g = n - 1 + degrees, 3.0
    t_squared = n * half**2
    evidence = (1 + t_squared / freedom) / (1 + t_squared / freedom / (1 + n * g))
    logarithm = (n + degrees) / 2 * log(evidence) - log(1 + n * g) / 2
    assert logarithm == pytest.approx(-log(alpha), rel=1e-6)


@pytest.mark.parametrize(("n", "alpha"), [(10, 0.05), (30, 0.05), (80, 0.01)])
def test_without_other_rows_it_is_the_mixture_of_the_literature(n: int, alpha: float) -> None:
    q = (sqrt(1 + 3 * n) / alpha) ** (2 / n)
    expected = sqrt((n - 1) * (q - 1) / (1 - q / (1 + 3 * n))) / sqrt(n)
    assert float(unit_width(n, alpha)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("n", "alpha", "degrees", "expected"),
    [
        (10, 0.05, 0, 1.239803671),
        (25, 0.05, 0, 0.707590390),
        (10, 0.0025, 4, 1.700176543),
        (80, 0.0025, 4, 0.490968510),
        (5, 0.001, 0, inf),
    ],
)
def test_reference_values(n: int, alpha: float, degrees: int, expected: float) -> None:
    """The formula in Python's decimal arithmetic with 40 digits, without NumPy or SciPy."""
    assert float(unit_width(n, alpha, degrees)) == pytest.approx(expected, rel=1e-8)


@given(st.integers(FIRST, 300), ALPHAS, st.integers(0, 8))
def test_more_units_are_never_wider(n: int, alpha: float, degrees: int) -> None:
    assert unit_width(n + 1, alpha, degrees) <= unit_width(n, alpha, degrees)


@given(st.integers(FIRST, 300), ALPHAS, st.floats(1, 10))
def test_less_error_is_never_narrower(n: int, alpha: float, part: float) -> None:
    assert unit_width(n, alpha / part, 4) >= unit_width(n, alpha, 4)


@given(st.floats(0, 0.9), st.floats(0, 0.9))
def test_more_correlation_is_never_narrower(one: float, two: float) -> None:
    low, high = sorted((one, two))
    variances, counts = np.array([1.0, 2.0]), np.array([10, 10])
    narrow = half_widths(variances, counts, inflation(low), 0.01)
    assert (half_widths(variances, counts, inflation(high), 0.01) >= narrow).all()


@given(st.integers(0, 50), st.floats(1e-3, 1e3))
def test_scale_and_shift_move_values_and_widths_alike(seed: int, factor: float) -> None:
    rows = table(4, 12, seed)
    plain = found(rows)
    moved = found([[factor * logs + 3 for logs in row] for row in rows])
    for one, other in zip(plain, moved, strict=True):
        assert other.value == pytest.approx(factor * one.value + 3)
        assert other.half_width == pytest.approx(factor * one.half_width)


@given(st.integers(0, 50))
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    rows = table(5, 9, seed)
    backwards = found(rows[::-1])[::-1]
    assert [one.low for one in found(rows)] == pytest.approx([one.low for one in backwards])


def test_a_row_borrows_one_degree_from_each_other_up_to_four() -> None:
    assert [prior_degrees(rows) for rows in (0, 1, 2, 5, 99)] == [0, 0, 1, 4, 4]


def test_many_tables_at_once_are_as_one_by_one() -> None:
    random = np.random.default_rng(1)
    variances = random.random((6, 3)) + 0.1
    together = half_widths(variances, np.array(8), 1.5, 0.01)
    for row, expected in zip(variances, together, strict=True):
        assert half_widths(row, np.array([8, 8, 8]), 1.5, 0.01) == pytest.approx(expected)


def test_the_error_is_shared_and_a_row_alone_has_a_bound() -> None:
    assert row_alpha(1) == row_alpha(2) == ROW_ALPHA
    assert row_alpha(9) == pytest.approx(ALPHA / 9)
    assert 9 * row_alpha(9) <= ALPHA


def test_a_row_of_too_few_rounds_has_no_interval_and_lends_no_scale() -> None:
    long, short = table(2, 20), [np.array([100.0, -100.0, 5.0])]
    with_short = intervals([*long, short])
    alone = intervals(long, alpha=row_alpha(3))
    assert with_short[-1] is None
    assert with_short[:-1] == alone


def test_no_rows_and_no_launches_have_no_intervals() -> None:
    assert intervals([]) == []
    assert intervals([[]]) == [None]


def test_rounds_that_are_all_the_same_leave_no_doubt() -> None:
    one = found([[np.full(5, log(1.5))]])[0]
    assert (one.half_width, one.verdict()) == (0.0, Verdict.SLOWER)


def test_rows_may_have_different_numbers_of_rounds() -> None:
    rows = [[table(1, 40)[0][0]], [table(1, 8, 1)[0][0]]]
    long, short = found(rows)
    assert (long.units, short.units) == (40, 8)
    assert long.half_width < short.half_width


def test_launches_are_the_units_where_there_are_several() -> None:
    random = np.random.default_rng(3)
    luck = 0.1 * random.standard_normal((6, 1))
    launches = list(luck + 0.001 * random.standard_normal((6, 30)))
    across = found([launches])[0]
    middles = np.array([np.median(launch) for launch in launches])
    assert across.units == 6
    assert across.half_width > 3 * middles.std(ddof=1) / sqrt(6)


def test_the_spread_within_launches_counts_until_there_are_many() -> None:
    """Five medians that agree by luck do not make an interval of no width."""
    random = np.random.default_rng(4)
    alike = [launch - np.median(launch) for launch in random.standard_normal((5, 15))]
    assert found([alike])[0].half_width > 0.3


@pytest.mark.parametrize("inside", [0.0, 1.0])
def test_launches_seldom_miss_however_often_one_looks(inside: float) -> None:
    """Whether all that differs are launches, or all of it is within them."""
    missed = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        launches = random.standard_normal((25, 1)) * (1 - inside) + inside * (
            random.standard_normal((25, 15))
        )
        looks = [found([list(launches[:n])])[0] for n in range(FIRST_LAUNCHES, 26)]
        missed += any(not one.low <= 0 <= one.high for one in looks)
    assert missed <= 5


def test_a_gate_has_a_forecast_of_its_own() -> None:
    interval = of(0.04, 0.03)
    assert interval.units_to_judge(0.2) == 0  # passed
    assert interval.units_to_judge(0.005) == 0  # failed
    assert interval.units_to_judge(0.05) not in (0, None)
    assert (interval.units_to_judge(0.06) or 0) < (interval.units_to_judge(0.05) or 0)


def test_four_launches_have_no_interval_however_many_rounds() -> None:
    assert intervals([[np.zeros(50) for _ in range(4)]]) == [None]


def test_one_wild_round_moves_little_in_a_table_of_five_rows() -> None:
    rows = table(5, 20)
    plain = found(rows)[0]
    rows[0][0] = rows[0][0].copy()
    rows[0][0][7] = 5.0
    wild = found(rows)[0]
    assert abs(wild.value - plain.value) < 0.03
    assert wild.half_width < 1.5 * plain.half_width


@given(st.lists(LOGS, min_size=5, max_size=30), st.floats(0.01, 1))
def test_influences_add_up_to_nothing(values: list[float], scale: float) -> None:
    middle, pulls = bent(np.array(values), np.array(scale))
    assert min(values) <= middle <= max(values)
    assert np.isfinite(pulls).all()


def test_the_forecast_is_when_it_would_be_decided() -> None:
    one = found([[np.tile([-0.02, 0.14], 6)]])[0]
    more = one.units_to_decide()
    assert one.verdict() is Verdict.UNDECIDED
    assert more
    widths = [float(unit_width(n, one.alpha, one.degrees)) for n in (12, 12 + more, 11 + more)]
    assert of(one.value, one.half_width * widths[1] / widths[0]).verdict() is Verdict.SLOWER
    assert of(one.value, one.half_width * widths[2] / widths[0]).verdict() is Verdict.UNDECIDED


def test_a_forecast_of_equivalent_and_none_on_the_edge() -> None:
    assert of(0.0, 0.03).units_to_decide()
    assert of(0.5, 0.1).units_to_decide() == 0
    assert of(EDGE, 0.1).units_to_decide() is None
    assert of(0.0, inf).units_to_decide() is None


def test_correlation_is_seen_and_bounded() -> None:
    random = np.random.default_rng(5)
    series = random.standard_normal((3, 400))
    for i in range(1, 400):
        series[:, i] += 0.4 * series[:, i - 1]
    lags = lag_one(series)
    assert float(lags.mean()) == pytest.approx(0.4, abs=0.1)
    assert float(pooled_rho(lags, np.full(3, 400.0))) == pytest.approx(0.4, abs=0.1)
    assert float(pooled_rho(np.array([9.0]), np.array([99.0]))) == 0.9
    assert float(pooled_rho(np.array([-9.0]), np.array([99.0]))) == 0.0


def test_nothing_seen_is_the_prior_correlation() -> None:
    assert float(pooled_rho(np.array([]), np.array([]))) == pytest.approx(0.2)
    assert lag_one(np.ones(6)) == 0


def test_chance_seldom_says_a_word_however_often_one_looks() -> None:
    wrong = 0
    for seed in range(60):
        rows = table(5, 30, seed)
        words = [
            one.verdict() for n in range(FIRST, 31) for one in found([[row[0][:n]] for row in rows])
        ]
        wrong += any(word in (Verdict.SLOWER, Verdict.FASTER) for word in words)
    assert wrong <= 3


def test_a_large_difference_is_soon_proved() -> None:
    rows = table(5, 8)
    rows[0] = [rows[0][0] + log(2)]
    first = found(rows)[0]
    assert first.verdict() is Verdict.SLOWER
    assert 1 < exp(first.low) < 2 < exp(first.high)


@given(st.integers(1, 9), st.integers(0, 1000))
def test_a_table_has_intervals_from_so_many_rounds_on(rows: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    logs = [[chance.normal(size=9)] for _ in range(rows)]
    least = least_units(logs)
    for count, known in ((least - 1, False), (least, True)):
        found = intervals([[one[:count]] for [one] in logs])
        assert {one is not None and bool(np.isfinite(one.half_width)) for one in found} == {known}
