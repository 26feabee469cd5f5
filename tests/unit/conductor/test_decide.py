"""Rounds that go on until every row has a verdict, and rest where they have."""

from collections import Counter
from random import Random

import pytest

from daskbench.conductor.ports import Progress
from daskbench.config import on_both
from daskbench.events import Event, SuiteFinished
from daskbench.journal.run import Samples
from daskbench.lane.protocol import Message
from daskbench.model import Case, Plan, Side
from tests.unit.builders import make_case, make_plan, make_suite
from tests.unit.conductor.conducting import conduct, order_of, samples_in
from tests.unit.fakes import Clock, FakeLane, FakeLanes, failing

NUMPY, CLEAR, CLOSE = make_case("numpy"), make_case(workers=1), make_case(workers=2)


def noisy(spread: float) -> FakeLanes:
    """Lanes of which threads × 1 takes twice as long as NumPy, and threads × 2 1.1 times."""
    clock, chance = Clock(), Random(2)
    seconds = {"numpy": 0.1, "threads-1": 0.2, "threads-2": 0.11}

    def answer(lane: FakeLane, message: Message) -> Message:
        usual = lanes.usual(lane, message)
        if message["op"] != "sample":
            return usual
        wall_s = lanes.seconds[lane.place] * (1 + spread * (chance.random() - 0.5))
        clock.now += wall_s
        return {**usual, "wall_s": wall_s}

    lanes = FakeLanes(clock, seconds, dict.fromkeys(seconds, answer))
    return lanes


def deciding(*cases: object, budget_s: float = 1e6, **settings: object) -> Plan:
    return make_plan(
        make_suite(*cases, rounds=5, decide=True, budget_s=budget_s, **settings)  # type: ignore[arg-type]
    )


def counts(events: list[Event]) -> Counter[int]:
    return Counter(sample.case for sample in samples_in(events) if not sample.warmup)


def test_it_ends_as_soon_as_every_row_is_decided() -> None:
    events = conduct(deciding(NUMPY, CLEAR), noisy(0.02))
    rounds = len(order_of(events))
    assert 5 <= rounds <= 8
    assert [e.reason for e in events if isinstance(e, SuiteFinished)] == ["complete"]


def test_a_decided_row_rests_while_others_go_on() -> None:
    taken = counts(conduct(deciding(NUMPY, CLEAR, CLOSE), noisy(0.5)))
    assert taken[0] >= taken[2]  # each of its rounds is a pair with the baseline
    assert taken[1] < taken[2]
    assert taken[1] > 5  # now and then it is in step


def rounds_of_near_and_far() -> tuple[list[int], list[int]]:
    """Return the rounds of a row that is near a verdict, and those of one that is far from one."""
    lanes = noisy(0.5)
    lanes.seconds = {**lanes.seconds, "threads-1": 0.115, "threads-2": 0.1015}
    rounds = order_of(conduct(deciding(NUMPY, CLEAR, CLOSE, budget_s=40.0), lanes))
    near, far = ([place for place, order in enumerate(rounds) if row in order] for row in (1, 2))
    return near, far


def test_a_row_that_is_far_from_a_verdict_waits_for_those_that_are_near() -> None:
    """Of a row within the margin's edge nobody knows how long it takes."""
    near, far = rounds_of_near_and_far()
    assert len([place for place in far if place <= near[-1]]) < len(near) // 3
    assert far[-1] > near[-1]


def test_a_row_that_waits_has_a_share_of_the_rounds_all_the_same() -> None:
    """An interval that rests on a few rounds tells nobody anything."""
    near, far = rounds_of_near_and_far()
    assert len([place for place in far if place <= near[-1]]) >= len(near) // 6


def test_a_baseline_that_costs_little_is_taken_twice_a_round() -> None:
    """While it is a fifth of the round at most; with fewer rows in it, it is not."""
    lanes = noisy(0.3)
    slow = make_case("synchronous")
    lanes.seconds = {**lanes.seconds, "synchronous": 1.0}
    lanes.answers = {**lanes.answers, "synchronous": lanes.answers["numpy"]}
    events = conduct(deciding(NUMPY, CLOSE, slow), lanes)
    numpy = [s for s in samples_in(events) if s.case == 0 and not s.warmup]
    taken = Counter((sample.round, sample.again) for sample in numpy)
    with_slow = {s.round for s in samples_in(events) if s.case == 2 and not s.warmup}
    assert with_slow
    assert {number for number, again in taken if again} == with_slow
    assert set(taken.values()) == {1}


