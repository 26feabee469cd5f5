"""The order of things, and what a sample holds."""

import random
from collections import Counter

import msgspec
import pytest

from daskbench.conductor.conduct import Activity, Progress
from daskbench.conductor.machine import Counters
from daskbench.events import (
    Event,
    Finished,
    LaneStarted,
    Sample,
    SuiteFinished,
)
from daskbench.lane.protocol import Message
from daskbench.model import Cluster, Plan, Settings, Side, Suite
from tests.unit.builders import make_case, make_plan, make_suite
from tests.unit.conductor.conducting import (
    CASES,
    conduct,
    make_conductor,
    order_of,
    samples_in,
)
from tests.unit.fakes import Answer, Clock, FakeLane, FakeLanes, FakeMachine, answer_of


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


def test_only_one_lane_is_awake_in_a_round_and_one_more_starts_beside_a_warm_up() -> None:
    """Each fake lane also looks at all others whenever it is asked something."""
    lanes = FakeLanes(Clock())
    conductor = make_conductor(make_plan(make_suite(*CASES)), lanes)
    awake = []
    for event in conductor.run():
        awake.append(sum(not lane.frozen for lane in lanes.open))
        if isinstance(event, Activity) and event.phase.startswith("round"):
            assert awake[-1] == 0
    assert max(awake) == 2


def test_a_lane_starts_while_the_one_before_it_warms_up() -> None:
    lanes = FakeLanes(Clock())
    conductor = make_conductor(make_plan(make_suite(*CASES, warmup=1)), lanes)
    begun = {}
    for event in conductor.run():
        if isinstance(event, Activity) and event.phase == "warming up":
            begun[event.case] = sum(lane.begun for lane in lanes.open)
    assert begun == {0: 1, 1: 0, 2: 1, 3: 0}, "two at a time come first"


def test_a_start_takes_what_the_lane_says_but_no_longer_than_was_waited() -> None:
    def took(took_s: float) -> Answer:
        def answer(lane: FakeLane, message: Message) -> Message:
            said = lane.lanes.usual(lane, message)
            return said | {"took_s": took_s} if message["op"] == "open" else said

        return answer

    for told_s, shown_s in ((0.25, 0.25), (7.0, 0.5), (-1.0, 0.0)):
        lanes = FakeLanes(Clock(), answers={"numpy": took(told_s)})
        events = conduct(make_plan(make_suite(make_case("numpy"))), lanes)
        assert [e.startup_s for e in events if isinstance(e, LaneStarted)] == [shown_s]


def test_the_first_figures_are_there_before_slow_lanes_start() -> None:
    """A baseline that is measured twice in a round is measured beside the others, too."""
    slow = make_case("processes", 1), make_case("distributed", 1)
    suite = make_suite(*CASES, *slow, decide=True, rounds=5)
    events = conduct(make_plan(suite))
    opened = [event.case for event in events if isinstance(event, LaneStarted)]
    assert opened == [0, 1, 2, 3, 4, 5]
    opens = next(n for n, one in enumerate(events) if isinstance(one, LaneStarted) and one.case > 3)
    before = [sample for sample in samples_in(events[:opens]) if not sample.warmup]
    assert [sorted(s.case for s in part) for part in (before[:2], before[2:])] == [[0, 1], [2, 3]]
    first, *others = order_of(events)
    assert sorted(first) == [0, 0, 1, 2, 3, 4, 5]
    assert [s.case for s in samples_in(events) if s.again and s.round == 1] == [0]
    assert any(others[0].index(4) < others[0].index(n) for n in (0, 1, 2, 3))


def test_what_dask_chose_is_not_measured_again_by_its_name() -> None:
    """Here the lane of threads × 2 was starting already; threads × 1 is another row."""

    def chose(lane: FakeLane, message: Message) -> Message:
        said = lane.lanes.usual(lane, message)
        return said | {"workers": 2, "chosen": "threads"} if message["op"] == "open" else said

    cases = make_case("default"), make_case(workers=2), make_case(workers=1)
    lanes = FakeLanes(Clock(), answers={"default": chose})
    events = conduct(make_plan(make_suite(*cases, rounds=3)), lanes)
    assert {sample.case for sample in samples_in(events)} == {0, 2}
    assert len(lanes.all) == 3
    assert lanes.open == []
    assert isinstance(events[-1], Finished)
    assert events[-1].failed == 0


def test_launches_and_sides_are_measured_side_by_side_from_the_start() -> None:
    cases = make_case("numpy"), make_case("distributed", 1)
    sides = [msgspec.structs.replace(one, side=Side(n)) for one, n in zip(cases, "AB", strict=True)]
    for suite in make_suite(*cases, rounds=2, launches=2), make_suite(*sides, rounds=2):
        events = conduct(make_plan(suite))
        assert [type(event) for event in events[:4]] == [LaneStarted, Sample] * 2


def test_lanes_that_are_starting_when_a_run_is_interrupted_are_ended() -> None:
    lanes = FakeLanes(Clock())
    running = make_conductor(make_plan(make_suite(*CASES)), lanes).run()
    while not (len(lanes.open) == 2 and lanes.open[1].begun):
        next(running)
    running.close()
    assert lanes.open == []


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
        "hardware": True,
        "seed": 9,
        "blas_threads": 3,
        "cluster": {"address": "tcp://there:1"},
        "thresholds": {},
        "memory": False,
        "timeout_s": 600.0,
        "work": {},
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
