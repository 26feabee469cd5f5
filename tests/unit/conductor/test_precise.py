"""--precision: rounds beyond the plan, for whom, and when it is enough."""

from collections.abc import Callable
from random import Random
from typing import Any

import msgspec
import numpy as np
import pytest

from daskbench.conductor.conduct import Progress
from daskbench.conductor.precise import Precise
from daskbench.events import CaseFailed, Event, Sample
from daskbench.journal.run import Samples
from daskbench.lane.protocol import Message
from daskbench.model import Case
from daskbench.stats.precision import (
    LEAST_LAUNCHES,
    LEAST_ROUNDS,
    Precision,
    least_samples,
    precision_of,
    too_wide,
    width_of,
)
from daskbench.stats.ratio import Ratio, paired_ratio
from tests.unit.builders import make_case, make_hardware_case, make_plan, make_sample, make_suite
from tests.unit.conductor.conducting import conduct, order_of, samples_in
from tests.unit.conductor.test_launches import ended, rounds_of
from tests.unit.fakes import Answer, Clock, FakeLane, FakeLanes, answer_of, failing

NUMPY, ONE, TWO = make_case("numpy"), make_case(workers=1), make_case(workers=2)


def noisy(seconds: float, noise: float, seed: int = 0) -> Answer:
    """A lane whose samples take so long, more or less."""
    chance = Random(seed)

    def answer(lane: FakeLane, message: Message) -> Message:
        if message["op"] == "open":
            return {"tasks": 100}
        wall_s = seconds * chance.lognormvariate(0, noise)
        lane.lanes.clock.now += wall_s
        return answer_of(wall_s)

    return answer


def lanes_of(**answers: Answer) -> FakeLanes:
    return FakeLanes(Clock(), answers={name.replace("_", "-"): a for name, a in answers.items()})


def measure(
    lanes: FakeLanes, *cases: Case, before: Progress | None = None, **settings: Any
) -> list[Event]:
    usual: dict[str, Any] = {"precision": 0.02, "rounds": 5}
    return conduct(make_plan(make_suite(*cases, **usual | settings)), lanes, before)


def samples_of(events: list[Event], case: int) -> Samples:
    found = Samples()
    for sample in samples_in(events):
        if sample.case == case:
            found.append(sample)
    return found


def ratio_in(events: list[Event], case: int, base: int) -> Ratio | None:
    settings = make_suite(precision=0.02, rounds=5).settings
    return paired_ratio(samples_of(events, case), samples_of(events, base), settings)


# When it is enough


def test_without_a_precision_there_is_no_round_beyond_the_plan() -> None:
    events = measure(lanes_of(numpy=noisy(1, 0.5)), NUMPY, precision=None)
    assert rounds_of(events) == [1, 2, 3, 4, 5]


def test_nothing_is_decided_before_there_are_enough_rounds() -> None:
    events = measure(lanes_of(numpy=noisy(1, 1e-9)), NUMPY)
    assert rounds_of(events) == [*range(1, LEAST_ROUNDS + 1)]
    assert ended(events).reason == "complete"


def test_it_goes_on_until_the_interval_is_narrow_enough() -> None:
    events = measure(lanes_of(numpy=noisy(1, 0.03)), NUMPY)
    settings = make_suite(precision=0.02, rounds=5).settings
    assert LEAST_ROUNDS < len(rounds_of(events)) < 300
    assert width_of(samples_of(events, 0), None, settings) <= 0.02
    assert ended(events).rounds == len(rounds_of(events))


def test_a_plan_that_was_precise_enough_has_no_rounds_beyond() -> None:
    events = measure(lanes_of(numpy=noisy(1, 1e-9)), NUMPY, rounds=30)
    assert len(rounds_of(events)) == 30


@pytest.mark.parametrize("seed", range(2))
def test_how_long_it_goes_on_does_not_depend_on_what_the_intervals_say(seed: int) -> None:
    """Whether a case is twice as slow, 1 % faster or the same: only widths count."""

    def rounds(times: float) -> int:
        lanes = lanes_of(numpy=noisy(1, 0.03, seed), threads_1=noisy(times, 0.03, seed + 100))
        return len(order_of(measure(lanes, NUMPY, ONE)))

    assert len({rounds(times) for times in (0.5, 0.99, 0.999, 1.0, 1.001, 1.05, 2.0)}) == 1


