"""Proof of a function's answers: in one place or in chunks, with and without a plain version."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask
import dask.array as da
import dask.bag as db
import numpy as np
import pytest

from daskbench.benchmarks.base import Evaluation
from daskbench.benchmarks.sharing import SHARED
from daskbench.benchmarks.work import kept
from daskbench.benchmarks.work.base import WorkOptions
from daskbench.benchmarks.work.proof import Proof, marked
from daskbench.benchmarks.work.structure import take_apart
from daskbench.lane.schedulers.local import Synchronous
from tests.unit.builders import opening

COMPUTE = Synchronous(opening()).computing
KEPT = (
    "results of 7.81 KiB left where they were computed (--gather collects them); chunks compared "
    "with a synchronous compute, relative tolerance 1e-9"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(SHARED, str(tmp_path))
    return tmp_path


def build(factor: float = 1.0) -> Any:
    return {"x": da.arange(1000, chunks=100) * factor, "n": 3}


def plain(factor: float = 1.0) -> Any:
    return {"x": np.arange(1000) * factor, "n": 3}


def proof(
    function: Callable[[], Any] = build, plain: Any = None, keep: bool | None = None
) -> Proof:
    return Proof("f", WorkOptions(keep=keep), lambda: take_apart(function()), plain)


def kept_account(own: Proof, built: Any) -> Evaluation:
    collections, shape = take_apart(built)
    return own.account_kept(COMPUTE.keep(*collections), shape, COMPUTE)


def test_answers_in_one_place() -> None:
    own = proof()
    assert own.account(plain()).wrong is None
    wrong = own.account(plain(1.002))
    assert wrong.wrong is not None
    assert wrong.wrong.startswith("answer['x']: 999 of 1,000 values differ, by up to 0.002")
    assert wrong.note == "answers compared with a synchronous compute, relative tolerance 1e-9"


def test_the_plain_version_is_the_reference() -> None:
    def fails() -> Any:
        raise AssertionError

    own = proof(plain=fails)
    assert own.account_plain(plain()).wrong is None, "its first answer is not computed again"
    own = proof(plain=plain)
    found = own.account(plain())
    assert found.note == "answers compared with the plain version, relative tolerance 1e-9"
    assert own.account_plain(plain(2)).wrong is not None


def test_results_that_are_kept() -> None:
    own = proof(keep=True)
    assert kept_account(own, build()) == Evaluation(note=KEPT)
    assert kept_account(own, build(1.002)).wrong == (
        "10 of 10 chunks differ: 1 of 1 sums of groups differs, by up to 0.002 relative"
    )
    again = proof(keep=True)
    again._build = pytest.fail
    assert kept_account(again, build()).wrong is None, "shared"


def test_the_plain_version_is_cut_like_the_chunks_that_are_kept() -> None:
    own = proof(plain=plain, keep=True)
    assert own.account_plain(plain()) == Evaluation(note=KEPT)
    assert own.account_plain(plain(1.002)).wrong is not None
    odd = own.account_plain([1])
    assert odd.wrong is None
    assert odd.note is not None
    assert odd.note.startswith("answers of the plain version not compared: ValueError")


def test_a_random_work_that_is_kept_is_said_to_be_random() -> None:
    own = proof(lambda: da.random.random(1000, chunks=100), keep=True)
    found = kept_account(own, da.random.random(1000, chunks=100))
    assert found.wrong is None
    assert found.note is not None
    assert "; random: answers differ between two synchronous computes (10 of 10 ch" in found.note


def test_large_results_are_kept(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    collections, _ = take_apart(build())
    assert not proof().keeps(collections)
    assert proof(keep=True).keeps(collections)
    assert not proof().keeps(None)
    monkeypatch.setattr(kept, "LARGE_BYTES", 7999)
    assert proof().keeps(collections)
    assert not proof(keep=False).keeps(collections)
    assert proof().keeps([dask.delayed(1)]), "the first lane decides for all"


def test_the_items_of_a_bag_have_no_order() -> None:
    bags = [db.from_sequence([3, 1, 2], npartitions=2), dask.delayed(1)]
    own = proof(lambda: bags)
    are_bags = [kept.is_bag(one) for one in bags]
    assert are_bags == [True, False]
    assert own.account(marked([[1, 2, 3], 1], are_bags)).wrong is None
    assert own.account(marked([[1, 2, 4], 1], are_bags)).wrong is not None
