"""A benchmark of the user's own, in a file of their own."""

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from daskbench.asking.direct import Direct
from daskbench.benchmarks import find_benchmark, make_benchmark
from daskbench.benchmarks.users import error_text, with_place
from daskbench.config import SuiteFile
from daskbench.errors import UsageError
from daskbench.experiments import experiment
from tests.unit.builders import here

SOURCE = """
from daskbench.benchmarks.base import Parameter

class Total:
    parameters = {"size": Parameter(10, "Numbers.")}

    def __init__(self, size, seed):
        self.size, self.seed = size, seed

    def calls(self):
        return [lambda: sum(range(self.size))]

    def check(self, answer):
        return None
"""
NAMES = (f"users_own_{number}" for number in itertools.count())


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Path]:
    """A file under a name that no other test used: modules are imported once."""
    modules, path = set(sys.modules), list(sys.path)
    file = tmp_path / f"{next(NAMES)}.py"
    file.write_text(SOURCE)
    yield file
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if name.startswith("users_own"):
            del sys.modules[name]


def test_a_benchmark_is_taken_from_a_file(own: Path) -> None:
    [call] = make_benchmark(f"{own}:Total", {"size": 5}, 1).calls()
    assert call() == 10


def test_its_parameters_sweep_in_benchmarks_toml(own: Path) -> None:
    text = f'[suites.s]\nbenchmark = "{own}:Total"\nschedulers = "numpy"\nsize = [1, 2]'
    suite = SuiteFile(Path("benchmarks.toml"), text, experiment).make("s", {}, here(1))
    assert [case.parameters for case in suite.cases] == [{"size": 1}, {"size": 2}]


def test_two_files_of_one_name_are_two_benchmarks(own: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / own.name
    other.parent.mkdir()
    other.write_text(SOURCE.replace("range(self.size)", "range(100)"))
    answers = [make_benchmark(f"{f}:Total", {"size": 5}, 1).calls()[0]() for f in (own, other)]
    assert answers == [10, 4950]


def test_a_file_may_have_the_name_of_a_known_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    file = tmp_path / "statistics.py"
    file.write_text(SOURCE)
    assert make_benchmark(f"{file}:Total", {"size": 5}, 1).calls()[0]() == 10


@pytest.mark.parametrize(
    ("content", "attribute", "message"),
    [
        (SOURCE, "Totals", "has no function or class 'Totals'"),
        ("import no_such_module", "Total", "can't be loaded: ModuleNotFoundError"),
        ("def (", "Total", "can't be loaded: SyntaxError"),
        ("raise ValueError('odd')", "Total", "can't be loaded: ValueError: odd"),
        ("import os\nos.nothing", "Total", "can't be loaded: AttributeError"),
        ("Total = 5", "Total", "is of the type int, neither a function nor a class"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(
    own: Path, content: str, attribute: str, message: str
) -> None:
    own.write_text(content)
    with pytest.raises(UsageError) as error:
        Direct.find(f"{own}:{attribute}")
    assert message in str(error.value)
    assert str(own) in str(error.value)


def test_a_missing_file_is_told() -> None:
    with pytest.raises(UsageError, match=r"there is no file none\.py"):
        find_benchmark("none.py:Total")


def test_an_error_shows_the_last_lines_of_the_users_own(own: Path) -> None:
    def_ = "\n    def raising(self, n):\n        return self.raising(n - 1) if n else [][1]\n"
    own.write_text(SOURCE + def_ + "\n    def deep(self):\n        return self.raising(5)\n")
    benchmark = make_benchmark(f"{own}:Total", {"size": 5}, 1)
    with pytest.raises(IndexError) as error:
        benchmark.deep()  # type: ignore[attr-defined]
    lines = f"{own.name}:17 in raising, from {own.name}:20 in deep"
    assert error_text(error.value) == f"IndexError: list index out of range ({lines})"
    assert with_place(error_text(error.value), error.value) == error_text(error.value)
