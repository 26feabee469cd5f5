"""Thresholds of memory: where they are crossed, and the verdict."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from daskbench import environment
from daskbench.benchmarks.worker_memory.overloads import OVERLOADS
from daskbench.cli import main
from daskbench.config import check_room, fit, forecasts_of, make_suite
from daskbench.errors import ExitCode, UsageError
from daskbench.experiments.thresholds.rows import ThresholdCheck
from daskbench.model import Case, Suite
from tests.unit.builders import make_sample
from tests.unit.experiments.threshold_checks import NOT_REACHED, SEEN, checked, report_of, suite_of

MIB = 1 << 20
GIB = 1 << 30


def case_of(threshold: str, suite: Suite | None = None) -> Case:
    cases = (suite or suite_of()).cases
    return next(case for case in cases if case.parameters["threshold"] == threshold)


def check_of(folder: Path, threshold: str, **changes: float) -> ThresholdCheck:
    report = report_of(folder, **{threshold: SEEN[threshold] | changes})
    [found] = [
        check for row, check in checked(report) if row.case.parameters["threshold"] == threshold
    ]
    assert found is not None
    return found


def test_all_four_are_passed_each_on_workers_of_its_own() -> None:
    suite = suite_of()
    assert [case.parameters["threshold"] for case in suite.cases] == [*OVERLOADS]
    assert {case.scheduler for case in suite.cases} == {"distributed"}
    assert {case.memory_limit_bytes for case in suite.cases} == {512 * MIB}
    assert [(case.workers, case.threads_per_worker) for case in suite.cases] == [
        *[(1, 2)] * 3,
        (2, 1),
    ]
    assert suite.in_turns


@pytest.mark.parametrize(
    ("threshold", "off"),
    [
        ("target", {"spill", "pause", "terminate"}),
        ("spill", {"pause", "terminate"}),
        ("pause", {"target", "spill", "terminate"}),
        ("terminate", {"target", "spill", "pause"}),
    ],
)
def test_the_other_thresholds_are_off(threshold: str, off: set[str]) -> None:
    assert case_of(threshold).thresholds.given == dict.fromkeys(off, 0.0)


def test_a_threshold_that_is_given_is_that_of_its_case_alone() -> None:
    suite = suite_of(pause=0.7)
    assert case_of("pause", suite).thresholds.pause == 0.7
    assert all(case_of(name, suite).thresholds.pause == 0 for name in OVERLOADS if name != "pause")


def test_workers_asked_for_elsewhere_do_not_reach_it() -> None:
    assert suite_of(workers=(4, 8)).cases == suite_of().cases
    limits = {case.memory_limit_bytes for case in suite_of(**{"memory-limit": (GIB,)}).cases}
    assert limits == {GIB}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"schedulers": ("threads",)}, "runs only on distributed; add that to --schedulers"),
        ({"address": "tcp://there:1"}, "can't run on tcp://there:1"),
        ({"memory-limit": (200 * MIB,)}, "cannot hold 60% of that as managed data"),
        ({"pause": 0.1}, "above --pause 0.1: raise --pause, or --memory-limit"),
        ({"target": 0.1}, "above --target 0.1"),
        ({"target": 0.95}, "cannot hold 95% of that as managed data"),
    ],
)
def test_what_does_not_go_together_is_told(values: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        suite_of(**values)


def test_it_is_refused_where_the_memory_is_not_there() -> None:
    check_room(suite_of(), 2 * GIB)
    with pytest.raises(UsageError, match=r"threshold=terminate needs up to 1.15 GiB .* 1 GiB is"):
        check_room(suite_of(threshold=("terminate",)), GIB)
    check_room(suite_of(threshold=("pause",)), GIB)
    check_room(make_suite("s", "calc_mean", {}, lambda: 2), 0)


def test_lanes_stay_one_at_a_time_whatever_fits() -> None:
    suite = suite_of()
    fitted = fit(suite, forecasts_of(suite, 2, 64 * GIB), 64 * GIB, force=False)
    assert fitted.in_turns == suite.in_turns


def test_the_command_refuses_before_anything_starts(
    here: Path, runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "available_bytes", lambda: 100 * MIB)
    for command in (["thresholds"], ["run", "lesson-thresholds"]):
        result = runner.invoke(main, command)
        assert result.exit_code == ExitCode.USAGE
        [line] = result.stderr.splitlines()
        assert "needs up to 662 MiB of memory" in line
    assert not (here / ".daskbench").exists()


def test_free_memory_is_no_more_than_there_is() -> None:
    assert 0 < environment.available_bytes() < environment.memory_bytes()


def test_the_suite_is_what_the_command_measures(here: Path, runner: CliRunner) -> None:
    command, suite = (
        runner.invoke(main, [*words, "--dry-run"]).stdout.splitlines()
        for words in (["thresholds"], ["run", "lesson-thresholds"])
    )
    assert command[1:] == suite[1:]
    assert command[0] == "thresholds: 4 cases × 1 round"
    assert "lesson-thresholds" in runner.invoke(main, ["run", "lesson", "--dry-run"]).stdout


@pytest.mark.parametrize("threshold", SEEN)
def test_what_is_as_documented_agrees(tmp_path: Path, threshold: str) -> None:
    check = check_of(tmp_path, threshold)
    assert (check.verdict, check.differences) == ("agrees", ())
    assert check.documented_fraction == SEEN[threshold]["in_force"]
    assert check.observed_fraction == SEEN[threshold]["fraction"]
    assert check.delay_s == SEEN[threshold]["delay_s"]
    assert check.observed == f"what followed {threshold}"


@pytest.mark.parametrize(
    ("threshold", "changes", "difference"),
    [
        ("target", {"fraction": 0.58}, "it acted at 58.0%, not at 60.0%"),
        ("spill", {"fraction": 0.74}, "it acted at 74.0%, not at 70.0%"),
        ("pause", {"in_force": 0.0}, "it acted although it is off"),
        ("target", {"out_of_order": 2}, "2 of 7 blocks went to disk out of order"),
        ("spill", {"out_of_order": 1}, "1 of 3 blocks went to disk out of order"),
        ("spill", {"stopped_at": 0.65}, "it stopped at 65.0%, above 60%"),
        ("pause", {"ended_in_pause": 0}, "the running task did not end"),
        ("pause", {"started_in_pause": 2}, "2 tasks started while it was paused"),
        ("pause", {"started_after": 0}, "no task was left to start after it"),
        ("terminate", {"ended": 0}, "its process is still alive"),
        ("terminate", {"others": 0}, "no other worker held data"),
        ("terminate", {"others_ended": 1}, "another worker ended too"),
        ("terminate", {"made_again": 3}, "4 blocks were lost, 3 recomputed"),
        ("terminate", {"made_again": 5, "made_for_nothing": 1}, "4 blocks were lost, 5 recomputed"),
    ],
)
def test_what_is_not_as_documented_differs(
    tmp_path: Path, threshold: str, changes: dict[str, float], difference: str
) -> None:
    check = check_of(tmp_path, threshold, **changes)
    assert (check.verdict, check.differences) == ("differs", (difference,))


def test_a_worker_that_stays_paused_differs(tmp_path: Path) -> None:
    seen = {name: value for name, value in SEEN["pause"].items() if name != "resume_s"}
    report = report_of(tmp_path, pause=seen)
    check = checked(report)[2][1]
    assert check is not None
    assert check.differences == ("it did not resume",)


@pytest.mark.parametrize("off", [-0.014, 0.0, 0.029])
def test_a_step_below_and_three_above_still_agree(tmp_path: Path, off: float) -> None:
    assert check_of(tmp_path, "pause", fraction=0.8 + off).verdict == "agrees"


def test_how_late_it_was_is_told_and_not_judged(tmp_path: Path) -> None:
    assert check_of(tmp_path, "pause", delay_s=30.0).verdict == "agrees"


def test_how_often_dask_looks_is_told_as_it_is_in_force(tmp_path: Path) -> None:
    assert check_of(tmp_path / "a", "pause").documented.startswith("checked every 100 ms: ")
    slower = check_of(tmp_path / "b", "pause", interval_s=0.25)
    assert slower.documented.startswith("checked every 250 ms: ")


def test_what_never_acted_is_not_reached(tmp_path: Path) -> None:
    report = report_of(tmp_path, pause=NOT_REACHED)
    check = checked(report)[2][1]
    assert check is not None
    assert (check.verdict, check.observed_fraction) == ("not reached", None)


def test_of_several_samples_the_one_that_does_not_agree_counts(tmp_path: Path) -> None:
    wrong = SEEN["pause"] | {"started_in_pause": 1}
    events = [make_sample(2, 1, figures=SEEN["pause"]), make_sample(2, 2, figures=wrong)]
    check = checked(report_of(tmp_path, *events))[2][1]
    assert check is not None
    assert check.verdict == "differs"
