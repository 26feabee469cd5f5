"""A scheduler plugin that counts the tasks that ran for one client.

Source: https://distributed.dask.org/en/stable/plugins.html

This module travels by value to schedulers that lack daskbench, so it imports only distributed.
"""

from collections.abc import Collection
from typing import Any

from distributed import SchedulerPlugin


class TaskWatch(SchedulerPlugin):  # type: ignore[misc]
    """Counts the tasks of one client, for its lifetime."""

    def __init__(self, client: str) -> None:
        self.name = f"daskbench-{client}"
        self.client = client
        self.held: set[Any] = set()
        self.begin()
        self.watching = False

    def begin(self, workers: Collection[str] = ()) -> None:
        """Reset the counts and start counting; tasks on other `workers` are astray, if given."""
        self.watching = True
        self.workers, self.astray = frozenset(workers), 0
        self.graphs: list[tuple[set[Any], set[Any]]] = []
        self.workers_lost = 0

    def update_graph(self, scheduler: Any, *, client: str, tasks: list[Any], **_: Any) -> None:
        """Record the tasks of a graph of this client; others may use the same cluster.

        The graph includes data persisted before the sample, which need not run, and constants,
        which Dask's other schedulers do not run either.
        """
        if self.watching and client == self.client:
            known = getattr(scheduler, "tasks", {})
            ours = {key for key in tasks if not _is_constant(known.get(key))}
            self.graphs.append((ours - self.held, set()))

    def transition(self, key: Any, start: str, finish: str, *_: Any, **more: Any) -> None:
        """Count a task when its worker reports its result.

        A key in several graphs counts for the latest; a task rerun after the loss of a worker
        counts once.
        """
        if start == "processing" and finish == "memory":
            for tasks, ran in reversed(self.graphs):
                if key in tasks:
                    ran.add(key)
                    if self.workers and more.get("worker") not in self.workers:
                        self.astray += 1
                    return

    def remove_worker(self, scheduler: Any, worker: str, **_: Any) -> None:
        """Count the loss of a worker."""
        self.workers_lost += 1

    def remove_client(self, scheduler: Any, client: str) -> None:
        """Unregister when the client leaves, for whatever reason."""
        if client == self.client:
            scheduler.remove_plugin(name=self.name)


def _is_constant(task: Any) -> bool:
    return type(getattr(task, "run_spec", None)).__name__ == "DataNode"


def begin(dask_scheduler: Any, name: str, workers: Collection[str] = ()) -> None:
    """Reset the counts and start counting, for these `workers` (runs on the scheduler)."""
    dask_scheduler.plugins[name].begin(workers)


def hold(dask_scheduler: Any, name: str, keys: list[Any]) -> None:
    """Record the keys of persisted data, which belong to no sample (runs on the scheduler)."""
    dask_scheduler.plugins[name].held.update(keys)


def left_over(dask_scheduler: Any, name: str) -> int:
    """Return the number of unreleased tasks of the last sample (runs on the scheduler)."""
    graphs = dask_scheduler.plugins[name].graphs
    return sum(key in dask_scheduler.tasks for tasks, _ in graphs for key in tasks)


def states(dask_scheduler: Any) -> list[str]:
    """Return the state of each worker (runs on the scheduler)."""
    return [worker.status.name for worker in dask_scheduler.workers.values()]


def held_bytes(dask_scheduler: Any, name: str, workers: list[str]) -> int:
    """Return the total RSS of `workers` at their last heartbeats (runs on the scheduler)."""
    known = (dask_scheduler.workers.get(address) for address in workers)
    return sum(int(state.metrics.get("memory", 0)) for state in known if state is not None)


def counts(dask_scheduler: Any, name: str) -> tuple[int, int, int]:
    """Stop counting; return tasks received, tasks run and workers lost (runs on the scheduler).

    Graphs until the next `begin` check the answer, and may stay on the workers.
    """
    watch = dask_scheduler.plugins[name]
    watch.watching = False
    known = sum(len(tasks) for tasks, _ in watch.graphs)
    return known, sum(len(ran) for _, ran in watch.graphs), watch.workers_lost


def received(dask_scheduler: Any, name: str) -> tuple[int, int, int]:
    """Return the graphs of a sample, and how many of their tasks reused a result or were astray.

    Results of the sample are data that the work persisted, which may still be computed when the
    next graph arrives (runs on the scheduler).
    """
    watch = dask_scheduler.plugins[name]
    ever = set().union(*(ran for _, ran in watch.graphs))
    reused = sum(len((tasks & ever) - ran) for tasks, ran in watch.graphs)
    return len(watch.graphs), reused, watch.astray
