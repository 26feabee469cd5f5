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
        self.begin()

    def begin(self) -> None:
        """Start counting anew."""
        self.ours: set[Any] = set()
        self.ran: set[Any] = set()
        self.workers_lost = 0

    def update_graph(self, scheduler: Any, *, client: str, tasks: list[Any], **_: Any) -> None:
        """Learn which tasks are our client's: others may use the same cluster."""
        if client == self.client:
            self.ours.update(tasks)

    def transition(self, key: Any, start: str, finish: str, *_: Any, **__: Any) -> None:
        """Count a task when its result arrives from the worker that ran it."""
        if start == "processing" and finish == "memory" and key in self.ours:
            self.ran.add(key)

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


def left_over(dask_scheduler: Any, name: str) -> int:
    """Return how many tasks of the last sample are still known (runs on the scheduler)."""
    return sum(key in dask_scheduler.tasks for key in dask_scheduler.plugins[name].ours)


def counts(dask_scheduler: Any, name: str) -> tuple[int, int]:
    """Return tasks run and workers lost (runs on the scheduler)."""
    watch = dask_scheduler.plugins[name]
    return len(watch.ran), watch.workers_lost
