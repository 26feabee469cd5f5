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


@pytest.mark.usefixtures("here", "lanes")
def test_after_measuring_the_table_is_shown_even_if_a_column_is_unknown(runner: CliRunner) -> None:
    done = invoke(runner, *MEASURE, "--columns", "nosuch")
    assert done.exit_code == ExitCode.USAGE
    assert "is fastest of 2" in done.stdout
    assert "no column 'nosuch'" in done.stderr


@pytest.mark.parametrize(
    ("encoding", "is_ascii"), [("utf-8", False), ("ascii", True), ("latin-1", True)]
)
def test_a_terminal_that_cannot_show_bars_gets_ascii(
    monkeypatch: pytest.MonkeyPatch, encoding: str, is_ascii: bool
) -> None:
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert page_of_stdout().ascii is is_ascii
