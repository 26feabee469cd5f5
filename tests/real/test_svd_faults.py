"""Decompositions while workers die, memory or the disk is full, or somebody has had enough."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from .tool import Json, Tool, kill, pool, small_disk, ticks, wait_for

pytestmark = pytest.mark.real

#: Samples of about two seconds in two workers, which hold X and most of u.
LONG = ("--shape", "2e5x100", "--chunks", "1e4x100", "--compute", "usv", "--workers", "2")
TWO_ROUNDS = ("--rounds", "2", "--hardware", "off")
#: Chunks of 38 MiB: five of them at once, as tsqr takes them, are more than a worker may hold.
NARROW = ("--shape", "4e5x100", "--chunks", "5e4x100", "--workers", "2", "--memory-limit", "250MiB")
#: More than a lane takes for all that it does before the clock starts, and far less than a sample.
IN_A_SAMPLE_TICKS = 50


def in_the_second_sample(tool: Tool) -> psutil.Process:
    """Wait until the only lane is in the middle of its second measured sample, and return it.

    It has no other lane to wait for, so the next sample begins when the last is in the journal.
    """
    (lane,) = tool.wait_for_lanes(1)
    tool.wait_for_samples(1)
    start = ticks(lane)
    wait_for("its work", lambda: ticks(lane) - start >= IN_A_SAMPLE_TICKS)
    return lane


def check_proved(case: Json) -> None:
    """What counts has run in full and is right."""
    valid = [sample for sample in case["raw_samples"] if sample["valid"]]
    for sample in valid:
        assert sample["tasks_run"] == sample["tasks_expected"] > 0
        assert sample["answer_ok"]
        assert sample["error"] < 1e-12
    assert len([sample for sample in valid if not sample["warmup"]]) == case["samples"]


@pytest.mark.parametrize("given", ["generate", "persist"])
def test_worker_dies_in_a_sample(tool: Tool, given: str) -> None:
    """What it held is computed again, X too; and no repetition is taken for one that is whole."""
    running = tool.start("svd", *LONG, *TWO_ROUNDS, "--input", given)
    kill(pool(in_the_second_sample(tool))[0])
    done = running.wait()
    assert (done.code, done.complaints) == (0, []), done.out
    (case,) = tool.results()["cases"]
    assert case["status"] == "ok"
    assert case["samples"] + case["invalid_samples"] == 2
    check_proved(case)
    assert sum(sample.get("workers_lost", 0) for sample in tool.events("sample")) >= 1
    assert "1 worker left while samples ran" in done.said
    assert tool.read().status == "complete"


def test_workers_die_until_dask_gives_up(tool: Tool) -> None:
    """The row tells why and of which limit; the other one goes on."""
    done = tool.run("svd", *NARROW, *TWO_ROUNDS, "--method", "tsqr,gram", "--force")
    assert (done.code, done.complaints) == (1, []), done.out
    tsqr, gram = tool.results()["cases"]
    assert (tsqr["method"], tsqr["status"], tsqr["samples"]) == ("tsqr", "failed", 0)
    why = (
        r"workers of 250 MiB died while running the task \('.+', \d+, \d+\), so Dask gave it up; "
        r"the last held \d+ MiB when its nanny ended it"
    )
    assert re.search(why, tsqr["reason"]), tsqr["reason"]
    assert "so Dask gave it up; the last held" in done.said
    assert (gram["method"], gram["status"], gram["samples"]) == ("gram", "ok", 2)
    check_proved(gram)


def test_what_cannot_fit_is_left_out(tool: Tool) -> None:
    done = tool.run("svd", *NARROW, *TWO_ROUNDS, "--method", "tsqr,gram")
    assert done.code == 0, done.out
    (told,) = done.complaints
    assert "skipped: a worker of 250 MiB cannot hold one task" in told
    assert "--force" in told
    tsqr, gram = tool.results()["cases"]
    assert (tsqr["status"], tsqr["raw_samples"]) == ("skipped", [])
    assert "250 MiB cannot hold one task" in tsqr["reason"]
    assert "skipped: a worker of 250 MiB" in done.said
    assert (gram["status"], gram["samples"]) == ("ok", 2)


@pytest.fixture
def disk(tool: Tool) -> Iterator[Path]:
    """A disk of 20 MiB, for what the workers spill."""
    with small_disk(tool.folder / "disk", 20 << 20) as folder:
        yield folder


def test_nothing_more_can_be_spilled(tool: Tool, disk: Path) -> None:
    """u is held in workers that are full: they pause, and Dask alone would wait for ever."""
    size = ("--shape", "2e5x100", "--chunks", "1e4x100", "--workers", "2")
    full = ("--memory-limit", "200MiB", "--method", "gram")
    done = tool.run(
        *("svd", *size, *TWO_ROUNDS, *full, "--compute", "s,usv"),
        environment={"DASK_TEMPORARY_DIRECTORY": str(disk)},
    )
    assert (done.code, done.complaints) == (1, []), done.out
    values, vectors = tool.results()["cases"]
    assert (values["compute"], values["status"], values["samples"]) == ("s", "ok", 2)
    check_proved(values)
    assert (vectors["compute"], vectors["status"], vectors["samples"]) == ("usv", "failed", 0)
    assert list(disk.iterdir()) == []
    assert "is full" in vectors["reason"]


def test_ctrl_c_while_data_are_held(tool: Tool) -> None:
    running = tool.start("svd", *LONG, "--input", "persist", "--rounds", "20", "--hardware", "off")
    in_the_second_sample(tool)
    running.signal(signal.SIGINT)
    done = running.wait()
    assert (done.code, done.complaints) == (130, []), done.out
    assert "distributed × 2" in done.out
    run = tool.read()
    assert run.status == "interrupted"
    assert f"resume {run.run_id}" in done.said
    (case,) = tool.results()["cases"]
    assert case["samples"] == len(tool.measured()) < 20
    check_proved(case)
    assert tool.left_behind() == []
