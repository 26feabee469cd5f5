import random
import timeit
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.conductor.conduct import Activity, Conductor, Progress, Report
from daskbench.conductor.loops import more_loops
from daskbench.conductor.machine import Counters
from daskbench.errors import Interrupted
from daskbench.events import (
    CaseFailed,
    EndReason,
    Event,
    Finished,
    LaneStarted,
    Sample,
    SuiteFinished,
)
from daskbench.experiments import experiment_of
from daskbench.lane.protocol import Message
from daskbench.model import Case, Cluster, Plan, Settings, Side, Suite
from tests.unit.builders import make_case, make_plan, make_suite
from tests.unit.fakes import Clock, FakeLane, FakeLanes, FakeMachine, answer_of, failing

CASES = (make_case("numpy"), make_case(workers=1), make_case(workers=2), make_case("synchronous"))


def make_conductor(
    plan: Plan,
    lanes: FakeLanes,
    *,
    before: Progress | None = None,
    tick: Callable[[], None] = lambda: None,
    machine: FakeMachine | None = None,
    report: Report | None = None,
) -> Conductor[FakeLane]:
    return Conductor(
        plan,
        lanes,
        clock=lanes.clock,
        machine=machine or FakeMachine(),
        tick=tick,
        before=before,
        report=report,
        policy=lambda suite, *more: experiment_of(suite).policy(suite, *more),
    )


def conduct(
    plan: Plan,
    lanes: FakeLanes | None = None,
    before: Progress | None = None,
    report: Report | None = None,
) -> list[Event]:
    """Return what the journal would get."""
    conductor = make_conductor(plan, lanes or FakeLanes(Clock()), before=before, report=report)
    return [event for event in conductor.run() if not isinstance(event, Activity)]


def samples_in(events: list[Event]) -> list[Sample]:
    return [event for event in events if isinstance(event, Sample)]


def order_of(events: list[Event]) -> list[list[int]]:
    """The cases of each round, in the order measured."""
    rounds: dict[int, list[int]] = {}
    for sample in samples_in(events):
        if not sample.warmup:
            rounds.setdefault(sample.round, []).append(sample.case)
    return list(rounds.values())


def interrupt_at(call: int) -> Callable[[], None]:
    calls = iter(range(1, 1000))

    def tick() -> None:
        if next(calls) == call:
            raise Interrupted("interrupted")

    return tick


# The order of things


def test_each_round_measures_every_case_once() -> None:
    rounds = order_of(conduct(make_plan(make_suite(*CASES))))
    assert len(rounds) == 7
    assert all(sorted(cases) == [0, 1, 2, 3] for cases in rounds)


def test_the_order_changes_from_round_to_round() -> None:
    rounds = order_of(conduct(make_plan(make_suite(*CASES, rounds=20))))
    assert len({tuple(cases) for cases in rounds}) > 5


def test_every_case_comes_first_about_as_often() -> None:
    rounds = order_of(conduct(make_plan(make_suite(*CASES, rounds=400))))
    firsts = Counter(cases[0] for cases in rounds)
    assert sorted(firsts) == [0, 1, 2, 3]
    assert min(firsts.values()) > 60


def test_the_seed_decides_the_order() -> None:
    suite = make_suite(*CASES, rounds=10)
    one, again = (order_of(conduct(Plan((suite,), seed=1))) for _ in range(2))
    assert one == again
    assert one != order_of(conduct(Plan((suite,), seed=2)))


def test_the_order_leaves_everybody_elses_chance_alone() -> None:
    random.seed(5)
    expected = random.random()
    random.seed(5)
    conduct(make_plan())
    assert random.random() == expected


def test_events_come_in_good_order() -> None:
    events = conduct(make_plan(make_suite(make_case("numpy"), rounds=2)))
    kinds = [type(event) for event in events]
    assert kinds == [LaneStarted, Sample, Sample, Sample, SuiteFinished, Finished]
    assert events[-2:] == [SuiteFinished("suite", 2, "complete"), Finished("complete", 3.5)]


def test_what_is_being_done_is_told_before_it_is_done() -> None:
    lanes = FakeLanes(Clock())
    conductor = make_conductor(make_plan(make_suite(make_case("numpy"), rounds=1)), lanes)
    doing = [
        (event.phase, len(lanes.log)) for event in conductor.run() if isinstance(event, Activity)
    ]
    assert doing == [("starting", 0), ("warming up", 1), ("round 1", 2)]


def test_lanes_live_for_the_whole_suite_and_are_ended_after_it() -> None:
    lanes = FakeLanes(Clock())
    conduct(make_plan(make_suite(*CASES)), lanes)
    assert len(lanes.all) == 4
    assert lanes.open == []


