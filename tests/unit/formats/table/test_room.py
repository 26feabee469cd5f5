"""What a table does where there is little room: shorter figures, names in groups, folded names."""

import re
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from daskbench.document import Column, Row
from daskbench.document.chart import Bar
from daskbench.document.writers import Timing, short, shorter
from daskbench.events import CaseFailed, Event
from daskbench.experiments.ab.rows import Comparisons, compare_runs, compare_sides
from daskbench.experiments.report import Report
from daskbench.formats import Page
from tests.unit.builders import (
    make_compressed_case,
    make_lane,
    make_plan,
    make_report,
    make_svd_suite,
    render_comparison,
    timed,
)
from tests.unit.experiments.compared import runs_of, sided
from tests.unit.formats.table.test_table import shown, toy

MEAN: Column[Any] = Column("mean_s", "mean ± std", short, narrow=shorter)


def compressed(folder: Path, *iterations: int, workers: tuple[int, ...] = (2,)) -> Report:
    """Five rounds of svd_compressed, as long as a lesson's, with a spread of a tenth."""
    cases = [make_compressed_case(w, power_iterations=i) for w in workers for i in iterations]
    events: list[Event] = []
    for number, case in enumerate(cases):
        times = [0.387 * (1 + number / 3) * noise for noise in (0.9, 1.1, 1.0, 0.95, 1.05)]
        figures = {"error": 0.28 / (number + 1)}
        events += [make_lane(number, workers=case.workers)]
        events += timed(number, times, figures=figures)
    return make_report(folder, events, make_plan(make_svd_suite(*cases)))


@pytest.mark.parametrize(
    ("iterations", "workers"), [((0,), (1, 2)), ((0, 2, 4), (2,)), ((0, 2, 4), (1, 2))]
)
def test_accuracy_takes_no_bar_away(
    tmp_path: Path, iterations: tuple[int, ...], workers: tuple[int, ...]
) -> None:
    lines = shown(compressed(tmp_path, *iterations, workers=workers))
    assert max(map(cell_len, lines)) <= 80
    rows = [line for line in lines if re.search(r"\d ± \d", line)]
    assert len(rows) == len(iterations) * len(workers)
    assert all("█" in row and re.search(r"\de-0?\d$", row) for row in rows)
    [head] = [line for line in lines if line.endswith("  error")]
    assert re.search(r"mean ± std +ratio \[95 % CI\] +verdict", head)


def test_a_place_stands_once_above_its_rows(tmp_path: Path) -> None:
    lines = shown(compressed(tmp_path, 0, 2, workers=(1, 2)))
    places = [line for line in lines if re.fullmatch(r"distributed × \d", line)]
    assert places == ["distributed × 1", "distributed × 2"]
    below = [line.split("  ")[1] for line in lines if line.startswith("  power")]
    assert below == ["power iterations 0", "power iterations 2"] * 2


def test_groups_whose_rows_have_no_room_leave_no_head() -> None:
    more: Column[Any] = Column("more", "more", shown="room")
    long = "a place of a very long name"
    rows = [Row([f"{long}, {n}", None, "m" * 30], bar=Bar(1.0)) for n in (1, 2)]
    rows += [Row([f"another, {n}", "1 s", None], bar=Bar(1.0)) for n in (1, 2)]
    lines = shown(toy(*rows, columns=(more,)), 30)
    assert not any(long in line for line in lines)
    assert lines[2] == "another"


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("name", ["n" * 300, "解析" * 30, "a long name of words " * 4])
def test_names_are_folded_rather_than_bars_given_up(width: int, name: str) -> None:
    timing = Timing(0.387, 0.0518, 5, 1)
    rows = [Row([f"{n} {name}", "1 s", timing], bar=Bar(1.0)) for n in (1, 2)]
    lines = shown(toy(*rows, columns=(MEAN,)), width)
    assert max(map(cell_len, lines)) <= width
    assert sum("█" in line for line in lines) == len(rows)


def test_a_deviation_shares_the_unit_of_its_mean_where_that_is_shorter() -> None:
    said = {
        (0.387, 0.0518): "387 ± 52 ms",
        (1.95, 0.31): "1.95 ± 0.31 s",
        (0.352, 925e-6): "352 ± 0.93 ms",
        (0.352, 9.25e-8): "352 ms ± 92.5 ns",
        (5400.0, 700.0): "1.5 ± 0.19 h",
        (3e-9, 1e-9): "3 ± 1.0 ns",
    }
    assert {given: shorter(Timing(*given, 5, 1)) for given in said} == said
    assert shorter(Timing(0.387, None, 1, 1)) == "387 ms"


def both_sides(folder: Path, *, gate: bool, failed: bool = False) -> Comparisons:
    if not gate:
        found = compare_sides(sided(folder, [0.521, 0.1], [0.556, 0.1]))
        assert found
        return found
    a, b = runs_of(folder, [0.521, 0.1], [0.556, 0.1])
    if failed:
        b.failures[1] = CaseFailed(1, "in round 3", "gone")
    return compare_runs(a, b, limit=0.05)


@pytest.mark.parametrize("gate", [False, True])
@pytest.mark.parametrize("failed", [False, True])
def test_both_sides_are_in_one_line_at_80_columns(tmp_path: Path, gate: bool, failed: bool) -> None:
    text = render_comparison("table", both_sides(tmp_path, gate=gate, failed=failed), Page(80))
    lines = text.splitlines()
    assert max(map(cell_len, lines)) <= 80
    [head] = [line for line in lines if line.startswith("case")]
    last = "gate" if gate else "verdict"
    assert re.search(rf"A mean ± std +B mean ± std +B/A \[95 % CI\] +{last}", head)
    [row] = [line for line in lines if line.startswith("threads × 1")]
    assert re.search(r"521 .*556 .*1\.067 \[1\.0\d\d, 1\.\d\d\d\]  \w", row)
