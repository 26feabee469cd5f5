"""What reading the workers' memory adds to a sample: a lane that is read beside one that is not."""

import numpy as np

from daskbench.lane.protocol import Open, TakeSample
from daskbench.processes.lane import Lane
from daskbench.processes.lanes import Lanes
from harness import TIMEOUT_S, Medians, nothing, report

#: One launch of a cluster can be luckier than another: so there are several, and the interval is
#: taken over them.
LAUNCHES, PAIRS, WARM_UP = 8, 12, 3
WORKERS = 2


def opened(lanes: Lanes, *, memory: bool) -> Lane:
    """Return a frozen lane with a cluster whose workers hold the u of 160 MB."""
    lane = lanes.start(blas_threads=1)
    command = Open(
        benchmark="svd",
        scheduler="distributed",
        parameters={
            "shape": "200000x100",
            "chunks": "10000x100",
            "input": "generate",
            "distribution": "uniform",
            "condition": 1e6,
            "compute": "usv",
            "method": "tsqr",
        },
        workers=WORKERS,
        threads_per_worker=1,
        seed=0,
        blas_threads=1,
        memory=memory,
    )
    lane.ask(command, TIMEOUT_S, nothing)
    lane.freeze()
    return lane


def sample(lane: Lane) -> float:
    """Return the seconds of one sample."""
    lane.thaw()
    found = lane.ask(TakeSample(loops=1), TIMEOUT_S, lane.heard.clear)
    lane.freeze()
    assert found["reason"] is None, found["reason"]
    return float(found["wall_s"])


def read_and_unread(lanes: Lanes) -> Medians:
    """Take samples of both in turns, each first in every other pair; return the medians."""
    sides = [opened(lanes, memory=True), opened(lanes, memory=False)]
    seconds: list[list[float]] = [[], []]
    for number in range(PAIRS + WARM_UP):
        for side in (0, 1) if number % 2 else (1, 0):
            seconds[side].append(sample(sides[side]))
    read, unread = (float(np.median(side[WARM_UP:])) for side in seconds)
    return read, unread


def main() -> None:
    """Measure, launching both clusters anew each time."""
    medians = []
    for _ in range(LAUNCHES):
        with Lanes() as lanes:
            medians.append(read_and_unread(lanes))
    read, unread = zip(*medians, strict=True)
    report("memory read at each heartbeat / not", list(read), list(unread), "within 2 %")


if __name__ == "__main__":
    main()
