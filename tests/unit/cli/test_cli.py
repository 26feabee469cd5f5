import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

import dask
import msgspec
import pytest
from click.testing import CliRunner, Result

from daskbench import __version__
from daskbench.benchmarks import drawing
from daskbench.cli import COMMANDS, look, main, session
from daskbench.cli.output import page_of_stdout
from daskbench.errors import ExitCode
from daskbench.events import CaseFailed, Event
from daskbench.formats import Page
from daskbench.journal.read import read_run
from daskbench.journal.run import Run
from daskbench.journal.write import JournalWriter
from daskbench.lane.protocol import Message
from daskbench.model import Plan, Published, Suite
from tests.unit.builders import (
    NUMPY_S,
    RUN_ID,
    make_case,
    make_header,
    make_plan,
    make_run,
    make_sample,
    make_suite,
    timed,
)
from tests.unit.fakes import Clock, FakeLane, FakeLanes, FakeMachine, failing

SVD = ("svd", "--shape", "200x10", "--workers", "1", "--hardware", "off")
FEW = ("--schedulers", "numpy,threads", "--workers", "2", "--rounds", "3")


def stored(
    here: Path,
    events: Sequence[Event] | None = None,
    plan: Plan | None = None,
    run_id: str = RUN_ID,
    *,
    finish: bool = True,
) -> Run:
    return make_run(here / ".daskbench", events, plan, run_id=run_id, finish=finish)


def told(result: Result, code: ExitCode = ExitCode.USAGE) -> str:
    """The one line of an error, without a traceback."""
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    errors = [line for line in lines if line.startswith("Error: ")]
    others = [line for line in lines if line and not line.startswith(("Error: ", "Usage: ", "Try"))]
    assert len(errors) == 1
    assert others == []
    return errors[0]


# Help


def test_the_help_lists_every_command_with_its_line(runner: CliRunner) -> None:
    result = runner.invoke(main, ["--help"])
    assert result.exit_code == 0
    unfolded = " ".join(result.stdout.split())
    for name, line in COMMANDS.items():
        assert f" {name} {line}" in unfolded
    assert "daskbench schedulers --n 100000 --tasks 100" in result.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_that_begins_with_its_line(runner: CliRunner, name: str) -> None:
    result = runner.invoke(main, [name, "--help"])
    assert result.exit_code == 0
    first = " ".join(result.stdout.split("\n\n")[1].split())
    assert first.startswith(COMMANDS[name].rstrip("."))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_help(name: str) -> None:
    command = main.get_command(None, name)  # type: ignore[arg-type]
    assert command is not None
    for parameter in command.params:
        if parameter.param_type_name == "option":
            assert getattr(parameter, "help", None), parameter.name


def test_the_version_is_told(runner: CliRunner) -> None:
    assert runner.invoke(main, ["--version"]).stdout == f"daskbench, version {__version__}\n"


def test_the_help_is_the_same_after_every_command_was_imported(runner: CliRunner) -> None:
    """A module that is imported becomes a name of its package, `list` among them."""
    for name in COMMANDS:
        runner.invoke(main, [name, "--help"])
    result = runner.invoke(main, ["--help"])
    assert result.exit_code == 0, result.exception
    assert "schedulers" in result.stdout


# Usage errors


def test_an_unknown_command_is_told_with_the_nearest(runner: CliRunner) -> None:
    message = told(runner.invoke(main, ["scheduler"]))
    assert message == "Error: No such command 'scheduler': did you mean 'schedulers'?"


