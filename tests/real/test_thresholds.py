"""Real workers, driven over each threshold of their memory."""

import pytest

from .tool import Json, Tool

pytestmark = pytest.mark.real

SHIPPED = {"target": 0.6, "spill": 0.7, "pause": 0.8, "terminate": 0.95}


def by_threshold(tool: Tool) -> dict[str, Json]:
    return {case["threshold"]: case for case in tool.results()["cases"]}


def test_dask_does_what_it_documents(tool: Tool) -> None:
    done = tool.run("thresholds", "--memory-limit", "320MiB")
    assert done.code == 0, done.out + done.err
    cases = by_threshold(tool)
    assert {name: case["documented_fraction"] for name, case in cases.items()} == SHIPPED
    for case in cases.values():
        assert (case["status"], case["verdict"]) == ("ok", "agrees")
        assert case["answer_ok"]
        assert case["tasks_run"] == case["tasks_expected"] > 0
        assert case["delay_s"] is not None
        assert case["highest"] <= 1.0
    assert "blocks 3, 4, 5" in cases["target"]["observed"]
    assert cases["terminate"]["made_again"] == cases["terminate"]["lost"] > 0
    happened = [event["what"] for event in tool.events("worker")]
    assert {"spill-began", "paused", "resumed", "terminated", "left"} <= set(happened)
    assert happened.count("terminated") == 1
    assert [sample.get("workers_lost", 0) for sample in tool.events("sample")].count(1) == 1
    shown = tool.run("show")
    assert (shown.code, shown.out) == (0, done.out)


def test_what_is_off_is_not_reached_and_what_differs_is_told(tool: Tool) -> None:
    # Where target is above spill, Dask waits for the target: the process must be above both.
    done = tool.run(
        *("thresholds", "--threshold", "spill,pause,target", "--memory-limit", "512MiB"),
        *("--spill", "65%", "--target", "70%", "--pause", "off"),
    )
    assert done.code == 1, done.out + done.err
    verdicts = {name: case["verdict"] for name, case in by_threshold(tool).items()}
    assert verdicts == {"spill": "differs", "pause": "not reached", "target": "agrees"}
    assert "spill does not act as documented: it acted at 7" in done.said
    assert "pause was not reached: it is off, and nothing happened up to" in done.said


def test_a_suite_does_the_same_and_a_small_machine_is_left_alone(tool: Tool) -> None:
    arguments = ("run", "lesson-thresholds", "--memory-limit")
    refused = tool.run(*arguments, "1000TiB")
    assert (refused.code, len(refused.err.splitlines())) == (2, 1)
    assert "is free: lower --memory-limit" in refused.err
    assert not tool.store.exists()
    own = tool.folder / "benchmarks.toml"
    own.write_text('[suites.t]\nbenchmark = "thresholds"\nthreshold = "pause"\nrounds = 1\n')
    done = tool.run("run", "t", "--warmup", "0", "--memory-limit", "300MiB")
    assert done.code == 0, done.out + done.err
    assert by_threshold(tool)["pause"]["verdict"] == "agrees"