def test_only_one_lane_is_awake_at_any_time() -> None:
    """Each fake lane also looks at all others whenever it is asked something."""
    lanes = FakeLanes(Clock())
    conductor = make_conductor(make_plan(make_suite(*CASES)), lanes)
    awake = []
    for event in conductor.run():
        awake.append(sum(not lane.frozen for lane in lanes.open))
        if isinstance(event, Activity) and event.phase.startswith("round"):
            assert awake[-1] == 0
    assert max(awake) == 1


def test_a_lane_is_told_its_case_the_seed_and_the_cluster() -> None:
    lanes = FakeLanes(Clock())
    case = make_case("distributed", 2, 4)
    suite = Suite("s", (case,), Settings(blas_threads=3), Cluster(address="tcp://there:1"))
    conduct(Plan((suite,), seed=9), lanes)
    opening = lanes.all[0].asked[0]
    assert opening == {
        "op": "open",
        "benchmark": "calc_mean",
        "scheduler": "distributed",
        "parameters": {"n": 100_000, "tasks": 100, "rng": "legacy"},
        "workers": 2,
        "threads_per_worker": 4,
        "slowdown": 0.0,
        "seed": 9,
        "blas_threads": 3,
        "cluster": {"address": "tcp://there:1"},
        "thresholds": {},
        "memory": False,
        "timeout_s": 600.0,
    }
    assert lanes.all[0].blas_threads == 3


def test_the_timeout_holds_for_every_sample_and_the_start_has_a_minute() -> None:
    lanes = FakeLanes(Clock())
    conduct(make_plan(make_suite(make_case("numpy"), timeout_s=12.5)), lanes)
    assert lanes.all[0].timeouts[0] == 60
    assert set(lanes.all[0].timeouts[1:]) == {12.5}


def test_a_start_that_waits_for_workers_has_that_long_besides() -> None:
    lanes = FakeLanes(Clock())
    suite = make_suite(make_case("numpy"), timeout_s=12.5, wait_for_workers_s=100.0)
    conduct(make_plan(suite), lanes)
    assert lanes.all[0].timeouts[0] == 160


def test_a_long_timeout_holds_for_the_start_too() -> None:
    lanes = FakeLanes(Clock())
    conduct(make_plan(make_suite(make_case("numpy"), timeout_s=90)), lanes)
    assert set(lanes.all[0].timeouts) == {90}


def test_a_resumed_run_with_a_spent_budget_goes_on_round_by_round() -> None:
    plan = make_plan(make_suite(make_case("numpy"), rounds=7, budget_s=0.001))
    done = {0: frozenset({1, 2, 3})}
    events = conduct(plan, FakeLanes(Clock()), Progress(done=done, session=1))
    samples = [sample for sample in samples_in(events) if not sample.warmup]
    assert [sample.round for sample in samples] == [4]
    assert {sample.session for sample in samples} == {1}
    assert events[-2] == SuiteFinished("suite", 4, "budget")


def test_the_start_of_a_lane_is_timed_and_told() -> None:
    [lane] = [event for event in conduct(make_plan(make_suite(CASES[2]))) if _is_lane(event)]
    assert lane == LaneStarted(case=0, launch=0, startup_s=0.5, tasks=100, workers=2)


def _is_lane(event: Event) -> bool:
    return isinstance(event, LaneStarted)


# Samples


def test_a_sample_holds_what_the_lane_said_and_when() -> None:
    events = conduct(make_plan(make_suite(make_case("numpy"), rounds=1)))
    warm, sample = samples_in(events)
    assert (warm.round, warm.warmup, sample.round, sample.warmup) == (0, True, 1, False)
    assert (sample.wall_s, sample.tasks_run, sample.tasks_expected) == (1.0, 100, 100)
    assert sample.valid
    assert sample.reason is None
    assert (warm.at_s, sample.at_s) == (1.5, 2.5)
    assert sample.peak_rss_bytes == 1 << 20


def test_a_sample_with_a_reason_is_not_valid() -> None:
    def short(lane: FakeLane, message: Message) -> Message:
        if message["op"] == "open":
            return {"tasks": 100}
        return answer_of(1.0, tasks_run=0, reason="0 of 100 tasks ran")

    events = conduct(
        make_plan(make_suite(make_case("numpy"))), FakeLanes(Clock(), answers={"numpy": short})
    )
    assert [(s.valid, s.reason) for s in samples_in(events)] == [(False, "0 of 100 tasks ran")] * 8


