"""What lanes tell in the middle of their work: it lands in the journal as it comes."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.conductor.conduct import Activity, Conductor, Progress
from daskbench.errors import Interrupted, JournalError
from daskbench.events import (
    CaseFailed,
    Event,
    Finished,
    LaneStarted,
    Reading,
    Sample,
    SuiteFinished,
    WorkerEvent,
)
from daskbench.lane.protocol import Command, Message, TakeSample
from daskbench.model import Plan, Side
from daskbench.processes.talk import TIMEOUT, Heard, LaneError
from tests.unit.builders import make_case, make_plan, make_suite
from tests.unit.fakes import Answer, Clock, FakeLane, FakeLanes, FakeMachine
from tests.unit.processes.test_lanes import Start, ask, start

__all__ = ["start"]

CASES = (make_case("numpy"), make_case("distributed", 2))
PLACE = "distributed-2"


def reading(**changes: Any) -> Message:
    """What a lane tells of one worker, as it comes over the pipe."""
    return {
        "event": "memory",
        "worker": "0",
        "process_bytes": 100,
        "managed_bytes": 60,
        "unmanaged_bytes": 30,
        "unmanaged_recent_bytes": 10,
        "spilled_bytes": 0,
        "state": "running",
        "span_s": 0.5,
    } | changes


def paused() -> Message:
    return {"event": "worker", "worker": "0", "what": "paused"}


class TellingLane(FakeLane):
    """Tells something before each tick, and once more right before its answer."""

    ages: Sequence[float] = (0.25,)
    ticks = 2

    def ask(
        self, command: Command, timeout_s: float, tick: Callable[[], None], limit: str = TIMEOUT
    ) -> Message:
        if isinstance(command, TakeSample) and self.place == PLACE:
            for _ in range(self.ticks):
                self.lanes.clock.now += 0.5
                self.heard += [Heard(age_s, reading()) for age_s in self.ages]
                self.heard.append(Heard(0.0, paused()))
                tick()
        answer = super().ask(command, timeout_s, tick)
        if isinstance(command, TakeSample) and self.place == PLACE:
            self.heard.append(Heard(0.0, reading(process_bytes=999)))
        return answer


class TellingLanes(FakeLanes):
    """Lanes that tell."""

    def start(self, blas_threads: int | None, side: Side) -> FakeLane:
        self.all.append(TellingLane(self, blas_threads, side))
        return self.all[-1]


def conduct(
    plan: Plan | None = None,
    answers: dict[str, Answer] | None = None,
    *,
    before: Progress | None = None,
    tick: Callable[[], None] = lambda: None,
) -> tuple[list[Event], FakeLanes]:
    """Return what the journal would get, in the order in which it gets it."""
    lanes = TellingLanes(Clock(), answers=answers)
    journal: list[Event] = []
    conductor = Conductor(
        plan or make_plan(make_suite(*CASES, rounds=2, memory=True)),
        lanes,
        clock=lanes.clock,
        machine=FakeMachine(),
        tick=tick,
        note=journal.append,
        before=before,
    )
    for event in conductor.run():
        if not isinstance(event, Activity):
            journal.append(event)
    return journal, lanes


def test_what_is_told_has_the_case_and_stands_before_the_sample() -> None:
    plan = make_plan(make_suite(CASES[1], rounds=1, warmup=0, memory=True))
    journal, _ = conduct(plan)
    kinds = [type(event) for event in journal]
    one_tick = [Reading, WorkerEvent]
    assert kinds == [LaneStarted, *one_tick, *one_tick, Reading, Sample, SuiteFinished, Finished]
    assert {e.case for e in journal if isinstance(e, Reading | WorkerEvent)} == {0}
    last = [event for event in journal if isinstance(event, Reading)][-1]
    assert last.process_bytes == 999, "what it told with its answer is there too"


def test_only_the_case_that_told_it_has_it() -> None:
    journal, _ = conduct()
    assert {e.case for e in journal if isinstance(e, Reading | WorkerEvent)} == {1}
    assert {e.case for e in journal if isinstance(e, Sample)} == {0, 1}


def test_it_was_as_long_ago_as_the_lane_says() -> None:
    plan = make_plan(make_suite(CASES[1], rounds=1, warmup=0, memory=True))
    journal, _ = conduct(plan)
    found = [(type(e), e.at_s) for e in journal if isinstance(e, Reading | WorkerEvent)]
    assert found == [
        *((Reading, 0.75), (WorkerEvent, 1.0), (Reading, 1.25), (WorkerEvent, 1.5)),
        (Reading, 2.5),
    ]


@given(st.lists(st.floats(0, 1e6), max_size=5), st.floats(0, 1e6))
def test_no_reading_is_of_the_future_or_before_the_run(ages: list[float], earlier: float) -> None:
    """Nor before the time at which a resumed run goes on counting: it may be told of late."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TellingLane, "ages", ages)
        journal, _ = conduct(before=Progress(elapsed_s=earlier, session=1))
    now = earlier
    for event in journal:
        if isinstance(event, Sample | Finished):
            now = event.at_s if isinstance(event, Sample) else event.elapsed_s
        if isinstance(event, Reading | WorkerEvent):
            now = max(now, event.at_s)
            assert event.at_s >= 0
    assert isinstance(journal[-1], Finished)
    assert now == journal[-1].elapsed_s


