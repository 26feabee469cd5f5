"""Clusters: a local one started by the lane, or an existing one.

Source: https://docs.dask.org/en/stable/deploying.html
"""

from collections.abc import Callable, Iterable, Mapping
from time import monotonic, sleep
from typing import Any

import dask
from distributed import Client, LocalCluster, futures_of
from distributed.security import Security

from daskbench import resources
from daskbench.lane import reach
from daskbench.lane.causes import Explained
from daskbench.lane.deploy import is_encrypted
from daskbench.lane.probes import watch
from daskbench.lane.probes.blas import BLAS_VARIABLES
from daskbench.units import format_seconds

_LOOK_S, _POLL_S = 1.0, 0.01
#: States of futures whose data may still come.
_COMING = ("pending", "lost")
_RECENT = "recent-to-old-time"


def configure(thresholds: Mapping[str, float], blas_threads: int | None) -> None:
    """Set the Dask configuration of a local cluster, before it starts."""
    # Otherwise the scheduler drops frozen workers, which send no heartbeats.
    dask.config.set({"distributed.scheduler.worker-ttl": None})
    for name, value in thresholds.items():
        key = _RECENT if name == "recent_to_old_s" else name
        dask.config.set({f"distributed.worker.memory.{key}": value or False})
    if blas_threads is not None:
        for name in BLAS_VARIABLES:
            key = f"distributed.nanny.pre-spawn-environ.{name}"
            dask.config.set({key: blas_threads})


def start(
    workers: int | None,
    threads: int | None,
    limit_bytes: int | None,
    **other: Any,
) -> LocalCluster:
    """Start a cluster that listens only on localhost; `limit_bytes` is per worker.

    `other` are further arguments of LocalCluster, or replace those given here.
    With an interface it listens there instead, and for an encrypted protocol it has certificates of
    its own. The default limit is that of ``distributed.worker_memory.parse_memory_limit``, but
    based on the memory of this job: Dask reads only the outermost control group.
    """
    arguments = {
        "n_workers": workers,
        "threads_per_worker": threads,
        "processes": True,
        "memory_limit": limit_bytes or share(threads or 1),
        "host": "127.0.0.1",
        "dashboard_address": "127.0.0.1:0",
    }
    if "interface" in other:
        del arguments["host"]
    if is_encrypted(str(other.get("protocol", ""))):
        arguments["security"] = True
    return LocalCluster(**arguments | other)


def share(threads: int) -> int:
    """Return the default memory limit of a worker in bytes, proportional to its threads."""
    return int(resources.memory().amount * min(1, threads / resources.cores().amount))


def equal_share(workers: int) -> int:
    """Return what ``LocalCluster()`` gives each of its workers, in bytes."""
    return int(resources.memory().amount / workers)


def wait_whole(client: Client, wanted: int, timeout_s: float) -> None:
    """Wait until all workers of a local cluster are available; dead ones are being restarted.

    Raises Explained after `timeout_s`. Dask does not count paused workers as available.
    """
    try:
        client.wait_for_workers(wanted, timeout=timeout_s)
    except TimeoutError as error:
        found: list[str] = client.run_on_scheduler(watch.states)
        waited = format_seconds(timeout_s)
        if paused := found.count("paused"):
            raise Explained(
                f"{paused} of {wanted} workers stayed paused for {waited}: Dask pauses a worker "
                "while its memory is above the pause threshold"
            ) from error
        raise Explained(
            f"only {len(found)} of {wanted} workers were available after {waited}"
        ) from error


def wait_for(kept: Any, look: Callable[[], None]) -> None:
    """Wait until data are there, and call `look` every second.

    Data that are only wanted on certain workers never come if one of these is gone, so `look` may
    raise. `distributed.wait` with a timeout is no help: its TimeoutError keeps the data alive.
    """
    futures = futures_of(kept)
    looked = monotonic()
    while any(future.status in _COMING for future in futures):
        sleep(_POLL_S)
        if monotonic() - looked > _LOOK_S:
            look()
            looked = monotonic()


def raise_errors(futures: Iterable[Any]) -> None:
    """Raise the error of a task that has failed, of which `distributed.wait` says nothing."""
    for future in futures:
        if future.status != "finished":
            future.result()


def connect(where: Mapping[str, str], timeout_s: float) -> Client:
    """Return a client of an existing cluster, by address or scheduler file.

    Raises Explained if it can't be reached.
    """
    tls = {
        "tls_ca_file": where.get("tls_ca"),
        "tls_client_cert": where.get("tls_cert"),
        "tls_client_key": where.get("tls_key"),
    }
    security = Security(require_encryption=True, **tls) if any(tls.values()) else Security()
    address = reach.address_of(where)
    reach.check(address, security, timeout_s)  # a client may wait forever for some non-schedulers
    return Client(address, security=security, timeout=reach.CONNECT_S)
