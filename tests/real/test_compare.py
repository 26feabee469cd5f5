"""Real runs compared: launches, a gate that a certain regression does not pass, a summary."""

import csv
import io

import pytest

from tests.real.tool import Tool

pytestmark = pytest.mark.real

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
    assert "a change of the machine between the runs" in slower.said
    again = tool.run("compare", "latest~1", "latest", "--format", "csv")
    assert again.code == 0, again.err
    rows = rows_of(again.out)
    assert [row["verdict"] for row in rows] == ["slower", "slower"]
    for row in rows:
        assert 1 < float(row["ratio_low"]) <= float(row["ratio"]) <= float(row["ratio_high"])
        assert (row["rounds"], row["launches"], row["paired"]) == ("0", "5", "False")
