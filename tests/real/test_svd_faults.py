"""Decompositions while workers die, or somebody has had enough: more in test_memory_faults.py."""

import signal

import psutil
import pytest

from .tool import Json, Tool, kill, pool, ticks, wait_for

pytestmark = pytest.mark.real

#: Samples of about two seconds in two workers, which hold X and most of u.
LONG = ("--shape", "2e5x100", "--chunks", "1e4x100", "--compute", "usv", "--workers", "2")
TWO_ROUNDS = ("--rounds", "2", "--hardware", "off")
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


def test_worker_dies_in_a_sample(tool: Tool) -> None:
    """What it held is computed again, X too; and no repetition is taken for one that is whole."""
    running = tool.start("svd", *LONG, *TWO_ROUNDS, "--input", "persist")
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


def test_data_that_are_held_at_ctrl_c_are_made_again_by_resume(tool: Tool) -> None:
    running = tool.start("svd", *LONG, "--input", "persist", "--rounds", "3", "--hardware", "off")
    in_the_second_sample(tool)
    running.signal(signal.SIGINT)
    done = running.wait()
    assert (done.code, done.complaints) == (130, []), done.out
    assert "distributed × 2" in done.out
    run = tool.read()
    assert run.status == "interrupted"
    assert f"resume {run.run_id}" in done.said
    (case,) = tool.results()["cases"]
    assert case["samples"] == len(tool.measured()) < 3
    check_proved(case)
    assert tool.left_behind() == []

    done = tool.run("resume")
    assert (done.code, done.complaints) == (0, []), done.out
    (case,) = tool.results()["cases"]
    assert (case["status"], case["samples"], case["invalid_samples"]) == ("ok", 3, 0)
    check_proved(case)
    assert sorted(sample["round"] for sample in tool.measured()) == [1, 2, 3]
