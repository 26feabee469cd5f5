"""Runs inside a job of a real SLURM: one command on all of its tasks, faults, and the next job."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .slurm import Slurm
from .tool import HITTABLE, Tool, kill, wait_for

pytestmark = pytest.mark.real

SCRIPT = Path(__file__).parents[2] / "packaging" / "slurm" / "daskbench.sbatch"
#: Two tasks on each of two nodes: rank 0 and a worker, the scheduler and a worker.
TASKS = ("--nodes=2", "--ntasks=4", "--ntasks-per-node=2", "--distribution=cyclic")
MEMORY = ("--mem-per-cpu=300M", "--output=job.out")
WHERE = ("--cluster", "mpi", "--cluster-option", "host=127.0.0.1")


@pytest.fixture(autouse=True)
def queue(slurm: Slurm, tool: Tool) -> Iterator[None]:
    """Let the tool find the queue, which is empty afterwards, and jobs find daskbench."""
    path = (str(Path(sys.executable).parent), os.environ["PATH"], "/usr/sbin")
    tool.environment |= slurm.environment | {"PATH": os.pathsep.join(path)}
    yield
    wait_for("an empty queue", lambda: not slurm.jobs, patience_s=30.0)
    assert not [*tool.folder.glob(".daskbench-ranks*")], said(tool)


def submit(tool: Tool, *words: str) -> str:
    """Submit a job and return its number."""
    done = subprocess.run(
        ["sbatch", "--parsable", *TASKS, *MEMORY, *words],
        cwd=tool.folder,
        env=tool.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def said(tool: Tool) -> str:
    return (tool.folder / "job.out").read_text()


def wait_for_the_end(tool: Tool, slurm: Slurm) -> None:
    wait_for("the end of the job", lambda: not slurm.jobs, patience_s=120.0)
    tool.wait_until_nothing_is_left()


def state_of(slurm: Slurm, job: str) -> dict[str, str]:
    words = slurm.ask("scontrol", "show", "job", "--oneliner", job).split()
    return dict(word.split("=", 1) for word in words if "=" in word)


def test_a_run_that_needs_two_jobs(tool: Tool, slurm: Slurm) -> None:
    """SLURM's own signal, before a limit of one minute, ends the first one after 5 to 35 s.

    A job that was requeued waits for two minutes, unless it is told not to; nodes do not take it in
    the second in which its credential was revoked.
    """
    limit = ("--time=1", "--signal=TERM@55")
    size = ("--tasks", "40", "--sleep", "50ms", "--rounds", "13", "--warmup", "0")
    job = submit(tool, *limit, str(SCRIPT), "bench", "empty_tasks", *size, *WHERE[2:])
    tool.store /= f"job-{job}"
    wait_for("a requeued job", lambda: state_of(slurm, job).get("Reason") == "BeginTime")
    slurm.ask("scontrol", "update", f"jobid={job}", "starttime=now+3", "timelimit=10")
    first = tool.measured()
    wait_for_the_end(tool, slurm)
    run = tool.read()
    assert (run.status, run.sessions) == ("complete", 2), said(tool)
    assert tool.measured()[: len(first)] == first
    assert 0 < len(first) < len(tool.measured())
    for case in tool.results()["cases"]:
        assert (case["status"], case["samples"], case["invalid_samples"]) == ("ok", 13, 0)
    assert [case["workers"] for case in tool.results()["cases"]] == [1, 2]
    told = run.environment["job"]
    assert (told["id"], told["partition"], told["nodes"]) == (job, "debug", "n[1-2]")
    assert (told["cores"], told["memory_bytes"]) == (4, 1200 << 20)
    assert "2 workers on 2 hosts: n1 (1), n2 (1)" in tool.events("lane")[-1]["notes"]


@pytest.mark.parametrize("who", ["daskbench", "scheduler"])
def test_all_ranks_end_with_the_first(tool: Tool, slurm: Slurm, who: str) -> None:
    options = ("--rounds", "60", "--schedulers", "distributed")
    command = ("srun", "daskbench", "schedulers", *HITTABLE, *options, *WHERE)
    submit(tool, f"--wrap={' '.join(command)}")
    tool.wait_for_samples(1)
    rank, word = (0, "schedulers") if who == "daskbench" else (1, "daskbench.lane.deploy.mpi")
    kill(tool.rank(rank, word))
    wait_for_the_end(tool, slurm)
    if who == "scheduler":
        assert "lost" in tool.cases()["distributed"]["reason"]
