"""Dask's own choice: compute without naming a scheduler.

Source: https://docs.dask.org/en/stable/scheduling.html
"""

from typing import Any

import dask
from dask import multiprocessing, threaded
from dask.base import get_scheduler
from dask.local import get_sync
from dask.system import CPU_COUNT

from daskbench.lane.probes.blas import blas_info, blas_of
from daskbench.lane.protocol import Found
from daskbench.lane.schedulers.local import LocalScheduler
from daskbench.lane.work import Work

_NAMES = {threaded.get: "threads", multiprocessing.get: "processes", get_sync: "synchronous"}


class Default(LocalScheduler):
    """The default scheduler of the collections, or that of Dask's configuration, if it names one.

    Threads for arrays, dataframes and delayed objects, processes for bags.
    """

    name = ""
    chosen: Any = None

    @property
    def _where(self) -> dict[str, Any]:
        return {}

    def count(self, work: Work) -> int:
        """Return the number of tasks that Dask would run; note where."""
        if work.collections:  # a work that computes by itself chooses anew each time
            self.chosen = get_scheduler(collections=work.collections)
        return super().count(work)

    def describe(self) -> Found:
        """Return which scheduler that turned out to be, and its workers."""
        if self.chosen is None:
            return Found(blas=blas_of(blas_info()))
        name = _NAMES.get(self.chosen) or f"{self.chosen}"
        workers = _workers() if name in ("threads", "processes") else None
        return Found(workers=workers, blas=blas_of(blas_info()), chosen=name)

    def _pool_size(self) -> int:
        if (self.chosen or get_scheduler()) is get_sync:
            return 1
        pool = dask.config.get("pool", None)
        return getattr(pool, "_max_workers", None) or _workers() or CPU_COUNT


def _workers() -> int | None:
    """Return the size of the pool that Dask makes; None if its configuration has another pool."""
    if dask.config.get("pool", None) is not None:
        return None
    return int(dask.config.get("num_workers", None) or CPU_COUNT)
