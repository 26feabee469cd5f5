"""Which graph is measured when: small ones first, large ones as far as the budget allows."""

from typing import Any

from daskbench.conductor.ports import Progress
from daskbench.events import Event, SuiteFinished
from daskbench.experiments.overhead.next import Affordable
from daskbench.model import Plan, Suite
from tests.unit.conductor.conducting import conduct, samples_in
from tests.unit.experiments.costed import seconds_of, suite_of
from tests.unit.fakes import Clock, FakeLane, FakeLanes, answer_of


def lanes_of(suite: Suite, slower: float = 1.0) -> FakeLanes:
    """Lanes whose samples take as long as costs say, times `slower`."""

    def answer(lane: FakeLane, message: Any) -> Any:
        if message["op"] != "sample":
            return lane.lanes.usual(lane, message)
        wall_s = slower * seconds_of(suite.cases[message["number"]])
        lane.lanes.clock.now += wall_s
        return answer_of(wall_s)

    places = ("synchronous", "threads-2", "distributed-2")
    return FakeLanes(Clock(), answers=dict.fromkeys(places, answer))


def sizes_of(suite: Suite, events: list[Event]) -> list[Any]:
    """The tasks of each measured sample, in order."""
    samples = [sample for sample in samples_in(events) if not sample.warmup]
    return [suite.cases[sample.case].parameters["tasks"] for sample in samples]


def test_large_graphs_wait_until_the_small_ones_have_intervals() -> None:
    suite = suite_of()
    events = conduct(Plan((suite,)), lanes_of(suite))
    sizes = sizes_of(suite, events)
    small = sum(case.parameters["tasks"] != 10_000 for case in suite.cases)
    assert 10_000 not in sizes[: 5 * small]
    assert sizes.count(10_000) == 2 * 5


def test_with_one_lane_for_each_place() -> None:
    suite = suite_of()
    lanes = lanes_of(suite)
    conduct(Plan((suite,)), lanes)
    assert [lane.place for lane in lanes.all] == ["synchronous", "distributed-2"]
    assert lanes.open == []


def test_most_later_rounds_are_of_busy_tasks_alone() -> None:
    suite = suite_of(rounds=12, tasks=(50, 100), shape=("wide",), returns=("",))
    events = conduct(Plan((suite,)), lanes_of(suite))
    rounds: dict[bool, set[int]] = {True: set(), False: set()}
    for sample in samples_in(events):
        if not sample.warmup:
            rounds[bool(suite.cases[sample.case].parameters["busy"])].add(sample.round)
    assert rounds[True] == {*range(1, 13)}
    assert rounds[False] == {1, 2, 3, 4, 5, 6, 9, 12}


def test_those_that_start_at_once_come_first() -> None:
    suite = suite_of(schedulers=("distributed", "threads", "synchronous"))
    events = conduct(Plan((suite,)), lanes_of(suite))
    places = [suite.cases[s.case].scheduler for s in samples_in(events) if not s.warmup]
    first = places[: places.index("distributed")]
    assert {*first} == {"threads", "synchronous"}
    assert len(first) == 2 * sum(c.parameters["tasks"] != 10_000 for c in suite.cases) / 3


def test_a_budget_that_is_too_small_leaves_large_graphs_out() -> None:
    suite = suite_of(budget=20.0)
    events = conduct(Plan((suite,)), lanes_of(suite, slower=4.0))
    assert 10_000 not in sizes_of(suite, events)[-20:]
    rounds = {sample.round for sample in samples_in(events)}
    assert {1, 2, 3} <= rounds
    [end] = [event for event in events if isinstance(event, SuiteFinished)]
    assert end.reason == "budget"


def test_few_rounds_that_were_all_measured_are_complete() -> None:
    suite = suite_of(rounds=2, tasks=(100, 5000), shape=("wide",), busy=("",), returns=("",))
    events = conduct(Plan((suite,)), lanes_of(suite))
    assert sizes_of(suite, events).count(5000) == 2 * 2
    [end] = [event for event in events if isinstance(event, SuiteFinished)]
    assert end.reason == "complete"


def test_a_run_that_is_resumed_measures_what_is_missing() -> None:
    suite = suite_of(rounds=2, tasks=(100, 5000), shape=("wide",), busy=("",), returns=("",))
    numbers = range(len(suite.cases))
    done = {number: frozenset({1, 2}) for number in numbers if number != 2}
    events = conduct(Plan((suite,)), lanes_of(suite), Progress(done=done))
    assert {sample.case for sample in samples_in(events) if not sample.warmup} == {2}


def test_what_a_large_graph_takes_is_told_by_the_largest_of_its_lane() -> None:
    suite = suite_of(tasks=(100, 1000, 10**5), shape=("wide",), schedulers=("threads",))
    cases = dict(enumerate(suite.cases))
    policy = Affordable(suite, cases, Progress(), seed=0, start_s=0.0)
    policy.cost_s = {0: 0.1, 1: 0.5}
    assert 50 < policy._expected_s(2) < 100  # 100 times as many tasks, each somewhat dearer
