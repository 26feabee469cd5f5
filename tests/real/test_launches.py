"""Lanes that are launched again and again, and rounds until the intervals are narrow."""

from statistics import median

import pytest

from .tool import TINY, Tool

pytestmark = pytest.mark.real

BOTH = ("--schedulers", "numpy,synchronous", "--min-time", "1ms")
LAUNCHES = ("--launches", "3", "--rounds", "2")


def test_each_launch_has_its_own_rounds(tool: Tool) -> None:
    done = tool.run("schedulers", *TINY, *BOTH, *LAUNCHES)
    assert (done.code, done.complaints) == (0, []), done.out
    assert [(lane["case"], lane["launch"]) for lane in tool.events("lane")] == [
        (case, launch) for launch in range(3) for case in range(2)
    ]
    for case in range(2):
        samples = tool.measured(case)
        assert [sample["round"] for sample in samples] == [1, 2, 3, 4, 5, 6]
        assert [sample.get("launch", 0) for sample in samples] == [0, 0, 1, 1, 2, 2]
        assert {sample["tasks_run"] for sample in samples} == {samples[0]["tasks_expected"]}
    tool.wait_until_nothing_is_left()


def test_it_goes_on_until_it_is_precise_or_the_budget_is_spent(tool: Tool) -> None:
    done = tool.run("schedulers", *TINY, *BOTH, "--precision", "30%", "--budget", "60s")
    assert (done.code, done.complaints) == (0, []), done.out
    assert "precision" in done.said
    (ended,) = tool.events("suite-finished")
    rounds = [{sample["round"] for sample in tool.measured(case)} for case in range(2)]
    assert ended["rounds"] == len(rounds[0]) >= 15
    assert rounds[1] <= rounds[0]  # the baseline is beside the others in every round
    tool.wait_until_nothing_is_left()


def test_a_slow_down_that_is_injected_is_in_the_times(tool: Tool) -> None:
    """Twice as slow is found by far; it is the other lanes' work that must not change."""
    size = ("--n", "20000", "--tasks", "10", "--schedulers", "synchronous", "--slowdown", "100%")
    done = tool.run("calibrate", *size, "--comparisons", "1", "--launches", "5", "--rounds", "3")
    assert (done.code, done.complaints) == (0, []), done.out
    (calibration,) = tool.results()["calibrations"]
    assert calibration["false_alarms"]["of"] == calibration["found"][0]["of"] == 1
    times = [[s["wall_s"] / s.get("loops", 1) for s in tool.measured(case)] for case in range(3)]
    assert [len(one) for one in times] == [15, 15, 15]
    assert median(times[2]) > 1.4 * median(times[0])
    tool.wait_until_nothing_is_left()
    doctor = tool.run("doctor")
    assert "calc_mean n=20000 tasks=10 rng=legacy on synchronous" in doctor.out
    assert "in 1 comparison" in doctor.said
