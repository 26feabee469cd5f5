"""Functions as targets: by name if another process can import them, otherwise in a file."""

import functools
import os
import pickle
import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
import pytest

from daskbench.api import targets
from daskbench.api.targets import name_of, named, plain_name, target_of, used_by
from daskbench.benchmarks import pickled
from daskbench.errors import UsageError
from daskbench.journal.store import Store

TABLE = np.zeros(1000)
ELSEWHERE = """
import sys
from pathlib import Path
from daskbench.benchmarks.pickled import load
print(load(Path(sys.argv[1])).inner(3))
"""


def build(n: int = 10) -> Any:
    return da.ones(n, chunks=n) + helper(n)


def helper(n: int) -> float:
    return float(TABLE[n])


class Pipeline:
    @classmethod
    def build(cls) -> Any:
        return da.ones(3)


def test_a_function_of_a_module_has_a_name() -> None:
    assert name_of(build) == f"{Path(__file__).resolve()}:build"
    assert name_of(Pipeline.build) == f"{Path(__file__).resolve()}:Pipeline.build"


def test_what_no_process_can_import_has_none() -> None:
    def inner() -> Any:
        return da.ones(3)

    for work in (inner, lambda: inner, functools.partial(build, 3), len, da.ones(3)):
        assert name_of(work) is None


def test_a_closure_travels_with_what_it_uses(tmp_path: Path) -> None:
    data = np.arange(1000.0)

    def inner(scale: int = 2) -> Any:
        return helper(1) + data.sum() * scale

    with target_of(inner, {}, Store(tmp_path), "run") as target:
        pass
    assert target.name == f"{tmp_path}/run/inner.pickle:inner"
    assert "takes along TABLE (7.81 KiB), data (7.81 KiB), helper (" in target.told
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(tmp_path / "run" / "inner.pickle")],
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout) == 3 * data.sum()


def test_a_plain_version_travels_along(tmp_path: Path) -> None:
    def plain() -> int:
        return 3

    with target_of(plain, {"plain": lambda: 4}, Store(tmp_path), "run") as target:
        path, _, name = target.name.rpartition(":")
    module = pickled.load(Path(path))
    assert (getattr(module, name)(), module.plain()) == (3, 4)
    with (
        pytest.raises(UsageError, match="plain can't be a function if"),
        target_of("calc_mean", {"plain": plain}, Store(tmp_path), "run"),
    ):
        pass


def test_nothing_is_left_where_nothing_was_measured(tmp_path: Path) -> None:
    with pytest.raises(UsageError), target_of(lambda: 3, {}, Store(tmp_path), "run"):
        raise UsageError("a bad option")
    assert [path.name for path in tmp_path.iterdir()] == [".gitignore"]


def test_a_collection_is_computed(tmp_path: Path) -> None:
    with target_of(da.ones(3), {}, Store(tmp_path), "run") as target:
        path = Path(target.name.rpartition(":")[0])
    assert pickled.load(path).Array().sum().compute() == 3


def test_data_beyond_the_limit_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "MOST_BYTES", 1 << 20)
    large = np.ones(1 << 18)
    with (
        pytest.raises(
            UsageError, match=r"uses more than 1 MiB, with large \(2 MiB\): build or load"
        ),
        target_of(lambda: large.sum(), {}, Store(tmp_path), "run"),
    ):
        pass
    with target_of(lambda: large.sum(), {}, Store(tmp_path), "run", force=True) as target:
        assert target.name.endswith("lambda.pickle:lambda")


def test_what_cannot_be_pickled_is_told_in_one_line(tmp_path: Path) -> None:
    lock = threading.Lock()
    with (
        pytest.raises(UsageError, match="can't be sent to another process, with lock"),
        target_of(lambda: lock, {}, Store(tmp_path), "run"),
    ):
        pass


def test_a_file_of_another_python_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "work.pickle"
    path.write_bytes(pickle.dumps({"python": "3.9", "path": []}) + b"not even a pickle")
    with pytest.raises(UsageError, match=r"work is a function of a session of Python 3\.9"):
        pickled.load(path)


@pytest.mark.parametrize("data", [b"", b"x", pickle.dumps(3), pickle.dumps({"python": 3})])
def test_a_damaged_file_is_told(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "work.pickle"
    path.write_bytes(data)
    with pytest.raises(UsageError, match="holds no function"):
        pickled.load(path)


def test_names_of_files() -> None:
    assert plain_name(lambda: 0) == "lambda"
    assert plain_name(functools.partial(build)) == "partial"


def test_sizes_are_listed_largest_first() -> None:
    assert named({"f": 0, "a": 1, "b": 2048}) == "b (2 KiB), a (1 B), f"
    assert named({str(i): i for i in range(10)}).endswith(", 2 more")


def test_modules_beside_a_session_are_found(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a notebook the first entry of the path is empty: the working folder."""
    (here / "a_module_of_a_session.py").write_text("NUMBER = 7\ndef number(): return NUMBER\n")
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    number = import_module("a_module_of_a_session").number

    def inner(_: int) -> Any:
        return number()

    with target_of(inner, {}, Store(here), "run") as target:
        path, _, _ = target.name.rpartition(":")
    done = subprocess.run(
        [sys.executable, "-P", "-c", ELSEWHERE, path], cwd="/", capture_output=True, check=True
    )
    assert int(done.stdout) == 7


def test_modules_and_what_is_installed_do_not_travel() -> None:
    def inner() -> Any:
        return np.sum(da.ones(3)), os.path, functools.partial, TABLE

    assert [*used_by([inner])] == ["TABLE"]
