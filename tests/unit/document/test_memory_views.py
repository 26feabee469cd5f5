"""What workers held: in words, as a drawing, as CSV and JSON."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from daskbench.document import Section
from daskbench.document.memory import chart_of, section_of
from daskbench.events import Event, Happening, Reading, WorkerEvent
from daskbench.experiments.report import Report
from daskbench.formats import Page
from daskbench.formats.drawing import EVENTS, LINE, draw, drawing, events_legend
from daskbench.stats.memory import CaseMemory, WorkerMemory
from tests.unit.builders import (
    make_case,
    make_event,
    make_lane,
    make_plan,
    make_reading,
    make_report,
    make_suite,
    render,
    render_file,
    timed,
)

MANAGED, UNMANAGED, RECENT = "█▒░"
MIB = 1 << 20
THRESHOLDS = {"target": 0.6, "spill": 0.7, "pause": 0.8, "terminate": 0.95}
LIMIT = 1000 * MIB
HEADER = (
    "time_s,worker,process_bytes,managed_bytes,unmanaged_bytes,unmanaged_recent_bytes,"
    "spilled_bytes,state,span_s,written_bytes,monitor_bytes,read_bytes,write_s,read_s,"
    "shuffle_written_bytes,shuffle_read_bytes,"
    "case,case_number"
)


def worker(*readings: Reading, name: str = "0", events: Sequence[WorkerEvent] = ()) -> WorkerMemory:
    return WorkerMemory(name, readings or (make_reading(),), events)


def case(
    *workers: WorkerMemory,
    limit: int | None = LIMIT,
    thresholds: dict[str, float] = THRESHOLDS,
) -> CaseMemory:
    return CaseMemory(0, "distributed × 2", limit, thresholds, workers or (worker(),))


def titles(section: Section) -> list[str]:
    return [column.title for column in section.tables[0].columns]


def cells(section: Section) -> list[list[str]]:
    return section.tables[0].texts()


def drawn(one: CaseMemory, held: WorkerMemory, width: int) -> list[str]:
    return draw(chart_of(one, held), width)


def words(one: CaseMemory) -> str:
    return "\n".join(section_of(one).lines)


# Words


def test_nothing_was_reached_and_nothing_went_to_disk() -> None:
    assert words(case()) == (
        "Target (60%, 600 MiB managed) was not reached: peak 60 MiB. "
        "Spill (70%, 700 MiB process) was not reached: peak 100 MiB. "
        "Pause (80%, 800 MiB process) was not reached: peak 100 MiB. "
        "Terminate (95%, 950 MiB process) was not reached: peak 100 MiB. "
        "Nothing went to disk."
    )


def test_what_only_a_nanny_saw_crosses_the_levels_below_it_too() -> None:
    """Seen: "spill was not reached: 266 MiB at most", of a worker that was ended at 590 MiB."""
    ended = WorkerEvent(0, 1.5, "0", "terminated", rss_bytes=960 * MIB)
    one = case(worker(make_reading(1.0), make_reading(2.0), events=[ended]))
    text = words(one)
    assert "Spill (70%, 700 MiB process) was crossed by worker 0" in text
    assert "Pause (80%, 800 MiB process) was crossed by worker 0" in text
    assert "no worker was observed to pause" in text
    assert "managed) was not reached: peak 60 MiB" in text
    assert cells(section_of(one))[0][1].startswith("960 MiB (")


def test_without_a_limit_nothing_is_done_about_memory() -> None:
    assert words(case(limit=None)) == (
        "the workers have no memory limit, so they never spill or pause"
    )


def test_a_limit_that_no_lane_told_is_not_called_none() -> None:
    """Seen: "no memory limit" of workers whose collection failed with a missing module."""
    one = CaseMemory(0, "distributed × 2", None, {}, (worker(),), is_limit_unknown=True)
    assert words(one) == "the limit of its workers is unknown, as it failed to start"


def test_thresholds_that_are_off_are_told() -> None:
    off = THRESHOLDS | {"target": 0.0, "pause": 0.0}
    text = words(case(thresholds=off))
    assert text.startswith("Target was off. Spill (70%, 700 MiB process) was not reached")
    assert ". Pause was off. Terminate (95%" in text


def test_what_was_too_short_to_be_seen_is_not_drawn() -> None:
    """Seen: full bars from 0 s to 0 s, and 60.9 MiB at most beside 321 MiB for the lane."""
    one = case(worker(make_reading(1.0, span_s=0.0)))
    section = section_of(one)
    assert section.charts == []
    assert words(one).startswith("too short to be seen")
    assert words(one).endswith("or more work")
    assert "not reached" not in words(one)
    assert "went to disk" not in words(one)


def test_thresholds_that_are_not_known_are_not_told() -> None:
    assert words(case(thresholds={})) == "Nothing went to disk."


def test_target_and_spill_tell_what_they_moved() -> None:
    readings = [
        make_reading(1.0),
        make_reading(1.5, managed=610, written_bytes=30 * MIB, write_s=0.5),
        make_reading(2.0, managed=650, written_bytes=5 * MIB, monitor_bytes=5 * MIB, write_s=0.5),
        make_reading(2.5, read_bytes=2 * MIB, read_s=1.0),
    ]
    text = words(case(worker(*readings)))
    assert (
        "Target (60%, 600 MiB managed) was crossed by worker 0 after 500 ms: "
        "30 MiB spilled because of it. "
        "Spill (70%, 700 MiB process) was crossed by worker 0 after 1 s: "
        "5 MiB spilled because of it. "
    ) in text
    assert text.endswith(
        "35 MiB in all was written to disk and 2 MiB read back, which took the workers 2 s."
    )


def test_a_threshold_that_found_nothing_to_move() -> None:
    """All that a worker held was unmanaged."""
    text = words(case(worker(make_reading(), make_reading(1.5, managed=0, unmanaged=720))))
    assert (
        "Spill (70%, 700 MiB process) was crossed by worker 0 after 500 ms: nothing spilled" in text
    )
    assert "Nothing went to disk." in text


def test_several_workers_crossed_it() -> None:
    full = make_reading(1.5, managed=700)
    both = (
        worker(make_reading(), make_reading(1.4, span_s=0.4), full, name="0"),
        worker(make_reading(1.2), make_reading(1.5, managed=700, span_s=0.3), name="7"),
    )
    assert "was crossed by 2 workers, 7 first, after 300 ms" in words(case(*both))


@pytest.mark.parametrize(("times", "said"), [(1, "once, for 250"), (2, "2 times, for 500")])
def test_pauses_are_counted_and_timed(times: int, said: str) -> None:
    readings = [make_reading(), make_reading(2.0, state="paused", span_s=1.0)]
    events = [make_event("paused", 1.25), make_event("resumed", 1.5)] * times
    text = words(case(worker(*readings, events=events)))
    assert f"was crossed by worker 0 after 250 ms: paused {said} ms in all." in text


def test_a_nanny_that_ended_its_worker_says_what_it_held() -> None:
    ends = [make_event("terminated", 1.1, rss_bytes=held * MIB) for held in (960, 990)]
    assert (
        "Terminate (95%, 950 MiB process) was crossed by worker 0 after 100 ms: a nanny terminated "
        "its worker 2 times, at up to 990 MiB, and the worker's data was lost."
    ) in words(case(worker(make_reading(), events=ends)))


def test_a_worker_above_terminate_that_lived_on() -> None:
    text = words(case(worker(make_reading(), make_reading(1.5, managed=960))))
    assert "Terminate (95%, 950 MiB process) was crossed by worker 0 after 500 ms: no nanny" in text


def test_readings_that_do_not_add_up_are_told() -> None:
    odd = make_reading(process_bytes=1)
    assert "\n2 readings have categories that don't add up" in words(case(worker(odd, odd)))
    assert "\n1 reading has categories that don't add up" in words(case(worker(odd)))


# The table


def test_a_row_has_peaks_means_states_and_the_disk() -> None:
    readings = [
        make_reading(written_bytes=3 * MIB, write_s=0.25, spilled_bytes=2 * MIB),
        make_reading(1.5, managed=160, state="paused", read_bytes=MIB, read_s=0.25),
    ]
    events = [make_event("restarted")]
    section = section_of(case(worker(*readings, events=events), worker(name="1")))
    assert section.heading == "memory of distributed × 2, limit 1000 MiB per worker"
    first, second = (dict(zip(titles(section), row, strict=True)) for row in cells(section))
    assert first == {
        "worker, peak (mean)": "0",
        "process": "200 MiB (150 MiB)",
        "managed": "160 MiB (110 MiB)",
        "unmanaged": "30 MiB (30 MiB)",
        "recent": "10 MiB (10 MiB)",
        "on disk": "2 MiB (1 MiB)",
        "running": "500 ms",
        "paused": "500 ms",
        "spilled": "3 MiB",
        "read back": "1 MiB",
        "disk time": "500 ms",
        "restarts": "1",
    }
    assert second["paused"] == "0 s"
    assert [second[name] for name in ("on disk", "spilled", "read back", "restarts")] == ["-"] * 4


def test_what_comes_back_of_an_earlier_time_is_shown() -> None:
    """It was written before the first reading, or by a worker that died."""
    section = section_of(case(worker(make_reading(read_bytes=MIB, read_s=0.5))))
    row = dict(zip(titles(section), cells(section)[0], strict=True))
    assert (row["spilled"], row["read back"], row["disk time"]) == ("-", "1 MiB", "500 ms")


def test_what_shuffles_wrote_is_shown_beside_what_was_spilled() -> None:
    shuffled = make_reading(shuffle_written_bytes=3 * MIB)
    section = section_of(case(worker(shuffled), worker(name="1")))
    rows = [dict(zip(titles(section), row, strict=True)) for row in cells(section)]
    assert [(row["spilled"], row["shuffled"]) for row in rows] == [("-", "3 MiB"), ("-", "0 B")]
    said = words(case(worker(shuffled)))
    assert "Target (60%, 600 MiB managed) was not reached" in said
    assert "Nothing was spilled. Shuffles wrote 3 MiB to disk" in said


# The drawing


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


# Views of a run

EVENTS_OF_RUN: tuple[Event, ...] = (
    make_lane(0, workers=2, memory_limit_bytes=LIMIT, thresholds=THRESHOLDS),
    make_reading(1.0, written_bytes=5, monitor_bytes=2, read_bytes=1, write_s=0.5, read_s=0.25),
    make_event("spill-began", 1.0),
    make_reading(1.5, "=cmd()", managed=700, spilled_bytes=9 * MIB, state="paused"),
    make_event("terminated", 1.6, "=cmd()", rss_bytes=99),
    *timed(0, [1.0, 1.1, 1.2]),
    *timed(1, [1.0, 1.1, 1.2]),
)


def report_of(folder: Path, *events: Event) -> Report:
    plan = make_plan(make_suite(make_case("distributed", 2), make_case("numpy"), memory=True))
    return make_report(folder, events or EVENTS_OF_RUN, plan)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_timeline_as_csv(tmp_path: Path) -> None:
    text = render_file("timeline", report_of(tmp_path))
    assert text.split("\r\n")[0] == HEADER
    first, second = rows_of(text)
    assert first == {
        "time_s": "1.0",
        "worker": "0",
        "process_bytes": str(100 * MIB),
        "managed_bytes": str(60 * MIB),
        "unmanaged_bytes": str(30 * MIB),
        "unmanaged_recent_bytes": str(10 * MIB),
        "spilled_bytes": "0",
        "state": "running",
        "span_s": "0.5",
        "written_bytes": "5",
        "monitor_bytes": "2",
        "read_bytes": "1",
        "write_s": "0.5",
        "read_s": "0.25",
        "shuffle_written_bytes": "0",
        "shuffle_read_bytes": "0",
        "case": "distributed × 2",
        "case_number": "0",
    }
    assert (second["worker"], second["state"]) == ("'=cmd()", "paused"), "no formula"


def test_the_events_as_csv(tmp_path: Path) -> None:
    text = render_file("events", report_of(tmp_path))
    assert text.split("\r\n")[0] == "time_s,worker,event,rss_bytes,case,case_number"
    found = [(row["time_s"], row["event"], row["rss_bytes"]) for row in rows_of(text)]
    assert found == [("1.0", "spill-began", ""), ("1.6", "terminated", "99")]


def test_without_events_the_csv_is_a_header(tmp_path: Path) -> None:
    report = report_of(tmp_path, make_lane(), make_reading())
    assert rows_of(render_file("events", report)) == []
    assert render_file("events", report).startswith("time_s,worker,event,")


def test_json_holds_the_timeline_where_there_is_one(tmp_path: Path) -> None:
    first, second = json.loads(render("json", report_of(tmp_path)))["cases"]
    assert first["thresholds"] == THRESHOLDS
    assert first["worker_memory_limit_bytes"] == LIMIT
    assert list(first["timeline"][0]) == HEADER.split(",")[:-2]
    assert [reading["time_s"] for reading in first["timeline"]] == [1.0, 1.5]
    assert first["worker_events"][1] == {
        "time_s": 1.6,
        "worker": "=cmd()",
        "event": "terminated",
        "rss_bytes": 99,
    }
    for name in ("timeline", "worker_events", "thresholds", "worker_memory_limit_bytes"):
        assert name not in second


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_the_table_shows_the_section_on_any_page(tmp_path: Path, width: int) -> None:
    text = render("table", report_of(tmp_path), Page(width))
    assert max(cell_len(line) for line in text.splitlines()) <= width
    said = " ".join(text.split())
    assert "memory of distributed × 2, limit 1000 MiB per worker" in said
    assert "was crossed by worker =cmd() after 100 ms" in said
    assert "…" not in text
    for word in ("process", "on disk", "restarts", "T terminated by its nanny", MANAGED):
        assert word in said


@pytest.mark.parametrize("view", ["plain", "markdown"])
def test_other_views_have_table_and_words(tmp_path: Path, view: str) -> None:
    text = render(view, report_of(tmp_path), Page(80))
    assert "memory of distributed × 2" in text
    assert "Terminate (95%, 950 MiB process) was crossed by worker =cmd()" in text
    assert MANAGED not in text


def test_a_run_without_readings_shows_no_memory_of_workers(tmp_path: Path) -> None:
    for view in ("table", "plain", "markdown"):
        text = render(view, report_of(tmp_path / view, *timed(0, [1.0])), Page(80))
        assert "memory of" not in text
