"""What a ratio proves, for one and for a table; and that chance seldom proves anything."""

from math import log, log1p

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.stats.estimate import Estimate, location_of
from daskbench.stats.verdict import (
    DIFFERENCE,
    EQUIVALENCE,
    MARGIN,
    GateOutcome,
    Verdict,
    _holm,
    gate,
    verdicts,
)

CHANCES = st.lists(st.floats(0, 1), max_size=30)


def of(ratio: float, error: float = 0.005, freedom: float = 10) -> Estimate:
    return Estimate(log(ratio), error, freedom)


@pytest.mark.parametrize(
    ("ratio", "error", "verdict"),
    [
        (0.5, 0.05, Verdict.FASTER),
        (2.0, 0.05, Verdict.SLOWER),
        (1.0, 0.005, Verdict.EQUIVALENT),
        (1.0, 0.05, Verdict.INCONCLUSIVE),
        (1.05, 0.05, Verdict.INCONCLUSIVE),
        (1.01, 0.002, Verdict.EQUIVALENT),  # it differs for sure, by what counts for nothing
        (1.03, 0.002, Verdict.SLOWER),
        (0.97, 0.002, Verdict.FASTER),
        (1.0, 0.0, Verdict.EQUIVALENT),
        (1.5, 0.0, Verdict.SLOWER),
    ],
)
def test_a_ratio_proves_what_its_interval_allows(
    ratio: float, error: float, verdict: Verdict
) -> None:
    assert verdicts([of(ratio, error)]) == [verdict]


def test_what_could_not_be_had_proves_nothing() -> None:
    assert verdicts([]) == []
    assert verdicts([None, of(2.0)]) == [Verdict.INCONCLUSIVE, Verdict.SLOWER]
    assert gate([None], 0.05) == [GateOutcome.INCONCLUSIVE]
    assert gate([], 0.05) == []


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0, 0.1), st.floats(1, 30)), max_size=8))
def test_swapping_the_sides_swaps_faster_and_slower(
    found: list[tuple[float, float, float]],
) -> None:
    other = {Verdict.FASTER: Verdict.SLOWER, Verdict.SLOWER: Verdict.FASTER}
    one = verdicts([Estimate(*values) for values in found])
    two = verdicts([Estimate(-value, error, freedom) for value, error, freedom in found])
    assert [other.get(verdict, verdict) for verdict in one] == two


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0, 0.1), st.floats(1, 30)), max_size=8))
def test_a_table_proves_nothing_of_a_row_that_it_alone_does_not(
    found: list[tuple[float, float, float]],
) -> None:
    logs = [Estimate(*values) for values in found]
    for estimate, verdict in zip(logs, verdicts(logs), strict=True):
        assert verdict in (Verdict.INCONCLUSIVE, *verdicts([estimate])) or (
            # What alone is proved to be within the margin may here be proved to differ alone.
            verdicts([estimate]) == [Verdict.EQUIVALENT] and verdict != Verdict.EQUIVALENT
        )


def test_more_rows_take_more_to_prove() -> None:
    doubtful = Estimate(0.2, 0.05, 10)
    assert verdicts([doubtful]) == [Verdict.SLOWER]
    assert verdicts([doubtful] + [of(1.0, 0.5)] * 20)[0] == Verdict.INCONCLUSIVE


def test_a_wider_margin_is_easier_to_be_within() -> None:
    found = [of(1.01, 0.02)]
    assert verdicts(found) == [Verdict.INCONCLUSIVE]
    assert verdicts(found, margin=0.1) == [Verdict.EQUIVALENT]


# Holm


@given(CHANCES)
def test_corrected_chances_are_never_smaller_and_keep_their_order(chances: list[float]) -> None:
    found = _holm(chances)
    assert all(0 <= raw <= corrected <= 1 for raw, corrected in zip(chances, found, strict=True))
    ranked = [corrected for _, corrected in sorted(zip(chances, found, strict=True))]
    assert ranked == sorted(ranked)


@given(CHANCES)
def test_corrected_chances_are_at_most_bonferronis(chances: list[float]) -> None:
    for raw, corrected in zip(chances, _holm(chances), strict=True):
        assert corrected <= min(1.0, len(chances) * raw)


def test_holms_own_steps() -> None:
    assert _holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert _holm([0.2]) == [0.2]


# The gate


@pytest.mark.parametrize(
    ("ratio", "error", "passed"),
    [
        (1.0, 0.01, GateOutcome.OK),
        (0.5, 0.05, GateOutcome.OK),
        (1.2, 0.01, GateOutcome.REGRESSION),
        (1.06, 0.05, GateOutcome.INCONCLUSIVE),
        (1.04, 0.05, GateOutcome.INCONCLUSIVE),
        (1.04, 0.0, GateOutcome.OK),
        (1.06, 0.0, GateOutcome.REGRESSION),
    ],
)
def test_a_gate_lets_through_what_is_proved_to_be_below_its_limit(
    ratio: float, error: float, passed: GateOutcome
) -> None:
    assert gate([of(ratio, error)], 0.05) == [passed]


# How often chance proves something

TRIALS = 1500


def logs(truth: float, rounds: int, seed: int, noise: float) -> list[Estimate | None]:
    rows = np.random.default_rng(seed).normal(truth, noise, (TRIALS, rounds))
    return [location_of(row) for row in rows]


@pytest.mark.parametrize("rounds", [7, 15, 30])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("noise", [0.01, 0.02, 0.05])
def test_what_is_at_the_margin_is_seldom_called_equivalent(
    rounds: int, sign: int, noise: float
) -> None:
    found = logs(sign * log1p(MARGIN), rounds, rounds, noise)
    called = [verdicts([one]) == [Verdict.EQUIVALENT] for one in found]
    assert np.mean(called) <= EQUIVALENCE


@pytest.mark.parametrize("rounds", [7, 15, 30])
def test_tables_in_which_nothing_differs_seldom_say_that_something_does(rounds: int) -> None:
    """The chance is that of a whole table: 5 rows with the same baseline."""
    chance = np.random.default_rng(rounds)
    wrong = 0
    for _ in range(500):
        base = chance.normal(0, 0.05, rounds)
        rows = [location_of(chance.normal(0, 0.05, rounds) - base) for _ in range(5)]
        wrong += bool({*verdicts(rows)} & {Verdict.FASTER, Verdict.SLOWER})
    assert wrong / 500 <= DIFFERENCE + 2 * (DIFFERENCE / 500) ** 0.5


def test_what_is_at_the_gate_is_seldom_called_a_regression() -> None:
    found = logs(log1p(0.05), 15, 1, 0.05)
    assert np.mean([gate([one], 0.05) == [GateOutcome.REGRESSION] for one in found]) <= DIFFERENCE


def test_what_differs_enough_is_found() -> None:
    found = logs(log(1.2), 15, 2, 0.05)
    assert np.mean([verdicts([one]) == [Verdict.SLOWER] for one in found]) > 0.99
