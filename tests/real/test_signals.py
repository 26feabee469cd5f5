"""Ctrl-C, SIGTERM and SIGHUP: what was measured is kept and shown, and resume goes on."""

import os
import signal
from collections.abc import Callable

import pytest

from .tool import TINY, Done, Json, Running, Tool, wait_for

pytestmark = pytest.mark.real

ROUNDS = 3


def starting(tool: Tool, cases: int) -> bool:
    """The last lane is there, and has not said yet that it is ready."""
    return len(tool.lanes()) == cases and len(tool.events("lane")) < cases


def warming_up(tool: Tool, cases: int) -> bool:
    """The last lane is ready, and has given no sample yet."""
    last = [sample for sample in tool.events("sample") if sample["case"] == cases - 1]
    return len(tool.events("lane")) == cases and not last


def in_rounds(tool: Tool, cases: int) -> bool:
    """The first round is over, and the last has not begun."""
    return len(tool.measured()) > cases


PHASES: dict[str, Callable[[Tool, int], bool]] = {
    "start": starting,
    "warm-up": warming_up,
    "rounds": in_rounds,
}


def arguments(schedulers: str) -> tuple[str, ...]:
    sizes = ("--n", "1e6", "--tasks", "15", "--workers", "2")
    return (*sizes, "--schedulers", schedulers, "--rounds", str(ROUNDS))


def test_signal_while_samples_are_short(tool: Tool) -> None:
    """Every answer comes before the conductor has to look up."""
    running = tool.measure(*TINY, "--schedulers", "numpy", "--rounds", "100000")
    wait_for("samples", lambda: len(tool.measured()) > 3)
    running.signal(signal.SIGINT)
    done = running.wait()
    assert done.code == 130
    assert "interrupted" in done.out


@pytest.mark.parametrize(
    ("name", "schedulers", "phase"),
    [
        ("SIGINT", "numpy,distributed", "start"),
        ("SIGINT", "numpy,distributed", "warm-up"),
        ("SIGTERM", "numpy,threads", "start"),
        ("SIGHUP", "numpy,threads", "rounds"),
    ],
)
def test_signal(tool: Tool, name: str, schedulers: str, phase: str) -> None:
    """SIGINT and SIGTERM in the rounds come below, to more than the tool itself."""
    running = tool.measure(*arguments(schedulers))
    wait_for(phase, lambda: PHASES[phase](tool, 2))
    running.signal(getattr(signal, name))
    check_interrupted(tool, running.wait())
    check_resumed(tool)


def test_ctrl_c_reaches_the_whole_process_group(tool: Tool) -> None:
    running = tool.measure(*arguments("numpy,distributed"))
    wait_for("rounds", lambda: in_rounds(tool, 2))
    os.killpg(running.pid, signal.SIGINT)
    check_interrupted(tool, running.wait())
    check_resumed(tool)


def test_ctrl_c_again_and_again_interrupts_no_ending(tool: Tool) -> None:
    running = tool.measure(*arguments("numpy,distributed"))
    wait_for("rounds", lambda: in_rounds(tool, 2))
    for _ in range(5):
        running.signal(signal.SIGINT)
        wait_for("a moment", lambda: True)
    check_interrupted(tool, running.wait())


def check_interrupted(tool: Tool, done: Done) -> None:
    """The run has ended as one that was interrupted, and has left nothing."""
    assert done.code == 130, done.err
    assert "Traceback" not in done.err
    run = tool.read()
    assert run.status == "interrupted"
    assert f"resume {run.run_id}" in " ".join(done.out.split())
    shown = tool.cases()
    for scheduler, case in shown.items():
        assert scheduler in done.out
        assert (case["mean_s"] is not None) == (case["samples"] > 0)
    samples = sum(case["samples"] for case in shown.values())
    assert samples == len(tool.measured())
    assert tool.left_behind() == []


def check_resumed(tool: Tool, cases: int = 2) -> None:
    """Resume measures exactly what is missing, and what was there stays as it was."""
    before = tool.journal.read_bytes()
    had = [identity(sample) for sample in tool.measured()]
    running: Running = tool.start("resume")
    done = running.wait()
    assert done.code == 0, done.out + done.err
    assert tool.journal.read_bytes().startswith(before)
    want = [(case, n) for case in range(cases) for n in range(1, ROUNDS + 1)]
    have = [identity(sample) for sample in tool.measured()]
    assert have[: len(had)] == had
    assert sorted(have) == want
    assert tool.read().status == "complete"
    assert all(case["status"] == "ok" for case in tool.results()["cases"])
    assert tool.left_behind() == []


def identity(sample: Json) -> tuple[int, int]:
    return sample["case"], sample["round"]


def test_signal_to_every_process_at_once(tool: Tool) -> None:
    """As a scheduler of jobs sends it: the lanes die of it, and are not to blame."""
    running = tool.measure(*arguments("numpy,distributed"))
    wait_for("rounds", lambda: in_rounds(tool, 2))
    lanes = tool.lanes()
    for lane in lanes:
        os.kill(lane.pid, signal.SIGTERM)
    running.signal(signal.SIGTERM)
    check_interrupted(tool, running.wait())
    check_resumed(tool)


def test_signals_that_the_parent_ignores_stay_ignored(tool: Tool) -> None:
    """As under nohup, and in the background of a script."""
    signals = (signal.SIGHUP, signal.SIGINT)
    before = [signal.signal(number, signal.SIG_IGN) for number in signals]
    try:
        running = tool.measure(*arguments("numpy,threads"))
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
    wait_for("rounds", lambda: in_rounds(tool, 2))
    for number in signals:
        running.signal(number)
    done = running.wait()
    assert done.code == 0, done.err
    assert tool.read().status == "complete"
