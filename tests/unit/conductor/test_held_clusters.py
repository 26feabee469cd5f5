"""A cluster that is held: one lane has all its cases, whatever part of the workers they use."""

import msgspec

from daskbench.events import CaseFailed
from daskbench.lane.protocol import Message
from daskbench.model import Plan, Suite
from daskbench.processes.talk import LaneError
from tests.unit.builders import make_case, make_suite
from tests.unit.conductor.conducting import conduct, samples_in
from tests.unit.fakes import Clock, FakeLane, FakeLanes

CASES = (
    make_case("numpy"),
    make_case("distributed", workers=1),
    make_case("distributed", workers=4),
    make_case("distributed", workers=2),
)


def held() -> Suite:
    return make_suite(*CASES, rounds=2, warmup=1, hold=True)


def test_one_lane_has_all_numbers_of_workers_and_starts_the_most() -> None:
    lanes = FakeLanes(Clock())
    events = conduct(Plan((held(),)), lanes)
    assert len(lanes.all) == 2
    (cluster,) = (lane for lane in lanes.all if lane.case["scheduler"] == "distributed")
    opened = [asked for asked in cluster.asked if asked["op"] == "open"]
    assert sorted(asked["workers"] for asked in opened) == [1, 2, 4]
    assert {asked["held"] for asked in opened} == {4}
    rounds = [(s.case, s.round) for s in samples_in(events) if not s.warmup]
    assert sorted(rounds) == [(case, number) for case in range(4) for number in (1, 2)]


def test_each_number_of_workers_is_warmed_up() -> None:
    warm = {sample.case for sample in samples_in(conduct(Plan((held(),)))) if sample.warmup}
    assert warm == {0, 1, 2, 3}


def test_a_failed_case_takes_the_cluster_with_it_and_the_others_start_it_again() -> None:
    times = iter([False, True])

    def answer(lane: FakeLane, message: Message) -> Message:
        if message["op"] == "sample" and next(times, False):
            raise LaneError("it died")
        return lane.lanes.usual(lane, message)

    places = {f"distributed-{workers}": answer for workers in (1, 2, 4)}
    lanes = FakeLanes(Clock(), answers=places)
    events = conduct(Plan((held(),)), lanes)
    failed = {event.case for event in events if isinstance(event, CaseFailed)}
    assert len(failed) == 1
    done = {sample.case for sample in samples_in(events) if sample.round == 2}
    assert done == {0, 1, 2, 3} - failed
    assert lanes.open == []


def test_a_cluster_that_is_not_held_says_nothing_of_it() -> None:
    lanes = FakeLanes(Clock())
    conduct(Plan((msgspec.structs.replace(make_suite(*CASES, rounds=1)),)), lanes)
    assert len(lanes.all) == len(CASES)
    assert all("held" not in asked for lane in lanes.all for asked in lane.asked)
