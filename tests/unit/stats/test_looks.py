"""Bounds that were proved at earlier looks stay, and nothing else gets narrower."""

from math import log

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from daskbench.stats.looks import Proved, Series, is_look
from daskbench.stats.mixture import Floats
from daskbench.stats.sequence import AnytimeInterval, Verdict, intervals

ROUNDS = np.arange(1.0, 41)


def table(seed: int, truth: float, quiet: int = 40, rows: int = 4) -> list[Series]:
    """Rows of 40 rounds; after the first `quiet` all but the first vary a lot."""
    noise = np.random.default_rng(seed).normal(0, 0.05, (rows, 40))
    noise[1:, quiet:] *= 200
    noise[0] += truth
    return [Series(logs, ROUNDS) for logs in noise]


def ends(found: list[AnytimeInterval | None]) -> list[tuple[float, float]]:
    return [(one.low, one.high) for one in found if one]


def cut(rows: list[Series], last: int) -> list[Series]:
    return [Series(row.until(last), row.rounds[row.rounds <= last]) for row in rows]


def test_a_row_keeps_its_verdict_when_its_neighbours_become_noisy() -> None:
    rows = table(1, log(1.3), quiet=20)
    (now, *_) = intervals([[row.logs] for row in rows])
    assert now
    assert now.verdict() is Verdict.UNDECIDED
    (kept, *_) = Proved().look(rows)
    assert kept
    assert kept.verdict() is Verdict.SLOWER
    (turned, *_) = Proved().look([Series(-row.logs, row.rounds) for row in rows])
    assert turned
    assert turned.verdict() is Verdict.FASTER
    assert (turned.low, turned.high) == (-kept.high, -kept.low)


@given(st.integers(0, 999), st.floats(-0.5, 0.5), st.integers(5, 40))
def test_the_value_is_inside_and_only_the_end_towards_1_moves(
    seed: int, truth: float, quiet: int
) -> None:
    rows = table(seed, truth, quiet)
    plain = [one for one in intervals([[row.logs] for row in rows]) if one]
    for now, kept in zip(plain, Proved().look(rows), strict=True):
        assert kept
        assert now.low <= kept.low <= kept.value <= kept.high <= now.high
        assert kept.high == now.high if now.value > 0 else kept.low == now.low


@given(st.integers(0, 999), st.lists(st.integers(1, 40), max_size=8))
def test_looking_on_the_way_is_the_same_as_working_it_out_afterwards(
    seed: int, moments: list[int]
) -> None:
    rows, watched = table(seed, 0.1, quiet=20), Proved()
    for moment in sorted(moments):
        watched.look(cut(rows, moment))
    assert ends(watched.look(rows)) == ends(Proved().look(rows))


def test_a_value_that_went_back_takes_the_verdict_with_it() -> None:
    """A machine that changed: what was proved no longer describes it."""
    logs = np.r_[np.full(20, 0.3), np.full(400, -0.05)] + np.tile([0.01, -0.01], 210)
    (found,) = Proved().look([Series(logs, np.arange(1.0, 421))])
    assert found
    assert found.verdict() is not Verdict.SLOWER


def test_looks_grow_rare_as_rounds_grow_many() -> None:
    assert all(map(is_look, range(1, 128)))
    assert sum(map(is_look, range(128, 256))) == 64
    assert sum(map(is_look, range(1, 100_001))) < 800


def test_a_row_that_rests_is_taken_as_it_stood() -> None:
    """Rounds that it sat out are no rounds of its own, and those made up for come last."""
    row = Series(np.arange(5.0), np.array([1.0, 2, 5, 3, 8]))
    kept: Floats = row.until(5)
    assert kept.tolist() == [0, 1, 2, 3]
    assert row.until(1).tolist() == [0]
    assert Proved().look([row, Series(np.array([]), np.array([]))])[1] is None
