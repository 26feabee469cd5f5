"""Thresholds of memory: where they are passed, what is judged, how it is shown."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dask.config
import distributed
import numpy as np
import pytest
from click.testing import CliRunner

from daskbench import environment
from daskbench.benchmarks.base import SHIPPED, HasPlace
from daskbench.benchmarks.worker_memory import driving, ramp
from daskbench.benchmarks.worker_memory.driving import ended_by_nanny, random_block
from daskbench.benchmarks.worker_memory.overloads import OVERLOADS, Pause, Target, Terminate
from daskbench.benchmarks.worker_memory.ramp import Ramp, Record
from daskbench.benchmarks.worker_memory.thresholds import Thresholds
from daskbench.cli import main
from daskbench.cli.session import exit_code
from daskbench.config import check_room, fit, forecasts_of, make_suite
from daskbench.errors import ExitCode, UsageError
from daskbench.events import CaseFailed, Event
from daskbench.experiments.report import Report
from daskbench.experiments.thresholds.rows import Checks, ThresholdCheck
from daskbench.formats import Page
from daskbench.model import Case, Plan, Suite
from daskbench.model import Thresholds as Fractions
from daskbench.stats.results import Result
from tests.unit.builders import make_invalid, make_lane, make_report, make_sample, render
from tests.unit.fakes import Clock

MIB = 1 << 20
GIB = 1 << 30

#: What is seen where all is as documented.
SEEN: dict[str, dict[str, float]] = {
    "target": {
        "in_force": 0.6,
        "fraction": 0.6001,
        "delay_s": 0.02,
        "on_disk": 7,
        "out_of_order": 0,
    },
    "spill": {"in_force": 0.7, "fraction": 0.708, "delay_s": 0.1, "on_disk": 3, "out_of_order": 0}
    | {"stopped_at": 0.588, "stop_below": 0.6},
    "pause": {"in_force": 0.8, "fraction": 0.806, "delay_s": 0.08, "ended_in_pause": 1}
    | {"started_in_pause": 0, "started_after": 6, "resumed_at": 0.13, "resume_s": 0.02},
    "terminate": {"in_force": 0.95, "fraction": 0.957, "delay_s": 0.03, "ended": 1, "others": 1}
    | {"others_ended": 0, "lost": 4, "made_again": 4, "made_for_nothing": 0},
}
NOT_REACHED = {"in_force": 0.8, "highest": 0.99}


def suite_of(**values: Any) -> Suite:
    return make_suite("thresholds", "thresholds", values, lambda: 2)


def case_of(threshold: str, suite: Suite | None = None) -> Case:
    cases = (suite or suite_of()).cases
    return next(case for case in cases if case.parameters["threshold"] == threshold)


def report_of(folder: Path, *events: Event, **seen: Mapping[str, float]) -> Report:
    """A report of all four; what differs from `SEEN` is given by threshold."""
    plan = Plan((suite_of(),))
    samples = [
        make_sample(number, figures=seen.get(name, figures), note=f"what followed {name}")
        for number, (name, figures) in enumerate(SEEN.items())
        if not any(getattr(event, "case", None) == number for event in events)
    ]
    return make_report(folder, [*map(make_lane, range(4)), *samples, *events], plan)


def check_of(folder: Path, threshold: str, **changes: float) -> ThresholdCheck:
    report = report_of(folder, **{threshold: SEEN[threshold] | changes})
    [found] = [
        check for row, check in checked(report) if row.case.parameters["threshold"] == threshold
    ]
    assert found is not None
    return found


def checked(report: Report) -> list[tuple[Result, ThresholdCheck | None]]:
    [checks] = report.groups
    assert isinstance(checks, Checks)
    return checks.checked


def code_of(report: Report) -> ExitCode:
    return exit_code(report)


# Where


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
        ({"memory-limit": (200 * MIB,)}, "cannot hold managed data of 60%"),
        ({"pause": 0.1}, "above --pause 0.1: raise --pause, or --memory-limit"),
        ({"target": 0.1}, "above --target 0.1"),
        ({"target": 0.95}, "cannot hold managed data of 95%"),
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


# The verdict


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


# What is shown


def test_the_exit_code_is_0_where_all_agree(tmp_path: Path) -> None:
    assert code_of(report_of(tmp_path)) == ExitCode.OK


@pytest.mark.parametrize("seen", [NOT_REACHED, SEEN["pause"] | {"started_in_pause": 1}])
def test_the_exit_code_is_1_where_one_does_not(tmp_path: Path, seen: dict[str, float]) -> None:
    assert code_of(report_of(tmp_path, pause=seen)) == ExitCode.CASE_FAILED


def test_an_invalid_sample_gives_no_verdict(tmp_path: Path) -> None:
    report = report_of(tmp_path, make_invalid(1, figures=SEEN["spill"]))
    assert checked(report)[1][1] is None
    assert code_of(report) == ExitCode.CASE_FAILED


def test_thresholds_are_no_race(tmp_path: Path) -> None:
    [group] = report_of(tmp_path).groups
    assert len(group.results) == 4
    assert not any(row.best or row.ratio or row.baseline for row in group.results)


def test_the_table_fits_80_columns(tmp_path: Path) -> None:
    text = render("table", report_of(tmp_path, pause=NOT_REACHED), Page(width=80))
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[1].split() == ["threshold", "documented", "observed", "after", "verdict"]
    assert lines[2].split() == ["target", "60%", "60.0%", "20", "ms", "agrees"]
    assert lines[4].split() == ["pause", "80%", "-", "-", "not", "reached"]
    assert "documented effect" in lines[6]
    said = " ".join(text.split())
    assert "what followed terminate" in said
    assert "checked every 100 ms: the nanny" in said


def test_a_case_that_failed_says_why(tmp_path: Path) -> None:
    report = report_of(tmp_path, CaseFailed(3, "in round 1", "it died"))
    for view in ("table", "plain"):
        assert "failed: in round 1: it died" in render(view, report)


@pytest.mark.parametrize("view", ["table", "plain", "markdown"])
def test_every_view_tells_what_differs(tmp_path: Path, view: str) -> None:
    report = report_of(tmp_path, spill=SEEN["spill"] | {"fraction": 0.75}, pause=NOT_REACHED)
    said = " ".join(render(view, report).split())
    assert "spill does not act as documented: it acted at 75.0%, not at 70.0%" in said
    assert "pause was not reached: it is set to 80%, and what followed pause" in said


def test_markdown_has_one_row_each(tmp_path: Path) -> None:
    text = render("markdown", report_of(tmp_path))
    assert "| target | 60% | 60.0% | 20 ms | agrees | as data arrives: managed data goes" in text
    assert "ratio" not in text


def test_plain_has_a_line_each(tmp_path: Path) -> None:
    lines = render("plain", report_of(tmp_path)).splitlines()
    assert " ".join(lines[3].split()).startswith(
        "pause agrees: documented 80%, observed 80.6% (80 ms after); "
    )


def test_csv_and_json_have_the_same_fields(tmp_path: Path) -> None:
    report = report_of(tmp_path, pause=NOT_REACHED)
    rows = [*csv.DictReader(io.StringIO(render("csv", report)))]
    cases = json.loads(render("json", report))["cases"]
    for rows_of in (rows, cases):
        assert [row["verdict"] for row in rows_of] == ["agrees", "agrees", "not reached", "agrees"]
        assert [float(row["documented_fraction"]) for row in rows_of] == [0.6, 0.7, 0.8, 0.95]
        assert rows_of[0]["observed"] == "what followed target"
        assert rows_of[0]["documented"].startswith("as data arrives: managed data")


def test_a_worker_that_was_to_die_is_no_surprise(tmp_path: Path) -> None:
    died = make_sample(3, figures=SEEN["terminate"], note="followed", workers_lost=1)
    assert report_of(tmp_path, died).findings == []


# What drives the workers


def test_the_benchmark_has_a_place_and_no_numpy() -> None:
    benchmark = Thresholds("pause", seed=0)
    assert isinstance(benchmark, HasPlace)
    with pytest.raises(UsageError):
        benchmark.calls()
    assert benchmark.place(None, Fractions(pause=0.0).given).thresholds["pause"] == 0.0


@pytest.mark.parametrize("threshold", OVERLOADS)
def test_every_sample_has_keys_of_its_own(threshold: str) -> None:
    benchmark = Thresholds(threshold, seed=0)
    one, two = ({task.key for task in benchmark.collection()} for _ in range(2))
    assert not one & two


class FakeWorker:
    """A process that holds `base` and what it is given, and acts above a part of its limit."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, acts_above: float, late_s: float) -> None:
        self.clock, self.late_s, self.acts_above = Clock(), late_s, acts_above
        self.above_since: float | None = None
        self.ramp = Ramp(0.7, 1000, self.acts)
        monkeypatch.setattr(ramp, "monotonic", self.clock)
        monkeypatch.setattr(ramp, "sleep", self.sleep)
        monkeypatch.setattr(ramp, "rss_bytes", self.rss)

    def rss(self) -> int:
        return 200 + sum(block.nbytes for block in self.ramp.ballast)

    def sleep(self, seconds: float) -> None:
        self.clock.now += seconds
        if self.above_since is None and self.rss() > self.acts_above * 1000:
            self.above_since = self.clock.now

    def acts(self) -> bool:
        return self.above_since is not None and self.clock.now >= self.above_since + self.late_s


