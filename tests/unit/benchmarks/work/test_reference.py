"""The reference: computed once in a run, shared by its lanes, and again only where needed."""

import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from daskbench.benchmarks import sharing
from daskbench.benchmarks.sharing import SHARED
from daskbench.benchmarks.work import reference
from daskbench.benchmarks.work.reference import Computed, Reference

COMPARED = "answers compared with a synchronous compute, relative tolerance 1e-9"


class Work:
    """Returns its answers one after the other, the last for ever; counts computes."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.computed = answers, 0

    def __call__(self) -> Computed:
        answer = self.answers[min(self.computed, len(self.answers) - 1)]
        self.computed += 1
        if isinstance(answer, BaseException):
            raise answer
        return Computed(answer, 7)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(SHARED, str(tmp_path))
    return tmp_path


def lanes(work: Callable[[], Computed], count: int = 2, tolerance: float = 1e-9) -> list[Reference]:
    return [Reference("build n=1", work, tolerance) for _ in range(count)]


def test_lanes_share_one_compute() -> None:
    work = Work([1.0, np.ones(3)])
    for lane in lanes(work):
        for _ in range(3):
            assert lane.check([1.0 + 1e-12, np.ones(3)]) is None
        assert lane.tasks == 7
        assert not lane.is_random
        assert lane.note == COMPARED
    assert work.computed == 1


def test_a_lane_waits_for_another_that_makes_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = lanes(Work(1.0)), Reference("build n=1", Work(2.0), 1e-9)

    @contextmanager
    def waited(path: Path) -> Iterator[None]:
        monkeypatch.undo()
        first[0].check(1.0)
        yield

    monkeypatch.setattr(sharing, "made_once", waited)
    assert second.check(1.0) is None


def test_a_lock_ends_with_its_process(folder: Path) -> None:
    path = folder / "x.reference"
    code = (
        "import sys, pathlib; from daskbench.benchmarks.sharing import made_once\n"
        "with made_once(pathlib.Path(sys.argv[1])): print('locked', flush=True); input()"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code, path], stdin=pipe, stdout=pipe) as other:
        assert other.stdout
        assert other.stdout.readline() == b"locked\n"
        with path.with_name(f"{path.name}.lock").open("w") as lock:
            with pytest.raises(OSError):  # noqa: PT011
                sharing._wait_for(lock.fileno(), 0.0)
            other.kill()
            other.wait()
            sharing._wait_for(lock.fileno(), 60.0)


def test_without_locks_nothing_waits(tmp_path: Path) -> None:
    with sharing.made_once(tmp_path / "no such folder" / "x"), sharing.made_once(None):
        pass


def test_other_parameters_have_another_reference() -> None:
    one, other = Reference("n=1", Work(1), 1e-9), Reference("n=2", Work(2), 1e-9)
    assert one.check(1) is None
    assert other.check(2) is None


def test_a_wrong_answer_is_found_on_one_lane_alone() -> None:
    work = Work({"mean": 1.0})
    right, wrong = lanes(work)
    assert right.check({"mean": 1.0}) is None
    assert wrong.check({"mean": 2.0}) == "answer['mean']: 2.0 instead of 1.0"
    computed = work.computed
    assert wrong.check({"mean": 2.0}) == "answer['mean']: 2.0 instead of 1.0"
    assert right.check({"mean": 1.0}) is None
    assert work.computed == computed, "known to be steady"
    assert wrong.note == COMPARED


def test_a_random_work_is_said_to_be_random_on_all_lanes() -> None:
    work = Work(*range(100))
    one, other = lanes(work)
    assert one.check(50) is None
    assert work.computed == 2
    assert one.is_random
    assert other.check(60) is None
    assert work.computed == 2
    assert one.note == other.note
    assert one.note == (
        "random: answers differ between two synchronous computes (1 instead of 0), so they are not "
        "compared; tasks are counted"
    )
    assert other.tasks == 7


def test_a_coin_is_thrown_several_times() -> None:
    [lane] = lanes(Work("heads", "heads", "heads", "tails"), 1)
    assert lane.check("tails") is None
    assert lane.is_random


def test_a_reference_that_fails_is_told_and_not_tried_again() -> None:
    work = Work(ValueError("no clients found"), SystemExit(2))
    one, other = lanes(work)
    assert one.check(1) is None
    assert other.check(2) is None
    assert work.computed == 1
    told = "answers are not compared, as a synchronous compute failed: ValueError: no clients found"
    assert one.note == other.note == told
    assert one.tasks is None


def test_what_cannot_be_shared_is_computed_by_each_lane(folder: Path) -> None:
    work = Work({"lock": threading.Lock(), "n": 1})
    for lane in lanes(work):
        assert lane.check(work.answers[0]) is None
        assert lane.check(work.answers[0]) is None
    assert work.computed == 2
    assert [path.suffix for path in folder.iterdir()] == [".lock"]


def test_without_a_folder_each_lane_computes_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SHARED)
    work = Work(1)
    for lane in lanes(work):
        assert lane.check(1) is None
    assert work.computed == 2


@pytest.mark.parametrize("damage", [b"", b"garbage", b"\x80\x05."])
def test_a_damaged_file_is_made_again(damage: bytes, folder: Path) -> None:
    work = Work(1)
    one, other = lanes(work)
    one.check(1)
    [file] = folder.glob("*.reference")
    file.write_bytes(damage)
    assert other.check(1) is None
    assert work.computed == 2
    assert [path for path in folder.iterdir() if path.suffix != ".lock"] == [file]


def test_a_large_reference_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "_HELD_BYTES", 1000)
    work = Work(np.arange(1000))
    for lane in lanes(work):
        assert lane.check(np.arange(1000)) is None
        assert lane._held is None
        assert lane.check(np.arange(1000)) is None
    assert work.computed == 1


@pytest.mark.parametrize(
    "answer", [np.zeros(2_000_000), pd.DataFrame({"x": np.zeros(2_000_000), "n": 1})]
)
def test_a_large_reference_is_in_memory_once(answer: Any) -> None:
    size = 16_000_000 if isinstance(answer, np.ndarray) else 32_000_000
    for lane in lanes(lambda: Computed(answer, None)):
        tracemalloc.start()
        assert lane.check(answer.copy()) is None
        assert lane.note == COMPARED
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 2.6 * size, "one copy is the answer"


def test_iterators_are_compared_for_every_sample() -> None:
    def numbers() -> Iterator[int]:
        yield from (1, 2)

    [lane] = lanes(lambda: Computed([numbers()], None), 1)
    for _ in range(2):
        assert lane.check([numbers()]) is None
    assert lane.check([iter([1, 3])]) is not None


def test_a_plain_version_and_an_exact_comparison_are_named() -> None:
    plain = Reference("n=1", Work(1.0), 0, "the plain version")
    assert plain.check(1.0 + 1e-12) == "1.000000000001 instead of 1.0"
    assert plain.note == "answers compared exactly with the plain version"


def test_a_reference_sees_no_client(monkeypatch: pytest.MonkeyPatch) -> None:
    import distributed.client

    known = {0: object()}
    monkeypatch.setattr(distributed.client, "_global_clients", known)
    lane = Reference("n=1", lambda: Computed(len(known), None), 0)
    assert lane.check(0) is None
    assert len(known) == 1
