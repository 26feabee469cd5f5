"""Warm-up, modes and luck of launches: told where they are, and hardly ever where they are not."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from daskbench.document import Said
from daskbench.events import CaseFailed, Event
from daskbench.findings import samples
from daskbench.findings.samples import luck, modes, precision, warm_up
from daskbench.journal.run import Run
from daskbench.model import Plan
from daskbench.stats.distribution import LEVEL, luck_of, modes_of, trend_of
from daskbench.stats.result_tables import ResultTable
from tests.unit.builders import (
    make_case,
    make_invalid,
    make_plan,
    make_run,
    make_sample,
    make_suite,
    result_tables_of,
    timed,
)

Floats = npt.NDArray[np.float64]
Rule = Callable[[Run, list[ResultTable]], Iterable[str | Said]]
ONE = make_case("numpy")


def found_by(
    rule: Rule, folder: Path, events: list[Event], plan: Plan | None = None, **settings: Any
) -> list[str]:
    run = make_run(folder, events, plan or make_plan(make_suite(ONE, **settings)))
    return [*map(str, rule(run, result_tables_of(run)))]


def of(seconds: Iterable[float], **changes: Any) -> list[Event]:
    return [*timed(0, map(float, seconds), **changes)]


# Noise


def normal(chance: np.random.Generator, count: int) -> Floats:
    return np.exp(0.1 * chance.standard_normal(count))


def alike(chance: np.random.Generator, count: int) -> Floats:
    """Each is like the one before by 0.4."""
    found = chance.standard_normal(count + 20)
    for i in range(1, len(found)):
        found[i] = 0.4 * found[i - 1] + (1 - 0.4**2) ** 0.5 * found[i]
    return np.exp(0.1 * found[20:])


def skewed(chance: np.random.Generator, count: int) -> Floats:
    return 1 + chance.exponential(0.3, count)


def flat(chance: np.random.Generator, count: int) -> Floats:
    return 1 + chance.random(count)


def heavy(chance: np.random.Generator, count: int) -> Floats:
    return np.exp(0.05 * chance.standard_t(2, count))


NOISES = pytest.mark.parametrize("noise", [normal, alike, skewed, flat, heavy])


@NOISES
@pytest.mark.parametrize("count", [15, 30, 100])
def test_noise_seldom_has_a_shape(
    noise: Callable[[np.random.Generator, int], Floats], count: int
) -> None:
    """By the chance alone, without the size that a line needs beside it."""
    chance, trials = np.random.default_rng(count), 1000
    told = [0, 0, 0]
    for _ in range(trials):
        seconds = noise(chance, count)
        for i, found in enumerate(
            (trend_of([seconds]), modes_of(seconds), luck_of(np.split(seconds, 5)))
        ):
            told[i] += found is not None and found.p_value < LEVEL
    # Launches of three rounds that are alike differ a little more often than they should.
    assert max(told[:2]) / trials < 0.01
    assert told[2] / trials < 0.02


def test_noise_of_a_whole_run_is_seldom_told(tmp_path: Path) -> None:
    chance, told, trials = np.random.default_rng(1), 0, 150
    plan = make_plan(make_suite(*(make_case(workers=n) for n in range(1, 5)), launches=3))
    for trial in range(trials):
        events = [
            sample for case in range(4) for sample in timed(case, map(float, normal(chance, 21)))
        ]
        run = make_run(tmp_path / str(trial), events, plan)
        told += any([*rule.find(run, result_tables_of(run))] for rule in samples.RULES)
    assert told / trials < 0.02


# Warm-up


def warming(chance: np.random.Generator, rounds: int, size: float = 0.4) -> Floats:
    decay = size * np.exp(-np.arange(rounds) / 6)
    return np.exp(decay + 0.01 * chance.standard_normal(rounds))


def test_a_case_that_was_not_warm_is_told_with_what_to_turn(tmp_path: Path) -> None:
    [line] = found_by(warm_up, tmp_path, of(warming(np.random.default_rng(0), 30)))
    assert line.startswith("numpy: the first 5 samples took ")
    assert line.endswith("% longer than the later ones; try --warmup 6")


def test_a_case_that_was_not_warm_in_each_launch_is_told(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    events = of(np.concatenate([warming(chance, 7) for _ in range(5)]))
    [line] = found_by(warm_up, tmp_path, events, launches=5, warmup=2)
    assert line.startswith("numpy: the first 1 sample of each launch took ")
    assert line.endswith("try --warmup 3")
    assert found_by(warm_up, tmp_path / "one", events, rounds=35) == []  # of one launch it is none


def test_a_machine_that_gets_slower_is_told_without_a_guess_at_why(tmp_path: Path) -> None:
    events = of(1 / warming(np.random.default_rng(0), 30))
    [line] = found_by(warm_up, tmp_path, events)
    assert line.endswith("% less than the later ones; --warmup 6 would exclude them")


def test_a_small_trend_is_worth_no_line(tmp_path: Path) -> None:
    assert found_by(warm_up, tmp_path, of(1 - 0.001 * np.arange(20))) == []


@pytest.mark.parametrize("launches", [[], [4, 3], [9], [3, 3, 3, 3]])
def test_too_few_samples_have_no_trend(launches: list[int]) -> None:
    assert trend_of([np.arange(1.0, count + 1) for count in launches]) is None


def test_samples_that_are_all_the_same_have_no_shape() -> None:
    same = np.full(30, 0.1)
    trend, luck = trend_of([same]), luck_of([same, same, same])
    assert trend is not None
    assert luck is not None
    assert (trend.excess, trend.p_value, luck.spread, luck.p_value) == (0, 1, 0, 1)
    assert modes_of(same) is None


# Modes


def two(chance: np.random.Generator, count: int, part: float, apart: float = 0.25) -> Floats:
    upper = chance.random(count) < part
    return np.exp(apart * upper + 0.02 * chance.standard_normal(count)) * 0.04


def test_two_modes_are_told_with_their_shares(tmp_path: Path) -> None:
    [line] = found_by(modes, tmp_path, of(two(np.random.default_rng(0), 100, 0.3)))
    assert line.startswith("numpy: two modes, 40 ms in 7")
    assert "% of its samples and 51.5 ms in 2" in line


@pytest.mark.parametrize(("count", "part", "apart"), [(15, 0.5, 0.3), (60, 0.05, 0.3)])
def test_few_samples_or_a_few_outliers_are_no_mode(
    tmp_path: Path, count: int, part: float, apart: float
) -> None:
    events = of(two(np.random.default_rng(0), count, part, apart))
    assert found_by(modes, tmp_path, events) == []


def test_modes_that_lie_close_are_worth_no_line(tmp_path: Path) -> None:
    seconds = np.concatenate([np.full(30, 1.0), np.full(30, 1.01)])
    assert modes_of(seconds) is not None
    assert found_by(modes, tmp_path, of(seconds)) == []


def test_what_shows_in_several_cases_is_one_line(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    plan = make_plan(make_suite(*(make_case(workers=n) for n in (1, 2, 3, 4))))
    events: list[Event] = []
    for case in range(3):
        events += timed(case, map(float, two(chance, 100, 0.3)))
    events += timed(3, map(float, normal(chance, 100)))
    [line] = found_by(modes, tmp_path, events, plan)
    assert line.startswith("threads × 1: two modes, ")
    assert line.endswith("; likewise in threads × 2, threads × 3")


# Launches


def lucky(chance: np.random.Generator, launches: int, rounds: int, spread: float) -> Floats:
    luck = spread * chance.standard_normal((launches, 1))
    return np.exp(luck + 0.01 * chance.standard_normal((launches, rounds))).ravel() * 0.04


def test_launches_that_differ_are_told_and_by_how_much(tmp_path: Path) -> None:
    events = of(lucky(np.random.default_rng(0), 5, 7, 0.1))
    [line] = found_by(luck, tmp_path, events, launches=5)
    assert line.startswith("numpy: medians of its 5 launches range from 38 ms to 42.8 ms; ")
    assert line.endswith("a single launch would have been off by about 4%")


def test_where_launches_differ_their_modes_are_not_told_too(tmp_path: Path) -> None:
    seconds = np.exp(0.01 * np.random.default_rng(0).standard_normal((4, 20)))
    events = of((seconds * np.array([[1.0], [1.0], [1.4], [1.4]])).ravel())
    assert len(found_by(luck, tmp_path / "a", events, launches=4, rounds=20)) == 1
    assert found_by(modes, tmp_path / "b", events, launches=4, rounds=20) == []
    assert len(found_by(modes, tmp_path / "c", events, rounds=80)) == 1


def test_launches_that_differ_a_little_are_worth_no_line(tmp_path: Path) -> None:
    seconds = 1 + 1e-6 * np.arange(35) % 7 + 0.005 * (np.arange(35) // 7)
    assert found_by(luck, tmp_path, of(seconds), launches=5) == []


@pytest.mark.parametrize("launches", [[], [7], [7, 7], [7, 7, 1]])
def test_too_few_launches_tell_nothing_of_luck(launches: list[int]) -> None:
    assert luck_of([np.arange(1.0, count + 1) for count in launches]) is None


def test_the_spread_of_launches_is_about_what_it_is() -> None:
    chance = np.random.default_rng(1)
    spreads = []
    for _ in range(200):
        found = luck_of([*lucky(chance, 20, 7, 0.1).reshape(20, 7)])
        assert found is not None
        spreads.append(found.spread)
    assert np.median(spreads) == pytest.approx(0.1, rel=0.15)


# Precision


def test_a_precision_that_all_reached_is_one_line(tmp_path: Path) -> None:
    """Of the baseline, its rows tell it."""
    cases = (ONE, make_case(workers=1), make_case(workers=2))
    events: list[Event] = [*(*timed(0, [0.1] * 20), *timed(1, [0.3] * 20), *timed(2, [0.2] * 16))]
    plan = make_plan(make_suite(*cases, precision=0.02))
    assert found_by(precision, tmp_path, events, plan) == [
        "precision 2% reached by all 2 cases after 16 to 20 samples: threads × 1 0%, threads × 2 0%"
    ]


def test_a_precision_that_was_not_reached_is_told_with_what_it_takes(tmp_path: Path) -> None:
    plan = make_plan(make_suite(ONE, make_case(workers=2), precision=0.02))
    noisy = 0.2 * normal(np.random.default_rng(0), 20)
    events: list[Event] = [*timed(0, [0.1] * 20), *timed(1, map(float, noisy), watched_s=1.0)]
    (wide,) = found_by(precision, tmp_path, events, plan)
    assert wide.startswith("threads × 2: precision ")
    assert "% after 20 samples; 2% would take about " in wide
    assert wide.endswith(" more")


def test_a_single_case_that_is_precise_is_told(tmp_path: Path) -> None:
    lines = found_by(precision, tmp_path, of([0.1] * 15), precision=0.005)
    assert lines == ["precision 0.5% reached by the case after 15 samples: numpy 0%"]


def test_a_baseline_that_failed_widens_no_interval(tmp_path: Path) -> None:
    plan = make_plan(make_suite(ONE, make_case(workers=2), precision=0.02))
    failed = CaseFailed(0, "in round 4", "killed")
    events: list[Event] = [*timed(0, [0.1, 0.3, 0.2]), failed, *timed(1, [0.2] * 16)]
    lines = found_by(precision, tmp_path, events, plan)
    assert lines[0] == "precision 2% reached by the case after 16 samples: threads × 2 0%"


@pytest.mark.parametrize(
    "events", [[], [make_sample()], [make_invalid(0, number) for number in range(1, 20)]]
)
def test_without_an_interval_nothing_is_said_of_precision(
    tmp_path: Path, events: list[Event]
) -> None:
    assert found_by(precision, tmp_path, events, precision=0.02) == []


def test_no_precision_was_asked_for(tmp_path: Path) -> None:
    assert found_by(precision, tmp_path, of([0.1] * 15)) == []
