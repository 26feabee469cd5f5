"""Counts of the tasks in a graph, and of those that ran."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from time import perf_counter
from typing import Any

import dask
from dask._task_spec import DataNode, convert_legacy_graph
from dask.callbacks import Callback
from dask.optimization import cull


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
    """Counts the tasks that finish on Dask's local schedulers."""

    def __init__(self) -> None:
        super().__init__()
        self.tasks_run = 0
        self.tasks_known: int | None = None
        self.computes = self.tasks_reused = 0
        self.first_task: float | None = None
        self.workers_lost = 0
        self.workers_rss_bytes: int | None = None

    def _start(self, *_: Any) -> None:
        self.computes += 1

    def _posttask(self, *_: Any) -> None:
        if not self.tasks_run:
            self.first_task = perf_counter()
        self.tasks_run += 1