def test_only_baselines_are_taken_twice_and_no_case_that_asks_for_exactly_so_many() -> None:
    events = conduct(make_plan(make_suite(NUMPY, CLEAR, CLOSE, rounds=6)), noisy(0.1))
    assert not any(sample.again for sample in samples_in(events))


def test_a_budget_ends_what_is_not_decided_by_then() -> None:
    lanes = noisy(1.0)
    lanes.seconds = {**lanes.seconds, "threads-2": 0.1}
    plan = deciding(NUMPY, make_case(workers=2), budget_s=8.0)
    events = conduct(plan, lanes)
    assert [e.reason for e in events if isinstance(e, SuiteFinished)] == ["budget"]
    assert 5 < len(order_of(events)) < 25


def test_no_budget_ends_it_before_there_are_intervals() -> None:
    events = conduct(deciding(NUMPY, CLOSE, budget_s=0.001), noisy(0.2))
    assert len(order_of(events)) == 5


def test_a_row_whose_samples_never_count_is_not_waited_for() -> None:
    lanes = noisy(0.2)
    usual = lanes.answers["threads-2"]

    def wrong(lane: FakeLane, message: Message) -> Message:
        said = usual(lane, message)
        return said | {"reason": "wrong answer"} if message["op"] == "sample" else said

    lanes.answers = {**lanes.answers, "threads-2": wrong}
    events = conduct(deciding(NUMPY, CLOSE), lanes)
    assert len(order_of(events)) == 5


def test_a_baseline_that_fails_ends_it() -> None:
    lanes = noisy(0.2)
    lanes.answers = {**lanes.answers, "numpy": failing("it is gone", at_sample=4)}
    taken = counts(conduct(deciding(NUMPY, CLOSE), lanes))
    assert taken[1] == 5


def test_a_resumed_run_goes_on_from_what_it_has() -> None:
    """Cut off after ten rounds and resumed, it decides after about as many as in one go."""
    plan = deciding(NUMPY, CLOSE)
    whole = samples_in(conduct(plan, noisy(0.2)))
    samples, done = {0: Samples(), 1: Samples()}, dict[int, frozenset[int]]()
    for sample in whole:
        if sample.round <= 10:
            samples[sample.case].append(sample)
            done[sample.case] = done.get(sample.case, frozenset()) | {sample.round}
    rest = order_of(conduct(plan, noisy(0.2), Progress(samples=samples, done=done)))
    rounds = max(sample.round for sample in whole)
    assert rounds > 10
    assert 0 < len(rest) < rounds


SIDES = (Side("A"), Side("B"))


def sides_of(*cases: Case, budget_s: float = 1e6, **settings: object) -> Plan:
    (suite,) = deciding(*cases, budget_s=budget_s, launches=5, **settings).suites
    return make_plan(on_both(suite, SIDES))


def two_sides(slower: float, spread: float) -> FakeLanes:
    """Lanes of threads × 2 that take so much longer on side B; of threads × 1 they take twice."""
    lanes = noisy(spread)
    of_b = {"threads-1": 1.0, "threads-2": slower}

    def on_side(lane: FakeLane, message: Message) -> Message:
        given = dict(noise(lane, message))
        if "wall_s" in given and lane.side.name == "B":
            given["wall_s"] *= 1 + of_b[lane.place]
        return given

    noise = lanes.answers["threads-1"]
    lanes.answers = dict.fromkeys(of_b, on_side)
    return lanes


def launches_in(events: list[Event]) -> int:
    return max(sample.launch for sample in samples_in(events)) + 1


def test_two_sides_are_launched_until_they_are_decided() -> None:
    plan = sides_of(CLOSE)
    assert launches_in(conduct(plan, two_sides(0.5, 0.05))) == 5
    events = conduct(plan, two_sides(0.05, 0.2))
    assert 5 < launches_in(events) < 40
    taken = counts(events)
    assert taken[0] == taken[1] == 5 * launches_in(events)  # no launch is cut


@pytest.mark.parametrize("slower", [0.0, 0.2])
def test_a_gate_ends_it_as_soon_as_it_is_proved_either_way(slower: float) -> None:
    """A difference close to the margin, or to none, is far from the gate."""
    at_gate = launches_in(conduct(sides_of(CLOSE, gate=0.1), two_sides(0.02 + slower, 0.2)))
    without = launches_in(conduct(sides_of(CLOSE, budget_s=60.0), two_sides(0.02 + slower, 0.2)))
    assert at_gate < 10
    assert at_gate <= without


def test_a_pair_that_is_decided_rests_while_others_are_launched() -> None:
    taken = counts(conduct(sides_of(CLEAR, CLOSE), two_sides(0.05, 0.2)))
    assert taken[0] == taken[1] == 25
    assert taken[2] == taken[3] > 25
