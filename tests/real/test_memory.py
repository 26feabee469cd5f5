"""What workers hold: from their heartbeats to the journal, the chart and the files."""

import csv
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from .cluster import ExternalCluster
from .tool import HITTABLE, Done, Json, Tool, wait_for

pytestmark = pytest.mark.real

MIB = 1 << 20
LIMIT = ("--workers", "2", "--memory-limit", "250MiB")
#: X and u, which two workers of 250 MiB hold no longer than they have to.
SPILLING = ("--shape", "2e5x100", "--chunks", "1e4x100", "--method", "gram", "--input", "persist")
ONE_WORKER = ("--shape", "4e4x50", "--chunks", "1e4x50", "--method", "gram", "--workers", "1")
FILES = ("--timeline", "t.csv", "--events", "e.csv")
READING = (
    *("process_bytes", "managed_bytes", "unmanaged_bytes", "unmanaged_recent_bytes"),
    *("spilled_bytes", "at_s"),
)


def spill_folders(tool: Tool) -> list[Path]:
    """What Dask keeps on disk for workers of lanes that are still there."""
    return list(tool.temporary.glob("daskbench-*/lane-*/dask-scratch-space/*/storage/*"))


def check_readings(readings: list[Json]) -> None:
    """The categories of each add up, and time goes on."""
    assert readings
    last: dict[tuple[int, str], float] = {}
    for one in readings:
        sizes = [one[name] for name in READING]
        assert all(size >= 0 for size in sizes)
        assert one["process_bytes"] > 0
        managed, unmanaged, recent = sizes[1:4]
        assert managed + unmanaged + recent == one["process_bytes"]
        worker = (one["case"], one["worker"])
        assert one["at_s"] >= last.get(worker, 0.0)
        last[worker] = one["at_s"]
        assert 0 <= one.get("monitor_bytes", 0) <= one.get("written_bytes", 0) + 1


def check_proved(case: Json, samples: int) -> None:
    """Every sample ran in full, and is right."""
    assert (case["status"], case["samples"], case["invalid_samples"]) == ("ok", samples, 0)
    for sample in case["raw_samples"]:
        assert sample["tasks_run"] == sample["tasks_expected"] > 0


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExternalCluster]:
    """A cluster of two workers that the tests leave as it is."""
    cluster = ExternalCluster(tmp_path_factory.mktemp("shared") / "c")
    yield cluster
    cluster.close()


def test_memory_of_a_spilling_svd_is_read_and_by_resume_too(tool: Tool) -> None:
    running = tool.start("memory", *SPILLING, *LIMIT, "--rounds", "4")
    wait_for("data on disk", lambda: spill_folders(tool))
    tool.wait_for_samples(2)
    wait_for("readings", lambda: tool.events("memory"))
    running.signal(signal.SIGINT)
    stopped = running.wait()
    assert stopped.code == 130
    assert "memory of distributed × 2 of 250 MiB" in stopped.out
    before = len(tool.events("memory"))
    assert len(tool.measured()) < 4
    tool.wait_until_nothing_is_left()

    done = tool.run("resume", "--explain")
    assert (done.code, done.complaints) == (0, []), done.out
    (case,) = tool.results()["cases"]
    check_proved(case, samples=4)
    readings = tool.events("memory")
    check_readings(readings)
    assert len(readings) > before > 0
    (resumed,) = tool.events("resumed")
    assert all(one["at_s"] >= resumed["elapsed_s"] for one in readings[before:])
    assert case["timeline"][-1]["time_s"] == readings[-1]["at_s"]
    _check_what_is_told(tool, case, done)


def _check_what_is_told(tool: Tool, case: Json, done: Done) -> None:
    readings = tool.events("memory")
    assert {one["worker"] for one in readings} == {"0", "1"}
    assert max(one["spilled_bytes"] for one in readings) > 0
    written = sum(one.get("written_bytes", 0) for one in readings)
    assert written >= max(one["spilled_bytes"] for one in readings) > 0
    assert "spill-began" in {event["what"] for event in tool.events("worker")}
    assert case["worker_memory_limit_bytes"] == 250 * MIB
    assert case["thresholds"] == {"target": 0.6, "spill": 0.7, "pause": 0.8, "terminate": 0.95}
    for words in ("limit 250 MiB per worker", "S spill began", "on disk", "█ managed  ▒ unmanaged"):
        assert words in done.out
    assert re.search(r"written to disk and .* which took the workers", done.said)
    assert re.search(
        r"(Target|Spill) \(.*?\) was crossed by .*? after .*? spilled because of it", done.said
    )


SHUFFLE = """
import dask.dataframe as dd
import numpy as np
import pandas as pd


class Shuffle:
    parameters = {}

    def __init__(self, seed):
        pass

    def collection(self):
        frame = pd.DataFrame({"a": np.arange(400_000) % 1000, "b": 1.0})
        return [dd.from_pandas(frame, npartitions=20).shuffle("a").b.sum()]

    def calls(self):
        return [lambda: 400_000.0]

    def check(self, answer):
        return None if float(answer[0]) == 400_000 else "wrong"
"""


