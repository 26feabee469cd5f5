"""What the difference of two sides consists of: parts that add up to what accounts differ by."""

from pathlib import Path

import msgspec

from daskbench.events import Event
from daskbench.experiments.ab.findings import remarks
from daskbench.experiments.ab.rows import compare_runs
from daskbench.journal.run import Run
from daskbench.model import Side
from tests.unit.builders import (
    make_accounted,
    make_case,
    make_plan,
    make_report,
    make_run,
    make_suite,
    render,
    timed,
)

Row = tuple[float, dict[str, float]]
PLAIN: Row = (1.0, {"computing": 1.5, "scheduling": 0.5})


def told(folder: Path, a: Row, b: Row, took_s: float | None = None) -> str:
    """What is said of two sides; B takes so long in its account, or as long as in its samples."""
    sides = [msgspec.structs.replace(make_case(workers=2), side=Side(name)) for name in ("A", "B")]
    events: list[Event] = []
    for number, (seconds, causes) in enumerate((a, b)):
        events += timed(number, [seconds * (1 + 0.001 * n) for n in range(8)])
        whole_s = took_s if took_s and number else seconds
        if causes:
            events += [make_accounted(number, whole_s, 2, **causes) for _ in range(3)]
    report = make_report(folder, events, make_plan(make_suite(*sides, rounds=8)))
    return " ".join(render("plain", report).split())


def test_the_difference_of_two_sides_is_attributed(tmp_path: Path) -> None:
    text = told(tmp_path, PLAIN, (1.2, {"computing": 1.5, "scheduling": 0.9}))
    assert "B is 201 ms slower [+" in text
    assert "; by their accounts, +200 ms: +200 ms scheduling" in text


def test_parts_that_are_not_named_are_told_as_a_sum(tmp_path: Path) -> None:
    many = {"computing": 1.72, "scheduling": 0.6, "moving": 0.2, "disk": 0.2, "graph": 0.1}
    text = told(tmp_path, PLAIN, (1.5, {**many, "starting": 0.12}))
    parts = "+110 ms computing, +100 ms moving data, +100 ms disk, +60 ms starting, +130 ms others"
    assert f"by their accounts, +500 ms: {parts}" in text


def test_accounts_that_contradict_the_samples_are_not_taken_for_an_explanation(
    tmp_path: Path,
) -> None:
    b = (1.2, {"computing": 1.3, "scheduling": 0.4})
    text = told(tmp_path, PLAIN, b, took_s=0.85)
    parts = "-100 ms computing, -50 ms scheduling"
    assert "slower [+" in text
    assert f"; their accounts do not show that difference, -150 ms: {parts}" in text


def test_a_difference_that_is_not_shown_is_not_claimed(tmp_path: Path) -> None:
    text = told(tmp_path, PLAIN, (1.0, {"computing": 1.5, "scheduling": 0.5}))
    assert "B may be 0 s " in text
    assert "+0 s: +0 s unexplained" in text


def test_two_runs_of_one_launch_each_are_attributed_without_an_interval(tmp_path: Path) -> None:
    def run(name: str, seconds: float, **causes: float) -> Run:
        events: list[Event] = [*timed(0, [seconds] * 6)]
        events += [make_accounted(0, seconds, 2, **causes) for _ in range(3)]
        plan = make_plan(make_suite(make_case(workers=2)))
        return make_run(tmp_path / name, events, plan)

    runs = run("a", 1.0, computing=1.5, scheduling=0.5), run("b", 1.25, computing=2.5)
    lines = remarks(compare_runs(*runs))
    parts = "+500 ms computing, -250 ms scheduling"
    assert f"B may be 250 ms slower; by their accounts, +250 ms: {parts}" in str(lines[0])


def test_a_side_without_an_account_is_told(tmp_path: Path) -> None:
    text = told(tmp_path, PLAIN, (1.2, {}))
    assert "only A has an account, so no difference is attributed: threads × 2" in text
    assert "attributed" not in told(tmp_path / "none", (1.0, {}), (1.2, {}))
