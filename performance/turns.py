"""Whether a sample after a pause takes as long as the one right after it, for each scheduler.

`turns.py [PAIRS [SCHEDULER...]]` thaws the lane of each scheduler in turn, as rounds do, and takes
two samples of a 40 ms case. The ratio of the first to the second is 1 where a turn is fair: if a
pause cost one scheduler 5 % and another nothing, their ratio would be 5 % off. It is the median of
so many pairs as were asked for, with its exact interval from order statistics: Conover (1999),
"Practical nonparametric statistics", 3rd edition, section 3.2.
"""

import random
import sys
from contextlib import ExitStack

import numpy as np
from scipy import stats

from daskbench.lane.protocol import TakeSample
from daskbench.model import Case
from daskbench.processes.lane import Lane
from daskbench.processes.lanes import Lanes
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


def median_ratio(pairs: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Return the median ratio of pairs, and the ends of its 95 % interval."""
    first, second = np.array(pairs).T
    ratios = np.sort(first / second)
    outside = int(stats.binom.ppf(0.025, len(ratios), 0.5))
    return float(np.median(ratios)), float(ratios[outside - 1]), float(ratios[-outside])


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
        ratio, low, high = median_ratio(seconds)
        off += low > 1 + BAR or high < 1 - BAR
        print(
            f"{name}: first / second {ratio:.4f} [{low:.4f}, {high:.4f}]; bar within {BAR:.0%}",
            flush=True,
        )
    return int(off > 0)


if __name__ == "__main__":
    sys.exit(main())
