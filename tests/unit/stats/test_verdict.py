"""What a ratio's interval says; and that chance seldom makes it say something wrong."""

from math import exp, log, log1p

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.stats.ratio import Ratio, ratios_of_logs
from daskbench.stats.verdict import MARGIN, GateOutcome, Verdict, gate_of, verdict_of

LOGS = st.floats(-3, 3)


def of(low: float, high: float) -> Ratio:
    return Ratio((low * high) ** 0.5, low, high, 10, 1)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.4, 0.6, Verdict.FASTER),
        (1.9, 2.1, Verdict.SLOWER),
        (0.99, 1.01, Verdict.EQUIVALENT),
        (0.9, 1.1, Verdict.UNDECIDED),
        (1.01, 1.1, Verdict.UNDECIDED),  # it differs for sure, but may be within the margin
        (1.001, 1.015, Verdict.EQUIVALENT),  # it differs for sure, by what counts for nothing
        (1.021, 1.04, Verdict.SLOWER),
        (0.96, 0.979, Verdict.FASTER),
        (1.0, 1.0, Verdict.EQUIVALENT),
        (1.5, 1.5, Verdict.SLOWER),
    ],
)
def test_the_verdict_is_read_off_the_interval(low: float, high: float, verdict: Verdict) -> None:
    assert verdict_of(of(low, high)) is verdict


def test_what_could_not_be_had_decides_nothing() -> None:
    for ratio in (None, Ratio(2.0, None, None, 3, 1)):
        assert verdict_of(ratio) is Verdict.UNDECIDED
        assert gate_of(ratio, 0.05) is GateOutcome.INCONCLUSIVE


@given(LOGS, st.floats(0, 1), st.floats(0.001, 0.5))
def test_interval_and_verdict_never_disagree(low: float, width: float, margin: float) -> None:
    ratio = of(exp(low), exp(low + width))
    assert ratio.low
    assert ratio.high
    verdict, edge = verdict_of(ratio, margin), 1 + margin
    assert (verdict is Verdict.SLOWER) == (ratio.low > edge)
    assert (verdict is Verdict.FASTER) == (ratio.high < 1 / edge)
    assert (verdict is Verdict.EQUIVALENT) == (ratio.low >= 1 / edge and ratio.high <= edge)


@given(LOGS, st.floats(0, 1))
def test_swapping_the_sides_swaps_faster_and_slower(low: float, width: float) -> None:
    other = {Verdict.FASTER: Verdict.SLOWER, Verdict.SLOWER: Verdict.FASTER}
    there, back = of(exp(low), exp(low + width)), of(exp(-low - width), exp(-low))
    assert other.get(verdict := verdict_of(there), verdict) is verdict_of(back)


def test_a_wider_margin_is_easier_to_be_within() -> None:
    assert verdict_of(of(0.97, 1.05)) is Verdict.UNDECIDED
    assert verdict_of(of(0.97, 1.05), margin=0.1) is Verdict.EQUIVALENT


@pytest.mark.parametrize(
    ("low", "high", "passed"),
    [
        (0.98, 1.02, GateOutcome.OK),
        (0.4, 0.6, GateOutcome.OK),
        (1.18, 1.22, GateOutcome.REGRESSION),
        (1.01, 1.11, GateOutcome.INCONCLUSIVE),
        (1.04, 1.05, GateOutcome.OK),
        (1.06, 1.06, GateOutcome.REGRESSION),
    ],
)
def test_a_gate_lets_through_what_is_below_its_limit_for_sure(
    low: float, high: float, passed: GateOutcome
) -> None:
    assert gate_of(of(low, high), 0.05) is passed


# How often chance says something


def looked_at(rows: list[list[float]], *, first: int = 5) -> list[set[Verdict]]:
    """Return all that each row of a table says to one who looks after every round."""
    said: list[set[Verdict]] = [set() for _ in rows]
    for rounds in range(first, len(rows[0]) + 1):
        ratios = ratios_of_logs([[np.array(row[:rounds])] for row in rows])
        for words, ratio in zip(said, ratios, strict=True):
            words.add(verdict_of(ratio))
    return said


def table(
    chance: np.random.Generator, truth: float, noise: float, rounds: int
) -> list[list[float]]:
    """Return five rows with the same baseline."""
    base = chance.normal(0, noise, rounds)
    return [(chance.normal(truth, noise, rounds) - base).tolist() for _ in range(5)]


def test_tables_in_which_nothing_differs_seldom_say_that_something_does() -> None:
    """Whoever looks after every round sees no more wrong words than one who looks once."""
    chance, trials = np.random.default_rng(1), 200
    wrong = sum(
        any(words & {Verdict.FASTER, Verdict.SLOWER} for words in looked_at(one))
        for one in (table(chance, 0.0, 0.05, 30) for _ in range(trials))
    )
    assert wrong / trials <= 0.05


@pytest.mark.parametrize("sign", [1, -1])
def test_what_is_at_the_margin_is_seldom_called_equivalent(sign: int) -> None:
    chance, trials = np.random.default_rng(2), 200
    wrong = sum(
        any(Verdict.EQUIVALENT in words for words in looked_at(one))
        for one in (table(chance, sign * log1p(MARGIN), 0.01, 30) for _ in range(trials))
    )
    assert wrong / trials <= 0.05


def test_what_differs_enough_is_found() -> None:
    chance = np.random.default_rng(3)
    found = [table(chance, log(1.2), 0.05, 20) for _ in range(50)]
    ratios = [ratios_of_logs([[np.array(row)] for row in rows]) for rows in found]
    assert np.mean([verdict_of(one) is Verdict.SLOWER for rows in ratios for one in rows]) > 0.95
