"""What the harness adds to a sample: a lane beside a bare loop, and progress on beside off."""

import io
import subprocess
import sys
from collections.abc import Callable
from time import monotonic

import numpy as np
from rich.console import Console

from daskbench.cli.progress import Progress
from daskbench.conductor.conduct import Activity
from daskbench.lane.probes.blas import BLAS_VARIABLES
from daskbench.lane.protocol import Open, TakeSample
from daskbench.model import Case, Plan, Scalar, Suite
from daskbench.processes.lane import Lane
from daskbench.processes.lanes import Lanes
from daskbench.stats.ratio import ratio_of_pairs

#: One launch of a process can be luckier than another by 2 %: so there are several, and the
#: interval is taken over them.
LAUNCHES, PAIRS = 10, 50
TIMEOUT_S = 60.0
SHORT: dict[str, Scalar] = {"n": 32_000, "tasks": 115, "rng": "generator"}  # about 40 ms
LONG: dict[str, Scalar] = {
    "n": 100_000,
    "tasks": 500,
    "rng": "generator",
}  # long enough to be redrawn meanwhile

BARE = """
import sys, time
from daskbench.benchmarks.calc_mean import CalcMean
calls = CalcMean(n={n}, tasks={tasks}, rng="{rng}", seed=0).calls()
for _ in sys.stdin:
    start = time.perf_counter()
    for call in calls:
        call()
    print(time.perf_counter() - start, flush=True)
"""


def opened(lanes: Lanes, case: Case) -> Lane:
    """Return a lane that is ready for samples of a case."""
    lane = lanes.start(blas_threads=1)
    command = Open(
        benchmark=case.benchmark,
        scheduler=case.scheduler,
        parameters=dict(case.parameters),
        workers=case.workers,
        seed=0,
        blas_threads=1,
    )
    lane.ask(command, TIMEOUT_S, nothing)
    return lane


def nothing() -> None:
    """Do nothing ten times a second."""


def sample(lane: Lane, tick: Callable[[], None]) -> float:
    """Return the seconds of one sample."""
    return float(lane.ask(TakeSample(loops=1), TIMEOUT_S, tick)["wall_s"])


def report(name: str, ours: list[float], bare: list[float], bar: str) -> None:
    """Print the ratio with its interval, from pairs."""
    ratio = ratio_of_pairs(np.array(ours), np.array(bare))
    assert ratio
    assert ratio.low is not None
    assert ratio.high is not None
    print(
        f"{name}: {ratio.value - 1:+.2%} [{ratio.low - 1:+.2%}, {ratio.high - 1:+.2%}] over "
        f"{ratio.rounds} launches, {np.median(bare) * 1e3:.0f} ms a sample; bar {bar}"
    )


Medians = tuple[float, float]


def against_bare_loop(lanes: Lanes) -> Medians:
    """Take samples in a lane and in a bare process in turns; return the medians."""
    lane = opened(lanes, Case("calc_mean", "numpy", SHORT))
    environment = lanes.environment | dict.fromkeys(BLAS_VARIABLES, "1")
    with subprocess.Popen(
        [sys.executable, "-c", BARE.format(**SHORT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
        env=environment,
    ) as process:
        assert process.stdin
        assert process.stdout

        def bare() -> float:
            assert process.stdin
            assert process.stdout
            process.stdin.write("go\n")
            return float(process.stdout.readline())

        return alternate(lambda: sample(lane, nothing), bare, PAIRS)


def progress_on_and_off(lanes: Lanes) -> Medians:
    """Take samples on all cores, with and without progress being drawn; return the medians."""
    case = Case("calc_mean", "threads", LONG, workers=2)
    lane = opened(lanes, case)
    screen = Console(file=io.StringIO(), force_terminal=True, width=80, height=24)
    with Progress(Plan((Suite("harness", (case,)),)), screen, monotonic) as progress:
        progress.show(Activity(0, "round 1"))
        return alternate(
            lambda: sample(lane, progress.tick), lambda: sample(lane, nothing), PAIRS // 5
        )


def alternate(one: Callable[[], float], two: Callable[[], float], pairs: int) -> Medians:
    """Call both in turns, each first in every other pair; the first pairs are warm-up."""
    ones, twos = [], []
    for number in range(pairs + 5):
        if number % 2:
            ones.append(one())
            twos.append(two())
        else:
            twos.append(two())
            ones.append(one())
    return float(np.median(ones[5:])), float(np.median(twos[5:]))


def main() -> None:
    """Measure both, launching the processes anew each time."""
    for name, measure, bar in (
        ("a sample in a lane / a bare loop", against_bare_loop, "+1 %"),
        ("progress on / off", progress_on_and_off, "within 1 %"),
    ):
        sides = []
        for _ in range(LAUNCHES):
            with Lanes() as lanes:
                sides.append(measure(lanes))
        ours, bare = zip(*sides, strict=True)
        report(name, list(ours), list(bare), bar)


if __name__ == "__main__":
    main()
