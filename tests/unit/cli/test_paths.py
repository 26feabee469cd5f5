"""Names that no file can have, in every option and argument that takes one; and failures shown."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from daskbench.cli import main
from daskbench.events import CaseFailed
from tests.unit.builders import make_run

LONG, DEEP, NUL = "n" * 256, "n/" * 2500 + "n", "a\0b"
OWN = ("ab", "--dry-run", "--env-b", "A=1", "--benchmark")


@pytest.mark.parametrize("name", [LONG, DEEP, NUL])
@pytest.mark.parametrize(
    "words",
    [
        ("show", "{}.jsonl"),
        ("show", "--store", "{}"),
        ("list", "--store", "{}"),
        ("doctor", "--store", "{}"),
        ("resume", "{}.jsonl"),
        ("compare", "{}.jsonl"),
        ("export", "--csv", "{}"),
        ("schedulers", "--dry-run", "--scheduler-file", "{}"),
        ("schedulers", "--dry-run", "--tls-ca", "{}"),
        ("svd", "--dry-run", "--graph", "{}.svg"),
        ("ab", "--python", "{}"),
        (*OWN, "{}.py:Mine"),
    ],
)
def test_a_name_that_no_file_can_have_is_one_line(
    runner: CliRunner, here: Path, name: str, words: tuple[str, ...]
) -> None:
    result = runner.invoke(main, [word.format(name) for word in words])
    assert result.exit_code == 2, result.exception
    assert isinstance(result.exception, SystemExit)
    (error,) = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert "NUL" in error or "File name too long" in error
    assert "\0" not in result.output


def test_a_name_in_a_suite_file_is_one_line(runner: CliRunner, here: Path) -> None:
    (here / "benchmarks.toml").write_text('[suites.a]\nbenchmark = "a\\u0000b.py:Mine"\n')
    result = runner.invoke(main, ["run", "--dry-run"])
    assert result.exit_code == 2, result.exception
    assert "contains NUL" in result.stderr


@pytest.mark.parametrize("words", [(*OWN, "{}.py:Mine"), ("ab", "--dry-run", "--env-b", "A={}")])
def test_what_a_journal_would_hold_is_utf_8(
    runner: CliRunner, here: Path, words: tuple[str, ...]
) -> None:
    result = runner.invoke(main, [word.format(os.fsdecode(b"b\xff")) for word in words])
    assert result.exit_code == 2, result.exception
    assert r"b\udcff" in result.stderr
    assert "is not UTF-8 text" in result.stderr


@pytest.mark.parametrize("command", ["show", "list", "resume", "export --csv a", "schedulers"])
def test_without_a_working_folder_a_command_says_so(
    runner: CliRunner, here: Path, command: str
) -> None:
    here.rmdir()
    result = runner.invoke(main, command.split())
    assert result.exit_code == 2, result.exception
    assert "the working directory is gone" in result.stderr


def test_without_a_working_folder_what_is_elsewhere_is_shown(
    runner: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(tmp_path / "store")
    (gone := tmp_path / "gone").mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    result = runner.invoke(main, ["show", "--store", str(tmp_path / "store")])
    assert result.exit_code == 0, result.output


def test_failures_are_shown_whole_and_harmless(runner: CliRunner, here: Path) -> None:
    detail = 'Traceback (most recent call last):\n  File "a.py"\nValueError: \x1b[31m[/x]\n'
    failed = CaseFailed(1, "in round 1", "ValueError: [/x]", detail)
    run = make_run(here / ".daskbench", [failed])
    shown = runner.invoke(main, ["show"])
    assert f"'daskbench show {run.run_id} --failures'" in " ".join(shown.stdout.split())
    result = runner.invoke(main, ["show", "--failures"])
    assert result.exit_code == 0
    assert "failed in round 1: ValueError: [/x]\n  Traceback (most" in result.stdout
    assert '\n    File "a.py"\n  ValueError: \\x1b[31m[/x]\n' in result.stdout


def test_without_failures_this_is_said(runner: CliRunner, here: Path) -> None:
    run = make_run(here / ".daskbench")
    result = runner.invoke(main, ["show", "--failures"])
    assert result.stdout == f"nothing failed in {run.run_id}\n"
