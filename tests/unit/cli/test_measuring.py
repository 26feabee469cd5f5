"""Measuring, on lanes that are not there, and where text goes."""

import json
import os
import re
import signal
from pathlib import Path

import dask
import msgspec
import pytest
from click.testing import CliRunner

from daskbench.benchmarks import drawing
from daskbench.cli import look, main
from daskbench.cli.output import page_of_stdout
from daskbench.errors import ExitCode
from daskbench.formats import Page
from daskbench.journal.read import read_run
from daskbench.journal.run import Run
from daskbench.lane.protocol import Message
from tests.unit.builders import (
    NUMPY_S,
    make_case,
    make_plan,
    make_suite,
    timed,
)
from tests.unit.cli.asking_cli import FEW, SVD, stored, told
from tests.unit.fakes import FakeLane, FakeLanes, failing


def only_run(here: Path) -> Run:
    [path] = (here / ".daskbench").glob("*.jsonl")
    return read_run(path)


def test_schedulers_measures_keeps_and_shows(
    runner: CliRunner, here: Path, lanes: FakeLanes
) -> None:
    result = runner.invoke(main, ["schedulers", *FEW, "--rounds", "5"])
    assert result.exit_code == 0
    assert "threads × 2" in result.stdout
    assert "0.50 [0.50, 0.50]" in result.stdout
    assert result.stderr == ""
    run = only_run(here)
    assert run.status == "complete"
    assert run.header.command == "schedulers"
    assert [len(run.samples[case]) for case in (0, 1)] == [6, 6]
    assert lanes.open == []


def test_a_run_shows_later_as_it_was_shown_when_it_ended(
    runner: CliRunner, here: Path, lanes: FakeLanes
) -> None:
    shown = runner.invoke(main, ["schedulers", *FEW]).stdout
    assert runner.invoke(main, ["show"]).stdout == shown


def test_results_go_to_files_too(runner: CliRunner, here: Path, lanes: FakeLanes) -> None:
    runner.invoke(main, ["schedulers", *FEW, "--csv", "a.csv", "--json", "a.json"])
    exported = runner.invoke(main, ["export", "--csv", "-"]).stdout
    assert (here / "a.csv").read_text() == exported
    assert len(json.loads((here / "a.json").read_text())["cases"]) == 2


def test_a_failed_case_makes_the_exit_code_one(
    runner: CliRunner, here: Path, lanes: FakeLanes
) -> None:
    lanes.answers = {"threads-2": failing("MemoryError: no message", at_sample=2)}
    result = runner.invoke(main, ["schedulers", *FEW])
    assert result.exit_code == ExitCode.CASE_FAILED
    assert "MemoryError" in result.stdout
    assert "numpy" in result.stdout


def test_a_suite_is_run_under_its_name(runner: CliRunner, here: Path, lanes: FakeLanes) -> None:
    (here / "benchmarks.toml").write_text(
        "[suites.mine]\nbenchmark = 'calc_mean'\nschedulers = 'numpy'\nrounds = 2\n"
    )
    result = runner.invoke(main, ["run", "--format", "plain"])
    assert result.exit_code == 0
    assert "of 2 runs" in result.stdout
    assert only_run(here).header.command == "mine"


def test_the_seed_lands_in_plan_and_lanes(runner: CliRunner, here: Path, lanes: FakeLanes) -> None:
    runner.invoke(main, ["schedulers", *FEW, "--seed", "42"])
    assert only_run(here).plan.seed == 42
    assert lanes.all[0].asked[0]["seed"] == 42


def test_resume_measures_what_is_missing(runner: CliRunner, here: Path, lanes: FakeLanes) -> None:
    runner.invoke(main, ["schedulers", *FEW])
    path = only_run(here).path
    kept = path.read_bytes().splitlines(keepends=True)[:-4]  # two samples, and the end, are lost
    path.write_bytes(b"".join(kept) + b'{"event":"sam')
    before = only_run(here)
    assert before.status == "interrupted"
    result = runner.invoke(main, ["resume"])
    assert result.exit_code == 0, result.output
    run = only_run(here)
    assert run.status == "complete"
    rounds = [run.samples[case]["round"][run.samples[case].measured] for case in (0, 1)]
    assert [sorted(column) for column in rounds] == [[1, 2, 3], [1, 2, 3]]
    assert path.read_bytes().startswith(b"".join(kept))
    assert run.elapsed_s > before.elapsed_s