def test_a_sample_tells_what_the_machine_did_meanwhile() -> None:
    before = Counters(busy_s=10.0, own_s=1.0, swap_bytes=100, throttled_s=0.5)
    after = Counters(busy_s=13.5, own_s=1.25, swap_bytes=4196, throttled_s=0.75)
    lanes = FakeLanes(Clock())
    plan = make_plan(make_suite(make_case("numpy"), rounds=1, warmup=0))
    conductor = make_conductor(plan, lanes, machine=FakeMachine(before, after))
    [sample] = [event for event in conductor.run() if isinstance(event, Sample)]
    assert sample.others_cpu_s == pytest.approx(3.5 - 0.25 - 1.0)
    assert sample.swap_bytes == 4096
    assert sample.throttled_s == 0.25


def test_on_a_cluster_of_others_nothing_is_said_of_other_programs() -> None:
    def remote(lane: FakeLane, message: Message) -> Message:
        return {"tasks": 100} if message["op"] == "open" else answer_of(1.0, lane_cpu_s=None)

    lanes = FakeLanes(Clock(), answers={"numpy": remote})
    plan = make_plan(make_suite(make_case("numpy"), rounds=1, warmup=0))
    machine = FakeMachine(Counters(), Counters(busy_s=5.0))
    conductor = make_conductor(plan, lanes, machine=machine)
    [sample] = [event for event in conductor.run() if isinstance(event, Sample)]
    assert sample.others_cpu_s == 0


# Warm-up and loops


def test_warm_up_samples_are_marked_and_in_no_round() -> None:
    events = conduct(make_plan(make_suite(*CASES, warmup=3)))
    warm = [sample for sample in samples_in(events) if sample.warmup]
    assert Counter(sample.case for sample in warm) == {0: 3, 1: 3, 2: 3, 3: 3}
    assert all((sample.round == 0) == sample.warmup for sample in samples_in(events))


def test_without_warm_up_nothing_is_measured_before_the_rounds() -> None:
    events = conduct(make_plan(make_suite(make_case("numpy"), warmup=0)))
    assert [sample.round for sample in samples_in(events)] == [1, 2, 3, 4, 5, 6, 7]


def test_long_work_is_timed_in_one_loop() -> None:
    events = conduct(make_plan(make_suite(make_case("numpy"))))
    assert {sample.loops for sample in samples_in(events)} == {1}
    assert len(samples_in(events)) == 8


@pytest.mark.parametrize(
    ("seconds", "loops"), [(0.011, 1), (0.009, 2), (0.003, 5), (1e-4, 100), (3e-7, 50_000)]
)
def test_short_work_is_looped_until_the_clock_can_tell(seconds: float, loops: int) -> None:
    lanes = FakeLanes(Clock(), {"numpy": seconds})
    samples = samples_in(conduct(make_plan(make_suite(make_case("numpy"))), lanes))
    measured = [sample for sample in samples if not sample.warmup]
    assert {sample.loops for sample in measured} == {loops}
    assert all(sample.wall_s >= 0.01 for sample in measured)
    assert all(sample.tasks_expected == 100 * loops for sample in measured)


def test_the_least_time_is_the_users() -> None:
    lanes = FakeLanes(Clock(), {"numpy": 0.02})
    samples = samples_in(conduct(make_plan(make_suite(make_case("numpy"), min_time_s=1.0)), lanes))
    assert samples[-1].loops == 50


def test_a_first_sample_that_is_slow_for_reasons_of_its_own_does_not_settle_the_loops() -> None:
    def slow_at_first(lane: FakeLane, message: Message) -> Message:
        if message["op"] == "open":
            return {"tasks": 100}
        first = len(lane.asked) == 2
        return answer_of(0.1 if first else 0.001 * message["loops"], loops=message["loops"])

    lanes = FakeLanes(Clock(), answers={"numpy": slow_at_first})
    samples = samples_in(conduct(make_plan(make_suite(make_case("numpy"))), lanes))
    assert samples[-1].loops == 10


def test_what_takes_long_to_build_is_not_looped() -> None:
    """Seen: calls that took 200 ms to build and 60 µs to run, 100 times for each sample."""

    def answer(lane: FakeLane, message: Message) -> Message:
        if message["op"] == "open":
            return {"tasks": 100}
        loops = message["loops"]
        lane.lanes.clock.now += 0.2 * loops
        return answer_of(6e-5 * loops, loops=loops, build_s=0.2 * loops)

    lanes = FakeLanes(Clock(), answers={"numpy": answer})
    samples = samples_in(conduct(make_plan(make_suite(make_case("numpy"))), lanes))
    assert {sample.loops for sample in samples} == {1}


