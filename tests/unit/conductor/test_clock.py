"""Clocks that are set back while a run goes on."""

from pathlib import Path

import pytest

from daskbench.conductor.answers import read_sampled
from daskbench.conductor.conduct import Activity, Conductor
from daskbench.conductor.machine import Counters
from daskbench.events import Finished, Sample
from daskbench.experiments import experiment_of
from daskbench.processes.talk import LaneError
from tests.unit.builders import make_case, make_plan, make_run, make_suite
from tests.unit.fakes import Clock, FakeLanes, FakeMachine, answer_of


class SetBack(FakeMachine):
    """Its counters are read before and after each sample; in between, the clock is set back."""

    def __init__(self, clock: Clock, reading: int) -> None:
        super().__init__()
        self.clock, self.reading = clock, reading

    def read(self) -> Counters:
        self.reading -= 1
        if self.reading == 0:
            self.clock.now -= 86_400
        return super().read()


@pytest.mark.parametrize("asked", range(2, 12))
def test_a_journal_holds_no_time_before_its_start(asked: int, tmp_path: Path) -> None:
    clock = Clock()
    lanes = FakeLanes(clock)
    plan = make_plan(make_suite(make_case("numpy"), make_case(workers=1), rounds=5))
    conductor = Conductor(
        plan,
        lanes,
        clock=clock,
        machine=SetBack(clock, asked),
        tick=lambda: None,
        policy=lambda suite, *more: experiment_of(suite).policy(suite, *more),
    )
    events = [event for event in conductor.run() if not isinstance(event, Activity)]
    assert isinstance(events[-1], Finished)
    assert events[-1].elapsed_s >= 0
    assert all(event.at_s >= 0 for event in events if isinstance(event, Sample))
    assert make_run(tmp_path, events, plan, finish=False).status == "complete"


def test_a_sample_that_ended_before_it_began_is_no_sample() -> None:
    with pytest.raises(LaneError, match="or was the clock set back"):
        read_sampled(answer_of(-86_400.0, build_s=0.001), 0.08)
