"""Cases that take turns, and Dask's own report."""

from collections import Counter
from typing import Any

import msgspec
import pytest

from daskbench.conductor.conduct import Progress, Report
from daskbench.events import CaseFailed, Finished, LaneStarted, Sample, SuiteFinished
from daskbench.model import Case, Side, Suite
from tests.unit.builders import make_plan, make_suite
from tests.unit.conductor.conducting import (
    CASES,
    conduct,
    conduct_interrupted,
    order_of,
    samples_in,
    skipped,
)
from tests.unit.fakes import Clock, FakeLane, FakeLanes, failing


class OneAtATime(FakeLanes):
    """Lanes of which only one may be there."""

    def start(self, blas_threads: int | None, side: Side) -> FakeLane:
        assert self.open == [], "only one lane may be open"
        return super().start(blas_threads, side)


def in_turns(*cases: Case, **settings: Any) -> Suite:
    return msgspec.structs.replace(make_suite(*cases, **settings), in_turns="too large")


def test_in_turns_only_one_lane_is_open() -> None:
    lanes = OneAtATime(Clock())
    rounds = order_of(conduct(make_plan(in_turns(*CASES)), lanes))
    assert [sorted(cases) for cases in rounds] == [[0, 1, 2, 3]] * 7
    assert len(lanes.all) == 4 * 7
    assert lanes.open == []


def test_in_turns_launches_count_up_and_each_is_warmed_up() -> None:
    events = conduct(make_plan(in_turns(*CASES[:2], rounds=3, warmup=2)), OneAtATime(Clock()))
    launches = [(e.case, e.launch) for e in events if isinstance(e, LaneStarted)]
    assert sorted(launches) == [(case, launch) for case in (0, 1) for launch in (0, 1, 2)]
    for case in (0, 1):
        samples = [s for s in samples_in(events) if s.case == case]
        found = [(s.launch, s.round, s.warmup) for s in samples]
        assert found == [
            (number - 1, round_number, not round_number)
            for number in (1, 2, 3)
            for round_number in (0, 0, number)
        ]


def test_in_turns_loops_are_found_once() -> None:
    lanes = OneAtATime(Clock(), {"numpy": 1e-4})
    samples = samples_in(conduct(make_plan(in_turns(CASES[0])), lanes))
    assert {sample.loops for sample in samples if not sample.warmup} == {100}
    later = [sample for sample in samples if sample.launch]
    assert {sample.loops for sample in later} == {100}
    assert len(later) == 2 * 6


@pytest.mark.parametrize(("at_sample", "phase"), [(0, "at the start"), (2, "in round 1")])
def test_in_turns_a_case_that_fails_stops_no_other(at_sample: int, phase: str) -> None:
    answers = {"threads-1": failing("killed", at_sample=at_sample)}
    lanes = OneAtATime(Clock(), answers=answers)
    events = conduct(make_plan(in_turns(*CASES)), lanes)
    assert [e for e in events if isinstance(e, CaseFailed)] == [CaseFailed(1, phase, "killed")]
    assert lanes.log.count(("open", "threads-1")) == 1
    assert Counter(s.case for s in samples_in(events) if not s.warmup) == {0: 7, 2: 7, 3: 7}
    assert lanes.open == []


def test_in_turns_a_budget_still_ends_a_suite() -> None:
    """A round takes 5 s: each of two lanes is started, warmed up and measured."""
    suite = in_turns(CASES[0], CASES[3], rounds=10, budget_s=16.0)
    events = conduct(make_plan(suite), OneAtATime(Clock()))
    assert events[-2:] == [SuiteFinished("suite", 4, "budget"), Finished("budget", 20.0)]


def test_in_turns_a_resumed_run_opens_only_what_is_missing() -> None:
    before = Progress(
        done={0: frozenset(range(1, 8)), 1: frozenset(range(1, 6))},
        loops={1: 1},
        launches={0: 7, 1: 5},
        session=1,
    )
    lanes = OneAtATime(Clock())
    events = conduct(make_plan(in_turns(*CASES[:2])), lanes, before)
    assert order_of(events) == [[1], [1]]
    assert [e.launch for e in events if isinstance(e, LaneStarted)] == [5, 6]