@pytest.mark.parametrize(("late_s", "steps"), [(0.0, 1), (0.1, 1), (0.4, 1), (1.2, 3)])
def test_the_ramp_finds_the_threshold_however_late(
    monkeypatch: pytest.MonkeyPatch, late_s: float, steps: int
) -> None:
    worker = FakeWorker(monkeypatch, acts_above=0.7, late_s=late_s)
    worker.ramp.drive()
    record = worker.ramp.record()
    assert record["acted"]
    assert record["highest"] == pytest.approx(0.7 + steps * 0.01)
    assert late_s <= record["delay_s"] <= late_s + 0.01


def test_the_ramp_never_passes_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = FakeWorker(monkeypatch, acts_above=2.0, late_s=0.0)
    worker.ramp.drive()
    record = worker.ramp.record()
    assert (record["acted"], record["delay_s"]) == (False, None)
    assert 0.99 <= record["highest"] <= 1.0


def test_a_worker_that_acts_early_is_seen_to(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = FakeWorker(monkeypatch, acts_above=0.5, late_s=0.0)
    worker.ramp.drive()
    record = worker.ramp.record()
    assert record["highest"] == pytest.approx(0.51)
    assert record["delay_s"] is None


def test_the_log_of_a_process_that_was_ended_is_read_but_its_cut_line() -> None:
    log = ["77 1000 0.95 0.1", "1.0 900", "1.5 955", "1.75 958", "1.8 9"]
    record = ended_by_nanny(log)
    assert (record["pid"], record["limit"], record["threshold"]) == (77, 1000, 0.95)
    assert (record["highest"], record["delay_s"], record["interval_s"]) == (0.958, 0.25, 0.1)


def test_a_process_ended_within_a_step_was_ended_at_once() -> None:
    header = "77 1000 0.95 0.1"
    assert ended_by_nanny([header, "1.0 930", "1.5 946", ""])["delay_s"] == 0.0
    assert ended_by_nanny([header, "1.0 600", "1.5 610", ""])["delay_s"] is None


def test_what_came_between_two_looks_came_at_once(tmp_path: Path) -> None:
    report = report_of(tmp_path, target=SEEN["target"] | {"delay_s": 0.0})
    assert "| target | 60% | 60.0% | at once | agrees |" in render("markdown", report)


def test_blocks_on_disk_are_held_against_the_order_of_use() -> None:
    target = Target(seed=1)
    sums = [driving.checksum(random_block(1, number, 100)) for number in range(8)]
    seen = {"sums": sums, "disk": [3, 4, 5]}
    assert target.figures(seen) == {"on_disk": 3, "out_of_order": 0}
    assert target.wrong(seen) is None
    assert "blocks 3, 4, 5 went to disk, in this order; blocks 0, 1, 2" in target.follows(seen)
    assert target.figures(seen | {"disk": [3, 0, 4]})["out_of_order"] == 2
    assert "did not all stay" in target.follows(seen | {"disk": [0]})
    sums[2] = driving.checksum(random_block(2, 2, 100))
    assert target.wrong(seen) == "what was read of block 2 is not what was made"


def test_a_task_that_started_in_the_pause_is_counted() -> None:
    seen: Record = {"paused_at": 1.0, "freed_at": 2.0, "resumed_at": 0.2, "resume_s": 0.1}
    seen |= {"ended_in_pause": True, "waiting": [(0, 0.5), (1, 1.5), (4, 2.5)]}
    figures = Pause(seed=0).figures(seen)
    assert (figures["started_in_pause"], figures["started_after"]) == (1, 1)
    assert Pause(seed=0).wrong(seen) == "the waiting tasks returned [0, 1, 4]"


def test_which_process_made_what_tells_what_was_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminate = Terminate(seed=0)
    terminate.folder = tmp_path
    lines = [*(f"{number} {10 + number % 2}" for number in range(8)), "1 11", "3 12", "5 12"]
    (tmp_path / "made").write_text("\n".join([*lines, "7 12", ""]))
    monkeypatch.setattr("psutil.pid_exists", lambda pid: pid != 11)
    sums = [driving.checksum(np.zeros(0, np.uint8))] * 8
    record = terminate.record([{"pid": 11}, *sums])
    ends = {"ended": 1, "others": 1, "others_ended": 0}
    assert terminate.figures(record) == ends | {"lost": 4, "made_again": 4, "made_for_nothing": 0}
    assert "lost with it: blocks 1, 3, 5, 7; made again: blocks 1, 3, 5, 7" in terminate.follows(
        record
    )
    assert SHIPPED.keys() == OVERLOADS.keys()


def test_the_thresholds_that_dask_ships_are_those_of_dask() -> None:
    file = Path(distributed.__file__).with_name("distributed.yaml")
    [shipped] = dask.config.collect_yaml([str(file)])
    memory = shipped["distributed"]["worker"]["memory"]
    assert {name: memory[name] for name in SHIPPED} == SHIPPED
