"""What goes wrong, going on after it, and cases that are skipped."""

from collections import Counter

import msgspec
import pytest

from daskbench.conductor.conduct import Progress, Report
from daskbench.events import CaseFailed, Finished, LaneStarted, Sample, SuiteFinished
from tests.unit.builders import make_case, make_plan, make_suite
from tests.unit.conductor.conducting import (
    CASES,
    conduct,
    conduct_interrupted,
    interrupt_at,
    make_conductor,
    order_of,
    samples_in,
    skipped,
)
from tests.unit.fakes import Clock, FakeLanes, failing


def test_a_lane_that_fails_in_a_round_ends_its_case_alone() -> None:
    lanes = FakeLanes(Clock(), answers={"threads-1": failing("no answer within 1 s", at_sample=4)})
    events = conduct(make_plan(make_suite(*CASES)), lanes)
    failures = [event for event in events if isinstance(event, CaseFailed)]
    assert failures == [CaseFailed(1, "in round 3", "no answer within 1 s")]
    counts = Counter(sample.case for sample in samples_in(events) if not sample.warmup)
    assert counts == {0: 7, 1: 2, 2: 7, 3: 7}
    assert lanes.open == []
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "complete"


def test_a_lane_that_fails_is_ended_at_once() -> None:
    lanes = FakeLanes(Clock(), answers={"threads-1": failing("killed", at_sample=3)})
    conductor = make_conductor(make_plan(make_suite(*CASES)), lanes)
    for event in conductor.run():
        if isinstance(event, CaseFailed):
            assert len(lanes.open) == 3


def test_a_lane_that_was_ended_gets_no_more_signals() -> None:
    """Its process id may be somebody else's by then."""
    lanes = FakeLanes(Clock(), answers={"threads-1": failing("killed", at_sample=2)})
    conduct(make_plan(make_suite(*CASES)), lanes)
    assert lanes.signalled_after_end == []


def test_a_lane_that_cannot_open_fails_at_the_start_with_its_detail() -> None:
    answers = {"threads-1": failing("OSError: no port", detail="Traceback...")}
    events = conduct(make_plan(make_suite(*CASES)), FakeLanes(Clock(), answers=answers))
    assert CaseFailed(1, "at the start", "OSError: no port", "Traceback...") in events
    assert {sample.case for sample in samples_in(events)} == {0, 2, 3}


def test_a_lane_that_fails_while_it_warms_up_fails_at_the_start() -> None:
    answers = {"threads-1": failing("MemoryError: no message", at_sample=1)}
    events = conduct(make_plan(make_suite(*CASES)), FakeLanes(Clock(), answers=answers))
    assert CaseFailed(1, "at the start", "MemoryError: no message") in events


def test_where_every_case_fails_the_run_still_ends_well() -> None:
    lanes = FakeLanes(Clock(), answers={"numpy": failing("no"), "synchronous": failing("no")})
    events = conduct(make_plan(make_suite(make_case("numpy"), make_case("synchronous"))), lanes)
    assert events[-2:] == [
        SuiteFinished("suite", 0, "complete"),
        Finished("complete", 0.0, failed=2),
    ]


@pytest.mark.parametrize("call", [1, 2, 3, 7, 9, 14])
def test_wherever_it_is_interrupted_every_lane_is_ended_and_the_run_says_so(call: int) -> None:
    lanes = FakeLanes(Clock())
    events = conduct_interrupted(make_plan(make_suite(*CASES)), lanes, call)
    assert not any(isinstance(event, SuiteFinished) for event in events)
    assert len(lanes.log) == call


def test_an_interrupted_suite_is_the_last_one() -> None:
    lanes = FakeLanes(Clock())
    plan = make_plan(make_suite(name="one"), make_suite(name="two"))
    list(make_conductor(plan, lanes, tick=interrupt_at(3)).run())
    assert len(lanes.all) == 2


@pytest.mark.parametrize("taken", [1, 4, 9, 20])
def test_a_consumer_that_stops_listening_ends_every_lane(taken: int) -> None:
    lanes = FakeLanes(Clock())
    events = make_conductor(make_plan(make_suite(*CASES)), lanes).run()
    for _ in range(taken):
        next(events)
    events.close()
    assert lanes.open == []


