"""``daskbench memory``, and the files of what workers hold, on lanes that are not there."""

import csv
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from daskbench.cli import main
from daskbench.events import Event
from daskbench.journal.read import read_run
from daskbench.journal.run import Run
from daskbench.lane.protocol import Message
from daskbench.model import Settings, Thresholds
from daskbench.processes.talk import Heard
from tests.unit.builders import make_lane, make_plan, make_reading, make_run, make_suite, timed
from tests.unit.cli.asking_cli import told
from tests.unit.conductor.test_hearing import paused, reading
from tests.unit.fakes import FakeLane, FakeLanes

SMALL = ("--shape", "200x10", "--chunks", "50x10", "--hardware", "off")
PLACE = "distributed-2"


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daskbench.environment.cores", lambda: 2)


@pytest.fixture
def telling(lanes: FakeLanes) -> FakeLanes:
    """Lanes that tell of one worker in each sample."""

    def answer(lane: FakeLane, message: Message) -> Message:
        if message["op"] == "sample":
            lane.heard += [Heard(0.5, reading()), Heard(0.25, paused())]
            return lanes.usual(lane, message)
        limits = {"memory_limit_bytes": 1 << 30, "thresholds": {"target": 0.6, "spill": 0.0}}
        return lanes.usual(lane, message) | limits

    lanes.answers = {PLACE: answer}
    return lanes


def only_run(here: Path) -> Run:
    [path] = (here / ".daskbench").glob("*.jsonl")
    return read_run(path)


def measure(runner: CliRunner, *arguments: str) -> Result:
    result = runner.invoke(main, ["memory", *arguments])
    assert result.exit_code == 0, result.output
    return result


def test_by_default_it_is_one_sample_of_the_svd_with_its_vectors(
    runner: CliRunner, here: Path, telling: FakeLanes
) -> None:
    result = measure(runner, *SMALL)
    suite = only_run(here).plan.suites[0]
    (case,) = suite.cases
    assert suite.settings == Settings(rounds=1, warmup=0, hardware=False, memory=True)
    assert (case.benchmark, case.scheduler, case.workers) == ("svd", "distributed", 2)
    assert case.parameters["compute"] == "usv"
    assert "memory of distributed × 2, limit 1 GiB per worker" in result.stdout
    assert "spill off" in " ".join(result.stdout.split())
    assert "P paused" in result.stdout
    asked = telling.all[0].asked
    assert asked[0]["memory"] is True
    assert [message["op"] for message in asked] == ["open", "sample"]


def test_what_is_given_goes_before_the_defaults(
    runner: CliRunner, here: Path, lanes: FakeLanes
) -> None:
    given = (
        "--rounds",
        "2",
        "--warmup",
        "1",
        "--compute",
        "s",
        "--workers",
        "1",
        "--target",
        "off",
    )
    measure(runner, *SMALL, *given, "--recent-to-old", "5s", "--memory-interval", "1s")
    suite = only_run(here).plan.suites[0]
    (case,) = suite.cases
    assert (suite.settings.rounds, suite.settings.warmup) == (2, 1)
    assert (case.workers, case.parameters["compute"]) == (1, "s")
    assert case.thresholds == Thresholds(target=0.0, recent_to_old_s=5.0)
    opening = lanes.all[0].asked[0]
    assert opening["thresholds"] == {"target": 0.0, "recent_to_old_s": 5.0}
    assert opening["memory_interval_s"] == 1.0


def test_a_cluster_of_others_is_used_whole(runner: CliRunner, here: Path, lanes: FakeLanes) -> None:
    measure(runner, *SMALL, "--address", "tcp://there:1")
    assert only_run(here).plan.suites[0].cases[0].workers is None


def test_another_benchmark_brings_its_own_parameters(
    runner: CliRunner, here: Path, lanes: FakeLanes
) -> None:
    measure(runner, "--benchmark", "calc_mean", "--n", "10", "--tasks", "3")
    (case,) = only_run(here).plan.suites[0].cases
    assert (case.benchmark, case.parameters["n"], case.scheduler) == (
        "calc_mean",
        10,
        "distributed",
    )


def test_files_are_written_and_the_same_as_those_of_an_export(
    runner: CliRunner, here: Path, telling: FakeLanes
) -> None:
    measure(runner, *SMALL, "--rounds", "3", "--timeline", "t.csv", "--events", "e.csv")
    with (here / "t.csv").open(newline="") as file:
        assert [row["process_bytes"] for row in csv.DictReader(file)] == ["100"] * 3
    assert (here / "e.csv").read_text().count("paused") == 3
    for name in ("timeline", "events"):
        again = runner.invoke(main, ["export", f"--{name}", "-"])
        assert again.exit_code == 0, again.output
        assert again.stdout_bytes == (here / f"{name[0]}.csv").read_bytes()


@pytest.mark.parametrize("option", ["--timeline", "--events"])
def test_files_of_what_is_not_read_are_refused(
    runner: CliRunner, here: Path, lanes: FakeLanes, option: str
) -> None:
    refused = runner.invoke(main, ["schedulers", "--schedulers", "distributed", option, "x.csv"])
    assert "x.csv is for readings of worker memory; add --memory" in told(refused)
    make_run(here / ".daskbench")
    message = told(runner.invoke(main, ["export", option, "x.csv"]))
    assert (
        "nothing to write to x.csv: the run did not read worker memory; measure with --memory"
        in message
    )
    assert not (here / "x.csv").exists()


def test_an_existing_file_is_not_overwritten(
    runner: CliRunner, here: Path, lanes: FakeLanes
) -> None:
    (here / "t.csv").write_text("mine")
    refused = runner.invoke(main, ["memory", *SMALL, "--timeline", "t.csv"])
    assert "t.csv exists" in told(refused)
    assert lanes.all == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--schedulers", "threads"), "--memory applies only to distributed"),
        (("--memory-interval", "10ms"), "workers report their memory every 500 ms"),
        (("--spill", "2"), "'2' is not a fraction of the memory limit"),
        (("--benchmark", "svt"), "did you mean 'svd'?"),
        (("--address", "tcp://there:1", "--spill", "0.5"), "set that of tcp://there:1"),
        (("--timeline", "-", "--events", "-"), "- is given for two formats"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    runner: CliRunner, here: Path, lanes: FakeLanes, arguments: tuple[str, ...], message: str
) -> None:
    result = runner.invoke(main, ["memory", *SMALL, *arguments])
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert lanes.all == []


def test_resume_shows_what_was_read_before(
    runner: CliRunner, here: Path, telling: FakeLanes, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan: Any = make_plan(make_suite(rounds=2, memory=True))
    events: list[Event] = [make_lane(), make_reading(0.5), *timed(0, [1.0]), *timed(1, [1.0])]
    make_run(here / ".daskbench", events, plan, finish=False)
    monkeypatch.setattr("daskbench.environment.differences", lambda *_: [])
    result = runner.invoke(main, ["resume"])
    assert result.exit_code == 0, result.output
    run = only_run(here)
    assert [len(readings) for readings in run.readings.values()] == [1]
    assert "memory of numpy" in result.stdout
