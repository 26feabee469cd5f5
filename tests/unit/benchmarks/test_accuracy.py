"""How exactness is judged: the reference that is shared, and errors by NumPy's own formulas."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
import pytest

from daskbench.benchmarks.linalg.accuracy import Sketch, relative_errors, shared
from daskbench.benchmarks.sharing import SHARED
from daskbench.lane.schedulers.local import Synchronous
from tests.unit.builders import opening

COMPUTE = Synchronous(opening()).computing
Change = Callable[[bytes], bytes]


class Maker:
    """Makes an array, and counts how often."""

    def __init__(self, *numbers: float) -> None:
        self.numbers, self.made = numbers or (3.0, 2.0, 1.0), 0

    def __call__(self) -> Any:
        self.made += 1
        return np.array(self.numbers)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(SHARED, str(tmp_path))
    return tmp_path


# What is shared


def test_alone_each_makes_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SHARED, raising=False)
    make = Maker()
    assert shared("x", make) == pytest.approx([3, 2, 1])
    assert shared("x", make) == pytest.approx([3, 2, 1])
    assert make.made == 2


def test_what_is_shared_is_made_once(folder: Path) -> None:
    make = Maker(0.1, 1e-300, 5e-324)
    one, two = shared("x", make), shared("x", make)
    assert make.made == 1
    assert np.array_equal(one, two)
    assert len(list(folder.iterdir())) == 1


def test_each_name_has_its_own(folder: Path) -> None:
    assert shared("svd 1", Maker(1)) == pytest.approx([1])
    assert shared("svd 2", Maker(2)) == pytest.approx([2])
    assert shared("svd 1", Maker(3)) == pytest.approx([1])


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"something else",
        lambda data: data[:-1],
        lambda data: data[:60],
        lambda data: data[:3],
        lambda data: b"",
        lambda data: data.replace(b"}", b" "),
    ],
    ids=["other", "short", "half", "hardly any", "empty", "header"],
)
def test_what_is_damaged_is_made_again(damage: Change, folder: Path) -> None:
    make = Maker()
    shared("x", make)
    [file] = folder.iterdir()
    file.write_bytes(damage(file.read_bytes()))
    for _ in range(2):
        assert shared("x", make) == pytest.approx([3, 2, 1])
    assert make.made == 2
    assert [*folder.iterdir()] == [file]


def test_without_the_folder_each_makes_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SHARED, str(tmp_path / "gone"))
    make = Maker()
    for _ in range(2):
        assert shared("x", make) == pytest.approx([3, 2, 1])
    assert make.made == 2
    assert not (tmp_path / "gone").exists()


def test_a_maker_that_fails_leaves_nothing(folder: Path) -> None:
    def fail() -> Any:
        raise MemoryError

    with pytest.raises(MemoryError):
        shared("x", fail)
    assert not [*folder.iterdir()]


# Errors


def test_each_value_has_a_relative_error() -> None:
    reference = np.array([4.0, 2.0, 1.0])
    assert list(relative_errors(reference, reference)) == [0, 0, 0]
    assert relative_errors(np.array([4.0, 2.5, 0.5]), reference) == pytest.approx([0, 0.25, 0.5])


def test_a_value_that_is_missing_or_no_number_is_never_a_small_error() -> None:
    reference = np.array([4.0, 2.0, 1.0])
    for s in (reference[:2], reference[:, None], np.array([4.0, 2.0, 1.0, 0.0]), reference[:0]):
        assert list(relative_errors(s, reference)) == [np.inf] * 3
    assert list(relative_errors(np.array([4.0, np.inf, 1.0]), reference)) == [0, np.inf, 0]
    assert np.isnan(relative_errors(np.array([4.0, np.nan, 1.0]), reference)[1])


@pytest.mark.parametrize("step", [1, 7, 20])
def test_vectors_are_judged_by_what_defines_them(step: int) -> None:
    x = np.random.default_rng(0).random((20, 4))
    u, s, v = np.linalg.svd(x, full_matrices=False)
    u, v = u + 1e-3 * x, v * 1.01
    chunked = [da.from_array(array, (step, -1)) for array in (x, u)]
    _, figures = Sketch.of(lambda: chunked[0], chunked[1], s, v, COMPUTE)
    assert figures == pytest.approx(
        {
            "|U'U-I|": np.linalg.norm(u.T @ u - np.eye(4)),
            "|VV'-I|": np.linalg.norm(v @ v.T - np.eye(4)),
            "|X-USV|/|X|": np.linalg.norm(x - u @ np.diag(s) @ v) / np.linalg.norm(x),
        },
        rel=1e-10,
    )
    assert min(figures.values()) > 1e-4


@pytest.mark.parametrize("step", [7, 20])
def test_a_sketch_estimates_the_norms_that_u_is_in_and_knows_the_other(step: int) -> None:
    x = np.random.default_rng(0).random((20, 4))
    u, s, v = np.linalg.svd(x, full_matrices=False)
    chunked = [da.from_array(array, (step, -1)) for array in (x, u + 1e-3 * x)]
    sketch, figures = Sketch.of(lambda: chunked[0], chunked[1], s, v, COMPUTE)
    assert sketch.norm == pytest.approx(np.linalg.norm(x))
    exact, found = dict(figures), dict(sketch.judge(chunked[1], s, v, COMPUTE))
    for name in ("|U'U-I|", "|X-USV|/|X|"):
        assert exact[name] / 3 < found.pop(name) < 3 * exact.pop(name)
    assert found == pytest.approx(exact)


def test_right_vectors_have_errors_of_rounding_alone() -> None:
    x = np.random.default_rng(0).random((20, 4))
    u, s, v = np.linalg.svd(x, full_matrices=False)
    chunked = [da.from_array(array, (6, -1)) for array in (x, u)]
    sketch, figures = Sketch.of(lambda: chunked[0], chunked[1], s, v, COMPUTE)
    assert max(figures.values()) < 1e-14
    assert max(sketch.judge(chunked[1], s, v, COMPUTE).values()) < 1e-14
