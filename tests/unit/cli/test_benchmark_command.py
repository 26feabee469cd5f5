"""A command whose options are also those of the benchmark that it is told to use."""

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from daskbench.cli import LazyGroup, main
from daskbench.cli.benchmark_options import BenchmarkCommand, benchmark_option
from daskbench.cli.options import given

OWN = '''
from daskbench.benchmarks.base import Parameter

class Own:
    """Does nothing."""

    parameters = {"{parameter}": Parameter(7, "How many pears.")}

    def __init__(self, **given): ...

    def calls(self): ...

    def check(self, answer): ...
'''


def run(*arguments: str) -> Result:
    @click.command(cls=BenchmarkCommand)
    @benchmark_option("svd")
    @click.option("--last", help="Stands last.")
    def command(**values: Any) -> None:
        click.echo(sorted((k, str(v)) for k, v in given(values).items()))

    class ResultTable(LazyGroup):
        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
            return command

    group = ResultTable("bench")
    return CliRunner().invoke(group, ["show", *arguments])


def own(folder: Path, parameter: str = "pears") -> str:
    file = folder / "own.py"
    file.write_text(OWN.replace("{parameter}", parameter))
    return f"{file}:Own"


@pytest.mark.parametrize(
    ("arguments", "present", "absent"),
    [
        (("--help",), "--shape", "--tasks"),
        (("--help", "--benchmark", "calc_mean"), "--tasks", "--shape"),
        (("--benchmark=calc-mean", "--help"), "--tasks", "--shape"),
        (("--benchmark", "svd", "--benchmark", "calc_mean", "--help"), "--tasks", "--shape"),
        (("--benchmark", "svd-compressed", "--help"), "--iterator", "--method"),
    ],
)
def test_the_help_shows_the_parameters_of_the_benchmark(
    arguments: tuple[str, ...], present: str, absent: str
) -> None:
    shown = run(*arguments).stdout
    assert present in shown
    assert absent not in shown
    assert shown.index("--benchmark") < shown.index(present) < shown.index("--last")


def test_the_parameters_are_read_by_their_keys() -> None:
    said = run("--tasks", "1e2", "--benchmark", "calc_mean").stdout
    assert said == "[('benchmark', 'calc_mean'), ('tasks', '(100,)')]\n"


def test_a_users_own_benchmark_brings_its_parameters(tmp_path: Path) -> None:
    said = run("--benchmark", own(tmp_path), "--pears", "3")
    assert "('pears', '(3,)')" in said.stdout
    assert "How many pears. [7]" in run("--benchmark", own(tmp_path), "--help").stdout


def test_the_help_of_a_users_own_holds_nothing_that_a_terminal_obeys(tmp_path: Path) -> None:
    benchmark = own(tmp_path)
    hostile = r'Parameter("\x1b[31m\u202e", "[/x] \x1b]0;x\x07\u200b\x9b1m", metavar="\x1b[m"'
    file = tmp_path / "own.py"
    source = file.read_text().replace('Parameter(7, "How many pears."', hostile)
    file.write_text(source, encoding="utf-8")
    shown = run("--benchmark", benchmark, "--help").stdout
    assert r"\x1b]0;x\x07\u200b" in shown
    assert {char for char in shown if not char.isprintable()} == {"\n"}