def test_a_resumed_run_measures_only_the_rounds_that_are_missing() -> None:
    before = Progress(done={0: frozenset({1, 2, 3}), 1: frozenset({1, 2}), 2: frozenset()})
    plan = make_plan(make_suite(*CASES[:3], rounds=4))
    assert [sorted(cases) for cases in order_of(conduct(plan, before=before))] == [
        [2],
        [2],
        [1, 2],
        [0, 1, 2],
    ]


def test_a_case_with_nothing_missing_gets_no_lane() -> None:
    lanes = FakeLanes(Clock())
    before = Progress(done={0: frozenset(range(1, 8))})
    events = conduct(make_plan(make_suite(*CASES[:2])), lanes, before)
    assert len(lanes.all) == 1
    assert {sample.case for sample in samples_in(events)} == {1}


def test_a_resumed_run_keeps_loops_launches_and_time() -> None:
    lanes = FakeLanes(Clock(), {"numpy": 1e-4})
    before = Progress(done={0: frozenset({1})}, loops={0: 500}, launches={0: 3}, elapsed_s=40.0)
    events = conduct(make_plan(make_suite(make_case("numpy"), rounds=2)), lanes, before)
    assert events[0] == LaneStarted(case=0, launch=3, startup_s=0.5, tasks=100)
    assert [(s.loops, s.launch, s.round) for s in samples_in(events)] == [
        (500, 3, 0),
        (500, 3, 2),
    ]
    assert samples_in(events)[0].at_s == pytest.approx(40.55)


def test_suites_are_measured_one_after_the_other_with_numbers_that_go_on() -> None:
    lanes = FakeLanes(Clock())
    plan = make_plan(make_suite(name="one"), make_suite(name="two", rounds=3))
    conductor = make_conductor(plan, lanes)
    events = []
    for event in conductor.run():
        events.append(event)
        assert len(lanes.open) <= 2
    ended = [(e.suite, e.rounds) for e in events if isinstance(e, SuiteFinished)]
    assert ended == [("one", 7), ("two", 3)]
    cases = [event.case for event in events if isinstance(event, Sample)]
    assert set(cases[: cases.index(2)]) == {0, 1}
    assert set(cases[cases.index(2) :]) == {2, 3}


def test_a_run_of_which_one_suite_spent_its_budget_says_so() -> None:
    one = make_suite(name="one", rounds=9, budget_s=1.0)
    events = conduct(make_plan(one, make_suite(name="two", rounds=3)))
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "budget"


def test_a_skipped_case_is_never_opened() -> None:
    lanes = FakeLanes(Clock())
    events = conduct(make_plan(make_suite(CASES[0], skipped(CASES[1]), CASES[2])), lanes)
    assert {place for _, place in lanes.log} == {"numpy", "threads-2"}
    assert [sorted(cases) for cases in order_of(events)] == [[0, 2]] * 7
    assert isinstance(events[-1], Finished)
    assert events[-1].failed == 0


def test_where_every_case_is_skipped_the_run_still_ends_well() -> None:
    lanes = FakeLanes(Clock())
    events = conduct(make_plan(make_suite(*map(skipped, CASES))), lanes, report=Report(0, "r.html"))
    assert events == [SuiteFinished("suite", 0, "complete"), Finished("complete", 0.0)]
    assert lanes.all == []


def test_a_case_may_have_blas_threads_of_its_own() -> None:
    lanes = FakeLanes(Clock())
    wide = msgspec.structs.replace(CASES[0], blas_threads=4)
    conduct(make_plan(make_suite(wide, CASES[1], blas_threads=2)), lanes)
    assert [lane.blas_threads for lane in lanes.all] == [4, 2]
    assert [lane.asked[0]["blas_threads"] for lane in lanes.all] == [4, 2]


def test_blas_threads_of_a_case_go_before_those_that_ship() -> None:
    lanes = FakeLanes(Clock())
    wide = msgspec.structs.replace(CASES[0], blas_threads=4)
    conduct(make_plan(make_suite(wide, CASES[1], blas_threads=None)), lanes)
    assert [lane.blas_threads for lane in lanes.all] == [4, None]
