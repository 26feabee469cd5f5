"""kill -9, of everything that there is."""

import signal

import pytest

from .test_signals import ROUNDS, check_resumed
from .tool import (
    HITTABLE,
    TINY,
    Json,
    Tool,
    is_frozen,
    is_running,
    kill,
    pool,
    wait_for,
    wait_for_a_sample,
)

pytestmark = pytest.mark.real

LONG = ("--n", "1e6", "--tasks", "40")  # about 0.6 s


def check_ok(case: Json, samples: int) -> None:
    assert (case["status"], case["samples"], case["invalid_samples"]) == ("ok", samples, 0)
    assert case["tasks_run"] == case["tasks_expected"]


# ------------------------------------------------------------------------------ the tool itself


@pytest.mark.parametrize("moment", ["starting", "rounds"])
def test_tool(tool: Tool, moment: str) -> None:
    schedulers = "numpy,processes-warm,distributed"
    running = tool.measure(
        *HITTABLE, "--schedulers", schedulers, "--workers", "2", "--rounds", str(ROUNDS)
    )
    lanes = tool.wait_for_lanes(3)
    if moment == "rounds":
        tool.wait_for_samples(4)
        wait_for("frozen lanes", lambda: sum(map(is_frozen, lanes)) >= 2)
    running.signal(signal.SIGKILL)
    assert running.wait().code == -signal.SIGKILL
    tool.wait_until_nothing_is_left()
    run_id = tool.read().run_id
    listed = tool.run("list")
    assert (listed.code, run_id in listed.out, "interrupted" in listed.out) == (0, True, True)
    shown = tool.run("show")
    assert shown.code == 0, shown.err
    assert f"resume {run_id}" in " ".join(shown.out.split())
    check_resumed(tool, 3)


def test_everything_that_is_called_daskbench(tool: Tool) -> None:
    """As by ``pkill -9 -f daskbench``: the reaper too, if it goes by that name."""
    running = tool.measure(
        *HITTABLE, "--schedulers", "processes-warm,distributed", "--workers", "2", "--rounds", "9"
    )
    lanes = tool.wait_for_lanes(2)
    tool.wait_for_samples(1)
    wait_for("a frozen lane", lambda: any(map(is_frozen, lanes)))
    named = [process for process in tool.processes() if "daskbench" in " ".join(process.cmdline())]
    for process in named:
        kill(process)
    running.wait()
    tool.wait_until_nothing_is_left()


def test_reaper(tool: Tool) -> None:
    running = tool.measure(
        *HITTABLE, "--schedulers", "numpy,distributed", "--workers", "2", "--rounds", "3"
    )
    tool.wait_for_samples(1)
    (reaper,) = tool.wardens()
    kill(reaper)
    done = running.wait()
    assert done.code == 0, done.err
    assert done.complaints == []


def test_reaper_at_the_start(tool: Tool) -> None:
    running = tool.measure(
        *HITTABLE, "--schedulers", "numpy,distributed", "--workers", "2", "--rounds", "1"
    )
    (reaper,) = wait_for("the reaper", tool.wardens)
    kill(reaper)
    done = running.wait()
    assert (done.code, done.complaints) == (0, [])


# -------------------------------------------------------------------------------------- a lane


@pytest.mark.parametrize("scheduler", ["threads", "processes", "distributed"])
def test_lane_in_a_sample(tool: Tool, scheduler: str) -> None:
    running = tool.measure(
        *LONG, "--schedulers", f"numpy,{scheduler}", "--workers", "2", "--rounds", "3"
    )
    lane = tool.wait_for_lanes(2)[1]
    tool.wait_for_samples(1)
    wait_for_a_sample(lane)
    kill(lane)
    done = running.wait()
    assert done.code == 1, done.out + done.err
    check_ok(tool.cases()["numpy"], 3)
    row = tool.cases()[scheduler]
    assert row["status"] == "failed"
    assert "SIGKILL" in row["reason"]
    assert "SIGKILL" in done.out


def test_frozen_lane(tool: Tool) -> None:
    running = tool.measure(
        *LONG, "--schedulers", "numpy,distributed", "--workers", "2", "--rounds", "2"
    )
    lane = tool.wait_for_lanes(2)[1]
    wait_for("the lane to freeze", lambda: len(tool.events("lane")) == 2 and is_frozen(lane))
    kill(lane)
    done = running.wait()
    assert done.code == 1, done.out + done.err
    check_ok(tool.cases()["numpy"], 2)
    row = tool.cases()["distributed"]
    assert row["status"] == "failed"
    assert "SIGKILL" in row["reason"]


def test_baseline_lane_leaves_the_others_their_figures(tool: Tool) -> None:
    running = tool.measure(
        *LONG, "--schedulers", "numpy,threads", "--workers", "2", "--rounds", "3"
    )
    lane = tool.wait_for_lanes(2)[0]
    tool.wait_for_samples(1)
    wait_for_a_sample(lane)
    kill(lane)
    assert running.wait().code == 1
    check_ok(tool.cases()["threads"], 3)
    assert tool.cases()["numpy"]["status"] == "failed"


