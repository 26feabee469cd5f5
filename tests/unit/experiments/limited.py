"""What several tests of limit share."""

from collections.abc import Callable
from typing import Any

from click.testing import CliRunner, Result

from daskbench.cli import main
from daskbench.conductor.conduct import Activity, Conductor, Progress
from daskbench.errors import Interrupted
from daskbench.events import (
    Event,
)
from daskbench.experiments.limit import EXPERIMENT
from daskbench.experiments.limit.search import Outcome
from daskbench.lane.protocol import Message
from daskbench.model import Case, Experiment, Plan, Settings, Suite
from daskbench.processes.talk import Heard, LaneError
from tests.unit.fakes import Clock, FakeLane, FakeLanes, FakeMachine, answer_of

MIB, GIB = 1 << 20, 1 << 30
BROKEN, FAILED, FINISHED, UNPAUSED, UNSPILLED = Outcome
TRUTH = (FAILED, FAILED, FINISHED, UNPAUSED, UNPAUSED, UNSPILLED, UNSPILLED, UNSPILLED)


def search_suite(count: int = len(TRUTH), **more: Any) -> Suite:
    parameters: dict[str, int | float | str] = {"n": 1000, "tasks": 100, "rng": "legacy"}
    cases = [
        Case("calc_mean", "distributed", parameters, 2, 1, memory_limit_bytes=(i + 1) * 100 * MIB)
        for i in range(count)
    ]
    how = Settings(**{"rounds": 1, "warmup": 0, "timeout_s": 9, "memory": True} | more)
    return Suite("limit", tuple(cases), how, experiment=Experiment("limit"), race=False, trial=True)


def held(spilled: int = 0, written: int = 0, state: str = "running") -> Message:
    sizes = ("process_bytes", "managed_bytes", "unmanaged_bytes", "unmanaged_recent_bytes")
    more = {"spilled_bytes": spilled, "written_bytes": written, "state": state, "span_s": 0.5}
    return {"event": "memory", "worker": "0", **dict.fromkeys(sizes, 50 * MIB), **more}


class LimitedLanes(FakeLanes):
    """Lanes in which the outcome hangs on the memory limit: what `truth` has for it."""

    def __init__(
        self, clock: Clock, truth: Callable[[int], Outcome], interrupt_at: int | None = None
    ) -> None:
        super().__init__(clock)
        self.truth, self.interrupt_at = truth, interrupt_at
        self.tried: list[int] = []

    def usual(self, lane: FakeLane, message: Message) -> Message:
        assert len(self.open) == 1, "one lane at a time"
        limit = lane.case["memory_limit_bytes"]
        if message["op"] == "open":
            assert lane.case["memory"]
            return super().usual(lane, message)
        outcome = self.truth(limit)
        if message["op"] == "listen":  # what is written last is told last
            if outcome == UNPAUSED:
                lane.heard.append(Heard(0.0, held(spilled=MIB, written=2 * MIB)))
            return {}
        self.tried.append(limit)
        if self.interrupt_at == len(self.tried):
            raise Interrupted("interrupted")
        lane.heard.append(Heard(0.0, held()))
        if outcome == FINISHED:
            self.clock.now += 1.0
            lane.heard.append(Heard(1.0, {"event": "worker", "worker": "0", "what": "paused"}))
            lane.heard.append(Heard(0.5, {"event": "worker", "worker": "0", "what": "resumed"}))
        if outcome == FAILED:
            raise LaneError("4 workers of 1 GiB died while running x; ended for its memory")
        if outcome == BROKEN:
            raise LaneError("ModuleNotFoundError: No module named 'x'")
        self.clock.now += 2.0 if outcome == UNSPILLED else 4.0
        return answer_of(2.0 if outcome == UNSPILLED else 4.0)


def by_place(truth: tuple[Outcome, ...]) -> Callable[[int], Outcome]:
    return lambda limit: truth[limit // (100 * MIB) - 1]


def conduct(
    suite: Suite, lanes: FakeLanes, before: Progress | None = None
) -> tuple[list[Event], list[Event]]:
    """Return what the journal would get: what happened, and what lanes told in between."""
    noted: list[Event] = []
    conductor = Conductor(
        Plan((suite,)),
        lanes,
        clock=lanes.clock,
        machine=FakeMachine(),
        tick=lambda: None,
        note=noted.append,
        before=before,
        policy=EXPERIMENT.policy,
    )
    return [event for event in conductor.run() if not isinstance(event, Activity)], noted


SMALL = ("limit", "--shape", "200x10", "--from", "100MiB", "--to", "1GiB", "--precision", "20%")


def invoke(runner: CliRunner, *arguments: str) -> Result:
    result = runner.invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def flat(text: str) -> str:
    return " ".join(text.split())
