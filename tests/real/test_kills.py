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


def test_lanes_in_a_sample(tool: Tool) -> None:
    """One after the other, the baseline too: the one that is left keeps its figures."""
    killed = ("threads", "processes", "distributed", "numpy")
    running = tool.measure(
        *(*LONG, "--schedulers", "numpy,synchronous,threads,processes,distributed"),
        *("--workers", "2", "--rounds", "9", "--explain"),
    )
    lanes = dict(zip(("numpy", "synchronous", *killed[:3]), tool.wait_for_lanes(5), strict=True))
    tool.wait_for_samples(1)
    for scheduler in killed:
        wait_for_a_sample(lanes[scheduler])
        kill(lanes[scheduler])
    done = running.wait()
    assert done.code == 1, done.out + done.err
    cases = tool.cases()
    check_ok(cases["synchronous"], 9)
    for scheduler in killed:
        assert cases[scheduler]["status"] == "failed"
        assert "SIGKILL" in cases[scheduler]["reason"]
    assert "SIGKILL" in done.out  # rows that failed alike share a line


def test_frozen_lane_is_measured_by_resume(tool: Tool) -> None:
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
    done = tool.run("resume")
    assert done.code == 0, done.out + done.err
    check_ok(tool.cases()["numpy"], 2)
    check_ok(tool.cases()["distributed"], 2)


def test_lanes_that_hang(tool: Tool) -> None:
    running = tool.measure(
        *(*LONG, "--schedulers", "numpy,threads,distributed", "--workers", "2"),
        *("--rounds", "5", "--timeout", "4s", "--explain"),
    )
    lanes = tool.wait_for_lanes(3)[1:]
    tool.wait_for_samples(1)
    for lane in lanes:
        wait_for_a_sample(lane)
        lane.send_signal(signal.SIGSTOP)
    done = running.wait()
    assert done.code == 1, done.out + done.err
    cases = tool.cases()
    check_ok(cases["numpy"], 5)
    for scheduler in ("threads", "distributed"):
        assert cases[scheduler]["status"] == "failed"
        assert "no answer within 4 s" in cases[scheduler]["reason"]
    assert "no answer within" in " ".join(done.out.split())


# ------------------------------------------------------------------------------------ a worker


def test_dask_worker(tool: Tool) -> None:
    """Between two samples, which costs nothing, and then in one, which is told."""
    running = tool.measure(
        *LONG, "--schedulers", "numpy,distributed", "--workers", "2", "--rounds", "6"
    )
    lane = tool.wait_for_lanes(2)[1]
    tool.wait_for_samples(1)
    wait_for("frozen workers", lambda: is_frozen(lane))
    kill(pool(lane)[0])
    tool.wait_for_samples(len(tool.measured(1)) + 2, case=1)
    wait_for_a_sample(lane)
    kill(pool(lane)[0])
    done = running.wait()
    check_ok(tool.cases()["numpy"], 6)
    row = tool.cases()["distributed"]
    samples = row["raw_samples"]
    for sample in samples:
        if sample["valid"]:
            assert sample["tasks_run"] == sample["tasks_expected"] == 40
    (hit,) = [number for number, sample in enumerate(samples) if sample["workers_lost"]]
    assert samples[hit]["workers_lost"] == 1
    assert all(sample["valid"] for sample in samples[:hit])
    assert done.code == (0 if row["status"] == "ok" else 1), done.out + done.err
    assert "1 worker left while samples ran" in " ".join(done.out.split())


def test_processes_of_warm_pools(tool: Tool) -> None:
    """In a sample, and between samples."""
    running = tool.measure(
        *(*LONG, "--schedulers", "numpy,processes-warm", "--workers", "1,2"),
        *("--rounds", "5", "--timeout", "20s"),
    )
    alone, two = tool.wait_for_lanes(3)[1:]
    tool.wait_for_samples(1)
    wait_for("a frozen pool", lambda: is_frozen(alone))
    kill(pool(alone)[0])
    wait_for_a_sample(two)
    kill(pool(two)[0])
    done = running.wait()
    assert done.code == 1, done.out + done.err
    numpy, *rows = tool.results()["cases"]
    check_ok(numpy, 5)
    assert [row["status"] for row in rows] == ["failed", "failed"]
    assert all("terminated abruptly" in row["reason"] for row in rows)


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


def test_lane_that_dies_in_its_start(tool: Tool) -> None:
    running = tool.measure(
        *TINY, "--schedulers", "numpy,distributed", "--workers", "2", "--rounds", "2"
    )
    lane = tool.wait_for_lanes(2)[1]
    kill(lane)
    assert running.wait().code == 1
    check_ok(tool.cases()["numpy"], 2)
    assert "SIGKILL" in tool.cases()["distributed"]["reason"]
