"""How results are shown on stdout."""

import io
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from daskbench.cli import main
from daskbench.cli.output import page_of_stdout
from daskbench.errors import ExitCode
from tests.unit.fakes import FakeLanes

MEASURE = ("schedulers", "--schedulers", "numpy,threads", "--workers", "2", "--rounds", "5")


def invoke(runner: CliRunner, *arguments: str) -> Result:
    return runner.invoke(main, arguments)


@pytest.fixture
def measured(here: Path, runner: CliRunner, lanes: FakeLanes) -> CliRunner:
    """A folder with a run."""
    done = invoke(runner, *MEASURE)
    assert done.exit_code == 0, done.output
    return runner


def test_a_run_is_shown_as_it_was_with_more_columns_if_asked(measured: CliRunner) -> None:
    usual = invoke(measured, "show").stdout
    assert "median" not in usual
    assert "is fastest of 2" in usual
    assert "ratio: time" not in usual
    every = invoke(measured, "show", "--columns", "all").stdout
    assert "median" in every
    assert "median" in invoke(measured, "show", "--columns", "median_s").stdout
    assert "ratio: time" in " ".join(invoke(measured, "show", "--explain").stdout.split())
    wide = invoke(measured, "show", "--wide").stdout
    assert max(map(len, wide.splitlines())) > 80


@pytest.mark.usefixtures("here", "lanes")
def test_measuring_commands_have_the_same_options(runner: CliRunner) -> None:
    done = invoke(runner, *MEASURE, "--columns", "median_s,tasks", "--explain")
    assert done.exit_code == 0, done.output
    assert "median" in done.stdout
    assert "ratio: time" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--columns", "mediann_s"), "no column 'mediann_s': did you mean 'median_s'?"),
        (("--columns", ""), "names no columns; write all, or names as median_s,tasks"),
        (("--columns", "min_s,"), "names no columns; write all, or names as median_s,tasks"),
        (("--format", "csv", "--columns", "all"), "--columns is for tables: leave out --format"),
        (("--format", "json", "--explain"), "--explain is for tables: leave out --format"),
        (("--format", "plain", "--wide"), "--wide is for tables: leave out --format"),
    ],
)
def test_bad_input_is_one_line(measured: CliRunner, options: tuple[str, ...], message: str) -> None:
    done = invoke(measured, "show", *options)
    assert done.exit_code == ExitCode.USAGE
    assert message in " ".join(done.stderr.split())
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


SVD = ("svd", "--shape", "200x10", "--chunks", "50x10", "--schedulers", "numpy,threads")
FIGURED = """\
from daskbench.benchmarks.base import Evaluation


class Figured:
    parameters = {}

    def __init__(self, *, seed):
        pass

    def collection(self):
        return []

    def calls(self):
        return [lambda: 1]

    def account(self, answer, compute):
        return Evaluation(figures={"accuracy": 0.5})
"""


@pytest.mark.parametrize(
    ("command", "column", "message"),
    [
        (MEASURE, "nosuch", "no column 'nosuch': choose from "),
        (MEASURE, "b_mean_s", "no column 'b_mean_s'"),
        (MEASURE, "error", "no column 'error'"),
        (SVD, "errors", "no column 'errors'"),
        (("limit",), "median_s", "no column 'median_s'"),
        (("calibrate",), "nosuch", "no column 'nosuch'"),
        (("run", "lesson"), "mediann", "no column 'mediann': did you mean 'median'?"),
    ],
)
def test_an_unknown_column_is_refused_before_anything_is_measured(
    here: Path,
    lanes: FakeLanes,
    runner: CliRunner,
    command: tuple[str, ...],
    column: str,
    message: str,
) -> None:
    done = invoke(runner, *command, "--columns", f"all,{column}")
    assert done.exit_code == ExitCode.USAGE
    assert message in " ".join(done.stderr.split())
    assert done.stdout == ""
    assert not (here / ".daskbench").exists()


@pytest.mark.usefixtures("here", "lanes")
@pytest.mark.parametrize(
    ("command", "column"),
    [
        (SVD, "error"),
        (SVD, "|U'U-I|"),
        (("memory", "--shape", "200x10", "--chunks", "50x10"), "spilled_bytes"),
        (("limit",), "written"),
        (("thresholds",), "observed effect"),
        (("calibrate",), "verdicts"),
        (("ab", "--env-b", "X=1"), "B mean ± std"),
        (MEASURE, "build_s"),
    ],
)
def test_a_column_that_there_may_be_is_not_refused(
    runner: CliRunner, command: tuple[str, ...], column: str
) -> None:
    done = invoke(runner, *command, "--columns", column, "--dry-run")
    assert done.exit_code == 0, done.stderr


def test_figures_of_a_class_of_ones_own_are_known_by_its_answers(
    here: Path, lanes: FakeLanes, runner: CliRunner
) -> None:
    (here / "figured.py").write_text(FIGURED)
    command = ("bench", "figured.py:Figured", "--schedulers", "numpy", "--dry-run", "--columns")
    assert invoke(runner, *command, "accuracy").exit_code == 0
    wrong = invoke(runner, *command, "mediann_s")
    assert wrong.exit_code == ExitCode.USAGE
    assert "did you mean 'median_s'?" in wrong.stderr


def test_a_column_that_another_run_might_have_is_left_out(measured: CliRunner) -> None:
    shown = invoke(measured, "show", "--columns", "build_s,median_s")
    assert shown.exit_code == 0, shown.stderr
    assert "median" in shown.stdout
    assert "build" not in shown.stdout


def test_how_to_have_it_explained_is_said_as_it_is_typed(measured: CliRunner) -> None:
    shown = invoke(measured, "show").stdout
    assert shown.rstrip().endswith("; legend: daskbench show --explain")
    invoke(measured, *MEASURE)
    before = invoke(measured, "show", "latest~1").stdout
    assert before.rstrip().endswith("; legend: --explain")
    elsewhere = "; legend: daskbench show --store in --explain"
    assert invoke(measured, *MEASURE, "--store", "in").stdout.rstrip().endswith(elsewhere)
    there = invoke(measured, "show", "--store", "in").stdout
    assert there.rstrip().endswith(elsewhere)


@pytest.mark.parametrize(
    ("encoding", "is_ascii"), [("utf-8", False), ("ascii", True), ("latin-1", True)]
)
def test_a_terminal_that_cannot_show_bars_gets_ascii(
    monkeypatch: pytest.MonkeyPatch, encoding: str, is_ascii: bool
) -> None:
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert page_of_stdout().ascii is is_ascii
