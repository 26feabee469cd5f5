"""Warm-up, loops and budgets."""

import timeit
from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.conductor.loops import more_loops
from daskbench.events import (
    EndReason,
    Finished,
    SuiteFinished,
)
from daskbench.lane.protocol import Message
from daskbench.model import Side
from tests.unit.builders import make_case, make_plan, make_suite
from tests.unit.conductor.conducting import CASES, conduct, order_of, samples_in
from tests.unit.fakes import Clock, FakeLane, FakeLanes, answer_of


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
