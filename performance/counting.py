"""What counting and proving add to many empty tasks on distributed.

Two figures: what the hooks add to the time on the clock, and what all of it adds to a whole cycle,
from building the graph until the scheduler has released it: with the hooks, counts and waiting of
a lane, and bare, with no plugin and the cheapest way to wait. In turns on the same cluster.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, sleep
from typing import Any

import numpy as np

from daskbench.lane.protocol import Open
from daskbench.lane.sampling import Sampler
from daskbench.lane.schedulers.distributed import Distributed
from daskbench.stats.ratio import ratio_of_pairs

Times = tuple[float, float]


class Measured(Sampler):
    """A sampler whose scheduler can also be used bare."""

    _scheduler: Distributed

    def proved(self) -> Times:
        """Return the seconds on the clock, and of the cycle, with everything that a lane does."""
        start = perf_counter()
        found = self.sample(1)
        self._scheduler.settle()
        cycle_s = perf_counter() - start
        assert found.reason is None, found.reason
        assert found.tasks_run == found.tasks_expected
        return found.wall_s, cycle_s

    def bare(self) -> Times:
        """Return the same without plugin, proof and check."""
        with self._unwatched():
            start = perf_counter()
            work = self._scheduler.build(self._benchmark)
            clock = perf_counter()
            answer = self._scheduler.compute(work)
            wall_s = perf_counter() - clock
            del work, answer
            while self._scheduler.client.run_on_scheduler(tasks_left):
                sleep(0.005)
            return wall_s, perf_counter() - start

    @contextmanager
    def _unwatched(self) -> Iterator[None]:
        client, plugin = self._scheduler.client, self._scheduler.plugin
        client.unregister_scheduler_plugin(plugin.name)
        yield
        client.register_plugin(plugin)


def tasks_left(dask_scheduler: Any) -> int:
    """Return how many tasks the scheduler knows."""
    return len(dask_scheduler.tasks)


def report(name: str, proved: list[float], bare: list[float]) -> None:
    """Print the ratio with its interval."""
    ratio = ratio_of_pairs(np.array(proved), np.array(bare))
    assert ratio
    interval = f" [{ratio.low - 1:+.1%}, {ratio.high - 1:+.1%}]" if ratio.low and ratio.high else ""
    print(
        f"{name}: {ratio.value - 1:+.1%}{interval} over {ratio.rounds} pairs, "
        f"{np.median(bare):.2f} s bare; bar +5 %"
    )


def main() -> None:
    """Take pairs of samples, each side first in every other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--shape", default="wide")
    parser.add_argument("--pairs", type=int, default=5)
    given = parser.parse_args()
    case = Open(
        benchmark="empty_tasks",
        scheduler="distributed",
        parameters={"tasks": given.tasks, "shape": given.shape},
        seed=0,
        workers=2,
        threads_per_worker=1,
        blas_threads=1,
    )
    sampler = Measured.open(case)
    assert isinstance(sampler, Measured)
    sampler.bare()
    pairs: list[tuple[Times, Times]] = []
    for number in range(given.pairs):
        if number % 2:
            pairs.append((sampler.proved(), sampler.bare()))
        else:
            bare = sampler.bare()
            pairs.append((sampler.proved(), bare))
    proved, bares = zip(*pairs, strict=True)
    name = f"{given.tasks:,} empty tasks, {given.shape}"
    for what, place in (("on the clock", 0), ("whole cycle", 1)):
        report(f"{name}, {what}", [one[place] for one in proved], [one[place] for one in bares])
    sampler.close()


if __name__ == "__main__":
    main()
