"""A name of a user's own work: what it is, and what is said if it is nothing."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from daskbench.benchmarks import find_benchmark, make_benchmark
from daskbench.benchmarks.targets import Target, target_of
from daskbench.config import whole_target
from daskbench.errors import UsageError
from daskbench.lane.work import Work

SOURCE = '''
import functools
from dask import delayed
import numpy
from os.path import exists as check

calls = []

def add(a, b):
    return a + b

def build(n: int = 3, by=1):
    """Add.

    Args:
        n: How many.
    """
    return {"sums": [delayed(add)(i, by) for i in range(n)], "n": n}

def build_plain(n, by):
    return {"sums": [i + by for i in range(n)], "n": n}

def other(n=2):
    return delayed(sum)(list(range(n)))

def nothing():
    return 5

short = lambda n=10: delayed(add)(n, n)
part = functools.partial(build, n=2)
decorated = delayed(add, pure=False)
decorated_too = delayed(lambda n=4: n)

def generator(n=3):
    for i in range(n):
        yield delayed(add)(i, i)

async def later(n=1): ...

class Pipeline:
    def __init__(self, base: int = 100):
        self.base = base
    def build(self, n=2):
        return [delayed(add)(i, self.base) for i in range(n)]
    def check(self, answer):
        return None
    @classmethod
    def made(cls, n=2):
        return cls().build(n)
    @staticmethod
    def fixed(n=2):
        return delayed(add)(n, 1)
    def __call__(self, n=5):
        return delayed(add)(n, self.base)

ready = Pipeline(7)
table = [1]
'''


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(sys, "path", list(sys.path))
    file = tmp_path / "own_targets.py"
    file.write_text(SOURCE)
    yield file
    sys.modules.pop("own_targets", None)


def answer(own: Path, name: str, **parameters: Any) -> Any:
    """What a function's collections amount to, checked against its reference."""
    import dask

    benchmark: Any = make_benchmark(f"{own}:{name}", parameters, 0)
    work = Work(benchmark)
    values = dask.compute(*benchmark.collection(), scheduler="synchronous")
    assert work.tasks() > 0
    assert benchmark.check(values) is None
    return benchmark._shape.filled(values)


@pytest.mark.parametrize(
    ("name", "parameters", "value"),
    [
        ("build", {}, {"sums": [1, 2, 3], "n": 3}),
        ("build", {"n": 1, "by": 5}, {"sums": [5], "n": 1}),
        ("other", {"n": 4}, 6),
        ("short", {}, 20),
        ("part", {}, {"sums": [1, 2], "n": 2}),
        ("part", {"n": 1}, {"sums": [1], "n": 1}),
        ("decorated_too", {"n": 9}, 9),
        ("generator", {}, [0, 2, 4]),
        ("Pipeline.build", {}, [100, 101]),
        ("Pipeline.build", {"base": 5, "n": 1}, [5]),
        ("Pipeline.made", {"n": 1}, [100]),
        ("Pipeline.fixed", {}, 3),
        ("ready", {"n": 1}, 8),
        ("ready.build", {"n": 1}, [7]),
    ],
)
def test_functions_of_every_kind_are_work(
    own: Path, name: str, parameters: dict[str, Any], value: Any
) -> None:
    assert answer(own, name, **parameters) == value


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("bild", "has no function or class 'bild': did you mean 'build'?"),
        ("Pipeline.bild", "Pipeline has no function or class 'bild': did you mean 'build'?"),
        ("table", "is of the type list, neither a function nor a class"),
        ("numpy", "is a module, neither a function nor a class"),
        ("decorated", "its parameter 'a' has no default"),
        ("later", "is asynchronous"),
    ],
)
def test_what_is_no_work_is_one_line(own: Path, name: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        find_benchmark(f"{own}:{name}")
    assert message in str(error.value)


def test_a_function_without_collections_says_so(own: Path) -> None:
    benchmark: Any = make_benchmark(f"{own}:nothing", {}, 0)
    with pytest.raises(TypeError, match="nothing returned a int without any Dask collection"):
        benchmark.collection()


def test_functions_beside_it_are_found_by_name_where_they_were_defined(own: Path) -> None:
    build: Any = find_benchmark(f"{own}:build")
    other: Any = find_benchmark(f"{own}:other")
    method: Any = find_benchmark(f"{own}:Pipeline.build")
    assert hasattr(build, "calls")
    assert not hasattr(other, "calls"), "numpy is the package, and build_plain is build's"
    assert other.own.hooks.check is None, "check is os.path's"
    assert method.own.hooks.check is not None
    made: Any = find_benchmark(f"{own}:Pipeline.made")
    assert made.own.hooks.check is None, "it needs an instance, and a class method has none"


def test_the_plain_version_is_the_baseline_and_the_reference(own: Path) -> None:
    benchmark: Any = make_benchmark(f"{own}:build", {"n": 2}, 0)
    [call] = benchmark.calls()
    assert benchmark.check([call()]) is None
    assert benchmark.check([{"sums": [1, 3], "n": 2}]) is not None


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("a/b.py:build", Target("a/b.py", "build")),
        ("a/b.py:Pipe.build", Target("a/b.py", "Pipe.build")),
        ("pack.age:build", Target("pack.age", "build")),
        ("calc_mean", None),
        ("tcp://x:1", None),
    ],
)
def test_targets_are_told_from_built_in_benchmarks(name: str, target: Target | None) -> None:
    assert target_of(name) == target


@pytest.mark.parametrize("name", ["a.py", "a.py:"])
def test_a_file_without_a_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=r"names no function or class; write a\.py:NAME"):
        target_of(name)


def test_a_module_of_the_folder_becomes_its_file_and_others_stay(tmp_path: Path) -> None:
    package = tmp_path / "pack"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "mod.py").touch()
    assert whole_target("pack.mod:f", tmp_path) == f"{package / 'mod.py'}:f"
    assert whole_target("pack:f", tmp_path) == f"{package / '__init__.py'}:f"
    assert whole_target("dask.array:ones", tmp_path) == "dask.array:ones"
    assert whole_target("svd", tmp_path) == "svd"


def test_a_module_that_is_not_there_is_one_line() -> None:
    with pytest.raises(UsageError, match=r"there is no module no_such_module_here\.part: install"):
        find_benchmark("no_such_module_here.part:build")


def test_a_module_can_be_named(own: Path) -> None:
    sys.path.append(str(own.parent))
    assert find_benchmark("own_targets:build").parameters["n"].help == "How many."
