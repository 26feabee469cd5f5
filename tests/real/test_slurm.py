"""Clusters whose workers are jobs of a real SLURM: measured, told, and cancelled."""

import os
import re
from collections.abc import Iterator

import pytest

from .slurm import Slurm
from .tool import HITTABLE, Running, Tool, check_two_workers, kill, wait_for

pytestmark = pytest.mark.real

SIZE = ("--n", "1000", "--tasks", "20", "--rounds", "3", "--schedulers", "distributed")
LONG = (*HITTABLE, "--rounds", "60", "--schedulers", "distributed")
IN_TURNS = "run one at a time, so that only one cluster (slurm) is there at a time"
CLUSTER = ("--cluster", "slurm", "--memory-limit", "300MiB", "--cluster-option", "queue=debug")


@pytest.fixture(autouse=True)
def queue(slurm: Slurm, tool: Tool) -> Iterator[None]:
    """Let the tool find the queue, which is empty before and after each test."""
    pytest.importorskip("dask_jobqueue", reason="needs dask-jobqueue")
    tool.environment |= slurm.environment | {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
    yield
    wait_for("an empty queue", lambda: not slurm.jobs, patience_s=30.0)
    left = [path.name for path in tool.folder.iterdir()]
    assert not [name for name in left if "slurm-" in name or "jobs" in name]


def reason(tool: Tool) -> str:
    return str(tool.cases()["distributed"]["reason"])


def test_workers_that_are_jobs(tool: Tool) -> None:
    done = tool.run("schedulers", *SIZE, *CLUSTER, "--workers", "2", "--memory")
    assert (done.code, done.complaints) == (0, []), done.err
    lane = check_two_workers(tool)
    assert "#SBATCH -p debug" in lane["job_script"]
    # Workers may be there before the queue is asked again; below, jobs wait for a drained node.
    assert ("queued" in done.out) == (lane.get("queued_s", 0) > 0)
    (told,) = {tuple(host) for host in lane["hosts"]}
    assert {"name", "workers", "cpu", "cores", "memory_bytes"} <= {*told}


def test_one_cluster_for_all_numbers_of_workers(tool: Tool, slurm: Slurm) -> None:
    held = ("--workers", "1,2", "--hold")
    running = tool.measure(*SIZE[:4], *CLUSTER, *held, "--rounds", "3", *SIZE[-2:])
    tool.wait_for_samples(1)
    assert len(slurm.jobs) == 2
    done = running.wait()
    assert (done.code, done.complaints) == (0, []), done.err
    assert [case["workers"] for case in tool.results()["cases"]] == [1, 2]
    for case in tool.results()["cases"]:
        assert (case["status"], case["samples"], case["invalid_samples"]) == ("ok", 3, 0)
    assert len({lane["job_script"] for lane in tool.events("lane")}) == 1


def test_two_sides_are_options_of_jobs(tool: Tool) -> None:
    sides = ("--cluster-option-a", "walltime=10", "--cluster-option-b", "walltime=20")
    done = tool.run("ab", *SIZE[:4], "--rounds", "1", *CLUSTER, "--workers", "1", *sides)
    assert (done.code, done.complaints[-1:]) == (0, [f"lanes {IN_TURNS}"]), done.err
    scripts = [lane["job_script"] for lane in tool.events("lane")]
    assert sorted("-t 20" in script for script in scripts) == [False, True]
    for case in tool.results()["cases"]:
        assert (case["status"], case["samples"], case["invalid_samples"]) == ("ok", 1, 0)


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("queue=nowhere", "invalid partition specified: nowhere"),
        ("walltime=1hour", "Invalid --time specification"),
        ("job_extra_directives=--mem=900G", "Requested node configuration is not available"),
    ],
)
def test_what_the_queue_refuses_is_told_before_anything(
    tool: Tool, option: str, words: str
) -> None:
    done = tool.run("schedulers", *SIZE, *CLUSTER, "--cluster-option", option)
    assert (done.code, "slurm would refuse its jobs" in done.err) == (2, True)
    assert words in done.err
    assert not tool.journals


def test_an_option_that_is_unknown_is_told_before_anything(tool: Tool) -> None:
    done = tool.run("schedulers", *SIZE, *CLUSTER, "--cluster-option", "qeue=debug")
    assert (done.code, "no option 'qeue': did you mean 'queue'?" in done.err) == (2, True)
    assert not tool.journals


def test_jobs_that_wait_for_drained_nodes(tool: Tool, slurm: Slurm) -> None:
    with slurm.drained():
        done = tool.run("schedulers", *SIZE, *CLUSTER, "--queue-timeout", "6s")
    assert done.code == 1
    assert "only 0 of 1 worker available after 6 s (--queue-timeout): job" in reason(tool)
    assert re.search(r"PENDING \(.*(DRAINED|ReqNodeNotAvail|Resources)", reason(tool))


def test_a_job_that_ends_early(tool: Tool) -> None:
    ends = ("--cluster-option", 'job_script_prologue=["echo no scratch >&2; exit 3"]')
    assert tool.run("schedulers", *SIZE, *CLUSTER, *ends).code == 1
    assert "FAILED (NonZeroExitCode): no scratch" in reason(tool)


def started(tool: Tool, *more: str) -> Running:
    running = tool.measure(*LONG, *CLUSTER, "--workers", "2", *more)
    tool.wait_for_samples(1)
    return running


@pytest.mark.parametrize("number", [15, 9])
def test_whatever_ends_the_tool_cancels_the_jobs(tool: Tool, slurm: Slurm, number: int) -> None:
    running = started(tool)
    assert len(slurm.jobs) == 2
    running.signal(number)
    running.wait()
    tool.wait_until_nothing_is_left()


def test_jobs_that_wait_are_cancelled_too(tool: Tool, slurm: Slurm) -> None:
    later = ("--cluster-option", 'job_extra_directives=["--begin=now+1hour"]')
    running = tool.measure(*LONG, *CLUSTER, *later)
    wait_for("a job", lambda: slurm.jobs)
    running.signal(2)
    assert running.wait().code == 130


def test_a_lane_that_is_killed(tool: Tool, slurm: Slurm) -> None:
    running = started(tool)
    (lane,) = tool.wait_for_lanes(1)
    kill(lane)
    assert running.wait().code == 1
    assert "SIGKILL" in reason(tool)
    assert slurm.jobs == []


def test_a_job_that_is_cancelled_in_a_sample(tool: Tool, slurm: Slurm) -> None:
    running = started(tool)
    slurm.ask("scancel", slurm.jobs[0])
    assert running.wait().code == 1
    assert "CANCELLED" in reason(tool), reason(tool)


def test_all_jobs_that_are_cancelled_in_a_sample(tool: Tool, slurm: Slurm) -> None:
    running = started(tool)
    slurm.ask("scancel", *slurm.jobs)
    assert running.wait().code == 1
    assert "no worker was left for 20 s: job" in reason(tool), reason(tool)
    assert reason(tool).count("CANCELLED") == 2


def test_a_controller_that_is_away_at_the_end(tool: Tool, slurm: Slurm) -> None:
    """The reaper goes on trying."""
    running = started(tool)
    slurm.stop_controller()
    running.signal(2)
    done = running.wait()
    slurm.start_controller()
    assert done.code == 130
    assert "jobs may be left in the queue, as 'scancel" in done.err
