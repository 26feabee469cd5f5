"""What workers held: in words, as a table, as CSV and JSON."""

import csv
import io
import json
from pathlib import Path

import pytest
from rich.cells import cell_len

from daskbench.document import Section
from daskbench.document.memory import section_of
from daskbench.events import Event, WorkerEvent
from daskbench.experiments.report import Report
from daskbench.formats import Page
from daskbench.stats.memory import CaseMemory
from tests.unit.builders import make_event, make_lane, make_reading, render, render_file, timed
from tests.unit.document.memory_cases import (
    LIMIT,
    MANAGED,
    MIB,
    THRESHOLDS,
    case,
    memory_report,
    worker,
)

HEADER = (
    "time_s,worker,process_bytes,managed_bytes,unmanaged_bytes,unmanaged_recent_bytes,"
    "spilled_bytes,state,span_s,written_bytes,monitor_bytes,read_bytes,write_s,read_s,"
    "shuffle_written_bytes,shuffle_read_bytes,"
    "case,case_number"
)


def titles(section: Section) -> list[str]:
    return [column.title for column in section.tables[0].columns]


def cells(section: Section) -> list[list[str]]:
    return section.tables[0].texts()


def words(one: CaseMemory) -> str:
    return "\n".join(map(str, section_of(one).lines))


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
    return memory_report(folder, events or EVENTS_OF_RUN)


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
    text = render("table", report_of(tmp_path), Page(width, columns=("all",), explain=True))
    assert max(cell_len(line) for line in text.splitlines()) <= width
    said = " ".join(text.split())
    assert "memory of distributed × 2, limit 1000 MiB per worker" in said
    assert "was crossed by worker =cmd() after 100 ms" in said
    assert "…" not in text
    for word in ("process", "on disk", "T terminated by its nanny", MANAGED):
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
