"""A scheduler plugin that counts which tasks of one client really ran.

Source: https://distributed.dask.org/en/stable/plugins.html

This module travels by value to schedulers that lack daskbench, so it imports only distributed.
"""

from typing import Any

from distributed import SchedulerPlugin


class TaskWatch(SchedulerPlugin):  # type: ignore[misc]
    """Lives in the scheduler for as long as its client does, and counts for that client alone."""

    def __init__(self, client: str) -> None:
        self.name = f"daskbench-{client}"
        self.client = client
        self.held: set[Any] = set()
        self.begin()
        self.watching = False

    def begin(self) -> None:
        """Start counting anew."""
        self.watching = True
        self.graphs: list[tuple[set[Any], set[Any]]] = []
        self.workers_lost = 0

    def update_graph(self, scheduler: Any, *, client: str, tasks: list[Any], **_: Any) -> None:
        """Learn the tasks of a graph of our client's: others may use the same cluster.

        Data that are held from before the sample are in the graph too, and need not run.
        """
        if self.watching and client == self.client:
            self.graphs.append((set(tasks) - self.held, set()))

    def transition(self, key: Any, start: str, finish: str, *_: Any, **__: Any) -> None:
        """Count a task when its result arrives from the worker that ran it.

        A task of the same key may be in several graphs: it ran for the latest of them. One that
        ran again, as its worker was lost, counts once.
        """
        if start == "processing" and finish == "memory":
            for tasks, ran in reversed(self.graphs):
                if key in tasks:
                    ran.add(key)
                    return

    def remove_worker(self, scheduler: Any, worker: str, **_: Any) -> None:
        """Note the loss of a worker."""
        self.workers_lost += 1

    def remove_client(self, scheduler: Any, client: str) -> None:
        """Leave with the client, however it left, so that nothing stays on the scheduler."""
        if client == self.client:
            scheduler.remove_plugin(name=self.name)


def begin(dask_scheduler: Any, name: str) -> None:
    """Start counting anew (runs on the scheduler)."""
    dask_scheduler.plugins[name].begin()


def hold(dask_scheduler: Any, name: str, keys: list[Any]) -> None:
    """Learn the keys of data that are held from sample to sample (runs on the scheduler)."""
    dask_scheduler.plugins[name].held.update(keys)


def left_over(dask_scheduler: Any, name: str) -> int:
    """Return how many tasks of the last sample are still known (runs on the scheduler)."""
    graphs = dask_scheduler.plugins[name].graphs
    return sum(key in dask_scheduler.tasks for tasks, _ in graphs for key in tasks)


def states(dask_scheduler: Any) -> list[str]:
    """Return the state of each worker that is there (runs on the scheduler)."""
    return [worker.status.name for worker in dask_scheduler.workers.values()]


def held_bytes(dask_scheduler: Any, name: str, workers: list[str]) -> int:
    """Return what these workers' processes hold, by their last heartbeats (on the scheduler)."""
    known = (dask_scheduler.workers.get(address) for address in workers)
    return sum(int(state.metrics.get("memory", 0)) for state in known if state is not None)


def counts(dask_scheduler: Any, name: str) -> tuple[int, int, int]:
    """Return tasks received, tasks run, and workers lost, and stop (runs on the scheduler).

    What comes until the next `begin` judges the answer, and may stay on the workers.
    """
    watch = dask_scheduler.plugins[name]
    watch.watching = False
    known = sum(len(tasks) for tasks, _ in watch.graphs)
    return known, sum(len(ran) for _, ran in watch.graphs), watch.workers_lost