def test_in_turns_a_skipped_case_is_never_opened() -> None:
    lanes = OneAtATime(Clock())
    conduct(make_plan(in_turns(CASES[0], skipped(CASES[1]))), lanes)
    assert {place for _, place in lanes.log} == {"numpy"}


@pytest.mark.parametrize("call", [1, 2, 3, 4, 7, 12])
def test_in_turns_wherever_it_is_interrupted_every_lane_is_ended(call: int) -> None:
    conduct_interrupted(make_plan(in_turns(*CASES)), OneAtATime(Clock()), call)


REPORT = Report(1, "report.html")


def reports_asked(lanes: FakeLanes) -> list[tuple[str, str]]:
    return [
        (lane.place, message["report"])
        for lane in lanes.all
        for message in lane.asked
        if "report" in message
    ]


def test_a_report_is_of_one_more_sample_that_counts_in_no_figure() -> None:
    lanes = FakeLanes(Clock())
    events = conduct(make_plan(make_suite(*CASES[:3], rounds=2)), lanes, report=REPORT)
    assert reports_asked(lanes) == [("threads-1", "report.html")]
    *_, sample, finished, _ = events
    assert isinstance(sample, Sample)
    assert (sample.case, sample.round, sample.warmup, sample.launch) == (1, 0, True, 0)
    assert finished == SuiteFinished("suite", 2, "complete")
    assert [sorted(cases) for cases in order_of(events)] == [[0, 1, 2]] * 2
    assert lanes.open == []


def test_without_a_report_no_lane_is_asked_for_one() -> None:
    lanes = FakeLanes(Clock())
    conduct(make_plan(make_suite(*CASES)), lanes)
    assert reports_asked(lanes) == []


def test_in_turns_a_report_opens_its_lane_once_more() -> None:
    lanes = OneAtATime(Clock())
    events = conduct(make_plan(in_turns(*CASES[:2], rounds=2)), lanes, report=REPORT)
    assert reports_asked(lanes) == [("threads-1", "report.html")]
    assert [e.launch for e in events if isinstance(e, LaneStarted) and e.case == 1] == [0, 1, 2]
    assert lanes.open == []


def test_a_report_is_of_its_own_suite() -> None:
    lanes = FakeLanes(Clock())
    plan = make_plan(make_suite(name="one", rounds=1), make_suite(name="two", rounds=1))
    events = conduct(plan, lanes, report=Report(3, "report.html"))
    assert reports_asked(lanes) == [("threads-2", "report.html")]
    ended = [event.suite for event in events if isinstance(event, SuiteFinished)]
    assert ended == ["one", "two"]
    assert isinstance(events[-3], Sample)
    assert events[-3].case == 3


@pytest.mark.parametrize(
    ("suite", "at_sample"),
    [
        (make_suite(*CASES[:2]), 0),
        (make_suite(*CASES[:2]), 1),
        (make_suite(*CASES[:2]), 3),
        (in_turns(*CASES[:2]), 0),
        (in_turns(*CASES[:2]), 2),
    ],
)
def test_a_case_that_failed_gets_no_report(suite: Suite, at_sample: int) -> None:
    lanes = FakeLanes(Clock(), answers={"threads-1": failing("killed", at_sample=at_sample)})
    conduct(make_plan(suite), lanes, report=REPORT)
    assert reports_asked(lanes) == []


def test_a_report_that_fails_is_no_failure_of_its_case() -> None:
    lanes = FakeLanes(Clock(), answers={"threads-1": failing("no bokeh", at_sample=9)})
    events = conduct(make_plan(make_suite(*CASES[:2])), lanes, report=REPORT)
    assert not any(isinstance(event, CaseFailed) for event in events)
    assert lanes.open == []
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "complete"
