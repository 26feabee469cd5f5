"""Every workload of the library in threads and in workers, and some of them through the tool."""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from daskbench.benchmarks import BENCHMARKS

from .every_workload import TINY, names
from .tool import Tool

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
#: One whose results are in the lane, and one that has pickled all and keeps results in workers.
SCHEDULERS = ("threads", "distributed")
#: Built-in benchmarks that have real tests of their own.
OTHERS = {"calc_mean", "svd", "svd_compressed", "thresholds", "empty_tasks"}


def test_every_workload_is_tried() -> None:
    assert {*TINY} == {*BENCHMARKS} - OTHERS


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_every_workload_is_proved(tool: Tool, scheduler: str) -> None:
    done = tool.start(
        command=(sys.executable, "-m", "tests.real.every_workload", scheduler),
        environment={"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
    ).wait(120.0)
    assert done.code == 0, done.err
    told = [json.loads(line) for line in done.out.splitlines()]
    assert [one["name"] for one in told] == names()
    wrong = {one["name"]: one["reason"] for one in told if one["reason"] or not one["tasks"]}
    assert wrong == {}
    if find_spec("xarray") is None:
        pytest.skip("xarray is not installed: climatology was left out")


def test_suites_of_workloads_run_from_one_file(tool: Tool) -> None:
    chosen = ("parquet", "word_count")
    suites = "".join(
        f'[suites.{name.replace("_", "-")}]\nbenchmark = "{name}"\n'
        + "".join(f"{key} = {json.dumps(value)}\n" for key, value in TINY[name].items())
        for name in chosen
    )
    defaults = '[defaults]\nschedulers = ["numpy", "processes-warm"]\nworkers = 1\nrounds = 1\n'
    (tool.folder / "benchmarks.toml").write_text(defaults + suites)
    done = tool.run("run", "--min-time", "1ms")
    assert done.code == 0, done.out + done.err
    rows = tool.results()["cases"]
    assert len(rows) == 2 * len(chosen)
    assert all(row["status"] == "ok" and row["answer_ok"] for row in rows)
