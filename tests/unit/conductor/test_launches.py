"""Launches: each lane started anew so many times, and a budget that all of them share."""

from collections import Counter

import msgspec
import pytest

from daskbench.conductor.budget import Budget
from daskbench.conductor.conduct import Progress
from daskbench.events import CaseFailed, Event, LaneStarted, SuiteFinished
from daskbench.lane.protocol import Message
from daskbench.model import Settings
from tests.unit.builders import make_case, make_plan, make_suite
from tests.unit.conductor.conducting import (
    CASES,
    conduct,
    make_conductor,
    order_of,
    samples_in,
)
from tests.unit.conductor.test_in_turns import OneAtATime, in_turns
from tests.unit.fakes import Clock, FakeLane, FakeLanes, failing

TWO = CASES[:2]


def launches_of(events: list[Event]) -> dict[int, list[int]]:
    """The rounds of each launch, as the samples of case 0 tell."""
    found: dict[int, list[int]] = {}
    for sample in samples_in(events):
        if not sample.case and not sample.warmup:
            found.setdefault(sample.launch, []).append(sample.round)
    return found


def rounds_of(events: list[Event], case: int = 0) -> list[int]:
    return [s.round for s in samples_in(events) if s.case == case and not s.warmup]


def ended(events: list[Event]) -> SuiteFinished:
    return next(event for event in events if isinstance(event, SuiteFinished))


def test_the_numbers_of_rounds_go_on_from_launch_to_launch() -> None:
    events = conduct(make_plan(make_suite(*TWO, rounds=3, launches=3)))
    assert launches_of(events) == {0: [1, 2, 3], 1: [4, 5, 6], 2: [7, 8, 9]}
    assert [sorted(cases) for cases in order_of(events)] == [[0, 1]] * 9
    assert ended(events) == SuiteFinished("suite", 9, "complete")


def test_each_launch_has_lanes_of_its_own_and_ends_those_before_it() -> None:
    """The lanes of a launch start together."""
    lanes = FakeLanes(Clock())
    conductor = make_conductor(make_plan(make_suite(*TWO, rounds=2, launches=3)), lanes)
    for event in conductor.run():
        assert len(lanes.open) <= 2
        if isinstance(event, LaneStarted):
            assert len(lanes.all) == len(TWO) * (event.launch + 1)
    assert len(lanes.all) == 6
    assert lanes.open == []


def test_each_launch_is_warmed_up() -> None:
    events = conduct(make_plan(make_suite(*TWO, rounds=2, launches=3, warmup=2)))
    warm = Counter((s.case, s.launch) for s in samples_in(events) if s.warmup)
    assert warm == {(case, launch): 2 for case in (0, 1) for launch in (0, 1, 2)}


def test_loops_are_found_once_and_kept() -> None:
    lanes = FakeLanes(Clock(), {"numpy": 1e-4})
    events = conduct(make_plan(make_suite(CASES[0], rounds=2, launches=3)), lanes)
    later = [sample for sample in samples_in(events) if sample.launch]
    assert {sample.loops for sample in later} == {100}
    assert len(later) == 2 * 3


def test_launches_of_one_round_each_are_measured() -> None:
    events = conduct(make_plan(make_suite(*TWO, rounds=1, launches=4)))
    assert launches_of(events) == {0: [1], 1: [2], 2: [3], 3: [4]}


def dies_in_launch(launch: int, at_sample: int) -> FakeLanes:
    """Lanes of which those of `threads-1` fail in this launch."""
    fails = failing("killed", at_sample=at_sample)

    def answer(lane: FakeLane, message: Message) -> Message:
        before = sum(other.place == lane.place for other in lanes.all if other.case) - 1
        return (fails if before == launch else lanes.usual)(lane, message)

    lanes = FakeLanes(Clock(), answers={"threads-1": answer})
    return lanes


@pytest.mark.parametrize(
    ("at_sample", "phase"), [(0, "at the start"), (1, "at the start"), (3, "in round 5")]
)
def test_a_case_that_fails_in_a_later_launch_keeps_what_it_gave(at_sample: int, phase: str) -> None:
    lanes = dies_in_launch(1, at_sample)
    events = conduct(make_plan(make_suite(*CASES[:3], rounds=3, launches=3)), lanes)
    failed = [event for event in events if isinstance(event, CaseFailed)]
    assert failed == [CaseFailed(1, phase, "killed")]
    assert rounds_of(events, 1) == ([1, 2, 3] if at_sample < 3 else [1, 2, 3, 4])
    assert rounds_of(events, 2) == [*range(1, 10)]
    assert lanes.open == []
    assert lanes.signalled_after_end == []


def test_in_turns_each_sample_is_a_launch_already() -> None:
    events = conduct(make_plan(in_turns(*TWO, rounds=2, launches=3)), OneAtATime(Clock()))
    assert launches_of(events) == {launch: [launch + 1] for launch in range(6)}