def test_the_budget_ends_what_would_never_be_precise() -> None:
    events = measure(lanes_of(numpy=noisy(1, 0.5)), NUMPY, budget_s=60.0)
    assert ended(events).reason == "budget"
    assert 40 < ended(events).rounds < 80


def test_what_is_precise_when_the_budget_is_spent_is_complete() -> None:
    events = measure(lanes_of(numpy=noisy(1, 1e-9)), NUMPY, budget_s=15.5)
    assert ended(events).reason == "complete"


def test_samples_that_are_never_valid_are_not_waited_for() -> None:
    def wrong(lane: FakeLane, message: Message) -> Message:
        lane.lanes.clock.now += 1
        return {"tasks": 100} if message["op"] == "open" else answer_of(1.0, reason="wrong")

    lanes = lanes_of(numpy=wrong, threads_1=noisy(1, 0.03))
    events = measure(lanes, NUMPY, ONE, budget_s=1000.0)
    assert ended(events).reason == "complete"
    settings = make_suite(precision=0.02, rounds=5).settings
    assert width_of(samples_of(events, 1), None, settings) <= 0.02


# Whose turn it is


def test_the_widest_gets_the_samples_and_its_baseline_is_beside_it() -> None:
    lanes = lanes_of(numpy=noisy(1, 1e-3, 1), threads_1=noisy(1, 1e-3, 2), threads_2=noisy(1, 0.03))
    events = measure(lanes, NUMPY, ONE, TWO)
    counts = [len(rounds_of(events, case)) for case in (0, 1, 2)]
    assert counts[0] == counts[2] > counts[1] + 10
    beyond = order_of(events)[max(rounds_of(events, 1)) :]
    assert len(beyond) > 10
    assert all(sorted(cases) == [0, 2] for cases in beyond)
    assert len({tuple(cases) for cases in beyond}) == 2  # in either order


def test_a_noisy_baseline_alone_is_measured_with_those_whose_ratio_it_widens() -> None:
    lanes = lanes_of(numpy=noisy(1, 0.03), threads_1=noisy(1, 1e-3))
    events = measure(lanes, NUMPY, ONE)
    assert len(rounds_of(events, 0)) == len(rounds_of(events, 1)) > LEAST_ROUNDS


def test_each_table_has_a_baseline_of_its_own() -> None:
    other = [make_case("numpy", n=5), make_case(workers=1, n=5)]
    suite = make_suite(NUMPY, ONE, *other, precision=0.02)
    assert Precise(suite, dict(enumerate(suite.cases)), {}).baselines == {0: 0, 1: 0, 2: 2, 3: 2}


def test_what_the_machine_can_do_is_not_measured_beyond_the_plan() -> None:
    lanes = lanes_of(threads_1=noisy(1, 0.03))
    events = measure(lanes, make_hardware_case(), ONE)
    assert len(rounds_of(events, 0)) == 5
    assert len(rounds_of(events, 1)) > LEAST_ROUNDS


def test_thresholds_of_memory_run_no_race_and_have_none_to_reach() -> None:
    case = Case("thresholds", "distributed", {"threshold": "spill"}, 1)
    suite = msgspec.structs.replace(make_suite(case, precision=0.02, rounds=5), race=False)
    events = conduct(make_plan(suite), lanes_of(distributed_1=noisy(1, 0.5)))
    assert rounds_of(events) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("at_sample", [2, 8, 22])
def test_where_a_baseline_fails_the_others_go_on_without_it(at_sample: int) -> None:
    lanes = lanes_of(numpy=failing("killed", at_sample=at_sample), threads_1=noisy(1, 0.03))
    events = measure(lanes, NUMPY, ONE)
    assert [event.case for event in events if isinstance(event, CaseFailed)] == [0]
    settings = make_suite(precision=0.02, rounds=5).settings
    assert len(rounds_of(events, 1)) > LEAST_ROUNDS
    assert width_of(samples_of(events, 1), None, settings) <= 0.02
    assert ended(events).reason == "complete"


def test_a_case_that_fails_is_not_waited_for() -> None:
    lanes = lanes_of(numpy=noisy(1, 1e-9), threads_1=failing("killed", at_sample=9))
    events = measure(lanes, NUMPY, ONE)
    assert len(rounds_of(events, 0)) == LEAST_ROUNDS