def test_each_is_in_the_journal_before_the_next_tick() -> None:
    """So a kill -9 in the middle of a long sample loses what came since the last tick, no more."""
    seen: list[int] = []
    journal: list[Event] = []
    lanes = TellingLanes(Clock())
    conductor = Conductor(
        make_plan(make_suite(CASES[1], rounds=1, warmup=0)),
        lanes,
        clock=lanes.clock,
        machine=FakeMachine(),
        tick=lambda: seen.append(len(journal)),
        note=journal.append,
    )
    list(conductor.run())
    assert seen == [0, 2, 4, 4]


@pytest.mark.parametrize("at_sample", [1, 2])
def test_a_sample_that_fails_leaves_what_was_told(at_sample: int) -> None:
    def answer(lane: FakeLane, message: Message) -> Message:
        if sum(asked["op"] == "sample" for asked in lane.asked) == at_sample:
            lane.heard.append(Heard(0.0, reading(process_bytes=777)))
            raise LaneError("KilledWorker: gone")
        return lane.lanes.usual(lane, message)

    journal, lanes = conduct(answers={PLACE: answer})
    (failure,) = [place for place, e in enumerate(journal) if isinstance(e, CaseFailed)]
    told = [e for e in journal[:failure] if isinstance(e, Reading)]
    assert told[-1].process_bytes == 777
    assert len(told) == 3 * at_sample
    assert not any(isinstance(event, Reading) for event in journal[failure:])
    assert lanes.open == []


def test_an_interruption_leaves_what_was_told() -> None:
    calls: list[int] = []

    def tick() -> None:
        calls.append(1)
        if len(calls) == 3:
            raise Interrupted("interrupted")

    plan = make_plan(make_suite(CASES[1], rounds=1, warmup=0))
    journal, lanes = conduct(plan, tick=tick)
    assert [type(e) for e in journal[1:-1]] == [Reading, WorkerEvent, Reading, WorkerEvent]
    assert isinstance(journal[-1], Finished)
    assert journal[-1].reason == "interrupted"
    assert lanes.open == []


@pytest.mark.parametrize("lines", [0, 1, 3, 5])
def test_a_journal_that_takes_no_more_ends_the_run_in_good_order(lines: int) -> None:
    taken: list[Event] = []

    def note(event: Event) -> None:
        if len(taken) == lines:
            raise JournalError("cannot write run.jsonl: No space left on device")
        taken.append(event)

    lanes = TellingLanes(Clock())
    conductor = Conductor(
        make_plan(make_suite(*CASES)),
        lanes,
        clock=lanes.clock,
        machine=FakeMachine(),
        tick=lambda: None,
        note=note,
    )
    with pytest.raises(JournalError, match="No space left"):
        list(conductor.run())
    assert len(taken) == lines
    assert lanes.open == []


# Over the pipe


def line(message: Message) -> str:
    """Return a shell command that tells this."""
    import json

    return f"echo '{json.dumps(message)}'"


OK = """echo '{"id": "t", "ok": true}'"""


def test_a_lane_tells_and_then_answers(start: Start) -> None:
    at = time.monotonic() - 5
    told = line({"heard": {"at": at, **reading()}})
    lane = start(f"read line; {told}; {told}; {OK}; read line")
    ask(lane)
    assert [heard.message for heard in lane.heard] == [reading(), reading()]
    assert all(5 <= heard.age_s < 60 for heard in lane.heard)


def test_what_is_told_in_pieces_and_between_answers_is_heard(start: Start) -> None:
    told = line({"heard": {"at": 0.0, **paused()}})
    pieces = """printf '{"heard": {"at": 0,'; sleep 0.05; printf ' "worker": "1"}}\\n'"""
    lane = start(f"read line; {pieces}; {OK}; {told}; read line; {told}; {OK}; read line")
    ask(lane)
    first = len(lane.heard)
    assert lane.heard[0].message == {"worker": "1"}
    ask(lane)
    assert first in (1, 2)
    assert len(lane.heard) == 3


def test_a_clock_that_is_ahead_makes_nothing_younger_than_now(start: Start) -> None:
    told = line({"heard": {"at": time.monotonic() + 1000, **paused()}})
    lane = start(f"read line; {told}; {OK}; read line")
    ask(lane)
    assert lane.heard[0].age_s == 0.0


def test_the_time_of_day_plays_no_part(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that jumps by years in the middle, back and forth, changes no age."""
    jumps = iter(range(10**6))
    monkeypatch.setattr(time, "time", lambda: (-1) ** next(jumps) * 1e9)
    told = line({"heard": {"at": time.monotonic() - 5, **paused()}})
    lane = start(f"read line; {told}; sleep 0.2; {OK}; read line")
    ask(lane)
    assert 5 <= lane.heard[0].age_s < 60


def test_what_a_lane_told_before_it_died_is_heard(start: Start, tmp_path: Path) -> None:
    told = line({"heard": {"at": 0.0, **paused()}})
    lane = start(f"read line; {told}; {told}; exit 3")
    with pytest.raises(LaneError, match="exit 3"):
        ask(lane)
    assert len(lane.heard) == 2


def test_a_line_that_was_cut_by_a_death_is_dropped(start: Start) -> None:
    told = line({"heard": {"at": 0.0, **paused()}})
    cut = """printf '{"heard": {"at": 0, "wor'"""
    lane = start(f"read line; {told}; {cut}; kill -KILL $$")
    with pytest.raises(LaneError, match="SIGKILL"):
        ask(lane)
    assert len(lane.heard) == 1


def test_what_is_told_stays_in_order_where_ages_are_inexact(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(TellingLane, "ages", (0.01, 0.05, 0.03))
    plan = make_plan(make_suite(CASES[1], rounds=1, warmup=0, memory=True))
    journal, _ = conduct(plan)
    times = [event.at_s for event in journal if isinstance(event, Reading)]
    assert times == sorted(times)