def test_resume_of_a_benchmark_that_is_not_known_is_told(runner: CliRunner, here: Path) -> None:
    case = msgspec.structs.replace(make_case("numpy"), benchmark="none")
    stored(here, [], make_plan(make_suite(case)), finish=False)
    done = runner.invoke(main, ["resume", "--trust"])
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "no benchmark 'none': 'daskbench bench list' shows the built-in" in done.stderr


def test_resume_of_a_whole_run_is_told(runner: CliRunner, here: Path) -> None:
    stored(here)
    assert "is complete; see" in told(runner.invoke(main, ["resume"]))


def test_resume_on_another_machine_is_refused(runner: CliRunner, here: Path) -> None:
    stored(here, timed(0, NUMPY_S), finish=False)
    message = told(runner.invoke(main, ["resume"]))
    assert "was measured in another environment: host was here, is" in message
    assert "start a new run instead" in message


def test_resume_goes_on_with_a_failed_case(runner: CliRunner, here: Path, lanes: FakeLanes) -> None:
    lanes.answers = {"threads-2": failing("killed", at_sample=2)}
    runner.invoke(main, ["schedulers", *FEW])
    lanes.answers = {}
    result = runner.invoke(main, ["resume"])
    assert result.exit_code == 0, result.output
    run = only_run(here)
    assert run.failures == {}
    assert run.samples[1]["round"][run.samples[1].measured].tolist() == [1, 2, 3]
    assert run.lanes[1].launch == 1


