"""dask.distributed on a cluster that this lane starts elsewhere, and closes.

What runs there is used as on an existing cluster. Source:
https://docs.dask.org/en/stable/deploying.html
"""

from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import dask
from distributed import Client, KilledWorker, scheduler

from daskbench import secrecy
from daskbench.benchmarks.base import Benchmark
from daskbench.lane import activity, clusters
from daskbench.lane.causes import Explained, told
from daskbench.lane.deploy import ending, make_deployment
from daskbench.lane.deploy.own import over
from daskbench.lane.probes import identity
from daskbench.lane.protocol import Found, Open
from daskbench.lane.schedulers.ours import Ours
from daskbench.units import format_seconds

#: After this time, tasks fail that no worker is left for.
_NO_WORKERS_S = 20.0
_CLOSE_S = 15.0
#: What tasks fail with then; not every release of Dask has both.
_NAMES = ("NoWorkerError", "NoValidWorkerError")
_NO_WORKER = tuple(getattr(scheduler, name) for name in _NAMES if hasattr(scheduler, name))


class Started(Ours):
    """A client of a cluster that one of Dask's deploy classes starts."""

    def __init__(self, case: Open) -> None:
        super().__init__(case)
        self._digest_key = case.digest_key
        self.deployment = make_deployment(replace(case, workers=self.asked))
        if case.queue_timeout_s:
            self.patience_s, self.patience = case.queue_timeout_s, "--queue-timeout"

    def open(self, benchmark: Benchmark) -> None:
        """Start the cluster; close it again if that or anything else fails."""
        try:
            super().open(benchmark)
        except BaseException:
            self._close_cluster()
            raise

    def _connect(self) -> Client:
        """Start the cluster, and return a client of it."""
        activity.report(f"starting the cluster ({self.deployment.shown})")
        clusters.configure(self.thresholds, self.blas_threads)
        dask.config.set({"distributed.scheduler.no-workers-timeout": f"{_NO_WORKERS_S:g}s"})
        dask.config.set({"temporary-directory": None})  # ours may not be there on other machines
        ending.watch(self._close_cluster)
        self.cluster = self.deployment.start()
        self.asked = self.asked or self.deployment.expected(self.cluster)
        return Client(self.cluster)

    def _what_is_missing(self) -> str:
        """Say what missing workers wait for. Raises Explained if they will never come."""
        if why := self.deployment.lost():
            raise Explained(f"its workers did not start: {why}")
        waiting = self.deployment.waiting()
        return f": {waiting}" if waiting else ""

    def describe(self) -> Found:
        """Return the workers, and their jobs."""
        found = super().describe()
        digest = identity.digest_of(self._digest_key)
        script, queued_s = self.deployment.script, self.deployment.queued_s
        script = "\n".join(secrecy.concealed("", line, digest) for line in script.splitlines())
        return replace(found, job_script=script, queued_s=queued_s)

    def _check_workers(self) -> None:
        with self._loss_explained():
            super()._check_workers()

    @contextmanager
    def _loss_explained(self) -> Iterator[None]:
        """Add to an error about lost workers how they ended, if the queue knows."""
        try:
            with super()._loss_explained():
                yield
        except (*_NO_WORKER, KilledWorker, RuntimeError, CancelledError) as error:
            text = told(error)
            if state := over(self.cluster):
                text = f"its cluster is {state}, which is not daskbench's doing"
            if isinstance(error, _NO_WORKER):
                text = f"no worker was left for {format_seconds(_NO_WORKERS_S)}"
            why = "" if isinstance(error, _Told) else self.deployment.lost(afresh=True)
            if not why and text == told(error):
                raise
            raise _Told(f"{text}: {why}" if why else text) from error

    def close(self) -> None:
        """Close the client and the cluster."""
        self.client.close()
        self._close_cluster()

    def _close_cluster(self) -> None:
        """Close the cluster, also while something else is being done."""
        if self.cluster is None:
            return
        activity.report("closing its cluster")
        with suppress(Exception):
            _close(self.cluster)
            if not self.deployment.is_left():
                ending.forget()
        self.cluster = None


def _close(cluster: Any) -> None:
    """Close a cluster, in limited time where it can."""
    try:
        cluster.close(timeout=_CLOSE_S)
    except TypeError:  # a class of the user's may take no arguments
        cluster.close()


class _Told(Explained):
    """An error that says already how workers ended."""