@pytest.mark.parametrize("at_sample", [17, 20, 25])
def test_where_the_widest_fails_those_that_waited_have_their_turn(at_sample: int) -> None:
    wild, usual = noisy(1, 0.5), failing("killed", at_sample=at_sample)

    def fails(lane: FakeLane, message: Message) -> Message:
        usual(lane, message)
        return wild(lane, message)

    other = make_case(workers=2, n=5)  # in a table of its own, so that no baseline goes on for it
    lanes = lanes_of(numpy=noisy(1, 1e-3, 1), threads_1=noisy(1, 0.03), threads_2=fails)
    events = measure(lanes, NUMPY, ONE, other)
    settings = make_suite(precision=0.02, rounds=5).settings
    assert [event.case for event in events if isinstance(event, CaseFailed)] == [2]
    assert width_of(samples_of(events, 1), ratio_in(events, 1, 0), settings) <= 0.02
    assert ended(events).reason == "complete"


# Launches


def launched(noise: float, luck: float) -> Answer:
    """A lane whose launches have luck of their own."""
    chance, lucks = Random(1), {}

    def answer(lane: FakeLane, message: Message) -> Message:
        if message["op"] == "open":
            lucks[id(lane)] = chance.lognormvariate(0, luck)
            return {"tasks": 100}
        wall_s = lucks[id(lane)] * chance.lognormvariate(0, noise)
        lane.lanes.clock.now += wall_s
        return answer_of(wall_s)

    return answer


def test_with_launches_it_is_more_launches_that_make_it_precise() -> None:
    lanes = lanes_of(numpy=launched(1e-3, 0.01))
    events = measure(lanes, NUMPY, launches=2, rounds=3)
    launches = len(lanes.all)
    assert launches > LEAST_LAUNCHES
    assert rounds_of(events) == [*range(1, 3 * launches + 1)]
    assert ended(events).reason == "complete"


def test_nothing_is_decided_before_there_are_enough_launches() -> None:
    lanes = lanes_of(numpy=launched(1e-9, 1e-9))
    measure(lanes, NUMPY, launches=2, rounds=10)
    assert len(lanes.all) == LEAST_LAUNCHES


def test_launches_of_one_round_are_a_series() -> None:
    lanes = lanes_of(numpy=launched(1e-9, 1e-9))
    events = measure(lanes, NUMPY, launches=2, rounds=1)
    assert len(rounds_of(events)) == LEAST_ROUNDS


# Going on


def before_of(events: list[Event], *cases: int) -> Progress:
    """What a resumed run knows of one whose events these are."""
    samples = {case: samples_of(events, case) for case in cases}
    done = {n: frozenset(s["round"][s.measured].astype(int).tolist()) for n, s in samples.items()}
    return Progress(samples, done, session=1, loops=dict.fromkeys(cases, 1))


def cut(events: list[Event], keep: Callable[[Sample], bool]) -> list[Event]:
    return [event for event in samples_in(events) if keep(event)]


def test_a_resumed_run_goes_on_where_it_was() -> None:
    first = measure(lanes_of(numpy=noisy(1, 0.03)), NUMPY, budget_s=30.0)
    assert ended(first).reason == "budget"
    had = rounds_of(first)
    again = measure(lanes_of(numpy=noisy(1, 0.03, 5)), NUMPY, before=before_of(first, 0))
    assert rounds_of(again)[0] == had[-1] + 1
    assert ended(again).rounds == len(had) + len(rounds_of(again))
    both = samples_of([*first, *again], 0)
    settings = make_suite(precision=0.02, rounds=5).settings
    assert width_of(both, None, settings) <= 0.02


def test_a_resumed_run_takes_pairs_beyond_all_that_was_measured() -> None:
    """Case 2 has more rounds than case 1: its baseline has those, and could not be beside it."""
    noise = {"numpy": noisy(1, 1e-3, 1), "threads_1": noisy(1, 0.02, 2)}
    first = measure(lanes_of(**noise, threads_2=noisy(1, 0.05)), NUMPY, ONE, TWO, budget_s=150.0)
    last = max(rounds_of(first))
    # What was measured of case 1 is cut, so that it is the widest now.
    kept = cut(first, lambda sample: sample.case != 1 or sample.round <= 8)
    lanes = lanes_of(**noise, threads_2=noisy(1, 0.05))
    again = measure(lanes, NUMPY, ONE, TWO, before=before_of(kept, 0, 1, 2))
    assert {r for r in rounds_of(again, 1) if r > 8} <= {*rounds_of(again, 0)}
    assert max(rounds_of(again, 1)) > last
    assert min(rounds_of(again, 0)) == last + 1


