"""What several tests of conductor share."""

from collections.abc import Callable

import msgspec

from daskbench.conductor.conduct import Activity, Conductor, Progress, Report
from daskbench.errors import Interrupted
from daskbench.events import Event, Finished, Sample
from daskbench.experiments import experiment_of
from daskbench.model import Case, Plan
from tests.unit.builders import make_case
from tests.unit.fakes import Clock, FakeLane, FakeLanes, FakeMachine

CASES = (make_case("numpy"), make_case(workers=1), make_case(workers=2), make_case("synchronous"))


def make_conductor(
    plan: Plan,
    lanes: FakeLanes,
    *,
    before: Progress | None = None,
    tick: Callable[[], None] = lambda: None,
    machine: FakeMachine | None = None,
    report: Report | None = None,
) -> Conductor[FakeLane]:
    return Conductor(
        plan,
        lanes,
        clock=lanes.clock,
        machine=machine or FakeMachine(),
        tick=tick,
        before=before,
        report=report,
        policy=lambda suite, *more: experiment_of(suite).policy(suite, *more),
    )


def conduct(
    plan: Plan,
    lanes: FakeLanes | None = None,
    before: Progress | None = None,
    report: Report | None = None,
) -> list[Event]:
    """Return what the journal would get."""
    conductor = make_conductor(plan, lanes or FakeLanes(Clock()), before=before, report=report)
    return [event for event in conductor.run() if not isinstance(event, Activity)]


def samples_in(events: list[Event]) -> list[Sample]:
    return [event for event in events if isinstance(event, Sample)]


def order_of(events: list[Event]) -> list[list[int]]:
    """The cases of each round, in the order measured."""
    rounds: dict[int, list[int]] = {}
    for sample in samples_in(events):
        if not sample.warmup:
            rounds.setdefault(sample.round, []).append(sample.case)
    return list(rounds.values())


def interrupt_at(call: int) -> Callable[[], None]:
    calls = iter(range(1, 1000))

    def tick() -> None:
        if next(calls) == call:
            raise Interrupted("interrupted")

    return tick


def conduct_interrupted(plan: Plan, lanes: FakeLanes, call: int) -> list[Event]:
    """Interrupt a run; its journal says so, and no lane is left open."""
    conductor = make_conductor(plan, lanes, tick=interrupt_at(call))
    events = [event for event in conductor.run() if not isinstance(event, Activity)]
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "interrupted"
    assert lanes.all
    assert lanes.open == []
    return events


def skipped(case: Case) -> Case:
    return msgspec.structs.replace(case, skip="would hold 9 GiB")
