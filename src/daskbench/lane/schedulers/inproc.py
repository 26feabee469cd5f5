"""dask.distributed within one process: ``LocalCluster(processes=False)``.

Source: https://distributed.dask.org/en/stable/api.html#distributed.LocalCluster
"""

from dataclasses import replace
from typing import Any

from distributed import LocalCluster, Worker
from distributed.utils import format_dashboard_link

from daskbench.lane import clusters
from daskbench.lane.protocol import Found, Open
from daskbench.lane.schedulers.distributed import Distributed


class _Worker(Worker):  # type: ignore[misc]
    """A worker whose HTTP server listens only on localhost; within a process it would on all."""

    def start_http_server(self, routes: Any, dashboard_address: Any, **more: Any) -> None:
        super().start_http_server(routes, dashboard_address or "127.0.0.1:0", **more)


class InProcess(Distributed):
    """A client, scheduler and workers that are threads of this lane. There are no nannies."""

    def __init__(self, case: Open) -> None:
        super().__init__(replace(case, cluster={}))

    def _start_cluster(self) -> LocalCluster:
        within = {"processes": False, "host": None, "worker_class": _Worker}
        return clusters.start(self.asked, self.threads, self.memory_limit, **within)

    def _dashboard(self) -> str | None:
        """Return the dashboard's URL on localhost; Dask's names a host where nothing listens."""
        if super()._dashboard() is None:
            return None
        port = self.client.scheduler_info()["services"]["dashboard"]
        return str(format_dashboard_link("127.0.0.1", port))

    def describe(self) -> Found:
        """Return the workers; each tells the memory of the whole process."""
        if self.tell and len(self.nthreads) > 1:
            self.notes.append("each worker's memory is that of their common process")
        return super().describe()
