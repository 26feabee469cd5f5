"""Counts of the tasks in a graph, and of those that ran."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from time import perf_counter
from typing import Any

import dask
from dask._task_spec import DataNode, convert_legacy_graph
from dask.callbacks import Callback
from dask.optimization import cull

_LARGEST_PID = 1 << 22


class _Counted(Exception):
    """Stops Dask once its graph is known."""


def count_tasks(collection: Sequence[Any], *, keep: bool = False) -> int:
    """Return the number of tasks Dask would run to compute `collection`, after optimisation.

    With `keep`, to persist it. Uses a scheduler that only inspects the graph. Persisted chunks are
    data in the graph, not tasks.
    """
    found: list[int] = []

    def look(graph: Any, keys: Iterable[Any], **_: Any) -> None:
        materialized = graph.__dask_graph__() if hasattr(graph, "__dask_graph__") else graph
        culled, _dependencies = cull(convert_legacy_graph(dict(materialized)), list(keys))
        found.append(sum(not isinstance(node, DataNode) for node in culled.values()))
        raise _Counted

    with suppress(_Counted):
        (dask.persist if keep else dask.compute)(*collection, scheduler=look)
    return found[0]


class TaskCounter(Callback):  # type: ignore[misc]
    """Counts the tasks that finish on Dask's local schedulers.

    Those that did not run on the `scheduler` whose name is given are strays.
    """

    def __init__(self, scheduler: str = "") -> None:
        super().__init__()
        self._scheduler = scheduler
        self._workers: set[int | None] = set()
        self.tasks_run = 0
        self.tasks_known: int | None = None
        self.computes = self.tasks_reused = self.tasks_astray = 0
        self.first_task: float | None = None
        self.workers_lost = 0
        self.workers_rss_bytes: int | None = None

    def _start(self, *_: Any) -> None:
        self.computes += 1

    def _posttask(self, key: Any, result: Any, graph: Any, state: Any, worker: Any) -> None:
        if not self.tasks_run:
            self.first_task = perf_counter()
        self.tasks_run += 1
        self._workers.add(worker)

    @property
    def stray(self) -> str | None:
        """Another scheduler that ran tasks; None if there was none."""
        others = {_scheduler_of(worker) for worker in self._workers} - {self._scheduler}
        return min(others) if others and self._scheduler else None


def _scheduler_of(worker: int | None) -> str:
    """Return which scheduler a worker is of: Dask passes a thread's identity or a process's ID.

    Source: the `get_id` that ``dask.threaded.get`` and ``dask.multiprocessing.get`` pass.
    """
    if worker is None:
        return "synchronous"
    return "processes" if worker <= _LARGEST_PID else "threads"
