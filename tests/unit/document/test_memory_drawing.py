"""The drawing of what a worker held."""

from collections.abc import Sequence
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from daskbench.document.memory import chart_of, section_of
from daskbench.events import Happening
from daskbench.formats.drawing import EVENTS, LINE, draw, drawing, events_legend
from daskbench.stats.memory import CaseMemory, WorkerMemory
from tests.unit.builders import (
    make_event,
    make_reading,
)
from tests.unit.document.memory_cases import (
    LIMIT,
    MANAGED,
    MIB,
    RECENT,
    THRESHOLDS,
    UNMANAGED,
    case,
    worker,
)


def drawn(one: CaseMemory, held: WorkerMemory, width: int) -> list[str]:
    return draw(chart_of(one, held), width)


def chart(lines: Sequence[str]) -> list[str]:
    """The rows between axis and labels, from the bottom up."""
    return [line.partition("│")[2] for line in lines if "│" in line][::-1]


def check_drawing(lines: Sequence[str], width: int) -> None:
    """It fits its page, and each column is a stack: managed, unmanaged, recent, nothing."""
    assert all(cell_len(line) <= width for line in lines)
    assert len({line.index("│") for line in lines if "│" in line}) == 1
    (base,) = (line for line in lines if "└" in line)
    columns = base.count("─")
    assert columns >= 10
    rows = [row.ljust(columns)[:columns] for row in chart(lines)]
    order = MANAGED + UNMANAGED + RECENT
    for stack in zip(*rows, strict=True):
        found = [order.find(cell) if cell in order else len(order) for cell in stack]
        assert found == sorted(found), stack


SIZES = st.integers(0, 1 << 45)
READINGS = st.lists(
    st.tuples(SIZES, SIZES, SIZES, SIZES, st.floats(0, 1e5), st.floats(0, 1e5)),
    min_size=1,
    max_size=40,
)
PARTS = st.one_of(st.just(0.0), st.floats(0.01, 1.0))
HAPPENINGS = st.lists(st.tuples(st.sampled_from(get_args(Happening)), st.floats(0, 1e7)))


@given(
    READINGS,
    st.one_of(st.none(), st.integers(1, 1 << 45)),
    st.fixed_dictionaries(dict.fromkeys(THRESHOLDS, PARTS)),
    HAPPENINGS,
    st.integers(40, 200),
)
def test_any_drawing_fits_its_page_and_is_a_stack(
    found: list[tuple[int, int, int, int, float, float]],
    limit: int | None,
    thresholds: dict[str, float],
    happened: list[tuple[Happening, float]],
    width: int,
) -> None:
    at_s, readings = 0.0, []
    for managed, unmanaged, recent, spilled, span_s, frozen_s in found:
        at_s += span_s + frozen_s
        sizes: dict[str, Any] = {
            "process_bytes": managed + unmanaged + recent,
            "managed_bytes": managed,
            "unmanaged_bytes": unmanaged,
            "unmanaged_recent_bytes": recent,
            "spilled_bytes": spilled,
        }
        readings.append(make_reading(at_s, span_s=span_s, **sizes))
    events = [make_event(what, when) for what, when in happened]
    one = worker(*readings, events=events)
    lines = drawn(case(one, limit=limit, thresholds=thresholds), one, width)
    check_drawing(lines, width)
    if width >= 100 and limit and one.peak_bytes("process") >= limit:
        text = "\n".join(lines)
        assert all(f"{name} {part:.0%}" in text for name, part in thresholds.items() if part)


def test_the_stack_stands_for_what_was_held() -> None:
    one = worker(make_reading(managed=500, unmanaged=200, recent=100))
    rows = chart(drawn(case(one), one, 80))
    assert len(rows) == 10
    assert [row[0] for row in rows] == [MANAGED] * 5 + [UNMANAGED] * 2 + [RECENT] + [LINE, LINE]
    assert [row.split()[-1] for row in rows[6:8]] == ["60%", "70%"]
    assert rows[8].endswith("pause 80%")
    assert rows[9].endswith("terminate 95%")


def test_a_threshold_at_the_limit_is_drawn_in_the_top_row() -> None:
    one = worker()
    assert chart(drawn(case(one, thresholds={"spill": 1.0}), one, 80))[-1].endswith("spill 100%")


