"""A full disk stops workers that spill, and nothing else."""

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from daskbench.processes.stall import Stall
from daskbench.processes.talk import LaneError


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The log of a lane on a full disk, where next to nothing runs."""
    log = tmp_path / "daskbench" / "lane-1" / "log"
    log.parent.mkdir(parents=True)
    log.touch()
    now = iter(range(1000))
    monkeypatch.setattr("daskbench.processes.stall.monotonic", lambda: next(now))
    monkeypatch.setattr("daskbench.lane.probes.tree.cpu_s", lambda pid: 0.0)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=0))
    return log


def watch(log: Path) -> None:
    stall = Stall(os.getpid(), log)
    for _ in range(60):
        stall.check()


def test_work_that_sleeps_is_not_ended_as_the_disk_is_full(log: Path) -> None:
    watch(log)


def test_workers_that_spilled_and_stand_still_are_given_up(log: Path, tmp_path: Path) -> None:
    spilled = log.parent / "dask-scratch-space" / "worker-1" / "storage"
    spilled.mkdir(parents=True)
    watch(log)
    (spilled / "key").touch()
    with pytest.raises(LaneError, match=f"the disk of {tmp_path} is full and nothing ran for 2"):
        watch(log)
