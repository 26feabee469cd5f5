"""A name of a user's own work: what it is, and what is said if it is nothing."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import pytest

from daskbench.asking.direct import Direct
from daskbench.benchmarks import find_benchmark, make_benchmark
from daskbench.benchmarks.targets import Target, target_of
from daskbench.benchmarks.work.base import Whole
from daskbench.config import whole_target
from daskbench.errors import UsageError
from daskbench.lane.probes.tasks import TaskCounter
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

def computing(n=3):
    import dask
    sums = [delayed(add)(i, i) for i in range(n)]
    dask.compute(*sums)
    return list(dask.compute(*sums))

def both():
    delayed(add)(1, 1).compute()
    return [delayed(add)(2, 2), delayed(add)(3, 3)]

def with_client():
    from distributed import get_client
    return get_client().submit(add, 1, 2).result()

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
    benchmark: Any = make_benchmark(f"{own}:{name}", parameters, 0)
    work = Work(benchmark)
    values = dask.compute(*benchmark.collection(), scheduler="synchronous")
    assert work.tasks() > 0
    assert benchmark.account(values, dask.compute).wrong is None
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


def whole(own: Path, name: str) -> Whole | None:
    benchmark: Any = make_benchmark(f"{own}:{name}", {}, 0)
    found: Whole | None = benchmark.whole()
    return found


def test_a_function_that_computes_by_itself_is_a_whole(own: Path) -> None:
    assert whole(own, "build") is None
    assert whole(own, "generator") is None
    assert whole(own, "nothing") == Whole(None, None)
    assert whole(own, "computing") == Whole(6, 2)
    assert whole(own, "both") == Whole(3, 2), "what it returns is computed, too"
    assert whole(own, "with_client") == Whole(None, None), "it does not run without a client"


def test_a_whole_is_run_on_dasks_default_scheduler_and_checked(own: Path) -> None:
    benchmark: Any = make_benchmark(f"{own}:computing", {"n": 2}, 0)
    assert benchmark.whole() == Whole(4, 2)
    with dask.config.set(scheduler="threads"), TaskCounter() as counter:
        answer = benchmark.run()
    assert answer == [[0, 2]]
    assert (counter.tasks_run, counter.computes) == (4, 2)
    assert benchmark.account(answer, None).wrong is None
    assert benchmark.account([[0, 3]], None).wrong is not None


def test_a_whole_that_shall_be_kept_is_collected_and_says_so(own: Path) -> None:
    for keep in (None, False, True):
        benchmark: Any = make_benchmark(f"{own}:computing", {}, 0, {"keep": keep})
        told = benchmark.account(benchmark.run(), None)
        assert told.wrong is None
        assert ("--keep has no effect" in told.note) == (keep is True)


def test_what_a_function_does_is_found_once_in_a_run(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASKBENCH_SHARED", str(tmp_path))
    assert whole(own, "computing") == Whole(6, 2)
    monkeypatch.setattr("daskbench.benchmarks.work.nature._look", None)
    assert whole(own, "computing") == Whole(6, 2)


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
    assert benchmark.account([call()], None).wrong is None
    assert benchmark.account([{"sums": [1, 3], "n": 2}], None).wrong is not None


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("a/b.py:build", Target("a/b.py", "build")),
        ("a/b.py:Pipe.build", Target("a/b.py", "Pipe.build")),
        ("pack.age:build", Target("pack.age", "build")),
        ("a/b.py", Target("a/b.py", "")),
        ("calc_mean", None),
        ("tcp://x:1", None),
    ],
)
def test_targets_are_told_from_built_in_benchmarks(name: str, target: Target | None) -> None:
    assert target_of(name) == target


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("work.py:", "names no function or class; write work.py:NAME"),
        ("work.py::build", "has too many colons; write FILE.py:NAME, and FILE.py:CLASS.NAME for a"),
        ("work.py:build:x", "has too many colons"),
        ("wrok.py:build", "there is no file wrok.py: did you mean 'work.py'?"),
        ("wrok.py", "there is no file wrok.py: did you mean 'work.py'?"),
        ("work", "no benchmark 'work': did you mean 'work.py:NAME'?"),
        ("folder", "no benchmark 'folder': that is a folder; name a function in one of its files"),
        ("note.ipynb", "that is a notebook; measure a cell of it by %%daskbench"),
        ("note.ipynb:build", "there is no module note.ipynb: that is a notebook"),
        ("text.txt", "no benchmark 'text.txt': that is not a Python file"),
        ("text.txt:f", "there is no module text.txt: that is not a Python file"),
        ("-", "no benchmark '-': nothing is read from stdin; write FILE.py:NAME"),
        ("", "no benchmark '': it is empty"),
        (
            "else",
            "no benchmark 'else': 'daskbench bench list' shows the built-in ones; your own is",
        ),
        ("work.py:Bare", "Bare is a class without parameters, so no benchmark; name one of its"),
    ],
)
def test_what_a_newcomer_mistypes_is_one_line_with_the_way_out(
    name: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "work.py").write_text("class Bare:\n    pass\n")
    for there in ("note.ipynb", "text.txt"):
        (tmp_path / there).touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=re.escape(message)) as caught:
        Direct.find(name)
    assert "\n" not in str(caught.value)


def test_a_module_of_the_folder_becomes_its_file_and_others_stay(tmp_path: Path) -> None:
    package = tmp_path / "pack"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "mod.py").touch()
    assert whole_target("pack.mod:f", tmp_path) == f"{package / 'mod.py'}:f"
    assert whole_target("pack:f", tmp_path) == f"{package / '__init__.py'}:f"
    assert whole_target("dask.array:ones", tmp_path) == "dask.array:ones"
    assert whole_target("own.py", tmp_path) == f"{tmp_path / 'own.py'}"
    assert whole_target("svd", tmp_path) == "svd"


def test_a_module_that_is_not_there_is_one_line() -> None:
    with pytest.raises(UsageError, match=r"there is no module no_such_module_here\.part: install"):
        find_benchmark("no_such_module_here.part:build")


def test_a_module_can_be_named(own: Path) -> None:
    sys.path.append(str(own.parent))
    assert find_benchmark("own_targets:build").parameters["n"].help == "How many."
