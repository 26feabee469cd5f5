"""Clusters that a function of the user's starts: measured, and closed however a run ends."""

from pathlib import Path

import pytest

from .tool import HITTABLE, Tool, kill, wait_for

pytestmark = pytest.mark.real

SIZE = ("--n", "1000", "--tasks", "20", "--rounds", "3")
SITE = """
from pathlib import Path
from distributed import LocalCluster

class Site(LocalCluster):
    def close(self, timeout=None):
        Path("closed").touch()
        return super().close(timeout)

def start(n_workers=1, **options):
    return Site(n_workers=n_workers, threads_per_worker=1, host="127.0.0.1",
                dashboard_address="127.0.0.1:0", **options)

def fail():
    raise OSError("no machine is free")

def empty():
    return start(n_workers=0)
"""


@pytest.fixture
def site(tool: Tool) -> Path:
    """The file that the cluster touches when it is closed."""
    (tool.folder / "site.py").write_text(SITE)
    return tool.folder / "closed"


def test_it_is_measured_and_closed(tool: Tool, site: Path) -> None:
    where = ("--schedulers", "numpy,distributed", "--cluster", "site.py:start", "--workers", "2")
    done = tool.run("schedulers", *SIZE, *where, "--cluster-option", "silence_logs=40")
    assert (done.code, done.complaints) == (0, [])
    case = tool.cases()["distributed"]
    assert (case["status"], case["samples"], case["workers"]) == ("ok", 3, 2)
    assert case["tasks_run"] == case["tasks_expected"]
    assert "cluster site.py:start silence_logs=40" in done.said
    assert site.exists()


def test_numbers_of_workers_are_measured_in_turns(tool: Tool, site: Path) -> None:
    where = ("--schedulers", "distributed", "--cluster", "site.py:start", "--workers", "1,2")
    done = tool.run("schedulers", *SIZE[:4], *where, "--rounds", "2")
    assert done.code == 0, done.err
    assert "only one cluster (site.py:start) is there at a time" in done.err
    cases = tool.results()["cases"]
    assert [(case["workers"], case["samples"]) for case in cases] == [(1, 2), (2, 2)]


def test_a_section_of_the_file_of_suites(tool: Tool, site: Path) -> None:
    (tool.folder / "benchmarks.toml").write_text(
        '[clusters.site]\nkind = "site.py:start"\nn_workers_of_mine = 1\n'
        '[suites.s]\nbenchmark = "calc_mean"\nn = 1000\ntasks = 10\nrounds = 1\n'
        'schedulers = "distributed"\ncluster = "site"\n'
    )
    done = tool.run("run", "s")
    assert done.code == 1
    assert "n_workers_of_mine" in tool.cases()["distributed"]["reason"]


def test_why_it_does_not_start(tool: Tool, site: Path) -> None:
    where = ("--schedulers", "numpy,distributed", "--cluster", "site.py:fail")
    assert tool.run("schedulers", *SIZE, *where).code == 1
    cases = tool.cases()
    assert cases["numpy"]["status"] == "ok"
    reason = cases["distributed"]["reason"]
    assert reason == "at the start: OSError: no machine is free (site.py:15 in fail)"


def test_workers_that_never_come(tool: Tool, site: Path) -> None:
    where = ("--schedulers", "distributed", "--cluster", "site.py:empty")
    assert tool.run("schedulers", *SIZE, *where, "--wait-for-workers", "1s").code == 1
    reason = tool.cases()["distributed"]["reason"]
    assert reason == "at the start: only 0 of 1 worker available after 1 s (--wait-for-workers)"
    assert site.exists()


@pytest.mark.parametrize("number", [2, 15, 9])
def test_whatever_ends_the_tool_closes_it(tool: Tool, site: Path, number: int) -> None:
    """In a sample, where the lane hears of nothing; a frozen lane is woken."""
    where = ("--schedulers", "numpy,distributed", "--cluster", "site.py:start", "--rounds", "60")
    running = tool.measure(*HITTABLE, *where)
    tool.wait_for_samples(2)
    running.signal(number)
    running.wait()
    wait_for("the end of the cluster", site.exists)
    tool.wait_until_nothing_is_left()


def test_a_lane_that_is_killed(tool: Tool, site: Path) -> None:
    where = ("--schedulers", "distributed", "--cluster", "site.py:start", "--rounds", "60")
    running = tool.measure(*HITTABLE, *where)
    (lane,) = tool.wait_for_lanes(1)
    tool.wait_for_samples(1)
    kill(lane)
    assert running.wait().code == 1
    assert "SIGKILL" in tool.cases()["distributed"]["reason"]
    tool.wait_until_nothing_is_left()


def test_a_local_cluster_has_options_too(tool: Tool) -> None:
    where = ("--schedulers", "distributed", "--cluster", "local", "--workers", "1")
    option = ("--cluster-option", "worker_class=no.such.module.Worker")
    assert tool.run("schedulers", *SIZE, *where, *option).code == 1
    assert "no" in tool.cases()["distributed"]["reason"]


def test_a_cluster_that_is_held(tool: Tool, site: Path) -> None:
    """It is started once, with the most workers, and tasks run on those of their row alone."""
    with (tool.folder / "site.py").open("a") as file:
        file.write("\ndef counted(n_workers):\n")
        file.write("    with open('started', 'a') as file:\n        print(n_workers, file=file)\n")
        file.write("    return start(n_workers)\n")
    where = ("--schedulers", "numpy,distributed", "--cluster", "site.py:counted")
    done = tool.run("schedulers", *SIZE, *where, "--workers", "1,3", "--hold")
    assert (done.code, done.complaints) == (0, []), done.err
    assert (tool.folder / "started").read_text() == "3\n"
    for case in tool.results()["cases"]:
        assert (case["status"], case["samples"], case["invalid_samples"]) == ("ok", 3, 0)
    lanes = [lane for lane in tool.events("lane") if lane.get("workers")]
    assert sorted(lane["workers"] for lane in lanes) == [1, 3]
    assert site.exists()
