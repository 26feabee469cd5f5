"""The smallest memory limit, searched for with real clusters that spill, pause and die."""

import signal

import pytest

from .tool import Json, Tool, wait_for

pytestmark = pytest.mark.real

#: Four limits, each about twice the last: in the smallest a worker can do nothing at all.
COARSE = (
    *("limit", "--shape", "100000x100", "--workers", "1", "--precision", "100%"),
    *("--from", "60MiB", "--to", "500MiB", "--timeout", "15s"),
)


def limits_of(tool: Tool) -> dict[str, Json]:
    return {found["goal"]: found for found in tool.results()["limits"]}


def outcomes_of(tool: Tool) -> dict[int, str]:
    return {case["memory_limit_bytes"]: case["outcome"] for case in tool.results()["cases"]}


def test_a_module_that_is_missing_is_no_want_of_memory(tool: Tool) -> None:
    text = "class B:\n    parameters = {}\n"
    text += "    def __init__(self, seed):\n        import nosuchmodule\n"
    text += "    def collection(self): return []\n    def calls(self): return []\n"
    (tool.folder / "b.py").write_text(text + "    def check(self, answer): return None\n")
    done = tool.run("limit", "--benchmark", "b.py:B", "--workers", "1", "--explain")
    assert done.code != 0
    assert "nosuchmodule" in done.said + done.err
    assert "try a larger --to" not in done.said


def test_ctrl_c_in_the_middle_and_resume_goes_on(tool: Tool) -> None:
    running = tool.start(*COARSE)
    wait_for("two trials and the next begun", lambda: len(tool.events("lane")) == 3)
    running.signal(signal.SIGINT)
    done = running.wait()
    assert done.code == 130, done.err
    assert "Traceback" not in done.err
    assert "daskbench resume" in done.said
    assert tool.left_behind() == []
    tried = {event["case"] for kind in ("sample", "failure") for event in tool.events(kind)}
    lanes = len(tool.events("lane"))

    done = tool.run("resume")
    assert done.code == 0, done.out + done.err
    again = {event["case"] for event in tool.events("lane")[lanes:]}
    assert not again & tried, "what was tried is not tried again"
    assert tool.read().status == "complete"
    assert f"run {tool.read().run_id}" in done.said
    check_limits(limits_of(tool), outcomes_of(tool))


def check_limits(limits: dict[str, Json], outcomes: dict[int, str]) -> None:
    """With a large limit it does not spill, and with a tiny one it fails."""
    assert outcomes[max(outcomes)] == "unspilled"
    assert outcomes[min(outcomes)] == "failed"
    assert all(found["sure"] for found in limits.values())
    finishes, no_spill = limits["finished"], limits["unspilled"]
    assert finishes["memory_limit_bytes"] <= no_spill["memory_limit_bytes"]
    assert outcomes[finishes["below_bytes"]] == "failed"
