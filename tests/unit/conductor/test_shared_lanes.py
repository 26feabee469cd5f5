"""Cases on the same scheduler share a lane where their suite says so."""

from typing import Any

import msgspec

from daskbench.events import CaseFailed, LaneStarted
from daskbench.lane.protocol import Message
from daskbench.model import Plan, Suite
from daskbench.processes.talk import LaneError
from tests.unit.builders import make_case, make_suite
from tests.unit.conductor.conducting import conduct, samples_in
from tests.unit.fakes import Clock, FakeLane, FakeLanes

CASES = (
    make_case(workers=2, n=10),
    make_case("synchronous", n=10),
    make_case(workers=2, n=20),
    make_case("synchronous", n=20),
    make_case(workers=1, n=20),
)


def shared(**settings: Any) -> Suite:
    suite = make_suite(*CASES, **{"rounds": 2, **settings})
    return msgspec.structs.replace(suite, shares_lanes=True)


def test_there_is_one_lane_for_each_place() -> None:
    lanes = FakeLanes(Clock())
    events = conduct(Plan((shared(),)), lanes)
    assert sorted(lane.place for lane in lanes.all) == ["synchronous", "threads-1", "threads-2"]
    assert lanes.open == []
    started = [event.case for event in events if isinstance(event, LaneStarted)]
    assert sorted(started) == [0, 1, 2, 3, 4]
    rounds = [(s.case, s.round) for s in samples_in(events) if not s.warmup]
    assert sorted(rounds) == [(case, number) for case in range(5) for number in (1, 2)]


def test_each_sample_is_of_the_case_that_was_meant() -> None:
    lanes = FakeLanes(Clock())
    conduct(Plan((shared(),)), lanes)
    for lane in lanes.all:
        opened = [asked["number"] for asked in lane.asked if asked["op"] == "open"]
        sampled = {asked["number"] for asked in lane.asked if asked["op"] == "sample"}
        assert sampled == {*opened}
        assert [lane.cases[n]["parameters"]["n"] for n in opened] == [
            CASES[n].parameters["n"] for n in opened
        ]


def test_only_the_first_case_of_a_lane_warms_it_up() -> None:
    events = conduct(Plan((shared(min_time_s=0.001),)))
    warm = [sample.case for sample in samples_in(events) if sample.warmup]
    assert warm == [0, 1, 4]


def test_a_lane_that_fails_is_replaced_for_the_others() -> None:
    times = iter([False, False, True])

    def answer(lane: FakeLane, message: Message) -> Message:
        if message["op"] == "sample" and next(times, False):
            raise LaneError("it died")
        return lane.lanes.usual(lane, message)

    lanes = FakeLanes(Clock(), answers={"threads-2": answer})
    events = conduct(Plan((shared(),)), lanes)
    failed = [event.case for event in events if isinstance(event, CaseFailed)]
    assert len(failed) == 1
    [other] = {0, 2} - {*failed}
    assert [s.round for s in samples_in(events) if s.case == other and not s.warmup] == [1, 2]
    assert lanes.open == []
    assert lanes.signalled_after_end == []


def test_other_suites_have_a_lane_for_each_case() -> None:
    lanes = FakeLanes(Clock())
    conduct(Plan((make_suite(*CASES, rounds=1),)), lanes)
    assert len(lanes.all) == len(CASES)
    asked = [message for lane in lanes.all for message in lane.asked]
    assert all("number" not in message for message in asked)
