"""The cost of a task, measured: every graph is proved, on lanes that its cases share."""

import pytest

from tests.real.tool import Tool

pytestmark = pytest.mark.real

SMALL = ("--tasks", "20,60", "--shape", "wide,chain,grid", "--busy", "1ms", "--returns", "10kB")


def test_costs_are_fitted_to_graphs_that_are_proved(tool: Tool) -> None:
    where = ("--schedulers", "synchronous,threads,distributed", "--workers", "2")
    done = tool.run("overhead", *SMALL, *where, "--rounds", "5")
    assert (done.code, done.complaints[1:]) == (0, []), done.out + done.err
    assert "about 1min (--budget)" in done.complaints[0]
    results = tool.results()
    assert len(results["cases"]) == 3 * 10
    for case in results["cases"]:
        assert (case["status"], case["samples"], case["invalid_samples"]) == ("ok", 5, 0)
        assert case["tasks_run"] == case["tasks_expected"] > 0
    costs = {one["place"]: one for one in results["overheads"]}
    assert [*costs] == ["synchronous", "threads × 2", "distributed × 2"]
    for one in costs.values():
        assert one["rounds"] == 5
        assert one["smallest_task_low_s"] < one["smallest_task_s"] < one["smallest_task_high_s"]
    assert costs["distributed × 2"]["empty_task_s"] > costs["synchronous"]["empty_task_s"] > 0
    assert all(lane["launch"] == 0 for lane in tool.events("lane"))
    assert "tasks are 90% work or more if they take at least" in done.said
    tool.wait_until_nothing_is_left()
    assert "smallest task that is 90% work: " in tool.run("doctor").said


def test_a_function_of_the_user_s_is_told_how_large_its_tasks_should_be(tool: Tool) -> None:
    (tool.folder / "sums.py").write_text(
        "import time\n\nimport dask.array as da\n\n\n"
        "def slow(x):\n    time.sleep(0.01)\n    return x\n\n\n"
        "def build(n: int = 20000, chunks: int = 1000):\n"
        "    return da.ones(n, chunks=chunks).map_blocks(slow).sum()\n"
    )
    few = ("--schedulers", "threads", "--workers", "2", "--rounds", "3", "--budget", "1s")
    done = tool.run("overhead", "--benchmark", "sums.py:build", *few)
    assert done.code == 0, done.out + done.err
    results = tool.results()
    own = [case for case in results["cases"] if "chunks" in case["parameters"]]
    assert [case["scheduler"] for case in own] == ["synchronous", "threads"]
    assert all((case["status"], case["invalid_samples"]) == ("ok", 0) for case in own)
    if all((one["smallest_task_s"] or 0) > 0 for one in results["overheads"]):  # not lost in noise
        assert "the tasks of sums.py:build n=20000 chunks=1000" in done.said
        assert "--chunks" in done.said
    tool.wait_until_nothing_is_left()