def test_a_resumed_run_begins_a_launch_of_its_own() -> None:
    settings: dict[str, Any] = {"launches": 2, "rounds": 4}
    first = measure(lanes_of(numpy=launched(1e-3, 0.03)), NUMPY, **settings)
    kept = cut(first, lambda sample: sample.round <= 22)
    lanes = lanes_of(numpy=launched(1e-3, 0.03))
    again = measure(lanes, NUMPY, before=before_of(kept, 0), **settings)
    assert rounds_of(again)[0] == 25


def test_a_run_that_was_precise_has_nothing_more_to_do() -> None:
    first = measure(lanes_of(numpy=noisy(1, 0.03)), NUMPY)
    lanes = lanes_of(numpy=noisy(1, 0.03))
    again = measure(lanes, NUMPY, before=before_of(first, 0))
    assert rounds_of(again) == []
    assert lanes.all == []


@pytest.mark.parametrize(
    ("settings", "least"),
    [
        ({"rounds": 9}, 9),
        ({"precision": 0.02}, 15),
        ({"precision": 0.02, "rounds": 20}, 20),
        ({"precision": 0.02, "rounds": 4, "launches": 2}, 20),
        ({"precision": 0.02, "rounds": 4, "launches": 9}, 36),
        ({"precision": 0.02, "rounds": 2, "launches": 2}, 15),
        ({"precision": 0.02, "rounds": 1, "launches": 2}, 15),
    ],
)
def test_so_many_samples_there_are_in_any_case(settings: dict[str, Any], least: int) -> None:
    assert least_samples(NUMPY, make_suite(**settings)) == least


# Widths


@pytest.mark.parametrize(
    ("widths", "wanted"),
    [
        ({}, set()),
        ({0: 0.01, 1: 0.02}, set()),
        ({0: 0.01, 1: 0.03}, {1}),
        ({0: 0.03, 1: 0.05, 2: 0.2}, {2}),
        ({0: 0.11, 1: 0.05, 2: 0.2}, {0, 2}),
        ({0: float("inf"), 1: 0.05}, {1}),
        ({0: float("inf")}, set()),
    ],
)
def test_those_within_half_of_the_widest_have_their_turn(
    widths: dict[int, float], wanted: set[int]
) -> None:
    assert too_wide(widths, 0.02) == wanted


def series(seconds: list[float], case: int = 0) -> Samples:
    found = Samples()
    for number, wall_s in enumerate(seconds, 1):
        found.append(make_sample(case, number, wall_s, watched_s=2 * wall_s))
    return found


SETTINGS = make_suite(precision=0.01).settings


@pytest.mark.parametrize("seconds", [[], [1.0], [1.0, 1.0, 1.0, 1.1]])
def test_too_few_samples_have_no_width(seconds: list[float]) -> None:
    assert width_of(series(seconds), None, SETTINGS) == np.inf
    assert precision_of([series(seconds)], None, SETTINGS) is None


def test_the_width_is_that_of_the_ratio_or_of_the_typical_time_without_one() -> None:
    steady, shaky = series([1.0, 1.01, 1.0, 1.02, 1.0]), series([1.0, 1.1, 1.0, 1.2, 1.0])
    ratio = paired_ratio(steady, shaky, SETTINGS)
    assert ratio is not None
    assert ratio.low is not None
    assert ratio.high is not None
    assert width_of(steady, ratio, SETTINGS) == (ratio.high - ratio.low) / ratio.value
    assert width_of(steady, None, SETTINGS) < width_of(shaky, None, SETTINGS)
    few = paired_ratio(series([1.0, 1.1]), series([1.0, 1.0]), SETTINGS)
    assert width_of(steady, few, SETTINGS) == width_of(steady, None, SETTINGS)


def test_what_was_reached_and_how_much_longer_it_would_take() -> None:
    found = precision_of([series([1.0, 1.1, 1.0, 1.2, 1.0])], None, SETTINGS)
    assert found is not None
    assert found.samples == 5
    expected = ((found.width / 0.01) ** 2 - 1) * 5 * 2 * 1.06
    assert found.more_s == pytest.approx(expected)


def test_where_it_is_reached_nothing_more_is_to_be_done() -> None:
    assert precision_of([series([1.0] * 5)], None, SETTINGS) == Precision(0.0, 5, 0.0)


def test_none_was_asked_for() -> None:
    assert precision_of([series([1.0] * 4)], None, make_suite().settings) is None
