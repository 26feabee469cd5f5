"""The time per task, where tasks do nothing."""

import json
from pathlib import Path

import pytest

from daskbench.experiments.report import Report
from daskbench.formats import Page
from daskbench.model import Case
from tests.unit.builders import (
    make_invalid,
    make_plan,
    make_report,
    make_suite,
    render,
    render_file,
    timed,
)


def report_of(folder: Path, benchmark: str) -> Report:
    """A row of two loops in each sample, one with an invalid sample, and one without samples."""
    places = ("numpy", "threads", "distributed")
    cases = [Case(benchmark, name, {"tasks": 50}) for name in places]
    looped = timed(0, [0.2] * 5, loops=2)
    invalid = make_invalid(1, 6, tasks_expected=100)
    return make_report(
        folder, [*looped, *timed(1, [0.5] * 5), invalid], make_plan(make_suite(*cases))
    )


def test_the_time_per_task_is_that_of_a_loop_over_its_tasks(tmp_path: Path) -> None:
    report = report_of(tmp_path, "empty_tasks")
    numpy, threads, distributed = report.results
    assert (numpy.loop_tasks, threads.loop_tasks, distributed.loop_tasks) == (50, 100, None)
    assert [row.task_s for row in report.results] == [
        pytest.approx(0.002),
        pytest.approx(0.005),
        None,
    ]
    cases = json.loads(render("json", report))["cases"]
    assert cases[1]["task_s"] == pytest.approx(0.005)
    assert "task_s" not in cases[2]
    assert "task_s" in render_file("csv", report).partition("\n")[0]
    text = " ".join(render("table", report, Page(80, explain=True)).split())
    assert "per task" in text
    assert "per task: median / number of tasks; ratio: " in text


def test_tasks_that_do_something_have_no_overhead_of_their_own(tmp_path: Path) -> None:
    report = report_of(tmp_path, "calc_mean")
    assert "per task:" not in render("table", report, Page(80, explain=True))
    assert all("task_s" not in case for case in json.loads(render("json", report))["cases"])