def test_a_journal_that_takes_no_more_still_shows_what_it_holds(
    runner: CliRunner, here: Path, lanes: FakeLanes, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, writes = os.write, iter(range(1000))

    def full_after_ten(descriptor: int, data: bytes) -> int:
        if data.startswith(b'{"event"') and next(writes) >= 10:
            raise OSError(28, "No space left on device")
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", full_after_ten)
    result = runner.invoke(main, ["schedulers", *FEW])
    assert result.exit_code == ExitCode.CASE_FAILED
    assert "No space left on device" in result.stderr
    assert "numpy" in result.stdout
    assert lanes.open == []


def test_an_interrupted_run_is_shown_and_says_so(
    runner: CliRunner, here: Path, lanes: FakeLanes
) -> None:
    def interrupted(lane: object, message: dict[str, object]) -> dict[str, object]:
        fake = lanes.all[-1]
        if message["op"] == "sample" and len(lanes.log) == 6:
            os.kill(os.getpid(), signal.SIGTERM)
        return lanes.usual(fake, message)

    before = signal.getsignal(signal.SIGTERM)
    lanes.answers = {"numpy": interrupted, "threads-2": interrupted}
    result = runner.invoke(main, ["schedulers", *FEW])
    assert result.exit_code == ExitCode.INTERRUPTED
    assert "continue with 'daskbench resume" in " ".join(result.stdout.split())
    assert only_run(here).status == "interrupted"
    assert lanes.open == []
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_file_in_the_way_is_told_before_anything_is_measured(
    runner: CliRunner, here: Path, lanes: FakeLanes
) -> None:
    (here / "a.csv").write_text("mine")
    assert "a.csv exists" in told(runner.invoke(main, ["schedulers", *FEW, "--csv", "a.csv"]))
    assert lanes.all == []
    assert not (here / ".daskbench").exists()


def test_what_is_skipped_is_told_shown_and_no_failure(
    runner: CliRunner, here: Path, lanes: FakeLanes
) -> None:
    result = runner.invoke(main, [*SVD, "--memory-limit", "100MiB,1GiB"])
    assert result.exit_code == 0, result.output
    forecast, skipped = result.stderr.splitlines()
    assert forecast.startswith("distributed × 1 of 1 GiB: X is 15.6 KiB in chunks of 15.6 KiB, ")
    assert "on distributed × 1 of 100 MiB: skipped: a worker of 100 MiB cannot" in skipped
    assert skipped.endswith("(--force runs it)")
    explained = runner.invoke(main, ["show", "--explain"]).stdout
    assert "skipped: a worker of 100 MiB cannot hold one task" in " ".join(explained.split())
    assert len(lanes.all) == 1
    assert [case.skip is None for _, _, case in only_run(here).cases] == [False, True]


def test_resume_of_a_run_with_a_skipped_case_finds_nothing_missing(
    runner: CliRunner, here: Path, lanes: FakeLanes
) -> None:
    runner.invoke(main, [*SVD, "--memory-limit", "100MiB,1GiB"])
    assert "is complete; see" in told(runner.invoke(main, ["resume"]))


def test_a_performance_report_is_written_where_it_was_wanted(
    runner: CliRunner, here: Path, lanes: FakeLanes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reporting(lane: FakeLane, message: Message) -> Message:
        if "report" in message:
            Path(message["report"]).write_text("<html>")
        return lanes.usual(lane, message)

    (here / "lanes").mkdir()
    monkeypatch.setattr(lanes, "folder", here / "lanes", raising=False)
    monkeypatch.setattr(look, "find_spec", lambda name: object())
    lanes.answers = {"distributed-1": reporting}
    result = runner.invoke(main, [*SVD, "--rounds", "2", "--performance-report", "report.html"])
    assert result.exit_code == 0, result.output
    assert (here / "report.html").read_text() == "<html>"
    assert "wrote report.html" in result.stderr.splitlines()
    run = only_run(here)
    assert run.samples[0]["round"].tolist() == [0, 1, 2, 0]


def test_a_graph_is_drawn_before_anything_is_measured(
    runner: CliRunner, here: Path, lanes: FakeLanes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def visualize(*collections: object, filename: str, format: str) -> None:
        assert lanes.all == []
        Path(f"{filename}.{format}").write_text("<svg>")

    monkeypatch.setattr(dask, "visualize", visualize)
    monkeypatch.setattr(drawing, "find_spec", lambda name: object())
    monkeypatch.setattr("shutil.which", lambda name: name)
    result = runner.invoke(main, [*SVD, "--rounds", "1", "--graph", "graph.svg"])
    assert result.exit_code == 0, result.output
    assert (here / "graph.svg").read_text() == "<svg>"
    assert re.search(r"^graph of \d+ tasks in graph\.svg$", result.stderr, re.MULTILINE)
    assert "wrote" not in result.stderr


def test_a_dry_run_draws_nothing(
    runner: CliRunner, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "find_spec", lambda name: object())
    monkeypatch.setattr("shutil.which", lambda name: name)
    result = runner.invoke(main, [*SVD, "--graph", "graph.svg", "--dry-run"])
    assert result.exit_code == 0, result.output
    assert list(here.iterdir()) == []


def test_no_color_and_dumb_terminals_get_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    assert page_of_stdout() == Page(120, color=True, links=True)
    monkeypatch.setenv("TERM", "linux")
    assert page_of_stdout() == Page(120, color=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert page_of_stdout() == Page(120, color=False)
    monkeypatch.setenv("NO_COLOR", "")
    monkeypatch.setenv("TERM", "dumb")
    assert page_of_stdout() == Page(120, color=False)


def test_in_a_pipe_a_page_is_80_columns_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: False, raising=False)
    assert page_of_stdout() == Page(80, color=False)


def test_the_dashboard_of_a_lane_with_several_cases_is_told_once(
    runner: CliRunner, here: Path, lanes: FakeLanes
) -> None:
    def answer(lane: FakeLane, message: Message) -> Message:
        opened = {"dashboard": "http://127.0.0.1:8787/status"} if message["op"] == "open" else {}
        return lane.lanes.usual(lane, message) | opened

    lanes.answers = {"distributed-2": answer}
    where = ("--schedulers", "distributed", "--workers", "2", "--rounds", "1")
    result = runner.invoke(main, ["overhead", *where])
    told = [line for line in result.stderr.splitlines() if "dashboard" in line]
    assert told == ["dashboard of distributed × 2: http://127.0.0.1:8787/status"]
