"""What counting and proving add to many empty tasks on distributed, two workers.

Pairs on one cluster, in turns: a sample as a lane takes it, with hooks, counts and waiting, and a
bare one, without a plugin and with the cheapest way to wait. Two figures of each: seconds on the
clock, and of the whole cycle, from building the graph until the scheduler has released it. Beside
the ratios: the time inside the hooks themselves, which includes that of timing them.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from time import perf_counter, sleep
from typing import Any

import numpy as np

from daskbench.lane.probes import watch
from daskbench.lane.protocol import Open
from daskbench.lane.sampling import Sampler
from daskbench.lane.schedulers.distributed import Distributed
from daskbench.stats.ratio import ratio_of_pairs

#: Numbers of tasks, and of pairs: what counting adds is proportional to the tasks.
SIZES = ((10_000, 12), (100_000, 1))
Times = tuple[float, float]


class Measured(Sampler):
    """A sampler whose scheduler can also be used bare."""

    _scheduler: Distributed

    def proved(self) -> Times:
        """Return seconds on the clock and of the cycle, with everything that a lane does."""
        start = perf_counter()
        found = self.sample(1)
        self._scheduler.settle()
        cycle_s = perf_counter() - start
        assert found.reason is None, found.reason
        assert found.tasks_run == found.tasks_expected
        return found.wall_s, cycle_s

    def bare(self) -> Times:
        """Return the same without plugin, proof and check."""
        client, plugin = self._scheduler.client, self._scheduler.plugin
        client.unregister_scheduler_plugin(plugin.name)
        start = perf_counter()
        work = self._scheduler.build(self._benchmark)
        clock = perf_counter()
        answer = self._scheduler.compute(work)
        wall_s = perf_counter() - clock
        del work, answer
        while client.run_on_scheduler(tasks_left):
            sleep(0.005)
        cycle_s = perf_counter() - start
        client.register_plugin(plugin)
        return wall_s, cycle_s

    @contextmanager
    def hooks_timed(self) -> Iterator[list[float]]:
        """Time what runs on the scheduler to count, which is in this process."""
        spent: list[float] = []
        cluster = self._scheduler.cluster
        assert cluster
        plugin = cluster.scheduler.plugins[self._scheduler.plugin.name]
        places = [(plugin, name) for name in ("transition", "update_graph")]
        places += [(watch, name) for name in ("begin", "left_over", "counts")]
        before = [getattr(*place) for place in places]
        for (where, name), function in zip(places, before, strict=True):
            setattr(where, name, timed(function, spent))
        yield spent
        for (where, name), function in zip(places, before, strict=True):
            setattr(where, name, function)


def timed(
    function: Callable[..., Any], spent: list[float], clock: Callable[[], float] = perf_counter
) -> Callable[..., Any]:
    """Return a function that appends the seconds of each call, by this clock."""

    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        start = clock()
        found = function(*args, **kwargs)
        spent.append(clock() - start)
        return found

    return wrapped


def tasks_left(dask_scheduler: Any) -> int:
    """Return how many tasks the scheduler knows."""
    return len(dask_scheduler.tasks)


def opened(tasks: int, shape: str) -> Measured:
    """Return a sampler with a cluster of its own."""
    case = Open(
        benchmark="empty_tasks",
        scheduler="distributed",
        parameters={"tasks": tasks, "shape": shape},
        seed=0,
        workers=2,
        threads_per_worker=1,
        blas_threads=1,
    )
    sampler = Measured.open(case)
    assert isinstance(sampler, Measured)
    return sampler


def report(name: str, proved: list[float], bare: list[float]) -> None:
    """Print the ratio, with its interval if there are enough pairs."""
    ratios = np.array(proved) / np.array(bare)
    text = f"{np.median(ratios) - 1:+.1%}"
    ratio = ratio_of_pairs(np.array(proved), np.array(bare)) if len(proved) > 1 else None
    if ratio and ratio.low and ratio.high:
        text = f"{ratio.value - 1:+.1%} [{ratio.low - 1:+.1%}, {ratio.high - 1:+.1%}]"
    print(f"  {name}: {text} over {len(proved)} pairs, {np.median(bare):.2f} s bare; bar +5 %")


def measure(tasks: int, pairs: int, shape: str) -> None:
    """Take pairs of samples, each side first in every other, then one with the hooks timed."""
    sampler = opened(tasks, shape)
    sampler.bare()
    taken: list[dict[str, Times]] = []
    for number in range(pairs):
        sides = (sampler.proved, sampler.bare)[:: -1 if number % 2 else 1]
        taken.append({side.__name__: side() for side in sides})
    with sampler.hooks_timed() as spent:
        _, cycle_s = sampler.proved()
    sampler.close()
    print(f"{tasks:,} empty tasks, {shape}, all counted in each of {pairs + 1} samples")
    for place, what in enumerate(("on the clock", "whole cycle")):
        report(what, *([one[side][place] for one in taken] for side in ("proved", "bare")))
    print(
        f"  in the hooks: at most {sum(spent):.2f} s in {len(spent):,} calls, "
        f"{sum(spent) / cycle_s:.1%} of a cycle of {cycle_s:.1f} s; bar 5 %"
    )


if __name__ == "__main__":
    for tasks, pairs in SIZES:
        measure(tasks, pairs, sys.argv[1] if len(sys.argv) > 1 else "wide")
