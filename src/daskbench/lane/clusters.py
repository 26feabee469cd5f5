"""Where a client's cluster comes from: one of our own on this machine, or one that is there.

Source: https://docs.dask.org/en/stable/deploying.html
"""

from collections.abc import Mapping

import dask
from distributed import Client, LocalCluster
from distributed.security import Security

from daskbench import resources
from daskbench.lane import reach
from daskbench.lane.causes import Explained
from daskbench.lane.probes import watch
from daskbench.units import format_seconds

_RECENT = "recent-to-old-time"


def configure(thresholds: Mapping[str, float], blas_threads: int | None) -> None:
    """Set what a cluster of our own takes from Dask's configuration when it starts."""
    # A frozen worker sends no heartbeat: without this, a long freeze would cost it its life.
    dask.config.set({"distributed.scheduler.worker-ttl": None})
    for name, value in thresholds.items():
        key = _RECENT if name == "recent_to_old_s" else name
        dask.config.set({f"distributed.worker.memory.{key}": value or False})
    if blas_threads is not None:
        for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            key = f"distributed.nanny.pre-spawn-environ.{name}"
            dask.config.set({key: blas_threads})


def start(workers: int | None, threads: int | None, limit_bytes: int | None) -> LocalCluster:
    """Start a cluster that listens on this machine alone; the limit is that of each worker.

    Without one, a worker has its share as in ``distributed.worker_memory.parse_memory_limit``, but
    of what this job may use: Dask reads the outermost control group alone.
    """
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=threads,
        processes=True,
        memory_limit=limit_bytes or share(threads or 1),
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    )


def share(threads: int) -> int:
    """Return what a worker may hold unless told otherwise: the share of its threads."""
    return int(resources.memory().amount * min(1, threads / resources.cores().amount))


def wait_whole(client: Client, wanted: int, timeout_s: float) -> None:
    """Wait until all workers of a cluster of ours can work: one that died comes back.

    Raises Explained where they don't. Dask counts those that are paused as not there.
    """
    try:
        client.wait_for_workers(wanted, timeout=timeout_s)
    except TimeoutError as error:
        found: list[str] = client.run_on_scheduler(watch.states)
        waited = format_seconds(timeout_s)
        if paused := found.count("paused"):
            raise Explained(
                f"{paused} of {wanted} workers stayed paused for {waited}: Dask pauses a worker "
                "for as long as it holds more than its pause threshold"
            ) from error
        raise Explained(f"{len(found)} of {wanted} workers were there after {waited}") from error


def connect(where: Mapping[str, str], timeout_s: float) -> Client:
    """Return a client of the cluster that is there, by address or scheduler file.

    Raises Explained where it can't be reached.
    """
    tls = {
        "tls_ca_file": where.get("tls_ca"),
        "tls_client_cert": where.get("tls_cert"),
        "tls_client_key": where.get("tls_key"),
    }
    security = Security(require_encryption=True, **tls) if any(tls.values()) else Security()
    address = reach.address_of(where)
    reach.check(address, security, timeout_s)  # a client waits for ever for some that are none
    return Client(address, security=security, timeout=reach.CONNECT_S)
