"""Whether a sample after a pause takes as long as the one right after it, for each scheduler.

`turns.py [PAIRS [SCHEDULER...]]` thaws the lane of each scheduler in turn, as rounds do, and takes
two samples of a 40 ms case. The ratio of the first to the second is 1 where a turn is fair: if a
pause cost one scheduler 5 % and another nothing, their ratio would be 5 % off.
"""

import random
import sys
from contextlib import ExitStack

import numpy as np

from daskbench.lane.protocol import TakeSample
from daskbench.model import Case
from daskbench.processes.lane import Lane
from daskbench.processes.lanes import Lanes
from daskbench.stats.ratio import ratio_of_pairs
from harness import SHORT, TIMEOUT_S, nothing, opened

PAIRS, WARM = 200, 3
WORKERS = {
    "numpy": None,
    "synchronous": None,
    "threads": 2,
    "processes-warm": 2,
    "distributed": 2,
}
BAR = 0.01


def sample_s(lane: Lane) -> float:
    """Take a sample; return its seconds."""
    return float(lane.ask(TakeSample(loops=1), TIMEOUT_S, nothing)["wall_s"])


def two(lane: Lane) -> tuple[float, float]:
    """Take two samples of a lane whose turn it is."""
    lane.thaw()
    found = sample_s(lane), sample_s(lane)
    lane.freeze()
    return found


def main() -> int:
    """Print a line for each scheduler; return 1 where one is off by more than the bar for sure."""
    pairs, *names = sys.argv[1:] or [str(PAIRS)]
    with ExitStack() as stack:
        lanes = stack.enter_context(Lanes())
        open_lanes = {
            name: opened(lanes, Case("calc_mean", name, SHORT, WORKERS[name]))
            for name in names or WORKERS
        }
        for lane in open_lanes.values():
            for _ in range(WARM):
                sample_s(lane)
            lane.freeze()
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in open_lanes}
        for _ in range(int(pairs)):
            for name in random.sample(list(open_lanes), len(open_lanes)):
                found[name].append(two(open_lanes[name]))
        for lane in open_lanes.values():
            lane.thaw()
        lanes.end(list(open_lanes.values()))
    off = 0
    for name, seconds in found.items():
        first, second = np.array(seconds).T
        ratio = ratio_of_pairs(first, second)
        assert ratio
        assert ratio.low
        assert ratio.high
        off += ratio.low > 1 + BAR or ratio.high < 1 - BAR
        print(
            f"{name}: first / second {ratio.value:.4f} [{ratio.low:.4f}, {ratio.high:.4f}]; "
            f"bar within {BAR:.0%}",
            flush=True,
        )
    return int(off > 0)


if __name__ == "__main__":
    sys.exit(main())