def test_an_unknown_command_far_from_all_is_told_with_all(runner: CliRunner) -> None:
    message = told(runner.invoke(main, ["xyz"]))
    assert all(name in message for name in COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["schedulers", "--schedulers", "thread"], "no 'thread': did you mean 'threads'?"),
        (["schedulers", "--workers", "0"], "'0' is not a whole number above zero"),
        (["schedulers", "--n", "many"], "'many' is not a whole number above zero"),
        (["schedulers", "--rng", "old"], "no 'old': choose from legacy, generator"),
        (["schedulers", "--timeout", "soon"], "'soon' is not a duration above zero"),
        (["schedulers", "--address", "there"], "'there' is not an address"),
        (["schedulers", "--scheduler-file", "none"], "there is no file none"),
        (["schedulers", "--tls-ca", "benchmarks.toml"], "need --address or --scheduler-file"),
        (["schedulers", "--seed", "x"], "'x' is not a valid integer"),
        (["schedulers", "--format", "pdf"], "'pdf' is not one of"),
        (["schedulers", "--csv", "."], ". is a folder; name a file"),
        (["schedulers", "--csv", "none/x.csv"], "there is no folder"),
        (["schedulers", "--csv", "benchmarks.toml"], "benchmarks.toml exists; use --force to"),
        (["schedulers", "--memory-limit", "lots"], "'lots' is not a size"),
        (["schedulers", "--hardware", "yes"], "no 'yes': choose from on, off"),
        ([*SVD, "--schedulers", "numpy", "--memory-limit", "1GiB"], "applies only to distributed"),
        ([*SVD, "--chunks", "20x5"], "--shape 200x10 --chunks 20x10, or the approximate one"),
        ([*SVD, "--graph", "x.txt"], "--graph x.txt: name a file that ends with .svg, .png, .pdf"),
        ([*SVD, "--graph", "none/x.svg"], "there is no folder"),
        ([*SVD, "--graph", "old.svg"], "old.svg exists; use --force to overwrite it"),
        ([*SVD, "--graph", "x.svg", "--performance-report", "x.svg"], "x.svg is given for two"),
        ([*SVD, "--performance-report", "none/x.html"], "there is no folder"),
        ([*SVD, "--performance-report", "old.svg"], "old.svg exists; use --force to overwrite it"),
        (
            [*SVD, "--performance-report", "x.html", "--schedulers", "numpy,threads"],
            "--performance-report needs distributed; add it to --schedulers",
        ),
        (["svd-compressed", "-k", "0"], "'0' is not a whole number above zero"),
        (["svd-compressed", "-k", "201", "--distribution", "spectrum"], "-k 201 is above the rank"),
        (["svd-compressed", "--power-iterations", "-1"], "'-1' is not a whole number"),
        (["run", "nosuch"], "no suite 'nosuch'"),
        (["run", "--file", "none.toml"], "cannot read none.toml"),
        (["run", "--rounds", "0"], "'0' is not a whole number above zero"),
        (["show"], "no runs in .daskbench"),
        (["export"], "nothing to write; name a file"),
        (["export", "--samples", "--json", "-"], "--samples needs --csv"),
        (["export", "--csv", "-"], "no runs in .daskbench"),
        (["delete"], "Missing argument"),
        (["delete", "x"], "no runs in .daskbench"),
        (["resume"], "no runs in .daskbench"),
        (["init"], "benchmarks.toml exists; use --force to overwrite it"),
    ],
)
def test_a_bad_value_is_told_in_one_line(
    runner: CliRunner, here: Path, arguments: list[str], words: str
) -> None:
    (here / "benchmarks.toml").write_text('[suites.here]\nbenchmark = "calc_mean"\n')
    (here / "old.svg").write_text("mine")
    assert words in told(runner.invoke(main, arguments))
    assert not (here / ".daskbench").exists()


@pytest.mark.parametrize(
    ("module", "option", "words"),
    [
        ("bokeh", "--performance-report=x.html", "--performance-report needs the Python package"),
        ("graphviz", "--graph=x.svg", "--graph needs the Python package graphviz"),
    ],
)
def test_a_missing_package_is_told_before_anything_is_measured(
    runner: CliRunner,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    option: str,
    words: str,
) -> None:
    for place in (look, drawing):
        monkeypatch.setattr(place, "find_spec", lambda name: None if name == module else object())
    monkeypatch.setattr("shutil.which", lambda name: name)
    assert words in told(runner.invoke(main, [*SVD, option]))
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("text", ["", "[defaults]\nrounds = 3\n"])
def test_a_file_without_suites_is_told(runner: CliRunner, here: Path, text: str) -> None:
    (here / "benchmarks.toml").write_text(text)
    assert "suite" in told(runner.invoke(main, ["run"]))


