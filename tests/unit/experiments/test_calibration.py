"""Calibration: the suite that it is, what its journal tells, and what is shown of that."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from daskbench.cli import main
from daskbench.errors import UsageError
from daskbench.events import Event
from daskbench.experiments.calibration.document import summary_of
from daskbench.experiments.calibration.plan import make
from daskbench.experiments.calibration.rows import (
    Calibration,
    calibration_of,
    launches_of,
    least_found,
)
from daskbench.formats import FORMATS, Page
from daskbench.model import Plan, Suite
from daskbench.stats.ratio import Ratio
from daskbench.stats.verdict import Verdict, verdict_of
from tests.unit.builders import here, make_lane, make_report, make_run, make_sample, render

LAUNCHES, ROUNDS = 5, 3


def suite_of(comparisons: int, **values: Any) -> Suite:
    more = {"comparisons": comparisons, "launches": LAUNCHES, "rounds": ROUNDS, **values}
    return make("calibrate", "calc_mean", more, here(2))


def samples_of(suite: Suite, noise: float, seed: int = 1) -> list[Event]:
    """What a quiet machine gives, or one with so much noise, where the slow-downs are real."""
    chance = np.random.default_rng(seed)
    events: list[Event] = [make_lane(number) for number in range(len(suite.cases))]
    for round_number in range(1, suite.settings.samples + 1):
        drift = 1 + 0.1 * chance.random()
        for number, case in enumerate(suite.cases):
            wall_s = float(
                0.04 * drift * (1 + case.side.slowdown) * np.exp(noise * chance.normal())
            )
            launch = (round_number - 1) // ROUNDS
            events.append(
                make_sample(number, round_number, wall_s, launch=launch, watched_s=wall_s + 0.01)
            )
    return events


def calibration(path: Path, suite: Suite, noise: float) -> Calibration:
    run = make_run(path, samples_of(suite, noise), Plan((suite,)))
    found = calibration_of(run, suite, [number for number, _, _ in run.cases])
    assert found
    return found


def test_a_case_is_measured_twice_and_once_for_each_slow_down() -> None:
    suite = suite_of(4, slowdown=(0.02, 0.05))
    assert [case.side.name for case in suite.cases] == ["A", "A again", "2% slower", "5% slower"]
    assert [case.side.slowdown for case in suite.cases] == [0, 0, 0.02, 0.05]
    assert len({case.place.partition(": ")[2] for case in suite.cases}) == 1
    assert (suite.settings.launches, launches_of(suite)) == (4 * LAUNCHES, LAUNCHES)


@pytest.mark.parametrize("values", [{"workers": (1, 2)}, {"n": (1, 2)}])
def test_a_calibration_is_of_one_case(values: dict[str, Any]) -> None:
    with pytest.raises(
        UsageError, match="a calibration needs a single case, but these options make 2"
    ):
        suite_of(4, **values)


def test_a_quiet_machine_raises_no_alarm_and_finds_what_is_slower(tmp_path: Path) -> None:
    found = calibration(tmp_path, suite_of(8), noise=0.002)
    assert (found.false_alarms.count, found.false_alarms.of) == (0, 8)
    assert found.false_alarms.low == 0
    assert found.false_alarms.high == pytest.approx(0.369, abs=0.001)  # as tables have it
    (rate,) = found.found.values()
    assert (rate.count, rate.of) == (8, 8)


def test_a_noisy_machine_does_not_find_it(tmp_path: Path) -> None:
    found = calibration(tmp_path, suite_of(8), noise=0.5)
    assert found.found[0.05].count < 4
    assert found.lengths[0].smallest[0].value > 0.1


def test_longer_comparisons_find_less(tmp_path: Path) -> None:
    found = calibration(tmp_path, suite_of(40), noise=0.05)
    assert [length.launches for length in found.lengths] == [5, 10, 20, 40]
    assert [length.comparisons for length in found.lengths] == [40, 20, 10, 5]
    values = [length.smallest[0].value for length in found.lengths]
    assert values == sorted(values, reverse=True)
    assert found.lengths[1].seconds == pytest.approx(2 * found.lengths[0].seconds)
    for length in found.lengths:
        for smallest in length.smallest:
            assert (smallest.low or 0) <= smallest.value <= (smallest.high or np.inf)


def test_below_a_whole_comparison_nothing_is_told(tmp_path: Path) -> None:
    suite = suite_of(4)
    few = [event for event in samples_of(suite, 0.01) if getattr(event, "round", 0) < ROUNDS]
    run = make_run(tmp_path, few, Plan((suite,)))
    assert calibration_of(run, suite, range(len(suite.cases))) is None


@given(st.floats(0.8, 1.02), st.floats(1, 1.3))
def test_the_least_that_is_found_is_found_and_less_is_not(low: float, width: float) -> None:
    least = least_found(Ratio(low, low, low * width, 10, 1))

    def verdict(slowdown: float) -> Verdict:
        return verdict_of(Ratio(low, low * (1 + slowdown), low * width * (1 + slowdown), 10, 1))

    assert verdict(least * 1.001 + 1e-6) == Verdict.SLOWER
    if least > 1e-5:
        assert verdict(least * 0.999 - 1e-6) != Verdict.SLOWER


@pytest.mark.parametrize("view", [name for name in FORMATS if name not in ("csv", "json")])
def test_every_view_shows_it_instead_of_the_times(tmp_path: Path, view: str) -> None:
    suite = suite_of(8)
    report = make_report(tmp_path, samples_of(suite, 0.002), Plan((suite,)))
    text = " ".join(render(view, report, Page(width=120)).split())
    assert "the same case: false alarms" in text
    assert "5 % slower: detected" in text
    assert "100.0% [63.1%, 100.0%]" in text
    assert "mean ± std" not in text


def test_json_has_all_of_it(tmp_path: Path) -> None:
    suite = suite_of(8)
    report = make_report(tmp_path, samples_of(suite, 0.002), Plan((suite,)))
    (found,) = json.loads(render("json", report))["calibrations"]
    assert found["false_alarms"]["of"] == 8
    assert found["found"][0] | {"low": 0} == {
        "slowdown": 0.05,
        "count": 8,
        "of": 8,
        "low": 0,
        "high": 1.0,
        "share": 1.0,
    }
    assert found["smallest"][0]["launches"] == LAUNCHES


def test_doctor_tells_of_the_last_one(tmp_path: Path) -> None:
    answer = CliRunner().invoke(main, ["doctor", "--store", str(tmp_path)])
    assert "calibrated" in answer.output
    assert "not yet: 'daskbench calibrate'" in answer.output
    suite = suite_of(8)
    make_run(tmp_path, samples_of(suite, 0.002), Plan((suite,)), run_id="20261123-1-calibrate-ab12")
    answer = CliRunner().invoke(main, ["doctor", "--store", str(tmp_path)])
    assert "2026-11-23, calc_mean n=100000 tasks=10 rng=legacy on threads × 2" in answer.output
    assert "0 false alarms in 8 comparisons; 80% of comparisons detect" in answer.output
    assert "run 'daskbench calibrate' again: host was here" in answer.output


def test_a_summary_of_few_comparisons_tells_no_difference(tmp_path: Path) -> None:
    assert summary_of(calibration(tmp_path, suite_of(2), 0.002)).endswith("in 2 comparisons")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--slowdown", "0"), "'0' is out of range: use 0.1% to 100%"),
        (("--workers", "1,2"), "a calibration needs a single case"),
        (("--launches", "4"), "--launches 4 is too few for comparisons with an interval"),
        (("--launches", "1", "--rounds", "4"), "use 5 or more, or 1 with 5 rounds or more"),
        (("--comparisons", "none"), "is not a whole number"),
    ],
)
def test_bad_input_is_told_before_anything_starts(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    answer = CliRunner().invoke(main, ["calibrate", *arguments, "--store", str(tmp_path / "s")])
    assert answer.exit_code == 2
    assert message in " ".join(answer.output.split())
    assert not (tmp_path / "s").exists()