def test_thresholds_of_one_row_stand_beside_each_other_whole() -> None:
    one = worker(make_reading(managed=4900))
    lines = drawn(case(one), one, 80)
    assert any(line.endswith("target 60%, spill 70%, pause 80%, terminate 95%") for line in lines)
    check_drawing(lines, 80)


@pytest.mark.parametrize("limit", [None, LIMIT])
def test_one_reading_alone_fills_the_chart(limit: int | None) -> None:
    one = worker(make_reading(7.0))
    lines = drawn(case(one, limit=limit), one, 60)
    check_drawing(lines, 60)
    assert set(chart(lines)[0].split()[0]) == {MANAGED}
    assert lines[-1].split() == ["0", "s", "0", "s"]


def test_spans_of_nothing_make_a_chart_all_the_same() -> None:
    one = worker(*(make_reading(at_s, span_s=0.0) for at_s in (1.0, 2.0, 3.0)))
    check_drawing(drawn(case(one), one, 80), 80)


def test_a_worker_that_held_nothing() -> None:
    one = worker(make_reading(managed=0, unmanaged=0, recent=0))
    for limit in (None, LIMIT):
        check_drawing(drawn(case(one, limit=limit), one, 80), 80)


def test_a_size_of_nine_characters_leaves_the_axis_straight() -> None:
    one = worker()
    check_drawing(drawn(case(one, limit=1020 * MIB), one, 80), 80)


@pytest.mark.parametrize(("limit", "whole"), [(1999, True), (2001, False)])
def test_far_below_the_limit_the_chart_ends_with_what_was_held(limit: int, whole: bool) -> None:
    """Else it would be empty."""
    one = worker(make_reading(managed=60, unmanaged=30, recent=10))
    lines = drawn(case(one, limit=limit * MIB), one, 80)
    check_drawing(lines, 80)
    assert any("target 60%" in line for line in lines) == whole
    assert lines[0].split()[:2] == (["1.76", "GiB"] if whole else ["90", "MiB"])
    assert [row[:1] for row in chart(lines)].count(UNMANAGED) == (0 if whole else 3)


def test_what_is_on_disk_has_a_line_of_its_own() -> None:
    readings = [make_reading(float(i), span_s=1.0, spilled_bytes=i * MIB) for i in range(9)]
    one = worker(*readings)
    off = drawn(case(one, thresholds={}), one, 60)
    (line,) = [line for line in off if line.strip().startswith("on disk")]
    assert line.endswith("█ 8 MiB")
    assert list(dict.fromkeys(line.split("disk")[1].split("8 MiB")[0].strip())) == list("▁▂▃▄▅▆▇█")
    dry = worker()
    assert not any("on disk" in line for line in drawn(case(dry), dry, 60))


@pytest.mark.parametrize("what", get_args(Happening))
def test_every_event_has_its_letter_and_the_letter_its_meaning(what: Happening) -> None:
    one = worker(make_reading(1.0), make_reading(2.0, span_s=1.0), events=[make_event(what, 1.5)])
    letter, width = EVENTS[what], 75
    (line,) = [line for line in drawn(case(one), one, width) if line.strip().startswith("events")]
    assert line.split() == ["events", letter]
    assert 30 <= line.rindex(letter) <= 40
    assert events_legend([chart_of(case(one), one)]).startswith(f"{letter} ")
    assert len(set(EVENTS.values())) == len(EVENTS)


def test_of_events_on_one_place_the_gravest_is_seen() -> None:
    events = [make_event(what, 1.0) for what in get_args(Happening)]
    one = worker(events=events)
    (line,) = [line for line in drawn(case(one), one, 80) if line.strip().startswith("events")]
    assert line.split() == ["events", "T"]
    assert events_legend([chart_of(case(one), one)]).count(",") == len(EVENTS) - 1


def test_only_the_fullest_are_drawn_and_the_others_are_told_of() -> None:
    held = ((0, 10), (1, 90), (2, 20), (3, 80))
    workers = [worker(make_reading(managed=size), name=str(number)) for number, size in held]
    lines = drawing(section_of(case(*workers)), 80)
    assert [line for line in lines if line.startswith("worker ")] == ["worker 1", "worker 3"]
    assert lines[-1] == "2 workers with lower peaks are not drawn"
    assert drawing(section_of(case(*workers[:3])), 80)[-1].startswith("1 worker with")
