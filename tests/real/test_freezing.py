"""While one lane is measured, the others are frozen."""

import os

import psutil
import pytest

from .tool import Tool, is_frozen, is_running, ticks

pytestmark = pytest.mark.real

SCHEDULERS = "numpy,threads,processes-warm,distributed,distributed-inproc"
#: So much CPU must the measured lane have used for a look at the others to tell anything.
TELLING_TICKS = 10


def test_other_lanes_use_no_cpu(tool: Tool) -> None:
    running = tool.measure(
        *("--n", "1e6", "--tasks", "30", "--schedulers", SCHEDULERS),
        *("--workers", "2", "--rounds", "3"),
    )
    tool.wait_for_samples(1)
    lanes = tool.wait_for_lanes(5)
    assert all(os.getpgid(lane.pid) == lane.pid for lane in lanes)
    telling = 0
    while running.process.poll() is None:
        telling += _watch_one_turn(tool, lanes) >= TELLING_TICKS
    done = running.wait()
    assert done.code == 0, done.err
    assert telling >= 3
    for case in tool.results()["cases"]:
        assert (case["status"], case["samples"]) == ("ok", 3)
        assert case["tasks_run"] == case["tasks_expected"]


def _watch_one_turn(tool: Tool, lanes: list[psutil.Process]) -> int:
    """Watch the frozen lanes until another has its turn; return the ticks of the one measured."""
    turn = _turn(tool, lanes)
    active = [lane for lane in lanes if is_running(lane)]
    others = [lane for lane in lanes if lane not in active]
    frozen = all(is_frozen(lane) for lane in others)
    if len(active) != 1 or not frozen or turn != _turn(tool, lanes):
        return 0  # just changing
    start, others_start = ticks(active[0]), [ticks(lane) for lane in others]
    used = 0
    while True:
        now, others_now = ticks(active[0]), [ticks(lane) for lane in others]
        frozen = all(is_frozen(lane) for lane in others)
        if turn != _turn(tool, lanes):
            return used
        assert frozen
        assert others_now == others_start
        used = now - start


def _turn(tool: Tool, lanes: list[psutil.Process]) -> tuple[int, list[bool]]:
    """Return what changes when another lane has its turn, or when the run ends."""
    finished = len(tool.events("suite-finished")) + (len(tool.lanes()) < len(lanes))
    return len(tool.events("sample")) + finished, [is_running(lane) for lane in lanes]
