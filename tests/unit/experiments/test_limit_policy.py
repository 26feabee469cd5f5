"""The search for the smallest limit, conducted on fakes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daskbench.benchmarks import make_benchmark
from daskbench.conductor.conduct import Progress
from daskbench.config import fit, forecasts_of
from daskbench.events import (
    CaseFailed,
    Event,
    Finished,
    LaneStarted,
    Reading,
    Resumed,
    Sample,
    WorkerEvent,
)
from daskbench.experiments.limit import EXPERIMENT
from daskbench.experiments.limit.plan import make_search
from daskbench.experiments.limit.search import Outcome
from daskbench.lane.protocol import Message
from daskbench.lane.sampling import Sampler
from daskbench.model import Plan
from tests.unit.builders import (
    PARAMETERS,
    make_case,
    make_run,
    make_suite,
)
from tests.unit.experiments.limited import (
    FAILED,
    GIB,
    MIB,
    TRUTH,
    UNPAUSED,
    UNSPILLED,
    LimitedLanes,
    by_place,
    conduct,
    search_suite,
)
from tests.unit.fakes import Clock


def tried_in(events: list[Event]) -> list[int]:
    return [event.case for event in events if isinstance(event, Sample | CaseFailed)]


def test_the_largest_is_tried_first_then_the_middle() -> None:
    lanes = LimitedLanes(Clock(), by_place(TRUTH))
    events, noted = conduct(search_suite(), lanes)
    assert tried_in(events) == [7, 3, 5, 4, 1, 2]
    assert [event.case for event in events if isinstance(event, LaneStarted)] == tried_in(events)
    assert lanes.open == []
    assert events[-1] == Finished("complete", lanes.clock.now - 100.0, failed=0)
    assert any(isinstance(event, WorkerEvent) for event in noted)


def test_what_is_told_last_of_all_is_heard_before_the_sample_counts() -> None:
    lanes = LimitedLanes(Clock(), by_place((UNPAUSED,)))
    _, noted = conduct(search_suite(1), lanes)
    assert any(isinstance(event, Reading) and event.written_bytes for event in noted)
    assert [op for op, _ in lanes.log] == ["open", "sample", "listen"]


def test_where_the_largest_fails_nothing_more_is_tried_and_the_case_failed() -> None:
    lanes = LimitedLanes(Clock(), lambda limit: FAILED)
    events, _ = conduct(search_suite(), lanes)
    assert tried_in(events) == [7]
    assert isinstance(events[-1], Finished)
    assert events[-1].failed == 1


def test_a_trial_of_several_samples_keeps_its_lane_and_ends_at_a_failure() -> None:
    lanes = LimitedLanes(Clock(), by_place((FAILED, UNSPILLED)))
    events, _ = conduct(search_suite(2, rounds=3), lanes)
    assert tried_in(events) == [1, 1, 1, 0]
    assert len(lanes.all) == 2


def test_the_worst_of_several_samples_counts() -> None:
    """The second sample at the largest limit spills: so none is without spilling."""
    outcomes = iter([UNSPILLED, UNSPILLED, UNPAUSED, UNPAUSED] + [UNSPILLED] * 20)
    lanes = LimitedLanes(Clock(), lambda limit: next(outcomes))
    suite = search_suite(2, rounds=2)
    events, noted = conduct(suite, lanes)
    run_signs = [*events, *noted]
    assert any(isinstance(e, Reading) and e.case == 1 and e.spilled_bytes for e in run_signs)
    assert tried_in(events) == [1, 1, 0, 0]


@given(
    truth=st.lists(st.sampled_from(Outcome), min_size=1, max_size=25),
    cut=st.integers(1, 12),
)
@settings(max_examples=40, deadline=None)
def test_cut_anywhere_it_goes_on_from_its_journal(
    tmp_path_factory: pytest.TempPathFactory, truth: list[Outcome], cut: int
) -> None:
    """Samples, failures and readings of the first session are enough to go on as if uncut."""
    suite = search_suite(len(truth))
    whole = LimitedLanes(Clock(), by_place(tuple(truth)))
    events, noted = conduct(suite, whole)
    first = LimitedLanes(Clock(), by_place(tuple(truth)), interrupt_at=cut)
    events, noted = conduct(suite, first)
    folder = tmp_path_factory.mktemp("store")
    run = make_run(folder, [*noted, *events], Plan((suite,)), finish=False)
    done = {n: frozenset(int(r) for r in s["round"]) for n, s in run.samples.items()}
    before = Progress(done=done, outcomes=EXPERIMENT.outcomes(run), session=1)
    second = LimitedLanes(Clock(), by_place(tuple(truth)))
    conduct(suite, second, before)
    assert first.tried[: cut - 1] + second.tried == whole.tried


def test_what_failed_in_a_search_is_not_forgotten_by_a_resume(tmp_path: Path) -> None:
    """In other suites it is, so that it is measured again."""
    other = make_suite(make_case(), name="other")
    plan = Plan((search_suite(2), other))
    failures: list[Event] = [CaseFailed(n, "in round 1", "KilledWorker: died") for n in (0, 2)]
    run = make_run(tmp_path, [*failures, Resumed("2026-11-23T11:00:00+00:00", 1.0)], plan)
    assert [*run.failures] == [0]
    assert EXPERIMENT.outcomes(run) == {0: FAILED}


def test_a_search_is_left_whole_by_the_preflight() -> None:
    suite = make_search("limit", "svd", {"shape": ("1e6x100",)}, [100 * MIB, 200 * MIB], cores=2)
    found = forecasts_of(suite, 2, GIB)
    assert any(one.skip for one in found)
    assert fit(suite, found, GIB, force=False) == suite
    how = suite.settings
    assert (how.memory, how.hardware, how.warmup, how.rounds) == (True, False, 0, 1)
    assert [case.memory_limit_bytes for case in suite.cases] == [100 * MIB, 200 * MIB]


def test_a_lane_listens_only_where_memory_is_told() -> None:
    heard: list[str] = []

    class Quiet:
        """Tells nothing."""

    class Telling(Quiet):
        def tell_memory(self, tell: Callable[[Message], None], interval_s: float | None) -> None:
            """Not asked for here."""

        def listen(self) -> None:
            heard.append("listened")

    for scheduler in (Quiet(), Telling()):
        Sampler(make_benchmark("calc_mean", PARAMETERS, 1), scheduler).listen()  # type: ignore[arg-type]
    assert heard == ["listened"]
