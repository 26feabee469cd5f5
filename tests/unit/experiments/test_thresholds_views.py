"""How thresholds are shown, and what drives the workers."""

import csv
import io
import json
from pathlib import Path

import dask.config
import distributed
import numpy as np
import pytest

from daskbench.benchmarks.base import SHIPPED, HasPlace
from daskbench.benchmarks.worker_memory import driving, ramp
from daskbench.benchmarks.worker_memory.driving import ended_by_nanny, random_block
from daskbench.benchmarks.worker_memory.overloads import OVERLOADS, Pause, Target, Terminate
from daskbench.benchmarks.worker_memory.ramp import Ramp, Record
from daskbench.benchmarks.worker_memory.thresholds import Thresholds
from daskbench.cli.session import exit_code
from daskbench.errors import ExitCode, UsageError
from daskbench.events import CaseFailed
from daskbench.experiments.report import Report
from daskbench.formats import Page
from daskbench.model import Thresholds as Fractions
from tests.unit.builders import make_invalid, make_sample, render
from tests.unit.experiments.threshold_checks import NOT_REACHED, SEEN, checked, report_of
from tests.unit.fakes import Clock


def code_of(report: Report) -> ExitCode:
    return exit_code(report)


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
    [group] = report_of(tmp_path).tables
    assert len(group.results) == 4
    assert not any(
        row.comparison.best or row.comparison.ratio or row.comparison.baseline
        for row in group.results
    )


def test_the_table_fits_80_columns(tmp_path: Path) -> None:
    report = report_of(tmp_path, pause=NOT_REACHED)
    text = render("table", report, Page(80))
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[1].split() == ["threshold", "documented", "observed", "after", "verdict"]
    assert lines[2].split() == ["target", "60%", "60.0%", "20", "ms", "agrees"]
    assert lines[4].split() == ["pause", "80%", "-", "-", "not", "reached"]
    assert lines[7] == "3 of 4 thresholds act as documented; pause (not reached)"
    text = render("table", report, Page(80, columns=("all",)))
    assert max(map(len, text.splitlines())) <= 80
    said = " ".join(text.split())
    assert "documented effect: " in said
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
    assert target.wrong(seen) == "block 2 changed between writing and reading"


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
    assert "lost with it: blocks 1, 3, 5, 7; recomputed: blocks 1, 3, 5, 7" in terminate.follows(
        record
    )
    assert SHIPPED.keys() == OVERLOADS.keys()


def test_the_thresholds_that_dask_ships_are_those_of_dask() -> None:
    file = Path(distributed.__file__).with_name("distributed.yaml")
    [shipped] = dask.config.collect_yaml([str(file)])
    memory = shipped["distributed"]["worker"]["memory"]
    assert {name: memory[name] for name in SHIPPED} == SHIPPED
