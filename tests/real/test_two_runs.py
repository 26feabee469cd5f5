"""Two runs at once in one folder, and what may be done to a run that is going on."""

import signal

import pytest

from daskbench.journal.read import read_run

from .tool import HITTABLE, TINY, Tool, wait_for

pytestmark = pytest.mark.real


def test_both_complete(tool: Tool) -> None:
    arguments = (*TINY, "--schedulers", "numpy,distributed", "--workers", "2", "--rounds", "5")
    runs = [tool.measure(*arguments) for _ in range(2)]
    assert [run.wait().code for run in runs] == [0, 0]
    assert len(tool.journals) == 2
    for journal in tool.journals:
        assert read_run(journal).status == "complete"
        for case in tool.results(journal)["cases"]:
            assert (case["status"], case["samples"], case["invalid_samples"]) == ("ok", 5, 0)


def test_one_is_killed_and_the_other_completes(tool: Tool) -> None:
    arguments = (*HITTABLE, "--schedulers", "numpy,processes-warm", "--workers", "2")
    killed = tool.measure(*arguments, "--rounds", "50")
    tool.wait_for_samples(1)
    other = tool.measure(*arguments, "--rounds", "3")
    wait_for("two journals", lambda: len(tool.journals) == 2)
    killed.signal(signal.SIGKILL)
    assert other.wait().code == 0
    killed.wait()
    assert sorted(read_run(journal).status for journal in tool.journals) == [
        "complete",
        "interrupted",
    ]


def test_running_run_is_left_alone(tool: Tool) -> None:
    running = tool.measure(*HITTABLE, "--schedulers", "numpy", "--rounds", "50")
    tool.wait_for_samples(2)
    run_id = tool.journal.stem
    for command in ("delete", "resume"):
        refused = tool.run(command, run_id)
        assert refused.code == 2
        assert "being measured" in refused.err
        assert len(refused.err.strip().splitlines()) == 1
    assert "running" in tool.run("list").out
    shown = tool.run("show", run_id)
    assert shown.code == 0, shown.err
    assert "numpy" in shown.out
    assert "interrupted" not in shown.out
    running.signal(signal.SIGINT)
    assert running.wait().code == 130
    assert tool.run("delete", run_id).code == 0
    assert tool.journals == []