def test_a_shuffle_of_a_data_frame_is_no_spilling(tool: Tool) -> None:
    (tool.folder / "shuffle.py").write_text(SHUFFLE)
    arguments = ("--from", "1GiB", "--to", "2GiB", "--precision", "100%", "--workers", "2")
    done = tool.run("limit", "--benchmark", "shuffle.py:Shuffle", *arguments, "--explain")
    assert done.code == 0, done.out
    readings = tool.events("memory")
    assert sum(one.get("shuffle_written_bytes", 0) for one in readings) > MIB
    assert sum(one.get("written_bytes", 0) for one in readings) == 0
    assert {case["outcome"] for case in tool.results()["cases"]} == {"unspilled"}
    assert "shuffled: written to disk by shuffles, which is not spilling" in done.said
    assert "spill-began" not in {event["what"] for event in tool.events("worker")}


def test_only_distributed_has_readings_and_all_have_a_high_water(tool: Tool) -> None:
    arguments = ("--schedulers", "threads,processes,distributed", "--workers", "2")
    shown = ("--memory", "--columns", "all")
    done = tool.run("schedulers", *HITTABLE, *arguments, "--rounds", "2", *shown)
    assert (done.code, done.complaints) == (0, []), done.out
    cases = tool.results()["cases"]
    for case in cases:
        check_proved(case, samples=2)
    threads, processes, distributed = cases
    assert "timeline" not in threads
    assert "timeline" not in processes
    check_readings(tool.events("memory"))
    assert {one["case"] for one in tool.events("memory")} == {2}
    assert len(distributed["timeline"]) == len(tool.events("memory"))
    assert "memory of distributed × 2" in done.out
    assert "memory of threads" not in done.out
    samples = [sample for case in cases for sample in case["raw_samples"]]
    assert len(samples) >= 3 * 3
    for sample in samples:  # by far where processes share their libraries
        assert 0 < sample["peak_pss_bytes"] <= sample["peak_rss_bytes"]
    assert "high water" in done.out


def test_a_cluster_of_others(tool: Tool, cluster: ExternalCluster) -> None:
    """Several lanes watch it, which leave it in any order."""
    arguments = ("--schedulers", "distributed", "--rounds", "2", "--address", cluster.address)
    done = tool.run("schedulers", *HITTABLE, *arguments, "--workers", "1,2", "--memory")
    assert (done.code, done.complaints) == (0, []), done.out
    cases = tool.results()["cases"]
    readings = tool.events("memory")
    check_readings(readings)
    for number, case in enumerate(cases):
        check_proved(case, samples=2)
        names = {one["worker"] for one in readings if one["case"] == number}
        assert len(names) == case["workers"]
        assert names <= {"w0", "w1"}
        assert case["worker_memory_limit_bytes"] > 0
    cluster.check_untouched(workers=2)


def test_memory_of_a_cluster_of_others(tool: Tool, cluster: ExternalCluster) -> None:
    size = ("--shape", "1e5x50", "--chunks", "1e4x50", "--method", "gram", "--rounds", "2")
    done = tool.run("memory", *size, "--address", cluster.address, "--memory-interval", "1s")
    assert (done.code, done.complaints) == (0, []), done.out
    (case,) = tool.results()["cases"]
    assert case["workers"] == 2
    check_readings(tool.events("memory"))
    spans = [one.get("span_s", 0.0) for one in tool.events("memory")]
    assert all(span_s >= 0.9 for span_s in spans if span_s), "the first is told at once"
    cluster.check_untouched(workers=2)


def test_thresholds_are_in_force(tool: Tool) -> None:
    given = ("--target", "off", "--spill", "0.4", "--terminate", "off", "--explain")
    done = tool.run("memory", *SPILLING, *LIMIT, *given, "--pause", "90%", "--rounds", "2", *FILES)
    assert (done.code, done.complaints) == (0, []), done.out
    (lane,) = tool.events("lane")
    assert lane["memory_limit_bytes"] == 250 * MIB
    assert lane["thresholds"] == {"target": 0.0, "spill": 0.4, "pause": 0.9, "terminate": 0.0}
    written = [one for one in tool.events("memory") if one.get("written_bytes")]
    assert written
    for one in written:
        assert one["monitor_bytes"] == one["written_bytes"], "target is off"
    assert "Target was off. Spill (40%, 100 MiB process) was crossed by" in done.said
    assert "Terminate was off." in done.said
    place = "distributed × 2 of 250 MiB, target off, spill 0.4, pause 0.9, terminate"
    assert place in done.said

    rows, readings = rows_of(tool.folder / "t.csv"), tool.events("memory")
    assert [row["spilled_bytes"] for row in rows] == [str(one["spilled_bytes"]) for one in readings]
    assert all(row["case"].startswith(place) for row in rows)
    assert len(rows_of(tool.folder / "e.csv")) == len(tool.events("worker"))
    again = tool.run("export", "--timeline", "again.csv", "--events", "-")
    assert (again.code, again.complaints) == (0, [])
    assert (tool.folder / "again.csv").read_bytes() == (tool.folder / "t.csv").read_bytes()
    assert again.out.startswith("time_s,worker,event,")


def test_recent_memory_becomes_old_when_it_is_told_to(tool: Tool) -> None:
    done = tool.run("memory", *ONE_WORKER, "--rounds", "3", "--recent-to-old", "1us")
    assert (done.code, done.complaints) == (0, []), done.out
    readings = tool.events("memory")
    check_readings(readings)
    assert {one["unmanaged_recent_bytes"] for one in readings} == {0}
    assert max(one["unmanaged_bytes"] for one in readings) > 0