@pytest.mark.parametrize("scheduler", ["threads", "distributed"])
def test_lane_that_hangs(tool: Tool, scheduler: str) -> None:
    running = tool.measure(
        *(*LONG, "--schedulers", f"numpy,{scheduler}", "--workers", "2"),
        *("--rounds", "3", "--timeout", "4s"),
    )
    lane = tool.wait_for_lanes(2)[1]
    tool.wait_for_samples(1)
    wait_for_a_sample(lane)
    lane.send_signal(signal.SIGSTOP)
    done = running.wait()
    assert done.code == 1, done.out + done.err
    check_ok(tool.cases()["numpy"], 3)
    row = tool.cases()[scheduler]
    assert row["status"] == "failed"
    assert "no answer within 4 s" in row["reason"]
    assert "no answer within" in " ".join(done.out.split())


# ------------------------------------------------------------------------------------ a worker


@pytest.mark.parametrize("moment", ["in a sample", "between samples"])
def test_dask_worker(tool: Tool, moment: str) -> None:
    running = tool.measure(
        *LONG, "--schedulers", "numpy,distributed", "--workers", "2", "--rounds", "3"
    )
    lane = tool.wait_for_lanes(2)[1]
    tool.wait_for_samples(1)
    if moment == "in a sample":
        wait_for_a_sample(lane)
    else:
        wait_for(moment, lambda: is_frozen(lane))
    worker = pool(lane)[0]
    kill(worker)
    done = running.wait()
    check_ok(tool.cases()["numpy"], 3)
    row = tool.cases()["distributed"]
    valid = [sample for sample in row["raw_samples"] if sample["valid"]]
    assert all(sample["tasks_run"] == sample["tasks_expected"] == 40 for sample in valid)
    assert done.code == (0 if row["status"] == "ok" else 1), done.out + done.err
    if moment == "in a sample":
        lost = sum(sample["workers_lost"] for sample in row["raw_samples"])
        assert lost == 1
        assert "1 worker left while samples ran" in " ".join(done.out.split())
    else:
        check_ok(row, 3)


@pytest.mark.parametrize("moment", ["in a sample", "between samples"])
def test_process_of_a_warm_pool(tool: Tool, moment: str) -> None:
    running = tool.measure(
        *(*LONG, "--schedulers", "numpy,processes-warm", "--workers", "2"),
        *("--rounds", "3", "--timeout", "20s"),
    )
    lane = tool.wait_for_lanes(2)[1]
    tool.wait_for_samples(1)
    if moment == "in a sample":
        wait_for_a_sample(lane)
    else:
        wait_for(moment, lambda: is_frozen(lane))
    kill(pool(lane)[0])
    done = running.wait()
    assert done.code == 1, done.out + done.err
    check_ok(tool.cases()["numpy"], 3)
    row = tool.cases()["processes-warm"]
    assert row["status"] == "failed"
    assert "terminated abruptly" in row["reason"]


def test_process_of_a_cold_pool(tool: Tool) -> None:
    running = tool.measure(
        *(*LONG, "--schedulers", "numpy,processes", "--workers", "2"),
        *("--rounds", "3", "--timeout", "20s"),
    )
    lane = tool.wait_for_lanes(2)[1]
    tool.wait_for_samples(1)
    wait_for("its pool", lambda: is_running(lane) and len(pool(lane)) == 2)
    kill(pool(lane)[0])
    done = running.wait()
    assert done.code == 1, done.out + done.err
    check_ok(tool.cases()["numpy"], 3)
    assert tool.cases()["processes"]["status"] == "failed"


def test_failed_row_is_measured_by_resume(tool: Tool) -> None:
    running = tool.measure(
        *LONG, "--schedulers", "numpy,threads", "--workers", "2", "--rounds", "2"
    )
    lane = tool.wait_for_lanes(2)[1]
    wait_for("the lane to freeze", lambda: len(tool.events("lane")) == 2 and is_frozen(lane))
    kill(lane)
    assert running.wait().code == 1
    done = tool.run("resume")
    assert done.code == 0, done.out + done.err
    check_ok(tool.cases()["numpy"], 2)
    check_ok(tool.cases()["threads"], 2)


def test_lane_that_dies_in_its_start(tool: Tool) -> None:
    running = tool.measure(
        *TINY, "--schedulers", "numpy,distributed", "--workers", "2", "--rounds", "2"
    )
    lane = tool.wait_for_lanes(2)[1]
    kill(lane)
    assert running.wait().code == 1
    check_ok(tool.cases()["numpy"], 2)
    assert "SIGKILL" in tool.cases()["distributed"]["reason"]
