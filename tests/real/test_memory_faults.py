"""Memory is read while disks fill up, and workers, lanes and schedulers die."""

import re
import resource
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from .cluster import ExternalCluster
from .test_memory import LIMIT, SPILLING, check_readings, spill_folders
from .tool import Json, Tool, kill, pool, small_disk, wait_for

pytestmark = pytest.mark.real

#: Two workers can't hold X and u in so little, and pause where they can't spill; no nanny ends
#: them before.
FULL = ("--workers", "2", "--memory-limit", "200MiB", "--terminate", "off")
#: One worker alone can do it all, but spills early, and no nanny ends it.
ROOM = (
    *("--workers", "2", "--memory-limit", "500MiB"),
    *("--target", "10%", "--spill", "30%", "--terminate", "off"),
)


def check_proved(case: Json) -> None:
    """What counts has run in full and is right."""
    for sample in case["raw_samples"]:
        if sample["valid"]:
            assert sample["tasks_run"] == sample["tasks_expected"] > 0
            assert sample["answer_ok"]


def happened(tool: Tool) -> list[str]:
    return [event["what"] for event in tool.events("worker")]


def failed_row(tool: Tool) -> Json:
    """The only row, which failed; its readings are whole, and in the JSON too."""
    case: Json
    (case,) = tool.results()["cases"]
    assert case["status"] == "failed"
    check_proved(case)
    readings = tool.events("memory")
    assert readings, case["reason"]
    check_readings(readings)
    assert len(case["timeline"]) == len(readings)
    return case


def check_clean(tool: Tool) -> None:
    tool.wait_until_nothing_is_left()
    assert spill_folders(tool) == []
    assert tool.run("show").code == 0


@pytest.fixture
def disk(tool: Tool) -> Iterator[Path]:
    """A disk of 20 MiB, for what the workers spill."""
    with small_disk(tool.folder / "disk", 20 << 20) as folder:
        yield folder


def workers_of(tool: Tool) -> list[psutil.Process]:
    """Wait for the two workers of the only lane."""
    (lane,) = tool.wait_for_lanes(1)
    return wait_for("two workers", lambda: found if len(found := pool(lane)) == 2 else None)


def test_the_disk_for_spilling_is_full(tool: Tool, disk: Path) -> None:
    done = tool.run(
        *("memory", "--explain", *SPILLING, *FULL),
        environment={"DASK_TEMPORARY_DIRECTORY": str(disk)},
    )
    assert (done.code, done.complaints) == (1, []), done.out
    assert "is full" in failed_row(tool)["reason"]
    assert "memory of distributed × 2 of 200 MiB" in done.out
    assert "is full and nothing ran" in done.said
    assert list(disk.iterdir()) == []
    check_clean(tool)


def test_the_disk_for_spilling_takes_nothing(tool: Tool) -> None:
    """Root may write anywhere, but no file longer than its limit."""
    running = tool.start("memory", "--explain", *SPILLING, *FULL)
    for worker in workers_of(tool):
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    done = running.wait()
    assert (done.code, done.complaints) == (1, []), done.out
    reason = failed_row(tool)["reason"]
    assert "spilling failed (OSError: [Errno 27] File too large) and nothing ran" in reason
    assert "paused" in happened(tool)
    assert "Nothing went to disk." in done.said
    check_clean(tool)


@pytest.mark.parametrize("samples", [0, 1])
def test_a_worker_is_killed_while_it_spills(tool: Tool, samples: int) -> None:
    """While X is made, or in a sample: that counts only if all tasks ran."""
    running = tool.start("memory", "--explain", *SPILLING, *ROOM, "--rounds", "3")
    workers = workers_of(tool)
    tool.wait_for_samples(samples)
    wait_for("data on disk", lambda: spill_folders(tool))
    kill(workers[0])
    done = running.wait()
    assert (done.code, done.complaints) == (0, []), done.out
    (case,) = tool.results()["cases"]
    check_proved(case)
    check_readings(tool.events("memory"))
    assert case["samples"] + case["invalid_samples"] == 3
    assert happened(tool).count("left") == happened(tool).count("restarted") == 1
    (left, back) = [e for e in tool.events("worker") if e["what"] in ("left", "restarted")]
    assert (left["what"], left["worker"]) == ("left", back["worker"])
    assert re.search("X left.*N new process", done.said)
    check_clean(tool)


def test_nannies_end_workers_until_dask_gives_up(tool: Tool) -> None:
    """Five chunks of 38 MiB at once, as tsqr takes them, are more than a worker may hold.

    The row tells why and of which limit; the other one goes on.
    """
    size = ("--shape", "4e5x100", "--chunks", "5e4x100", "--method", "tsqr,gram")
    how = ("--compute", "s", "--input", "generate", "--rounds", "2", "--force")
    done = tool.run("memory", "--explain", *size, *LIMIT, *how)
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
    check_readings(tool.events("memory"))
    ended = [event for event in tool.events("worker") if event["what"] == "terminated"]
    assert len(ended) >= 3
    for event in ended:
        assert event["rss_bytes"] > 0.95 * (250 << 20)
    # The run may end before the scheduler has noticed that the last one left.
    assert happened(tool).count("left") >= len(ended) - 1
    assert "restarted" in happened(tool)
    assert "a nanny terminated its worker" in done.said
    # A worker that is full within half a second sends no heartbeat, so there may be no chart.
    assert ("T terminated by its nanny" in done.said) != ("too short to be seen" in done.said)
    check_clean(tool)


def test_another_scheduler_takes_the_place_of_the_clusters(tool: Tool, tmp_path: Path) -> None:
    """And knows nothing of us: where there is none at all, test_cluster.py sees to it."""
    with closing(ExternalCluster(tmp_path / "c")) as cluster:
        running = tool.start(
            *("memory", "--explain", *SPILLING, "--rounds", "40", "--timeout", "30s"),
            *("--address", cluster.address),
        )
        tool.wait_for_samples(1)
        wait_for("readings", lambda: len(tool.events("memory")) >= 4)
        cluster.restart()
        done = running.wait()
        cluster.check_untouched(workers=2)
    assert (done.code, done.complaints) == (1, []), done.out
    case = failed_row(tool)
    assert "memory of distributed" in done.out
    assert re.search("(?i)closed|lost|connect", case["reason"]), case["reason"]
    check_clean(tool)
