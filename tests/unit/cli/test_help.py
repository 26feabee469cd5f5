"""Help, and what is not imported for it."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner

from daskbench import __version__
from daskbench.cli import COMMANDS, main
from daskbench.events import CaseFailed
from tests.unit.builders import (
    NUMPY_S,
    timed,
)
from tests.unit.cli.asking_cli import stored, told


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
        (("svd", "--shape", "1e12x1e12"), "too large for any memory"),
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
