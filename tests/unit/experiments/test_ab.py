"""The plan, and how it is shown; The command."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from daskbench import interpreters
from daskbench.cli import main
from daskbench.config import on_both
from daskbench.document.sides import what_differs
from daskbench.experiments.ab import EXPERIMENT
from daskbench.formats import Page
from daskbench.formats.webpage.prose import answers_of
from daskbench.model import Side
from daskbench.processes import bundle as bundle
from tests.unit.builders import (
    make_case,
    make_plan,
    make_report,
    make_suite,
    render,
    timed,
)
from tests.unit.experiments.two_sides import HAS, SATURATION, A, B, found
from tests.unit.fakes import Clock, FakeLanes


@pytest.fixture
def lanes(monkeypatch: pytest.MonkeyPatch) -> FakeLanes:
    fakes = FakeLanes(Clock(), {"A: threads-2": 0.5}).put_in_place(monkeypatch)
    monkeypatch.setattr(interpreters, "look", lambda side: found())
    return fakes


def test_every_case_is_on_both_sides_one_beside_the_other() -> None:
    suite = on_both(make_suite(make_case("numpy"), make_case(workers=2)), (A, B))
    assert [case.place for case in suite.cases] == [
        *("A: numpy", "B: numpy", "A: threads × 2", "B: threads × 2")
    ]
    assert suite.sides == make_plan(suite).sides == [A, B]


def test_what_differs_is_versions_and_what_was_asked_for() -> None:
    own = Side("A", versions=HAS)
    other = Side("B", "/b/bin/python", versions={**HAS, "dask": "2026.8.0"})
    assert what_differs([own, other]) == [
        "A: dask 2025.1.0",
        "B: dask 2026.8.0",
    ]
    assert what_differs([own, Side("B", env={"X": "1"}, versions=HAS)]) == [
        "A: as daskbench itself",
        "B: X=1",
    ]
    assert what_differs([]) == []


def test_b_is_compared_with_a_at_the_same_place(tmp_path: Path) -> None:
    suite = on_both(make_suite(make_case("numpy"), make_case(workers=2)), (A, B))
    seconds = ((0.1, 0.1, 0.1), (0.2, 0.2, 0.2), (0.3, 0.3, 0.3), (0.9, 0.9, 0.9))
    events = [event for number, s in enumerate(seconds) for event in timed(number, s)]
    report = make_report(tmp_path, events, make_plan(suite))
    ratios = [
        [row.comparison.ratio.value for row in group.results if row.comparison.ratio]
        for group in report.tables
    ]
    assert ratios == [[1, pytest.approx(2)], [1, pytest.approx(3)]]
    labels = [[row.label for row in group.results] for group in report.tables]
    assert labels == [["A: numpy", "B: numpy"], ["A: threads × 2", "B: threads × 2"]]
    rows = json.loads(render("json", report))["cases"]
    assert [row["side"] for row in rows] == ["A", "B", "A", "B"]
    assert f"{SATURATION}=1.1" in " ".join(render("table", report, Page(80, explain=True)).split())


def test_the_ratios_of_both_sides_are_drawn(tmp_path: Path) -> None:
    both = on_both(make_suite(make_case("numpy"), make_case(workers=2)), (A, B))
    suite = make_suite(*both.cases)
    seconds = ((0.1,) * 5, (0.2,) * 5, (0.3,) * 5, (0.9,) * 5)
    events = [event for number, s in enumerate(seconds) for event in timed(number, s)]
    document = make_report(tmp_path, events, make_plan(suite)).document
    sections = [section for chapter in document.chapters for section in chapter.sections]
    (forest,) = sections[-1].forests
    assert [round(row.value, 6) for row in forest.rows] == [2.0, 3.0]
    assert {row.verdict for row in forest.rows} <= {"slower", "undecided"}
    assert forest.axis == "time of B / time of A"
    assert not [line for line in answers_of(document) if "fastest" in line]


def test_the_command_measures_each_case_on_both_sides(
    here: Path, runner: CliRunner, lanes: FakeLanes
) -> None:
    command = ["ab", "--env-b", "X=1", "--workers", "2", "--rounds", "2", "--launches", "2"]
    result = runner.invoke(main, command)
    assert result.exit_code == 0, result.output
    assert [lane.side.name for lane in lanes.all] == ["A", "B"] * 2
    assert [lane.side.env for lane in lanes.all] == [{}, {"X": "1"}] * 2
    assert {lane.case["scheduler"] for lane in lanes.all} == {"distributed"}
    assert "A: as daskbench itself\nB: X=1" in result.stderr
    assert "A: as daskbench itself; B: X=1 in the same rounds" in " ".join(result.stdout.split())


def test_a_run_of_two_sides_whose_versions_changed_is_not_resumed(
    here: Path, runner: CliRunner, lanes: FakeLanes, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner.invoke(main, ["ab", "--env-b", "X=1", "--rounds", "2", "--launches", "1"])
    (journal,) = (here / ".daskbench").glob("*.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-4]))
    monkeypatch.setattr(interpreters, "look", lambda side: found(dask="2026.8.0"))
    result = runner.invoke(main, ["resume"])
    assert result.exit_code == 2
    assert "dask of A was 2025.1.0, is 2026.8.0" in result.stderr


@pytest.mark.parametrize("option", ["--address", "--scheduler-file", "--tls-ca"])
def test_a_cluster_that_is_there_has_no_sides(here: Path, runner: CliRunner, option: str) -> None:
    result = runner.invoke(main, ["ab", "--env-b", "X=1", option, "tcp://there:1"])
    assert result.exit_code == 2
    assert f"{option}: the workers of an existing cluster" in result.stderr


def test_nothing_is_asked_of_an_interpreter_where_the_plan_is_wrong(
    here: Path, runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(interpreters, "look")
    result = runner.invoke(main, ["ab", "--env-b", "X=1", "--workers", "1000000"])
    assert result.exit_code == 2
    assert "too many" in result.stderr


@pytest.mark.parametrize(("launches", "told"), [(1, False), (4, True), (5, False)])
def test_too_few_launches_are_told_before_anything_is_measured(launches: int, told: bool) -> None:
    suite = on_both(make_suite(make_case(workers=2), launches=launches), (A, B))
    few = "no verdict: 4 launches give no interval; use 5 or more"
    assert (few in EXPERIMENT.foretold(suite)) is told
