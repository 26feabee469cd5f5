"""Real runs compared: launches, a gate that a certain regression does not pass, a summary."""

import csv
import io
import json

import pytest

from tests.real.tool import Tool

pytestmark = pytest.mark.real

SUITE = """
[suites.quick]
benchmark = "calc_mean"
n = 20000
tasks = 10
schedulers = ["threads"]
workers = [1, 2]
rounds = 2
launches = 5
"""
#: Tasks that are slept in have a time that no noise of a machine comes near.
SLEEPING = '''
from time import sleep

import dask

from daskbench.benchmarks.base import Parameter


class Sleep:
    """Sleep in one task."""

    parameters = {"n": Parameter(10, "Milliseconds."), "env": Parameter("MS", "Overrides them.")}

    def __init__(self, n, env, seed):
        import os

        self.seconds = int(os.environ.get(env, n)) / 1000

    def collection(self):
        return [dask.delayed(self.work)()]

    def calls(self):
        return [self.work]

    def work(self):
        sleep(self.seconds)
        return 1.0

    def check(self, answer):
        return None if float(answer[0]) == 1 else "wrong"
'''
SLEEP_SUITE = """
[suites.sleep]
benchmark = "sleep.py:Sleep"
n = [20, 80]
schedulers = ["threads"]
workers = 1
rounds = 2
launches = 5
"""


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_two_runs_are_compared_from_their_launches(tool: Tool) -> None:
    (tool.folder / "benchmarks.toml").write_text(SUITE)
    assert tool.run("run").code == 0
    second = tool.run("run", "--against", "latest", "--fail-if", "slower:900%")
    assert second.code == 0, second.err
    assert "between the two runs" in second.said
    done = tool.run("compare", "latest~1", "latest", "--format", "csv")
    assert done.code == 0, done.err
    rows = rows_of(done.out)
    assert [row["workers"] for row in rows] == ["1", "2"]
    for row in rows:
        assert float(row["ratio_low"]) <= float(row["ratio"]) <= float(row["ratio_high"])
        assert (row["rounds"], row["launches"], row["paired"]) == ("0", "5", "False")
        assert row["verdict"] in ("faster", "slower", "equivalent", "undecided")


def test_a_certain_regression_does_not_pass_the_gate(tool: Tool) -> None:
    (tool.folder / "sleep.py").write_text(SLEEPING)
    (tool.folder / "benchmarks.toml").write_text(SLEEP_SUITE)
    assert tool.run("run").code == 0
    cases = tool.run("compare", "latest:1", "latest:2", "--fail-if", "slower:5%")
    assert cases.code == 3, cases.err
    assert "in the same rounds" in cases.said
    assert "regression: the case is proved to be slower by more than 5 %" in cases.said
    assert tool.run("compare", "latest:2", "latest:1", "--fail-if", "slower:5%").code == 0
    slower = tool.run(
        "run",
        *("--against", "latest", "--fail-if", "slower:5%", "--markdown", "summary.md"),
        environment={"MS": "200"},
    )
    assert slower.code == 3, slower.err
    assert (tool.folder / "summary.md").read_text().startswith("**regression**: ")
    again = tool.run("compare", "latest~1", "latest", "--format", "json")
    assert json.loads(again.out)["comparisons"][0]["verdict"] == "slower"


def test_single_launches_prove_nothing(tool: Tool) -> None:
    (tool.folder / "benchmarks.toml").write_text(SUITE)
    for _ in range(2):
        assert tool.run("run", "--launches", "1", "--workers", "1").code == 0
    done = tool.run("compare", "latest~1", "latest", "--fail-if", "slower:5%")
    assert done.code == 4, done.err
    assert "--launches 10" in done.said
    assert "daskbench ab " in done.said
    fine = tool.run("compare", "latest~1", "latest", "--fail-if", "slower:5%", "--inconclusive-ok")
    assert fine.code == 0