def test_the_path_of_a_users_own_is_made_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert str(tmp_path / "own.py:Own") in run("--benchmark", "own.py:Own").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--benchmark", "svt"), "no benchmark 'svt': did you mean 'svd'?"),
        (("--benchmark", "hardware"), "cannot be selected"),
        (("--benchmark",), "requires an argument"),
        (("--benchmark", "there.py:Nothing"), "there is no file"),
        (("--tasks", "3"), "No such option '--tasks'"),
        (("--shape", "3"), "'3' is not a shape"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_parameter_called_as_an_option_is_refused(tmp_path: Path) -> None:
    result = run("--benchmark", own(tmp_path, "last"))
    assert result.exit_code == 2
    assert "--last is already an option of this command" in result.stderr


FUNCTION = '''
from dask import delayed

def build(n: int = 3, p: float = 0.5, workers: int = 7):
    """Build.

    Args:
        n: How many pears.
    """
    return [delayed(float)(i) for i in range(n)]

def starts():
    import distributed
    with distributed.Client():
        return build()
'''


def bench(folder: Path, *arguments: str) -> Result:
    file = folder / "function.py"
    file.write_text(FUNCTION)
    named = {"TARGET": f"{file}:build", "STARTS": f"{file}:starts", "SCRIPT": str(file)}
    words = [named.get(one, one) for one in arguments]
    return CliRunner().invoke(main, ["bench", "--dry-run", *words], prog_name="daskbench")


# In one test each, so that one process is asked about the file.


def test_the_target_is_found_among_options(tmp_path: Path) -> None:
    for arguments in (
        ("TARGET", "--n", "4,5"),
        ("--n", "4,5", "TARGET"),
        ("-p", "n=4,5", "TARGET"),
        ("-pn=4,5", "TARGET"),
        ("TARGET", "--param", "n=4,5"),
        ("--no-progress", "--n=4,5", "TARGET", "-p", "p=0.5"),
        ("--n", "4,5", "--", "TARGET"),
    ):
        said = bench(tmp_path, *arguments).stdout
        assert "function.py:build n=4 p=0.5" in said, arguments
        assert "function.py:build n=5 p=0.5" in said, arguments
        assert "workers=7" not in said, "a reserved name keeps its default"


def test_what_cannot_be_measured_is_one_line(tmp_path: Path) -> None:
    for arguments, message in (
        (("TARGET", "-p", "m=1"), "has no parameter 'm': "),
        (("TARGET", "-p", "n"), "-p n: write NAME=VALUE"),
        (("TARGET", "-p", "n=x"), "-p n=x: 'x' is not a whole number"),
        (("TARGET", "-p", "n=1", "--n", "2"), "n is given twice"),
        (("TARGET", "-p", "workers=1"), "'workers' is a name of daskbench's own"),
        (("TARGET", "--", "1"), "-- 1: only a script, FILE.py, takes arguments"),
        (("calc_mean", "--", "1"), "-- 1: only a script, FILE.py, takes arguments"),
        (("SCRIPT", "--as-is", "--arguments", "1", "--", "2"), "arguments is given twice"),
        (("SCRIPT", "--as-is", "--arguments", "'1"), "No closing quotation"),
        (("TARGET", "--m", "1"), "No such option '--m'"),
        (("TARGET", "--schedulers", "numpy"), "has no version for numpy: write a function 'plain'"),
        (("TARGET", "--plain", "in_numpy"), "has no function or class 'in_numpy'"),
        (("calc_mean", "--tolerance", "0.1"), "--tolerance applies only to functions of your own"),
        (("calc_mean", "--as-is"), "--as-is applies only to functions of your own"),
        (("STARTS",), "function.py:14: Client starts a cluster of its own"),
        (("STARTS", "--no-as-is"), "as function.py:NAME, or measure exactly that by --as-is"),
        ((), "Missing argument 'TARGET'"),
        (("no_such",), "no benchmark 'no_such'"),
        (("no_such_module:f",), "there is no module no_such_module"),
    ):
        done = bench(tmp_path, *arguments)
        assert done.exit_code == 2, arguments
        assert message in " ".join(done.output.split()), (arguments, done.output)
        assert "Traceback" not in done.output, arguments


def test_the_help_shows_the_parameters_of_a_function(tmp_path: Path) -> None:
    shown = bench(tmp_path, "TARGET", "--help").stdout
    assert "How many pears. [3]" in shown
    assert "-p, --param NAME=VALUE" in shown
    assert "--p X,..." in shown


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ((), "function.py on default"),
        (("--",), "function.py on default"),
        (("--", "a.csv", "--n", "b, c"), "function.py arguments=a.csv --n 'b, c' on default"),
        (("--arguments", "1,2 3"), "function.py arguments=2 3 on default"),
    ],
)
def test_a_script_has_arguments(tmp_path: Path, arguments: tuple[str, ...], shown: str) -> None:
    assert shown in bench(tmp_path, "SCRIPT", "--as-is", *arguments).stdout


def test_as_it_is_it_chooses_its_scheduler_itself(tmp_path: Path) -> None:
    assert "default" in (said := bench(tmp_path, "STARTS", "--as-is").stdout)
    assert "threads" not in said


def test_without_a_plain_version_numpy_is_not_planned(tmp_path: Path) -> None:
    said = bench(tmp_path, "TARGET").stdout
    assert "synchronous" in said
    assert "numpy" not in said
