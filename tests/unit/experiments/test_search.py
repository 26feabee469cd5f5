"""The search, on made-up truths."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.events import CaseFailed, Event, Reading, WorkerEvent
from daskbench.experiments.limit.search import (
    GOALS,
    Bracket,
    Outcome,
    after_termination,
    bracket,
    is_monotone,
    most_trials,
    next_trial,
    sign_of,
    worst,
)
from tests.unit.builders import make_invalid, make_lane, make_sample

outcomes = st.sampled_from([one for one in Outcome if one != Outcome.BROKEN])
truths = st.lists(outcomes, min_size=1, max_size=120)
monotone = truths.map(sorted)


def search(truth: list[Outcome], known: Mapping[int, Outcome] | None = None) -> dict[int, Outcome]:
    """Go on until the search has an end; return all that was tried."""
    found = dict(known or {})
    while (limit := next_trial(found, len(truth))) is not None:
        assert limit not in found, "no limit is tried twice"
        found[limit] = truth[limit]
    return found


def thresholds(found: Mapping[int, Outcome]) -> list[int | None]:
    return [bracket(found, goal).good for goal in GOALS]


def exact(truth: list[Outcome]) -> list[int | None]:
    """By looking at all of a monotone truth."""
    return [
        next((limit for limit, outcome in enumerate(truth) if outcome >= goal), None)
        for goal in GOALS
    ]


def test_what_is_broken_ends_it() -> None:
    assert next_trial({7: Outcome.UNSPILLED, 3: Outcome.BROKEN}, 8) is None


@given(monotone)
def test_it_finds_the_exact_thresholds(truth: list[Outcome]) -> None:
    found = search(truth)
    assert thresholds(found) == exact(truth)
    assert len(found) <= most_trials(len(truth))
    assert all(is_monotone(found, goal) for goal in GOALS)


@given(monotone)
def test_beside_each_threshold_stands_the_neighbour_that_missed_it(truth: list[Outcome]) -> None:
    found = search(truth)
    for goal in GOALS:
        good, bad = bracket(found, goal)
        if good is None:
            assert bad == len(truth) - 1
        else:
            assert bad == (good - 1 if good else None)


@given(st.data(), monotone)
def test_it_goes_on_from_whatever_was_tried(data: st.DataObject, truth: list[Outcome]) -> None:
    known = data.draw(st.sets(st.integers(0, len(truth) - 1)))
    found = search(truth, {limit: truth[limit] for limit in known})
    assert thresholds(found) == exact(truth)
    assert len(found) - len(known) <= most_trials(len(truth))


@given(truths)
def test_it_ends_where_the_outcomes_are_not_monotone(truth: list[Outcome]) -> None:
    """And what it then says holds for all that was tried."""
    found = search(truth)
    for goal in GOALS:
        good, bad = bracket(found, goal)
        if good is None:
            assert found[len(truth) - 1] < goal
        else:
            assert all(outcome >= goal for limit, outcome in found.items() if limit >= good)
            assert bad is None or (bad == good - 1 and found[bad] < goal)


@given(truths, st.integers(0, 119))
def test_cut_anywhere_and_resumed_it_gives_the_same(truth: list[Outcome], cut: int) -> None:
    whole = search(truth)
    some = dict(list(whole.items())[:cut])
    assert search(truth, some) == whole


def test_the_largest_comes_first_and_where_it_fails_nothing_more() -> None:
    assert next_trial({}, 50) == 49
    assert next_trial({49: Outcome.FAILED}, 50) is None


def test_a_limit_that_spills_at_the_top_leaves_the_other_goals() -> None:
    truth = [Outcome.FAILED, Outcome.FINISHED, Outcome.UNPAUSED, Outcome.UNPAUSED]
    assert thresholds(search(truth)) == [None, 2, 1]


@pytest.mark.parametrize(("count", "most"), [(1, 1), (2, 2), (3, 3), (4, 4), (10, 10), (50, 19)])
def test_so_many_trials_at_the_most(count: int, most: int) -> None:
    assert most_trials(count) == most


def test_a_limit_that_did_worse_than_a_smaller_one_is_told() -> None:
    found = {0: Outcome.FINISHED, 1: Outcome.FAILED, 2: Outcome.UNSPILLED}
    assert not is_monotone(found, Outcome.FINISHED)
    assert is_monotone(found, Outcome.UNSPILLED)
    assert bracket(found, Outcome.FINISHED) == Bracket(good=2, bad=1)


def reading(**changes: object) -> Reading:
    held = dict.fromkeys(
        ("process_bytes", "managed_bytes", "unmanaged_bytes", "unmanaged_recent_bytes"), 0
    )
    plain = {"case": 0, "at_s": 1.0, "worker": "0", "spilled_bytes": 0, "state": "running"}
    return Reading(**held | plain | changes)  # type: ignore[arg-type]


WANTS = (
    "_ArrayMemoryError: Unable to allocate 9 TiB (mine.py:7 in boom)",
    "OSError: [Errno 12] Cannot allocate memory (mine.py:8 in boom)",
    "RuntimeError: Nanny failed to start: [Errno 12] Cannot allocate memory",
    "its lane ended (exit 1): MemoryError",
    "4 workers of 1 GiB died while running the task x, so Dask gave it up; the last held 1 GiB "
    "when its nanny ended it for its memory",
    "TimeoutError: Nanny failed to start in 60 seconds",
    "WorkerStartTimeoutError: Only 0/2 workers arrived after 60",
    "2 of 2 workers stayed paused for 1min: Dask pauses a worker while its memory is above",
)
#: What a user's own code raised, and workers that died of something else.
OTHERS = (
    "TimeoutError: the database timed out (mine.py:12 in boom)",
    "TimeoutError: no answer (from it) (mine.py:12 in boom, from mine.py:3)",
    "ValueError: the memory limit of this model was killed by a config (mine.py:13 in boom)",
    "4 workers of 1 GiB died while running the task segfault, so Dask gave it up; what ended them "
    "is not known here",
)


@pytest.mark.parametrize(
    ("event", "sign"),
    [
        (make_lane(), Outcome.UNSPILLED),
        (make_sample(), Outcome.UNSPILLED),
        (reading(), Outcome.UNSPILLED),
        (reading(read_bytes=5), Outcome.UNSPILLED),
        (reading(spilled_bytes=1), Outcome.UNPAUSED),
        (reading(written_bytes=1), Outcome.UNPAUSED),
        (WorkerEvent(0, 1.0, "0", "spill-began"), Outcome.UNPAUSED),
        (reading(state="paused"), Outcome.FINISHED),
        (WorkerEvent(0, 1.0, "0", "paused"), Outcome.FINISHED),
        (WorkerEvent(0, 1.0, "0", "terminated"), Outcome.FINISHED),
        (WorkerEvent(0, 1.0, "0", "left"), Outcome.FINISHED),
        (make_sample(workers_lost=1), Outcome.FINISHED),
        (make_invalid(), Outcome.BROKEN),
        (make_invalid(workers_lost=1), Outcome.FAILED),
        (CaseFailed(0, "in round 1", "MemoryError: no message"), Outcome.FAILED),
        (CaseFailed(0, "in round 1", "KilledWorker: Attempted to run task"), Outcome.FAILED),
        (CaseFailed(0, "in round 1", "no answer within 9 s (--timeout)"), Outcome.FAILED),
        (CaseFailed(0, "at the start", "its lane was killed (SIGKILL)"), Outcome.FAILED),
        (CaseFailed(0, "in round 1", "OSError: Cannot allocate memory"), Outcome.FAILED),
        (CaseFailed(0, "at the start", "ModuleNotFoundError: No module"), Outcome.BROKEN),
        (CaseFailed(0, "in round 1", "OSError: [Errno 24] Too many open files"), Outcome.BROKEN),
        *((CaseFailed(0, "in round 1", reason), Outcome.FAILED) for reason in WANTS),
        *((CaseFailed(0, "in round 1", reason), Outcome.BROKEN) for reason in OTHERS),
    ],
)
def test_what_an_event_says_of_its_trial(event: Event, sign: Outcome) -> None:
    assert sign_of(event) == sign
    assert worst([Outcome.UNSPILLED, sign_of(event)]) == sign
    assert worst([]) == Outcome.UNSPILLED


def test_what_fails_after_a_nanny_ended_a_worker_is_for_lack_of_memory() -> None:
    assert after_termination(Outcome.BROKEN) == Outcome.FAILED
    assert after_termination(Outcome.UNPAUSED) == Outcome.UNPAUSED
