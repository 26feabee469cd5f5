"""Options that name a file: each file that was written is named, and none is dropped silently."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from daskbench.cli import COMMANDS, main
from daskbench.cli.file_options import FileName
from tests.unit.cli.asking_cli import FEW, stored, told
from tests.unit.fakes import FakeLanes


def options_for_files() -> list[tuple[str, str]]:
    """Return each command, and each of its options that names a file to write."""
    context = click.Context(main)
    return [
        (name, option)
        for name in COMMANDS
        if (command := main.get_command(context, name))
        for parameter in command.params
        if isinstance(parameter, click.Option) and isinstance(parameter.type, FileName)
        for option in parameter.opts
    ]


def test_the_commands_have_options_for_files() -> None:
    found = {option for _, option in options_for_files()}
    assert {"--csv", "--html", "--pyperf", "--graph", "--performance-report", "-o"} <= found


@pytest.mark.parametrize(("command", "option"), [*options_for_files(), ("run", "--file")])
def test_a_second_file_for_an_option_is_refused(
    runner: CliRunner, here: Path, command: str, option: str
) -> None:
    message = told(runner.invoke(main, [command, option, "a.x", option, "b.x"]))
    assert message.endswith(" is given 2 times (a.x, b.x); give it once")
    assert option.strip("-") in message
    assert [*here.iterdir()] == []


def test_export_names_what_it_wrote_and_stdout_has_only_data(runner: CliRunner, here: Path) -> None:
    stored(here)
    result = runner.invoke(main, ["export", "--csv", "a.csv", "--html", "a.html", "--json", "-"])
    assert result.exit_code == 0
    assert result.stderr == "wrote a.csv\nwrote a.html\n"
    assert json.loads(result.stdout)["cases"]


def test_a_report_is_named_too(runner: CliRunner, here: Path) -> None:
    stored(here)
    result = runner.invoke(main, ["report"])
    assert (result.stdout, result.stderr) == ("", "wrote report.html\n")
    assert runner.invoke(main, ["report", "-o", "-"]).stderr == ""


def test_a_measuring_command_names_its_files_beside_the_table(
    runner: CliRunner, here: Path, lanes: FakeLanes
) -> None:
    result = runner.invoke(main, ["schedulers", *FEW, "--csv", "a.csv", "--json", "a.json"])
    assert result.stderr == "wrote a.csv\nwrote a.json\n"
    assert "wrote" not in result.stdout


def test_a_file_that_was_not_written_is_not_named(runner: CliRunner, here: Path) -> None:
    stored(here)
    result = runner.invoke(main, ["export", "--csv", "/dev/full", "--json", "a.json"])
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "wrote a.json",
        "Error: cannot write /dev/full: No space left on device",
    ]
