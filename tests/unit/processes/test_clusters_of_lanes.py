"""Clusters that a lane started: closed by it, or ended in its place."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest

from daskbench.lane.deploy import ending
from daskbench.processes import reaper as reaper

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

LANE = """
import signal, sys, time
from pathlib import Path
from daskbench.lane.deploy import ending
ending.watch(lambda: Path(sys.argv[1]).write_text("closed"))
ending.note_job(["touch", sys.argv[1] + "-cancelled"])
print("ready", flush=True)
while True:
    time.sleep(0.1)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a lane, within that of its run."""
    (folder := tmp_path / "run" / "lane").mkdir(parents=True)
    monkeypatch.setenv(reaper.MARK, str(folder))
    return folder


@pytest.mark.parametrize("is_frozen", [False, True])
def test_a_lane_closes_its_cluster_before_it_is_ended(
    folder: Path, tmp_path: Path, is_frozen: bool
) -> None:
    lane = subprocess.Popen(
        [sys.executable, "-c", LANE, str(tmp_path / "x")],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert lane.stdout
    assert lane.stdout.readline() == b"ready\n"
    if is_frozen:
        os.killpg(lane.pid, signal.SIGSTOP)
    reaper.close_clusters(str(folder.parent))
    assert lane.wait(20) == -signal.SIGTERM
    assert (tmp_path / "x").read_text() == "closed"
    assert reaper.cancel_jobs(str(folder), 0.0) == []
    assert (tmp_path / "x-cancelled").exists()
    assert not (folder / ending.FILE).exists()
    lane.stdout.close()


def test_a_process_that_has_a_lanes_number_by_chance_is_left_alone(folder: Path) -> None:
    other = subprocess.Popen(["sleep", "100"], env={}, start_new_session=True)
    (folder / ending.FILE).write_text(json.dumps({"pid": other.pid}) + "\n")
    reaper.close_clusters(str(folder.parent))
    assert other.poll() is None
    other.kill()
    other.wait()


def test_jobs_are_cancelled_again_until_that_succeeds(folder: Path, tmp_path: Path) -> None:
    script = f"test -e {tmp_path}/up || {{ touch {tmp_path}/up; exit 1; }}"
    ending.note_job(["sh", "-c", script])
    assert reaper.cancel_jobs(str(folder.parent), 20.0) == []
    assert not (folder / ending.FILE).exists()


def test_what_can_not_be_cancelled_is_told_and_kept_for_the_reaper(folder: Path) -> None:
    (logs := folder.parent / ".daskbench-jobs-1").mkdir()
    ending.note_folder(str(logs))
    ending.note_job(["false", "7"])
    ending.note_job(["a-program-that-is-not-there"])
    assert reaper.cancel_jobs(str(folder), 0.0) == ["false 7", "a-program-that-is-not-there"]
    assert (folder / ending.FILE).exists()
    assert logs.exists()


def test_folders_for_the_output_of_jobs_are_removed_and_no_others(folder: Path) -> None:
    logs, other = folder.parent / ".daskbench-jobs-1", folder.parent / "other"
    for one in (logs, other):
        one.mkdir()
        ending.note_folder(str(one))
    assert reaper.cancel_jobs(str(folder), 0.0) == []
    assert not logs.exists()
    assert other.exists()


def test_where_no_cluster_was_started_nothing_takes_time(folder: Path) -> None:
    start = monotonic()
    reaper.close_clusters(str(folder))
    assert reaper.cancel_jobs(str(folder), 100.0) == []
    ending.forget()
    assert monotonic() - start < 50


def test_a_damaged_file_stops_nothing(folder: Path) -> None:
    (folder / ending.FILE).write_bytes(b'{"pid": \n\xff\n')
    reaper.close_clusters(str(folder))
    assert reaper.cancel_jobs(str(folder), 0.0) == []
