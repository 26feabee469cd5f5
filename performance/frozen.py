"""CPU that the other lanes use while one is measured, with freezing and without."""

from collections.abc import Callable
from time import monotonic

from daskbench.conductor.conduct import Activity, Conductor
from daskbench.conductor.machine import ThisMachine
from daskbench.lane.probes.tree import cpu_s, members
from daskbench.lane.protocol import Command, Message, TakeSample
from daskbench.model import Case, Plan, Scalar, Settings, Side, Suite
from daskbench.processes.lane import Lane
from daskbench.processes.lanes import Lanes
from daskbench.processes.talk import TIMEOUT

ROUNDS = 5
PARAMETERS: dict[str, Scalar] = {"n": 100_000, "tasks": 100, "rng": "legacy"}


class WatchedLanes(Lanes):
    """Lanes that add up what the others use while one of them is asked for a sample."""

    def __init__(self, *, freezes: bool) -> None:
        super().__init__()
        self.freezes = freezes
        self.others_s = self.measured_s = 0.0

    def start(self, blas_threads: int | None, side: Side = Side()) -> Lane:  # noqa: B008
        """Start a lane whose samples are watched."""
        lane = super().start(blas_threads, side)
        ask = lane.ask

        def watched(
            command: Command, timeout_s: float, tick: Callable[[], None], limit: str = TIMEOUT
        ) -> Message:
            others = [other for other in self.open if other is not lane]
            before, start = used(others), monotonic()
            answer = ask(command, timeout_s, tick, limit)
            if isinstance(command, TakeSample):
                self.others_s += used(others) - before
                self.measured_s += monotonic() - start
            return answer

        lane.ask = watched  # type: ignore[method-assign]
        if not self.freezes:
            lane.freeze = lambda: None  # type: ignore[method-assign]
        return lane


def used(lanes: list[Lane]) -> float:
    """Return the CPU seconds that these lanes have used so far."""
    return sum(cpu_s(pid) for lane in lanes for pid in members(lane.pid))


def main() -> None:
    """Measure a run of idle clusters beside a NumPy loop."""
    cases = [Case("calc_mean", "numpy", PARAMETERS)]
    cases += [Case("calc_mean", "distributed", PARAMETERS, n, 1) for n in (1, 2, 4)]
    plan = Plan((Suite("frozen", tuple(cases), Settings(rounds=ROUNDS)),))
    for freezes in (True, False):
        with WatchedLanes(freezes=freezes) as lanes:
            conductor = Conductor(
                plan, lanes, clock=monotonic, machine=ThisMachine(), tick=lambda: None
            )
            samples = sum(not isinstance(event, Activity) for event in conductor.run())
        print(
            f"{'frozen' if freezes else 'left running'}: the other lanes used {lanes.others_s:.2f} "
            f"CPU s in {lanes.measured_s:.1f} s of {samples} events; bar 0 s when frozen"
        )


if __name__ == "__main__":
    main()
