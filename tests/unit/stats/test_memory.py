"""What workers held: its statistics."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.events import Event, Happening, Reading, WorkerEvent
from daskbench.stats.memory import (
    CATEGORIES,
    CaseMemory,
    WorkerMemory,
    bytes_of,
    evicted_bytes,
)
from tests.unit.builders import make_event, make_lane, make_reading, timed
from tests.unit.document.memory_cases import MIB, THRESHOLDS, memory_report

SIZES = st.integers(0, 2000)
SPANS = st.floats(0.0, 100.0)


def held_by(*readings: Reading, events: Sequence[WorkerEvent] = ()) -> WorkerMemory:
    return WorkerMemory("0", readings, events)


def memory_in(folder: Path, *events: Event) -> list[CaseMemory]:
    return memory_report(folder, events).memory


# One worker


def test_a_mean_weighs_each_reading_by_its_span() -> None:
    worker = held_by(make_reading(1, managed=10, span_s=3.0), make_reading(2, managed=90))
    assert worker.mean_bytes("managed") == pytest.approx((10 * 3 + 90 * 0.5) / 3.5 * MIB)


def test_without_spans_the_mean_is_the_peak() -> None:
    """Nothing is known of how long it was so."""
    worker = held_by(make_reading(managed=10, span_s=0.0), make_reading(managed=90, span_s=0.0))
    assert worker.mean_bytes("managed") == worker.peak_bytes("managed") == 90 * MIB


def test_nobody_held_anything() -> None:
    assert held_by().peak_bytes("process") == held_by().mean_bytes("process") == 0
    assert held_by().states == {"running": 0.0}


@given(st.lists(st.tuples(SIZES, SIZES, SIZES, SPANS), min_size=1, max_size=30))
def test_a_mean_lies_between_the_least_and_the_most(
    found: list[tuple[int, int, int, float]],
) -> None:
    readings = [
        make_reading(managed=a, unmanaged=b, recent=c, span_s=span_s) for a, b, c, span_s in found
    ]
    worker = held_by(*readings)
    for category in CATEGORIES:
        sizes = [bytes_of(reading, category) for reading in readings]
        assert worker.peak_bytes(category) == max(sizes)
        mean = worker.mean_bytes(category)
        assert min(sizes) * (1 - 1e-9) <= mean <= max(sizes) * (1 + 1e-9)
    assert sum(worker.states.values()) == pytest.approx(sum(span_s for *_, span_s in found))
    assert worker.unbalanced == 0


def test_seconds_in_each_state_are_those_of_the_spans() -> None:
    spans = (("running", 1.0), ("paused", 2.0), ("running", 4.0), ("closing", 8.0))
    worker = held_by(*(make_reading(state=state, span_s=span_s) for state, span_s in spans))
    assert worker.states == {"running": 5.0, "paused": 2.0, "closing": 8.0}


TEN_S = [make_reading(1.0 + at_s, span_s=1.0) for at_s in range(11)]


@pytest.mark.parametrize(
    ("events", "paused_s"),
    [
        ([("paused", 2.0), ("resumed", 2.25), ("paused", 4.0), ("resumed", 4.5)], 0.75),
        ([("paused", 2.0), ("paused", 3.0), ("resumed", 4.0)], 2.0),
        ([("paused", 9.0)], 2.0),
        ([("resumed", 1.5), ("paused", 2.0), ("left", 3.0), ("restarted", 4.0)], 1.0),
        ([("paused", 99.0)], 0.0),
        ([("paused", 2.0), ("resumed", 99.0)], 11.0),
    ],
)
def test_a_pause_lasts_from_event_to_event(
    events: list[tuple[Happening, float]], paused_s: float
) -> None:
    """Readings alone would make each of them as long as the time between two readings."""
    worker = held_by(*TEN_S, events=[make_event(what, at_s) for what, at_s in events])
    assert worker.states == pytest.approx({"running": 11.0 - paused_s, "paused": paused_s})


def test_what_went_to_disk_is_due_to_one_threshold_or_the_other() -> None:
    reading = make_reading(written_bytes=100, monitor_bytes=30)
    assert [evicted_bytes(reading, name) for name in THRESHOLDS] == [70, 30, 0, 0]
    worker = held_by(reading, reading, make_reading())
    assert (worker.evicted_bytes("target"), worker.evicted_bytes("spill")) == (140, 60)
    assert worker.written_bytes == 200


def test_the_disk_took_the_time_of_writing_and_of_reading() -> None:
    worker = held_by(make_reading(write_s=1.5, read_s=0.5), make_reading(read_bytes=7, read_s=1.0))
    assert (worker.disk_s, worker.read_bytes) == (3.0, 7)


def test_readings_that_do_not_add_up_are_counted() -> None:
    worker = held_by(make_reading(), make_reading(process_bytes=1), make_reading(managed_bytes=1))
    assert worker.unbalanced == 2


def test_events_are_counted_by_what_happened() -> None:
    worker = held_by(events=[make_event("paused"), make_event("resumed"), make_event("paused")])
    assert [worker.count(what) for what in ("paused", "resumed", "left")] == [2, 1, 0]


# When thresholds were crossed

LEVEL = 80.0 * MIB


@pytest.mark.parametrize("threshold", ["spill", "pause", "terminate"])
def test_a_threshold_is_crossed_by_the_first_reading_above_it(threshold: str) -> None:
    held = ((2.0, 40), (3.0, 41), (4.0, 50))
    readings = [make_reading(at_s, managed=m, span_s=1.0) for at_s, m in held]
    assert held_by(*readings).first_at(threshold, LEVEL) == pytest.approx(1.0)
    assert held_by(*readings).first_at(threshold, 90.0 * MIB) is None, "at it is not above it"


def test_target_is_held_against_what_is_managed() -> None:
    readings = [make_reading(1.0, managed=80), make_reading(1.5, managed=81)]
    assert held_by(*readings).first_at("target", LEVEL) == pytest.approx(0.5)
    assert held_by(*readings[:1]).first_at("target", LEVEL) is None


@pytest.mark.parametrize(("threshold", "written", "monitor"), [("target", 9, 0), ("spill", 9, 9)])
def test_what_went_to_disk_tells_that_a_threshold_was_crossed(
    threshold: str, written: int, monitor: int
) -> None:
    """Between two readings it may be above and below again."""
    low = [make_reading(1.0), make_reading(1.5, written_bytes=written, monitor_bytes=monitor)]
    assert held_by(*low).first_at(threshold, 1e12) == pytest.approx(0.5)
    others = THRESHOLDS.keys() - {threshold}
    assert {held_by(*low).first_at(other, 1e12) for other in others} == {None}


@pytest.mark.parametrize(("threshold", "what"), [("pause", "paused"), ("terminate", "terminated")])
def test_an_event_tells_that_a_threshold_was_crossed(threshold: str, what: str) -> None:
    readings = [make_reading(1.0), make_reading(1.5), make_reading(2.0, managed=99)]
    worker = held_by(*readings, events=[make_event(what, 1.2)])  # type: ignore[arg-type]
    assert worker.first_at(threshold, LEVEL * 10) == pytest.approx(0.2)
    assert worker.first_at(threshold, 100.5 * MIB) == pytest.approx(0.2), "what came first"
    assert worker.first_at("spill", LEVEL * 10) is None


FROZEN = (make_reading(1.0), make_reading(1.5), make_reading(61.5), make_reading(62.0))


def test_time_that_was_frozen_does_not_count() -> None:
    awake_s = held_by(*FROZEN).awake_s
    assert [awake_s(one.at_s) for one in FROZEN] == pytest.approx([0, 0.5, 1.0, 1.5])
    full = make_reading(62.5, managed=500)
    assert held_by(*FROZEN, full).first_at("spill", LEVEL * 3) == pytest.approx(2.0)


def test_what_happens_between_two_readings_happens_after_the_thaw() -> None:
    awake_s = held_by(*FROZEN).awake_s
    assert [awake_s(at_s) for at_s in (30.0, 61.0, 61.3)] == pytest.approx([0.5, 0.5, 0.8])
    worker = held_by(*FROZEN, events=[make_event("paused", 61.3)])
    assert worker.first_at("pause", LEVEL * 9) == pytest.approx(0.8)


def test_before_the_first_reading_no_time_has_passed() -> None:
    assert held_by(make_reading(5.0)).awake_s(3.0) == 0.0
    assert held_by(make_reading(5.0)).awake_s(6.0) == 1.0


@given(
    st.lists(st.tuples(st.floats(0.01, 10), st.floats(0, 100)), min_size=1, max_size=30),
    st.lists(st.floats(0, 4000), max_size=30),
)
def test_awake_time_is_that_of_the_spans_and_never_runs_back(
    steps: list[tuple[float, float]], moments: list[float]
) -> None:
    """Each reading spans the time since the last one, without that for which it was frozen."""
    times = list(accumulate(span_s + frozen_s for span_s, frozen_s in steps))
    spans = [span_s for span_s, _ in steps]
    readings = [make_reading(at, span_s=span_s) for at, span_s in zip(times, spans, strict=True)]
    awake_s = held_by(*readings).awake_s
    expected = [span - spans[0] for span in accumulate(spans)]
    assert [awake_s(at_s) for at_s in times] == pytest.approx(expected, abs=1e-6)
    found = [awake_s(at_s) for at_s in sorted([*times, *moments])]
    assert all(0 <= one <= other + 1e-6 for one, other in pairwise(found))


# The workers of a case


def test_only_cases_with_readings_are_there(tmp_path: Path) -> None:
    both = [*timed(0, [1.0]), *timed(1, [1.0])]
    events: list[Event] = [make_lane(0), make_lane(1), make_reading(), *both]
    (case,) = memory_in(tmp_path, *events)
    assert (case.number, case.label) == (0, "distributed × 2")
    assert memory_in(tmp_path / "none", *timed(0, [1.0])) == []


def test_workers_stand_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    names = ["10", "w1", "2", "0", "a"]
    (case,) = memory_in(tmp_path, make_lane(), *(make_reading(worker=name) for name in names))
    assert [worker.worker for worker in case.workers] == ["0", "2", "10", "a", "w1"]


def test_a_worker_and_its_follower_after_a_death_are_one(tmp_path: Path) -> None:
    (case,) = memory_in(
        tmp_path,
        make_lane(),
        make_reading(1.0, managed=900),
        make_event("terminated", 1.2, rss_bytes=5),
        make_event("left", 1.3),
        make_event("restarted", 2.0),
        make_reading(2.5, managed=20),
        make_reading(2.5, "1"),
    )
    first, second = case.workers
    assert [reading.at_s for reading in first.readings] == [1.0, 2.5]
    assert first.count("restarted") == 1
    assert (second.worker, len(second.events)) == ("1", 0)


def test_the_limit_and_its_thresholds_are_those_that_the_lane_found(tmp_path: Path) -> None:
    lane = make_lane(memory_limit_bytes=1000 * MIB, thresholds=THRESHOLDS | {"pause": 0.0})
    (case,) = memory_in(tmp_path, lane, make_reading())
    assert case.limit_bytes == 1000 * MIB
    assert case.level_bytes("spill") == pytest.approx(700 * MIB)
    assert case.level_bytes("pause") is None
    assert case.level_bytes("another") is None


def test_without_a_limit_there_is_no_level(tmp_path: Path) -> None:
    (case,) = memory_in(tmp_path, make_lane(thresholds=THRESHOLDS), make_reading())
    assert case.limit_bytes is None
    assert {case.level_bytes(name) for name in THRESHOLDS} == {None}


def test_readings_of_a_lane_that_never_was_ready_are_kept(tmp_path: Path) -> None:
    (case,) = memory_in(tmp_path, make_reading())
    assert (case.limit_bytes, case.thresholds) == (None, {})
    assert case.workers[0].peak_bytes("process") == 100 * MIB