def test_an_option_contradicting_another_is_told(runner: CliRunner, here: Path) -> None:
    (here / "file").write_text('{"address": "tcp://a:1"}')
    arguments = ["schedulers", "--address", "tcp://a:1", "--scheduler-file", "file"]
    assert "both name a cluster" in told(runner.invoke(main, arguments))


def test_a_store_that_is_a_file_is_told(runner: CliRunner, here: Path) -> None:
    (here / "file").write_text("")
    assert "file" in told(runner.invoke(main, ["list", "--store", "file"]))


# list, show, export, delete, init


def test_list_tells_every_run_and_how_it_stands(runner: CliRunner, here: Path) -> None:
    stored(here, run_id="20260101-a")
    stored(here, [], run_id="20260102-b", finish=False)
    (here / ".daskbench" / "20260103-c.jsonl").write_text("nothing\n")
    with JournalWriter.create(here / ".daskbench" / "20260104-d.jsonl", make_header()):
        result = runner.invoke(main, ["list"])
    assert result.exit_code == 0
    complete, interrupted, damaged, live = result.stdout.splitlines()
    assert complete.split()[:4] == ["20260101-a", "complete", "2", "cases"]
    assert interrupted.split()[1] == "interrupted"
    assert damaged.startswith("20260103-c  damaged: ")
    assert live.split()[1] == "running"


def test_an_empty_list_says_so_on_stderr(runner: CliRunner, here: Path) -> None:
    result = runner.invoke(main, ["list"])
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "no runs in .daskbench\n"


@pytest.mark.parametrize("arguments", [[], ["latest"], [RUN_ID], ["20261123"]])
def test_show_finds_the_run(runner: CliRunner, here: Path, arguments: list[str]) -> None:
    stored(here)
    result = runner.invoke(main, ["show", *arguments])
    assert result.exit_code == 0
    assert "threads × 2 *" in result.stdout
    assert f"run {RUN_ID}" in result.stdout


def test_show_takes_the_path_of_a_journal(runner: CliRunner, here: Path) -> None:
    path = make_run(here / "elsewhere").path
    result = runner.invoke(main, ["show", str(path)])
    assert f"run {RUN_ID}" in result.stdout


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("table", "ratio [95 % CI]"),
        ("plain", "(mean ± std. dev. of 3 runs, 1 loop each)"),
        ("markdown", "| scheduler × workers |"),
        ("csv", "benchmark,scheduler,workers"),
        ("json", '"raw_samples"'),
    ],
)
def test_show_has_every_view(runner: CliRunner, here: Path, view: str, words: str) -> None:
    stored(here)
    assert words in runner.invoke(main, ["show", "--format", view]).stdout


def test_show_of_a_damaged_run_names_file_and_line(runner: CliRunner, here: Path) -> None:
    path = stored(here).path
    path.write_bytes(path.read_bytes().replace(b'{"event":"sample"', b"{", 1))
    message = told(runner.invoke(main, ["show"]))
    assert f"{path.name}, line 4: damaged" in message


def test_show_of_figures_that_nobody_published_is_told(runner: CliRunner, here: Path) -> None:
    stored(here)
    assert "has no published figures" in told(runner.invoke(main, ["show", "--published"]))


def test_show_puts_published_figures_beside_the_measured(runner: CliRunner, here: Path) -> None:
    suite = Suite("s", (make_case("numpy"),), published=(Published("numpy", 0.352, 925e-6),))
    stored(here, timed(0, NUMPY_S), make_plan(suite))
    result = runner.invoke(main, ["show", "--published"])
    assert "352 ms ± 925 µs" in result.stdout


