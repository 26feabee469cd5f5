"""dask.distributed: a LocalCluster or an existing cluster.

Source: https://distributed.dask.org/en/stable/api.html
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from importlib.util import find_spec
from time import monotonic, sleep
from typing import Any

import dask
from distributed import Client, LocalCluster, futures_of, performance_report, wait
from distributed.comm import CommClosedError
from distributed.scheduler import heartbeat_interval

from daskbench.benchmarks.base import Benchmark
from daskbench.benchmarks.workers import Transfer
from daskbench.lane import activity, clusters
from daskbench.lane.between import between_hosts
from daskbench.lane.causes import Explained
from daskbench.lane.deaths import Deaths
from daskbench.lane.deploy import is_elsewhere
from daskbench.lane.following import follow
from daskbench.lane.probes import blas, hosts, identity, memory, watch
from daskbench.lane.probes.versions import version_notes
from daskbench.lane.protocol import Found, Host, Identity, Message, Open, Told
from daskbench.lane.schedulers.base import Counted, Instruments
from daskbench.lane.travel import OURS, send_with_note
from daskbench.lane.work import Computing, Work, prepare
from daskbench.units import counted, format_seconds

_RELEASE_S, _RESTART_S, _TRIES, _AGAIN_S = 10, 60, 5, 0.5
#: Default times to wait for workers: local ones, and those that a batch queue may start.
_OWN_S, _THEIRS_S = 10.0, 300.0
_LOOK_S, _BEATS = 1.0, 2
_LOST = "scheduler-connection-lost"  # Dask's reason for cancelled futures


class Distributed:
    """A client, with a local cluster or connected to an existing one."""

    patience = "--wait-for-workers"  # the option that limits the wait for workers

    def __init__(self, case: Open) -> None:
        self.asked: int | None = case.workers
        self.threads: int | None = case.threads_per_worker
        self.memory_limit: int | None = case.memory_limit_bytes
        self.blas_threads: int | None = case.blas_threads
        self.where: Mapping[str, Any] = case.cluster
        self.local = not is_elsewhere(self.where)
        self.timeout_s: float = case.timeout_s or _THEIRS_S
        self.patience_s: float = case.wait_for_workers_s or (
            _OWN_S if self.local else min(_THEIRS_S, self.timeout_s)
        )
        self.notes: list[str] = []
        self.cluster: LocalCluster | None = None
        self.deaths = Deaths(are_ours=self.local)
        self.thresholds: Mapping[str, float] = case.thresholds
        self.tell: Callable[[Told], None] | None = None

    def tell_memory(self, tell: Callable[[Told], None], interval_s: float | None) -> None:
        """Pass each worker's memory at its heartbeats, and its events, to `tell`."""
        self.tell, self.interval_s = tell, interval_s

    def open(self, benchmark: Benchmark) -> None:
        """Start or connect to the cluster, and register the plugin that counts tasks."""
        if self.local:
            activity.report("starting a cluster")
            clusters.configure(self.thresholds, self.blas_threads)
            self.cluster = self._start_cluster()
            self.asked = len(self.cluster.worker_spec)
            self.client = Client(self.cluster)
        else:
            self.client = self._connect()
            self.notes += version_notes(self.client.get_versions())
            self._opened_for = benchmark
            self.notes += send_with_note(self.client, type(benchmark).__module__, OURS)
        self.plugin = watch.TaskWatch(self.client.id)
        self.client.register_plugin(self.plugin)
        self.nthreads: dict[str, int] = self._choose_workers()
        if self.tell:
            ours = [] if self.local else list(self.nthreads)
            follow(self.client, ours, self.interval_s, self.tell)
        activity.report("preparing")
        self.prepare(benchmark)

    def prepare(self, benchmark: Benchmark) -> None:
        """Run the benchmark's own `prepare`; a later one's code may have to be sent first."""
        if not self.local and benchmark is not self._opened_for:
            self.notes += send_with_note(self.client, type(benchmark).__module__, OURS)
        with self.default():
            prepare(benchmark, self.computing, [*self.nthreads])

    def _start_cluster(self) -> LocalCluster:
        options = self.where.get("options") or {}
        return clusters.start(self.asked, self.threads, self.memory_limit, **options)

    def _connect(self) -> Client:
        """Return a client of a cluster outside this lane."""
        activity.report("connecting to the scheduler")
        return clusters.connect(self.where, self.timeout_s)

    def _choose_workers(self) -> dict[str, int]:
        """Return the number of threads of each worker to use, by address."""
        self._wait_for(self.asked or 1)
        there: dict[str, int] = dict(sorted(self.client.nthreads().items()))
        return dict(list(there.items())[: self.asked])

    def _wait_for(self, wanted: int) -> None:
        """Wait for `wanted` workers, reporting progress. Raises Explained on timeout."""
        deadline = monotonic() + self.patience_s
        while (found := len(self.client.nthreads())) < wanted:
            if (left := deadline - monotonic()) <= 0:
                raise Explained(
                    f"only {found} of {counted(wanted, 'worker')} available after "
                    f"{format_seconds(self.patience_s)} ({self.patience}){self._what_is_missing()}"
                )
            missing = self._what_is_missing()
            activity.report(f"waiting for workers: {found} of {wanted} available{missing}")
            with suppress(TimeoutError):
                self.client.wait_for_workers(wanted, timeout=min(_LOOK_S, left))

    def _what_is_missing(self) -> str:
        """Say what missing workers wait for. Raises Explained if they will never come."""
        return ""

    def describe(self) -> Found:
        """Return the workers in use, their BLAS, and their memory limits if requested."""
        found = self._run(blas.blas_info)
        threads = {pool["threads"] for pools in found for pool in pools}
        if len(threads) > 1:
            self.notes.append(f"BLAS threads differ between workers: {sorted(threads)}")
        else:
            self.notes += hosts.differ(found, "BLAS libraries")
        places = [] if self.local else hosts.grouped(self._run(hosts.host))
        self.notes += hosts.notes_of(places)
        sizes = set(self.nthreads.values())
        return Found(
            workers=len(self.nthreads),
            threads_per_worker=sizes.pop() if len(sizes) == 1 else None,
            blas=blas.blas_of(found[0]),
            hosts=[Host(**place) for place in places],
            dashboard=self._dashboard(),
            notes=self.notes,
            **(self._limits() if self.tell else {}),
        )

    def elsewhere(self) -> dict[str, Identity]:
        """Return the identities of an external cluster's scheduler and workers."""
        if self.local:
            return {}
        workers: list[Message] = self._run(identity.process_identity)
        self.notes += hosts.differ(workers, "configuration or environment variables")
        scheduler = self.client.run_on_scheduler(identity.process_identity)
        return {"scheduler": Identity(**scheduler), "workers": Identity(**workers[0])}

    def between_hosts(self) -> Sequence[Transfer]:
        """Measure the network of an external cluster, if its workers are on several hosts."""
        if self.local:
            return []
        return between_hosts(self.client, self.computing, [*self.nthreads])

    def _run(self, function: Any) -> list[Any]:
        """Run a function on each worker in use; retry if a local one dies meanwhile."""
        if not self.local:
            return list(self.client.run(function, workers=list(self.nthreads)).values())
        for _ in range(_TRIES):
            clusters.wait_whole(self.client, len(self.nthreads), _RESTART_S)
            with suppress(CommClosedError):  # a worker died meanwhile
                return list(self.client.run(function).values())
            sleep(_AGAIN_S)
        raise RuntimeError(f"workers died in each of {_TRIES} attempts to query them")

    def _limits(self) -> Message:
        found: list[Message] = self._run(memory.limits)
        self.notes += hosts.differ(found, "memory limits or thresholds")
        return found[0]

    @property
    def computing(self) -> Computing:
        """Compute outside the clock; persisted data belong to no sample."""
        return Computing(self._compute, self._hold)

    def _compute(self, collections: Sequence[Any]) -> Sequence[Any]:
        """Compute on the workers in use."""
        with self.deaths.explained(self.client):
            values: Sequence[Any] = dask.compute(*collections, **self._where)
        return values

    def _keep(self, collections: Sequence[Any], wait_for: Any = wait) -> Sequence[Any]:
        """Persist on the workers in use, and wait."""
        with self.deaths.explained(self.client):
            kept: Sequence[Any] = dask.persist(*collections, **self._where)
            wait_for(kept)
            clusters.raise_errors(futures_of(kept))
        return kept

    def _hold(self, collections: Sequence[Any]) -> Sequence[Any]:
        kept = self._keep(collections, partial(clusters.wait_for, look=self._check_left))
        self._ask(watch.hold, keys=[future.key for future in futures_of(kept)])
        return kept

    @property
    def _where(self) -> dict[str, Any]:
        return {"scheduler": self.client} | ({} if self.local else {"workers": [*self.nthreads]})

    def _dashboard(self) -> str | None:
        """Return the dashboard's URL; None without bokeh."""
        return self.client.dashboard_link if find_spec("bokeh") else None

    def count(self, work: Work) -> int:
        """Return the number of tasks that Dask would submit."""
        return work.tasks()

    def build(self, benchmark: Benchmark) -> Work:
        """Build the collections anew."""
        return Work(benchmark)

    @contextmanager
    def _loss_explained(self) -> Iterator[None]:
        """Raise Explained if the connection to an external scheduler is lost."""
        try:
            yield
        except (CommClosedError, CancelledError, OSError) as error:
            lost = isinstance(error, CommClosedError) or _LOST in str(error)
            if self.local or not lost:
                raise
            where = f"the scheduler at {self.client.scheduler.address}"
            why = "its process ended, or the connection to it broke"
            raise Explained(f"{where} was lost: {why}") from error

    def settle(self) -> None:
        """Wait until workers respond and the scheduler has released the last sample."""
        with self._loss_explained():
            self._check_workers()
            deadline = monotonic() + _RELEASE_S
            while self._ask(watch.left_over) and monotonic() < deadline:
                sleep(0.005)

    def _check_workers(self) -> None:
        if self.local:  # nannies restart dead workers, under another address
            clusters.wait_whole(self.client, len(self.nthreads), _RESTART_S)
            self.client.run(int, on_error="ignore")
        self._check_left()

    def _check_left(self) -> None:
        """Raise RuntimeError if workers have left a cluster that does not restart them."""
        if gone := self.nthreads.keys() - (self.nthreads if self.local else self.client.nthreads()):
            names = ", ".join(sorted(gone))
            raise RuntimeError(
                f"{len(gone)} of {len(self.nthreads)} workers have left the cluster: {names}"
            )

    def _ask(self, function: Any, **more: Any) -> Any:
        return self.client.run_on_scheduler(function, name=self.plugin.name, **more)

    @contextmanager
    def proof(self) -> Iterator[Counted]:
        """Count task transitions on the scheduler."""
        with self._loss_explained():
            self._ask(watch.begin, workers=[] if self.local else [*self.nthreads])
            proof = Counted()
            yield proof
            proof.tasks_known, proof.tasks_run, proof.workers_lost = self._ask(watch.counts)
            proof.computes, proof.tasks_reused, proof.tasks_astray = self._ask(watch.received)
            if not self.local:
                proof.workers_rss_bytes = self._ask(watch.held_bytes, workers=list(self.nthreads))

    def listen(self) -> None:
        """Wait for two heartbeats, as the next may be outdated already."""
        sleep(_BEATS * heartbeat_interval(len(self.nthreads)))

    def instruments(self) -> Instruments:
        """Record the scheduler's transitions, and what threads and heartbeats of workers tell."""
        from daskbench.lane.probes.cluster_instruments import ClusterInstruments

        return ClusterInstruments(self.client, self.nthreads, self.listen, local=self.local)

    def compute(self, work: Work) -> Any:
        """Run the work."""
        return work.run(Computing(self._compute, self._keep))

    def default(self) -> AbstractContextManager[Any]:
        """Do nothing, as a client is Dask's default; on an existing cluster, name the workers."""
        return nullcontext() if self.local else dask.annotate(workers=list(self.nthreads))

    @contextmanager
    def report(self, path: str) -> Iterator[None]:
        """Write Dask's performance report of the context."""
        with performance_report(filename=path):
            yield

    def close(self) -> None:
        """Close the client and a local cluster."""
        self.client.close()
        if self.cluster is not None:
            self.cluster.close()
