"""Samples with instruments on: after all others, three of each case, and none of them counted."""

from dataclasses import asdict

import msgspec

from daskbench.account import Accounted
from daskbench.conductor.conduct import Progress
from daskbench.events import (
    CaseFailed,
    Event,
    Finished,
    LaneStarted,
    Sample,
    SuiteFinished,
    Unaccounted,
)
from daskbench.lane.protocol import CAUSES, Account, Message
from daskbench.processes.talk import LaneError
from tests.unit.builders import make_hardware_case, make_plan, make_suite
from tests.unit.conductor.conducting import CASES, conduct
from tests.unit.fakes import Answer, Clock, FakeLane, FakeLanes, answer_of


def accounting(lane: FakeLane, message: Message) -> Message:
    answer = lane.lanes.usual(lane, message)
    if not message.get("account"):
        return answer
    account = Account(threads=2, whole_s=2.0, causes=dict.fromkeys(CAUSES, 0.1), tasks=100)
    return answer_of(1.0, account=asdict(account))


def lanes(*others: tuple[str, Answer]) -> FakeLanes:
    places = ("numpy", "threads-1", "threads-2", "synchronous")
    return FakeLanes(Clock(), answers=dict.fromkeys(places, accounting) | dict(others))


def reasons(events: list[Event]) -> dict[int, str]:
    """Return why cases have no account, as the journal keeps it."""
    return {event.case: event.reason for event in events if isinstance(event, Unaccounted)}


def test_three_of_each_case_come_last() -> None:
    events = conduct(make_plan(make_suite(*CASES, rounds=2, why=True)), lanes())
    kinds = [type(event) for event in events]
    first = kinds.index(Accounted)
    assert Sample not in kinds[first:]
    assert kinds[-2:] == [SuiteFinished, Finished]
    accounts = [event for event in events if isinstance(event, Accounted)]
    assert sorted(one.case for one in accounts) == sorted([0, 1, 2, 3] * 3)
    assert sorted(one.case for one in accounts[:4]) == [0, 1, 2, 3], "in rounds"
    assert all(one.valid and one.threads == 2 and one.at_s > 0 for one in accounts)


def test_none_unless_asked() -> None:
    events = conduct(make_plan(make_suite(*CASES, rounds=2)), lanes())
    assert not any(isinstance(event, Accounted) for event in events)


def test_a_reference_is_not_explained() -> None:
    cases = (CASES[0], make_hardware_case())
    events = conduct(make_plan(make_suite(*cases, rounds=2, why=True)), lanes())
    assert {event.case for event in events if isinstance(event, Accounted)} == {0}


def test_one_that_fails_costs_no_case() -> None:
    def failing(lane: FakeLane, message: Message) -> Message:
        if message.get("account"):
            raise LaneError("killed")
        return lane.lanes.usual(lane, message)

    plan = make_plan(make_suite(*CASES, rounds=2, why=True))
    events = conduct(plan, lanes(("threads-2", failing)))
    assert isinstance(events[-1], Finished)
    assert events[-1].failed == 0
    assert {event.case for event in events if isinstance(event, Accounted)} == {0, 1, 3}
    assert reasons(events) == {2: "killed"}


def test_a_lane_that_can_not_be_opened_again_costs_no_case() -> None:
    rounds, opened = 2, list[FakeLane]()

    def once(lane: FakeLane, message: Message) -> Message:
        if message["op"] == "open":
            opened.append(lane)
            if len(opened) > rounds:
                raise LaneError("gone")
        return lane.lanes.usual(lane, message)

    suite = make_suite(*CASES, rounds=rounds, warmup=0, why=True)
    plan = make_plan(msgspec.structs.replace(suite, in_turns="no room"))
    events = conduct(plan, lanes(("threads-2", once)))
    assert len(opened) > rounds
    assert not [event for event in events if isinstance(event, CaseFailed)]
    assert reasons(events) == {2: "gone"}
    assert isinstance(events[-1], Finished)
    assert events[-1].failed == 0


def test_a_lane_that_gives_no_account_costs_no_case() -> None:
    def silent(lane: FakeLane, message: Message) -> Message:
        return lane.lanes.usual(lane, message)

    plan = make_plan(make_suite(*CASES, rounds=2, why=True))
    events = conduct(plan, lanes(("threads-2", silent)))
    assert {event.case for event in events if isinstance(event, Accounted)} == {0, 1, 3}
    assert reasons(events) == {2: "its lane sent no account of its sample"}


def test_a_run_that_is_resumed_takes_what_is_missing() -> None:
    plan = make_plan(make_suite(*CASES, rounds=2, why=True))
    before = Progress(done={n: frozenset({1, 2}) for n in range(4)}, accounts={0: 3, 1: 1})
    events = conduct(plan, lanes(), before)
    found = [event.case for event in events if isinstance(event, Accounted)]
    assert sorted(found) == [1, 1, 2, 2, 2, 3, 3, 3]


def test_lanes_in_turns_are_opened_for_it_once() -> None:
    suite = make_suite(*CASES[:2], rounds=2, why=True)
    suite = msgspec.structs.replace(suite, in_turns="no room")
    used = lanes()
    events = conduct(make_plan(suite), used)
    found = [event.case for event in events if isinstance(event, Accounted)]
    assert found in ([0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0])
    started = [event for event in events if isinstance(event, LaneStarted)]
    assert len(started) == 2 * (2 + 1), "of two cases: one for each round, and one"
    assert used.open == []
