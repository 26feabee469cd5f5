"""What counting, proving and reading memory add on a cluster of up to 64 workers of one thread.

The workers have no nannies and run in this process, as the scheduler does; they are used by
address, as any cluster elsewhere is. First what hooks and questions to the scheduler cost at 16, 32
and 64 workers, and what that says of 1,000. Hooks and readings are timed by the CPU clock of their
thread, as on the wall clock they wait for the GIL, which here all workers share. Then pairs of
samples of 10,000 empty tasks, as in `counting.py`: with all that a lane does, each worker's memory
read at its heartbeats included, and bare. Last the hooks at 100,000 tasks.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter, thread_time
from typing import Any

import numpy as np
from distributed import LocalCluster, Worker
from distributed.scheduler import heartbeat_interval

from counting import Measured, Times, report, timed
from daskbench.lane.following import follow
from daskbench.lane.probes import memory
from daskbench.lane.protocol import Open

WORKERS, MANY, TASKS, MANY_TASKS = (16, 32, 64), 1_000, 10_000, 100_000
PAIRS = 8
#: An object, the name of its method, where seconds go, and the clock.
Place = tuple[Any, str, list[float], Callable[[], float]]


class LocalWorker(Worker):  # type: ignore[misc]
    """A worker whose HTTP server listens only on localhost."""

    def start_http_server(self, routes: Any, dashboard_address: Any, **more: Any) -> None:
        """Start it there."""
        super().start_http_server(routes, "127.0.0.1:0", **more)


@dataclass(frozen=True)
class Spent:
    """What one sample of so many tasks costs on so many workers: calls and seconds."""

    workers: int
    tasks: int
    hooks: list[float]
    heartbeats: list[float]
    questions: list[float]

    def __str__(self) -> str:
        return (
            f"{self.tasks:,} tasks on {self.workers} workers: hooks {self.per_task_us:.1f} µs of "
            f"CPU a task; {self.per_heartbeat_us:.0f} µs a heartbeat of {len(self.heartbeats)}; "
            f"questions {self.questions_ms:.0f} ms"
        )

    @property
    def whole_s(self) -> float:
        """All of these seconds."""
        return sum(self.hooks) + sum(self.heartbeats) + sum(self.questions)

    @property
    def per_task_us(self) -> float:
        """Microseconds in the hooks for each task."""
        return sum(self.hooks) / self.tasks * 1e6

    @property
    def per_heartbeat_us(self) -> float:
        """Microseconds to read a worker's memory at a heartbeat."""
        return float(np.mean(self.heartbeats)) * 1e6

    @property
    def questions_ms(self) -> float:
        """Milliseconds of questions to the scheduler in one sample."""
        return sum(self.questions) * 1e3


class AtScale(Measured):
    """A sampler on a cluster elsewhere, whose scheduler is in this process."""

    cluster: LocalCluster

    def _plugin(self, name: str) -> Any:
        return self.cluster.scheduler.plugins[name]

    def bare(self) -> Times:
        """Take a sample without plugins, proof and check."""
        client, name = self._scheduler.client, memory.topic_of(self._scheduler.client.id)
        client.run_on_scheduler(stop_reading, name=name)
        found = super().bare()
        follow(client, [*self._scheduler.nthreads], None, lambda told: None)
        return found

    def spent(self, tasks: int) -> Spent:
        """Take one sample with everything timed."""
        hooks: list[float] = []
        heartbeats: list[float] = []
        questions: list[float] = []
        name = self._scheduler.plugin.name
        watch, reading = self._plugin(name), self._plugin(memory.topic_of(name.partition("-")[2]))
        places: list[Place] = [
            (watch, "transition", hooks, thread_time),
            (watch, "update_graph", hooks, thread_time),
            (reading, "read", heartbeats, thread_time),
            (self._scheduler, "_ask", questions, perf_counter),
        ]
        with timing(places):
            self.proved()
        return Spent(len(self._scheduler.nthreads), tasks, hooks, heartbeats, questions)


def stop_reading(dask_scheduler: Any, name: str) -> None:
    """Remove the plugin that reads memory (runs on the scheduler)."""
    dask_scheduler.plugins[name].remove_client(dask_scheduler, dask_scheduler.plugins[name].client)


@contextmanager
def timing(places: list[Place]) -> Iterator[None]:
    """Time the calls of methods, each into its list, by its clock."""
    for where, name, spent, clock in places:
        setattr(where, name, timed(getattr(where, name), spent, clock))
    try:
        yield
    finally:
        for where, name, *_ in places:
            delattr(where, name)


@contextmanager
def opened(workers: int, tasks: int) -> Iterator[AtScale]:
    """Start a cluster, and use it by its address."""
    with LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=False,
        protocol="tcp",
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        worker_class=LocalWorker,
        memory_limit=None,
    ) as cluster:
        case = Open(
            benchmark="empty_tasks",
            scheduler="distributed",
            parameters={"tasks": tasks, "shape": "wide"},
            seed=0,
            workers=workers,
            cluster={"address": cluster.scheduler_address},
            memory=True,
        )
        sampler = AtScale.open(case)
        assert isinstance(sampler, AtScale)
        sampler.cluster = cluster
        yield sampler
        sampler.close()


def pairs_of(sampler: AtScale, pairs: int, spent: Spent) -> None:
    """Take pairs, each side first in every other, and print their ratios, and what was `spent`."""
    taken: list[dict[str, Times]] = []
    for number in range(pairs):
        sides = (sampler.proved, sampler.bare)[:: -1 if number % 2 else 1]
        taken.append({side.__name__: side() for side in sides})
    print(f"{TASKS:,} empty tasks on {WORKERS[-1]} workers, memory read at heartbeats")
    for place, what in enumerate(("on the clock", "whole cycle")):
        report(what, *([one[side][place] for one in taken] for side in ("proved", "bare")))
    bare_s = float(np.median([one["bare"][1] for one in taken]))
    print(
        f"  in hooks, readings and questions: {spent.whole_s:.2f} s, {spent.whole_s / bare_s:.1%} "
        "of a bare cycle; bar 5 %"
    )


def print_trend(found: list[Spent]) -> None:
    """Print what the same costs would be with many more workers.

    Hooks do the same for each task, and readings for each heartbeat, however many workers there
    are. Questions are about all workers, so a straight line continues them.
    """
    hooks, readings = ([one.per_task_us for one in found], [one.per_heartbeat_us for one in found])
    busy = MANY / heartbeat_interval(MANY) * max(readings) / 1e6
    slope, start = np.polyfit(
        [one.workers for one in found], [one.questions_ms for one in found], 1
    )
    print(f"with {MANY:,} workers, which was not measured:")
    print(f"  hooks: {min(hooks):.1f} to {max(hooks):.1f} µs a task")
    print(f"  reading memory: up to {max(readings):.0f} µs a heartbeat, {busy:.1%} of a core")
    print(f"  questions: {start + slope * MANY:.0f} ms a sample, if a straight line goes on")


def main() -> None:
    """Measure what everything costs on each number of workers, then pairs on the most of them."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS
    found = []
    for workers in WORKERS:
        with opened(workers, TASKS) as sampler:
            found.append(sampler.spent(TASKS))
            print(found[-1], flush=True)
            if workers == WORKERS[-1]:
                print_trend(found)
                pairs_of(sampler, pairs, found[-1])
    if pairs >= PAIRS:
        with opened(WORKERS[-1], MANY_TASKS) as sampler:
            print(sampler.spent(MANY_TASKS))


if __name__ == "__main__":
    main()