# Going on


@pytest.mark.parametrize(("done", "lanes"), [(2, 3), (3, 2), (4, 2), (6, 1), (8, 1)])
def test_a_resumed_run_goes_on_in_the_middle_of_a_launch_or_between_two(
    done: int, lanes: int
) -> None:
    before = Progress(
        done={0: frozenset(range(1, done + 1))}, launches={0: -(-done // 3)}, loops={0: 1}
    )
    there = FakeLanes(Clock())
    events = conduct(make_plan(make_suite(CASES[0], rounds=3, launches=3)), there, before)
    assert rounds_of(events) == [*range(done + 1, 10)]
    assert len(there.all) == lanes
    started = [event.launch for event in events if isinstance(event, LaneStarted)]
    assert started == [*range(-(-done // 3), -(-done // 3) + lanes)]
    assert ended(events) == SuiteFinished("suite", 9, "complete")


def test_a_case_that_has_its_launch_already_is_not_opened_for_it() -> None:
    lanes = FakeLanes(Clock())
    before = Progress(done={0: frozenset({1, 2, 3}), 1: frozenset({1})})
    conduct(make_plan(make_suite(*TWO, rounds=3, launches=2)), lanes, before)
    assert [lane.place for lane in lanes.all] == ["threads-1", "numpy", "threads-1"]


# The budget


def test_each_launch_has_its_part_of_the_budget() -> None:
    """A launch takes 1.5 s to be ready, then 1 s a round; it has 8 s."""
    suite = make_suite(CASES[0], rounds=20, launches=3, budget_s=24.0)
    events = conduct(make_plan(suite))
    assert launches_of(events) == {
        0: [*range(1, 8)],  # 8.5 s
        1: [*range(21, 27)],  # 16 s
        2: [*range(41, 48)],  # 24.5 s
    }
    assert ended(events) == SuiteFinished("suite", 20, "budget")


def test_no_launch_is_stopped_before_three_rounds() -> None:
    suite = make_suite(CASES[0], rounds=9, launches=3, budget_s=10.0)
    events = conduct(make_plan(suite))  # 4.5 s a launch
    assert launches_of(events) == {0: [1, 2, 3], 1: [10, 11, 12], 2: [19, 20, 21]}


def test_where_the_budget_is_spent_before_the_last_launch_there_is_none() -> None:
    suite = make_suite(CASES[0], rounds=9, launches=50, budget_s=10.0)
    events = conduct(make_plan(suite))
    assert len(launches_of(events)) == 3
    assert ended(events) == SuiteFinished("suite", 9, "budget")


@pytest.mark.parametrize(("rounds", "measured"), [(1, 4), (2, 6)])
def test_a_budget_ends_launches_that_are_shorter_than_three_rounds(
    rounds: int, measured: int
) -> None:
    """A launch takes 1.5 s to be ready, then 1 s a round."""
    suite = make_suite(CASES[0], rounds=rounds, launches=50, budget_s=10.0)
    assert ended(conduct(make_plan(suite))) == SuiteFinished("suite", measured, "budget")


def test_launches_that_end_with_their_part_were_not_cut() -> None:
    suite = make_suite(CASES[0], rounds=4, launches=2, budget_s=11.0)  # 5.5 s each
    assert ended(conduct(make_plan(suite))) == SuiteFinished("suite", 8, "complete")


def test_a_resumed_run_shares_its_budget_between_the_launches_that_are_left() -> None:
    suite = make_suite(CASES[0], rounds=20, launches=3, budget_s=16.0)
    before = Progress(done={0: frozenset(range(1, 21))}, launches={0: 1}, loops={0: 1})
    events = conduct(make_plan(suite), before=before)
    assert launches_of(events) == {1: [*range(21, 28)], 2: [*range(41, 47)]}


def test_without_a_budget_nothing_is_ever_spent() -> None:
    budget = Budget(Settings(rounds=2, launches=2), 0.0)
    assert [budget.after(number, 1e9) for number in (1, 2, 3, 4)] == [2, 3, 4, 5]
    assert not budget.is_spent


def test_launches_change_nothing_in_the_order_of_rounds() -> None:
    """But for the first, in which lanes are opened in parts if there are no launches."""
    one = order_of(conduct(make_plan(make_suite(*CASES, rounds=12))))
    many = order_of(conduct(make_plan(make_suite(*CASES, rounds=3, launches=4))))
    assert one[1:] == many[1:]


def test_a_skipped_case_is_in_no_launch() -> None:
    skipped = msgspec.structs.replace(make_case(workers=4), skip="too large")
    lanes = FakeLanes(Clock())
    conduct(make_plan(make_suite(CASES[0], skipped, rounds=2, launches=2)), lanes)
    assert {lane.place for lane in lanes.all} == {"numpy"}