def test_loops_are_each_cases_own() -> None:
    lanes = FakeLanes(Clock(), {"numpy": 1e-4, "synchronous": 1.0})
    plan = make_plan(make_suite(make_case("numpy"), make_case("synchronous")))
    last = {sample.case: sample.loops for sample in samples_in(conduct(plan, lanes))}
    assert last == {0: 100, 1: 1}


def test_both_sides_of_a_case_time_as_many_loops() -> None:
    """A's work is just long enough for one loop, B's is not: what a call costs would differ."""
    seconds = {"A": 0.0101, "B": 0.0099}

    def answer(lane: FakeLane, message: Message) -> Message:
        if message["op"] == "open":
            return lane.lanes.usual(lane, message)
        wall_s = seconds[lane.side.name] * message["loops"]
        return answer_of(wall_s, loops=message["loops"])

    sides = [msgspec.structs.replace(make_case(workers=2), side=Side(name)) for name in "AB"]
    lanes = FakeLanes(Clock(), answers={"threads-2": answer})
    events = conduct(make_plan(make_suite(*sides, launches=2, rounds=2)), lanes)
    assert {sample.loops for sample in samples_in(events) if not sample.warmup} == {1}


def timeits_steps(upto: int) -> list[int]:
    """The numbers of loops that timeit itself tries, for work that takes no time."""
    tried: list[int] = []

    class Enough(Exception):
        pass

    def note(number: int, seconds: float) -> None:
        tried.append(number)
        if number >= upto:
            raise Enough

    with pytest.raises(Enough):
        timeit.Timer("pass", timer=lambda: 0.0).autorange(note)
    return tried


def test_loops_take_timeits_steps() -> None:
    steps, loops = timeits_steps(10**6), [1]
    while loops[-1] < 10**6:
        loops.append(more_loops(loops[-1], 1.0))
    assert loops == steps


@given(st.integers(1, 10**6), st.floats(1.0, 1e6))
def test_the_next_loops_are_the_least_step_that_is_long_enough(loops: int, factor: float) -> None:
    steps = [10**power * multiple for power in range(14) for multiple in (1, 2, 5)]
    expected = next(step for step in steps if step > loops and step >= loops * factor)
    assert more_loops(loops, factor) == expected


# Budgets


@pytest.mark.parametrize(
    ("budget_s", "rounds", "reason"),
    [(11.0, 4, "budget"), (5.0, 3, "budget"), (0.1, 3, "budget"), (1000.0, 10, "complete")],
)
def test_a_budget_stops_after_the_round_that_crosses_it_but_not_before_three(
    budget_s: float, rounds: int, reason: EndReason
) -> None:
    """Both lanes together: 1 s to start, 2 s to warm up, 2 s a round."""
    suite = make_suite(make_case("numpy"), make_case("synchronous"), rounds=10, budget_s=budget_s)
    events = conduct(make_plan(suite))
    assert SuiteFinished("suite", rounds, reason) in events
    assert len(order_of(events)) == rounds
    assert all(sorted(cases) == [0, 1] for cases in order_of(events))


def test_a_budget_that_is_crossed_by_the_last_round_was_enough() -> None:
    events = conduct(make_plan(make_suite(make_case("numpy"), rounds=3, budget_s=1.0)))
    assert events[-1] == Finished("complete", 4.5)


def test_each_suite_has_its_own_budget() -> None:
    suites = [
        make_suite(make_case("numpy"), name=name, rounds=9, budget_s=6.0) for name in ("one", "two")
    ]
    ended = [e for e in conduct(make_plan(*suites)) if isinstance(e, SuiteFinished)]
    assert [(e.suite, e.rounds, e.reason) for e in ended] == [
        ("one", 5, "budget"),
        ("two", 5, "budget"),
    ]


# What goes wrong


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
    lanes = FakeLanes(Clock(), answers={"threads-1": failing("killed", at_sample=2)})
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
    conductor = make_conductor(make_plan(make_suite(*CASES)), lanes, tick=interrupt_at(call))
    events = [event for event in conductor.run() if not isinstance(event, Activity)]
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "interrupted"
    assert not any(isinstance(event, SuiteFinished) for event in events)
    assert len(lanes.log) == call
    assert lanes.all
    assert lanes.open == []


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


# Going on, and several suites


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


# Cases that are skipped, and BLAS threads of their own


def skipped(case: Case) -> Case:
    return msgspec.structs.replace(case, skip="would hold 9 GiB")


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


# In turns


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
    lanes = OneAtATime(Clock())
    conductor = make_conductor(make_plan(in_turns(*CASES)), lanes, tick=interrupt_at(call))
    events = [event for event in conductor.run() if not isinstance(event, Activity)]
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "interrupted"
    assert lanes.all
    assert lanes.open == []


# Dask's own report

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
