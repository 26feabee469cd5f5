"""What SLURM tells of the job of this process."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from daskbench import batch, environment
from tests.unit.builders import ENVIRONMENT

TOLD = (
    "JobId=7 JobName=x Partition=fast TimeLimit=00:30:00 NodeList=n[1-3] NumNodes=3 NumCPUs=5 "
    "TRES=cpu=5,mem=1.50G,node=3,billing=5 Nodes=n[1-2] CPU_IDs=0-1 Mem=600 GRES= "
    "Nodes=n3 CPU_IDs=3 Mem=300 GRES= MinCPUsNode=1"
)


def say(monkeypatch: pytest.MonkeyPatch, text: str, code: int = 0) -> None:
    def run(*words: Any, **_: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(words, code, stdout=text)

    monkeypatch.setattr(subprocess, "run", run)


def test_the_controller_tells_what_a_job_has(monkeypatch: pytest.MonkeyPatch) -> None:
    say(monkeypatch, TOLD)
    assert batch.job({"SLURM_JOB_ID": "7"}) == {
        "system": "slurm",
        "id": "7",
        "partition": "fast",
        "nodes": "n[1-3]",
        "limit": "00:30:00",
        "cores": 5,
        "memory_bytes": 3 << 29,
        "each_node": ["n[1-2]: 2 cores, 600 MiB", "n3: 1 cores, 300 MiB"],
    }


def test_nodes_alike_are_not_told_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    say(monkeypatch, TOLD.partition(" Nodes=n3")[0])
    assert "each_node" not in batch.job({"SLURM_JOB_ID": "7"})


def test_without_the_controller_variables_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    say(monkeypatch, "", code=1)
    given = {"SLURM_JOB_ID": "7", "SLURM_JOB_PARTITION": "fast", "SLURM_JOB_NODELIST": "n1"}
    found = batch.job(given)
    assert (found["partition"], found["nodes"]) == ("fast", "n1")


def test_a_program_that_is_not_there_is_no_error(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(here))
    assert batch.job({"SLURM_JOB_ID": "7"}) == {"system": "slurm", "id": "7"}


def test_outside_of_a_job_there_is_nothing() -> None:
    assert batch.job({}) == {}
    assert batch.job({"SLURM_JOB_ID": "x; reboot"}) == {}


def test_the_next_job_may_be_on_another_node_of_its_partition() -> None:
    one = ENVIRONMENT | {"host": "n1", "job": {"id": "7", "partition": "fast"}}
    two = ENVIRONMENT | {"host": "n2", "job": {"id": "8", "partition": "fast"}}
    assert environment.differences(one, two) == []
    slow = two | {"job": {"id": "8", "partition": "slow"}}
    assert environment.differences(one, slow) == ["partition was fast, is slow"]
    outside = ENVIRONMENT | {"host": "n2", "job": {}}
    assert environment.differences(one, outside) == ["host was n1, is n2"]