def test_the_width_is_that_of_columns(
    runner: CliRunner, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(here)
    monkeypatch.setenv("COLUMNS", "200")
    wide = runner.invoke(main, ["show"]).stdout.splitlines()
    monkeypatch.setenv("COLUMNS", "40")
    narrow = runner.invoke(main, ["show"]).stdout.splitlines()
    assert max(map(len, narrow)) <= 40 < 80 < max(map(len, wide)) <= 200


def test_the_store_is_an_option_or_a_variable(
    runner: CliRunner, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(here / "one")
    make_run(here / "two", run_id="20270101-two")
    monkeypatch.setenv("DASKBENCH_STORE", "two")
    assert "20270101-two" in runner.invoke(main, ["list"]).stdout
    assert RUN_ID in runner.invoke(main, ["list", "--store", "one"]).stdout


def test_export_writes_every_format(runner: CliRunner, here: Path) -> None:
    stored(here)
    arguments = ["export", "--csv", "a.csv", "--json", "a.json", "--markdown", "a.md"]
    result = runner.invoke(main, arguments)
    assert (result.exit_code, result.stdout) == (0, "")
    rows = list(csv.DictReader(io.StringIO((here / "a.csv").read_text())))
    assert [row["scheduler"] for row in rows] == ["numpy", "threads"]
    assert json.loads((here / "a.json").read_text())["run_id"] == RUN_ID
    assert "| scheduler × workers |" in (here / "a.md").read_text()
    assert (here / "a.csv").read_bytes().count(b"\r\n") == 3
    assert sorted(path.name for path in here.iterdir()) == [
        ".daskbench",
        "a.csv",
        "a.json",
        "a.md",
    ]


def test_export_to_stdout(runner: CliRunner, here: Path) -> None:
    stored(here)
    result = runner.invoke(main, ["export", "latest", "--csv", "-"])
    assert result.stdout_bytes.count(b"\r\n") == 3
    assert len(list(csv.DictReader(io.StringIO(result.stdout)))) == 2


def test_export_of_samples(runner: CliRunner, here: Path) -> None:
    stored(here, [make_sample(0, 0, 0.5, warmup=True), *timed(0, NUMPY_S)])
    result = runner.invoke(main, ["export", "--samples", "--csv", "-"])
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["wall_s"] for row in rows] == ["0.5", "0.1", "0.102", "0.101"]


def test_a_file_is_written_over_only_by_force(runner: CliRunner, here: Path) -> None:
    stored(here)
    (here / "a.csv").write_text("mine")
    arguments = ["export", "--csv", "a.csv", "--json", "a.json"]
    assert "a.csv exists; use --force to overwrite it" in told(runner.invoke(main, arguments))
    assert (here / "a.csv").read_text() == "mine"
    assert not (here / "a.json").exists()
    assert runner.invoke(main, [*arguments, "--force"]).exit_code == 0
    assert (here / "a.csv").read_text().startswith("benchmark,")


def test_one_file_for_two_formats_is_told(runner: CliRunner, here: Path) -> None:
    stored(here)
    assert "a.txt" in told(runner.invoke(main, ["export", "--csv", "a.txt", "--json", "a.txt"]))
    assert not (here / "a.txt").exists()


def test_a_written_file_has_the_usual_permissions(runner: CliRunner, here: Path) -> None:
    stored(here)
    (here / "plain").write_text("")
    runner.invoke(main, ["export", "--csv", "a.csv"])
    assert (here / "a.csv").stat().st_mode == (here / "plain").stat().st_mode


def test_delete_removes_runs_and_says_which(runner: CliRunner, here: Path) -> None:
    for run_id in ("20260101-a", "20260102-b", "20260103-c"):
        stored(here, run_id=run_id)
    result = runner.invoke(main, ["delete", "20260101", "20260103-c"])
    assert result.stdout == "deleted 20260101-a\ndeleted 20260103-c\n"
    assert [path.stem for path in (here / ".daskbench").glob("*.jsonl")] == ["20260102-b"]


def test_delete_with_one_unknown_run_deletes_none(runner: CliRunner, here: Path) -> None:
    stored(here)
    assert "no run 'x'" in told(runner.invoke(main, ["delete", RUN_ID, "x"]))
    assert (here / ".daskbench" / f"{RUN_ID}.jsonl").exists()


def test_delete_of_a_run_named_twice_deletes_it_once(runner: CliRunner, here: Path) -> None:
    stored(here)
    result = runner.invoke(main, ["delete", "latest", RUN_ID])
    assert (result.exit_code, result.stdout) == (0, f"deleted {RUN_ID}\n")


def test_a_live_run_is_not_deleted_nor_resumed(runner: CliRunner, here: Path) -> None:
    path = here / ".daskbench" / f"{RUN_ID}.jsonl"
    path.parent.mkdir()
    with JournalWriter.create(path, make_header()):
        assert "is being measured" in told(runner.invoke(main, ["delete", "latest"]))
        assert "is being measured" in told(runner.invoke(main, ["resume"]))
    assert path.exists()


def test_init_writes_the_file_that_ships(runner: CliRunner, here: Path) -> None:
    result = runner.invoke(main, ["init"])
    assert result.exit_code == 0
    assert "[suites.lesson-schedulers]" in (here / "benchmarks.toml").read_text()
    (here / "benchmarks.toml").write_text("")
    assert runner.invoke(main, ["init", "--force"]).exit_code == 0
    assert (here / "benchmarks.toml").stat().st_size > 100


def test_doctor_looks_at_everything(runner: CliRunner) -> None:
    result = runner.invoke(main, ["doctor"])
    assert result.exit_code == 0
    for name in ("python", "dask", "cores", "BLAS", "timer", "load", "swap", "temp folder", "dot"):
        assert any(line[2:].startswith(name) for line in result.stdout.splitlines()), name
    assert result.stdout.splitlines()[-1].endswith((" found", "no problems found"))


# Dry runs


def test_a_dry_run_shows_the_plan_and_measures_nothing(runner: CliRunner, here: Path) -> None:
    result = runner.invoke(main, ["schedulers", *FEW, "--dry-run"])
    assert result.exit_code == 0
    head, *lines = result.stdout.splitlines()
    assert head == "schedulers: 2 cases × 3 rounds"
    assert len(lines) == 2
    assert all(line.endswith("4 samples, not measured yet") for line in lines)
    assert not (here / ".daskbench").exists()


def test_a_dry_run_estimates_from_earlier_runs(runner: CliRunner, here: Path) -> None:
    stored(here, timed(0, [2.0, 2.0]))
    result = runner.invoke(main, ["schedulers", *FEW, "--dry-run"])
    _, numpy, threads, total = result.stdout.splitlines()
    assert numpy.endswith("4 samples, about 8 s")
    assert threads.endswith("4 samples, not measured yet")
    assert total == "about 8 s in all, not counting 1 case not measured yet"


@pytest.mark.parametrize(
    ("options", "head", "samples"),
    [
        (("--launches", "5"), "2 cases × 5 launches × 3 rounds", "20 samples"),
        (("--launches", "5", "--warmup", "0"), "2 cases × 5 launches × 3 rounds", "15 samples"),
        (
            ("--precision", "2%"),
            "2 cases × 3 rounds or more for a precision of 2%, at most 5min",
            "at least 16 samples",
        ),
        (
            ("--precision", "0.5%", "--launches", "2", "--budget", "1m"),
            "2 cases × 2 launches × 3 rounds or more for a precision of 0.5%, at most 1min",
            "at least 20 samples",
        ),
    ],
)
def test_a_dry_run_counts_launches_and_what_a_precision_needs_at_least(
    runner: CliRunner, here: Path, options: tuple[str, ...], head: str, samples: str
) -> None:
    stored(here, timed(0, [2.0, 2.0]))
    result = runner.invoke(main, ["schedulers", *FEW, *options, "--dry-run"])
    first, numpy, _, total = result.stdout.splitlines()
    assert first == f"schedulers: {head}"
    assert f": {samples}, about " in numpy
    assert total.startswith("about ")


def test_a_dry_run_shows_every_suite_of_the_file(runner: CliRunner, here: Path) -> None:
    (here / "benchmarks.toml").write_text(
        "[suites.one]\nbenchmark = 'calc_mean'\nschedulers = 'numpy'\n"
        "[suites.two]\nbenchmark = 'calc_mean'\nn = [10, 20]\nschedulers = 'numpy'\n"
    )
    result = runner.invoke(main, ["run", "--dry-run", "--rounds", "9"])
    heads = [line for line in result.stdout.splitlines() if not line.startswith(" ")]
    assert heads == ["one: 1 cases × 9 rounds", "two: 2 cases × 9 rounds"]


def test_without_a_file_the_suites_that_ship_are_run(runner: CliRunner, here: Path) -> None:
    result = runner.invoke(main, ["run", "lesson", "--dry-run"])
    assert "lesson-schedulers: 14 cases × 7 rounds" in result.stdout


def test_a_dry_run_tells_what_each_case_will_hold(runner: CliRunner, here: Path) -> None:
    arguments = [*SVD, "--schedulers", "numpy,distributed", "--method", "tsqr,gram", "--dry-run"]
    result = runner.invoke(main, arguments)
    assert result.exit_code == 0
    head, *lines = result.stdout.splitlines()
    assert head == "svd: 3 cases × 10 rounds"
    cases, forecasts = lines[::2], lines[1::2]
    assert all(line.endswith("11 samples, not measured yet") for line in cases)
    assert [line.split(",")[0] for line in forecasts] == [
        "    X is 15.6 KiB",
        *["    X is 15.6 KiB in chunks of 15.6 KiB"] * 2,
    ]
    assert all(line.endswith(": fits") for line in forecasts)
    assert not (here / ".daskbench").exists()


def test_a_dry_run_tells_what_would_be_skipped(runner: CliRunner, here: Path) -> None:
    arguments = [*SVD, "--memory-limit", "100MiB,1GiB", "--dry-run"]
    _, skipped, case, forecast, *_ = runner.invoke(main, arguments).stdout.splitlines()
    assert "of 100 MiB: skipped: a worker of 100 MiB cannot hold one task per thread" in skipped
    assert case.endswith("of 1 GiB: 11 samples, not measured yet")
    assert forecast.endswith("of 1 GiB per worker: fits")
    forced = runner.invoke(main, [*arguments, "--force"]).stdout
    assert "skipped" not in forced
    assert "cannot hold one task" in forced


def test_a_dry_run_with_a_skipped_case_estimates_nothing(runner: CliRunner, here: Path) -> None:
    arguments = [*SVD, "--memory-limit", "100MiB,1GiB", "--dry-run"]
    assert "in all" not in runner.invoke(main, arguments).stdout


def test_a_dry_run_tells_what_is_opened_in_turns(
    runner: CliRunner, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daskbench.environment.memory_bytes", lambda: 2 << 30)
    arguments = ["svd", "--shape", "1e6x100", "--workers", "1,2", "--input", "persist"]
    result = runner.invoke(main, [*arguments, "--hardware", "off", "--force", "--dry-run"])
    assert "  lanes run one at a time: together they would hold" in result.stdout


@pytest.mark.parametrize("option", ["-k", "--k"])
def test_a_parameter_of_one_letter_has_a_short_option_and_a_long_one(
    runner: CliRunner, here: Path, option: str
) -> None:
    arguments = ["svd-compressed", "--shape", "200x10", option, "3,4", "--hardware", "off"]
    result = runner.invoke(main, [*arguments, "--workers", "1", "--dry-run"])
    assert result.exit_code == 0, result.stderr
    assert "svd-compressed: 2 cases" in result.stdout
    assert [f" k={k} " in result.stdout for k in (3, 4, 5)] == [True, True, False]


def test_parameters_of_several_words_are_options_with_dashes(runner: CliRunner, here: Path) -> None:
    arguments = ["svd-compressed", "--power-iterations", "0,2", "--workers", "1", "--dry-run"]
    result = runner.invoke(main, [*arguments, "--hardware", "off"])
    assert [f" power_iterations={n} " in result.stdout for n in (0, 1, 2)] == [True, False, True]
    wrong = [argument.replace("power-i", "power_i") for argument in arguments]
    assert "No such option" in told(runner.invoke(main, wrong))


# Measuring, on lanes that are not there


@pytest.fixture
def lanes(monkeypatch: pytest.MonkeyPatch) -> FakeLanes:
    clock = Clock()
    fake = FakeLanes(clock, {"threads-2": 0.5})
    monkeypatch.setattr(session, "Lanes", lambda _folder: fake)
    monkeypatch.setattr(session, "ThisMachine", FakeMachine)
    monkeypatch.setattr(session, "monotonic", clock)
    return fake


def only_run(here: Path) -> Run:
    [path] = (here / ".daskbench").glob("*.jsonl")
    return read_run(path)


def test_schedulers_measures_keeps_and_shows(
    runner: CliRunner, here: Path, lanes: FakeLanes
) -> None:
    result = runner.invoke(main, ["schedulers", *FEW, "--rounds", "5"])
    assert result.exit_code == 0
    assert "threads × 2 *" in result.stdout
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
    assert "no benchmark 'none': choose from calc_mean" in done.stderr


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
    assert "skipped: a worker of 100 MiB cannot hold one task" in result.stdout
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


def test_a_dry_run_draws_nothing(
    runner: CliRunner, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "find_spec", lambda name: object())
    monkeypatch.setattr("shutil.which", lambda name: name)
    result = runner.invoke(main, [*SVD, "--graph", "graph.svg", "--dry-run"])
    assert result.exit_code == 0, result.output
    assert list(here.iterdir()) == []


# Where text goes


def test_no_color_and_dumb_terminals_get_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    assert page_of_stdout() == Page(120, color=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert page_of_stdout() == Page(120, color=False)
    monkeypatch.setenv("NO_COLOR", "")
    monkeypatch.setenv("TERM", "dumb")
    assert page_of_stdout() == Page(120, color=False)


def test_in_a_pipe_a_page_is_80_columns_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: False, raising=False)
    assert page_of_stdout() == Page(80, color=False)


# What is not imported

BLOCKER = """
    import sys

    class Blocker:
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] in {blocked!r}:
                raise ImportError(f"{{name}} was imported")

    sys.meta_path.insert(0, Blocker())
    from daskbench.cli import main
    main({arguments!r}, standalone_mode=True)
"""


def run_without(blocked: tuple[str, ...], arguments: list[str], here: Path) -> str:
    script = textwrap.dedent(BLOCKER.format(blocked=blocked, arguments=arguments))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], cwd=here, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("view", ["table", "plain", "markdown", "json"])
def test_show_imports_neither_dask_nor_pandas(here: Path, view: str) -> None:
    stored(here, [*timed(0, NUMPY_S), CaseFailed(1, "at the start", "no port")])
    shown = run_without(("dask", "distributed", "pandas"), ["show", "--format", view], here)
    assert "no port" in shown


@pytest.mark.parametrize("samples", [[], ["--samples"]])
def test_export_never_imports_dask(here: Path, samples: list[str]) -> None:
    stored(here)
    text = run_without(("dask", "distributed"), ["export", *samples, "--csv", "-"], here)
    assert text.startswith("benchmark,scheduler,")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_imports_nothing_heavy(here: Path, arguments: list[str]) -> None:
    heavy = ("rich", "numpy", "pandas", "scipy", "dask", "distributed", "msgspec", "psutil")
    assert "daskbench" in run_without(heavy, arguments, here)


@pytest.mark.parametrize("name", ["schedulers", "svd", "svd-compressed"])
def test_the_help_of_what_measures_imports_no_dask(here: Path, name: str) -> None:
    heavy = ("pandas", "dask", "distributed", "bokeh", "graphviz", "threadpoolctl", "cloudpickle")
    assert f"daskbench {name} --" in run_without(heavy, [name, "--help"], here)


CONTROL = "\x1b[31m\x9b1m\n\u202e[/x]"


@pytest.mark.parametrize(
    "arguments",
    [
        [CONTROL],
        [f"--{CONTROL}"],
        ["show", CONTROL],
        ["show", "a", CONTROL],
        ["schedulers", f"--{CONTROL}"],
        ["schedulers", "--n", CONTROL],
        ["schedulers", "--workers", CONTROL],
        ["schedulers", "--schedulers", CONTROL],
        ["schedulers", "--format", CONTROL],
        ["schedulers", "--csv", f"/nowhere/{CONTROL}"],
        ["run", CONTROL],
        ["run", "--file", CONTROL],
        ["compare", CONTROL, "x"],
        ["compare", "x", "y", "--fail-if", CONTROL],
        ["ab", "--python", CONTROL],
        ["ab", "--config-a", CONTROL],
        ["ab", "--benchmark", f"{CONTROL}.py:B"],
        ["delete", CONTROL],
        ["list", "--store", CONTROL],
    ],
)
def test_what_was_typed_is_repeated_without_what_a_terminal_obeys(
    runner: CliRunner, here: Path, arguments: list[str]
) -> None:
    result = runner.invoke(main, arguments)
    assert not {"\x1b", "\x9b", "\u202e"} & {*result.output}
    assert all(line.isprintable() for line in result.output.splitlines())
    if arguments[0] != "list":
        assert result.exit_code == 2
        assert result.output.splitlines()[-1].startswith("Error: ")


MANY = ("--schedulers", "numpy", "--n", ",".join(map(str, range(1, 501))))
THREADS = ",".join(map(str, range(1, 10_002)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("schedulers", "--rounds", "1e6", "--launches", "1e6"), "more than 100,000,000 samples"),
        (("calibrate", "--comparisons", "1e6", "--launches", "1e6"), "1,000,000,000,000 launches"),
        (("svd", "--shape", "1e12x1e12"), "more elements than any memory holds"),
        (("svd", "--shape", "1e9x100", "--chunks", "1x100"), "has 1,000,000,000 chunks of 1x100"),
        (("svd-compressed", "--shape", "1e5x1e5", "--chunks", "1x1"), "10,000,000,000 chunks"),
        (("svd-compressed", "--power-iterations", "1e9"), "--power-iterations 1,000,000,000"),
        (("schedulers", "--tasks", "1e15"), "--tasks 1,000,000,000,000,000 is too many"),
        (("schedulers", "--n", "1e9", "--tasks", "1e7"), "--n 1,000,000,000 in 10,000,000 tasks"),
        (("schedulers", "--rounds", "1e6", "--launches", "99", *MANY), "49,500,000,000 samples"),
        (("schedulers", "--n", ",".join(map(str, range(1, 5000)))), "29,994 cases"),
        (("schedulers", "--threads-per-worker", THREADS), "more than 10,000 cases"),
    ],
)
@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_a_plan_that_is_too_large_is_refused_before_anything_is_done(
    runner: CliRunner, here: Path, arguments: tuple[str, ...], dry: tuple[str, ...], message: str
) -> None:
    assert message in told(runner.invoke(main, [*arguments, *dry]))
    assert not (here / ".daskbench").exists()
