"""What the ranks of a job step run beside rank 0: Dask's scheduler and workers.

Run as ``python -m daskbench.lane.deploy.mpi``, with options as JSON in an environment variable.
Workers have nannies, and all end with rank 0, whatever happens to it (`daskbench.ranks`).
"""

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import tempfile
import traceback
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic
from typing import Any

import dask

from daskbench import ranks as all_ranks
from daskbench import resources
from daskbench.ranks import Ranks

#: How long rank 0 may take to say where it is, and to be reached there; and the scheduler to start.
_APPEAR_S, _REACH_S, _SCHEDULER_S = 60.0, 5.0, 60.0
_AGAIN_S, _CLOSE_S = 0.1, 5.0
#: SLURM sends SIGTERM to all ranks at once. A sample must not fail before rank 0 has heard of it.
_AFTER_SIGNAL_S = 0.5
#: Seconds and tries after which the node of rank 0 counts as dead.
_ALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}
Options = Mapping[str, Any]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def main() -> None:
    """Serve as this process's rank until rank 0 has ended."""
    ranks, options = all_ranks.started(), json.loads(os.environ.pop(all_ranks.OPTIONS))
    assert ranks
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    code = 0
    try:
        with tempfile.TemporaryDirectory(
            prefix="daskbench-rank-", ignore_cleanup_errors=True
        ) as folder:
            _watcher = _remove_at_the_end(folder, str(ranks.folder))
            asyncio.run(_serve(ranks, options, folder))
    except Exception:
        traceback.print_exc()
        code = 1
    all_ranks.remove(ranks)
    os._exit(code)  # as event loops may hang


def _remove_at_the_end(*folders: str) -> "subprocess.Popen[bytes]":
    """Start what removes these folders when this process ends, as mpirun kills it at once."""
    return subprocess.Popen(
        ["/bin/sh", "-c", 'cat >/dev/null; sleep 1; rm -rf "$@"', "sh", *folders],
        stdin=subprocess.PIPE,  # nobody else has its other end
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


async def _serve(ranks: Ranks, options: Options, folder: str) -> None:
    """Start the server of this rank, and close it when rank 0 has ended or a signal came."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, lambda: loop.call_later(_AFTER_SIGNAL_S, ended.set))
    first = await _reach_first(ranks)
    if first is None:
        return
    watching = asyncio.create_task(_watch(*first, ended))
    server = await _server(ranks, options, folder, ended)
    if server is not None:
        await _run(server, ranks, ended)
    watching.cancel()


async def _reach_first(ranks: Ranks) -> Streams | None:
    """Return a connection to rank 0; None if there is none."""
    deadline, limit_s = monotonic() + _APPEAR_S, _REACH_S
    while monotonic() < deadline:
        if place := all_ranks.place_of_first(ranks):
            deadline, limit_s = min(deadline, monotonic() + limit_s), _APPEAR_S
            with suppress(OSError):
                reader, writer = await asyncio.open_connection(*place)
                _keep_alive(writer.get_extra_info("socket"))
                return reader, writer
        await asyncio.sleep(_AGAIN_S)
    return None


def _keep_alive(connection: socket.socket) -> None:
    """Break the connection if the other node is gone."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _ALIVE.items():
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def _watch(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ended: asyncio.Event
) -> None:
    """Wait for the end of rank 0, which never sends anything."""
    with suppress(OSError):
        await reader.read()
    writer.close()  # until here it keeps the connection open
    ended.set()


async def _server(ranks: Ranks, options: Options, folder: str, ended: asyncio.Event) -> Any:
    """Return the scheduler of rank 1 or a worker, not started; None if there is no scheduler."""
    from distributed import Nanny, Scheduler

    from daskbench.lane import clusters

    clusters.configure(options["thresholds"], options["blas_threads"])
    where = {name: options[name] for name in ("host", "interface", "protocol") if options[name]}
    if ranks.host and not {"host", "interface"} & where.keys():
        where["host"] = ranks.host
    if ranks.rank == 1:
        own = {"port": 0, "dashboard_address": "127.0.0.1:0", "local_directory": folder, **where}
        return Scheduler(**{**own, **options["scheduler_options"]})
    address = await _address_of_scheduler(ranks, ended)
    if address is None:
        return None
    beside = {"name": ranks.rank, "local_directory": folder, "preload": _preloads()}
    own = {**_share(ranks, options), **beside, **where}
    return Nanny(address, **{**own, **options["worker_options"]})


def _share(ranks: Ranks, options: Options) -> dict[str, Any]:
    """Return threads and memory of a worker: what was asked for, or its part of the job's."""
    threads = options["threads_per_worker"] or int(os.environ.get("SLURM_CPUS_PER_TASK") or 1)
    share = int(resources.memory().amount / ranks.here)
    return {"nthreads": threads, "memory_limit": options["memory_limit_bytes"] or share}


def _preloads() -> list[str]:
    """Return what workers load: those that are configured, and this module."""
    given = dask.config.get("distributed.worker.preload") or []
    return [*([given] if isinstance(given, str) else given), "daskbench.lane.deploy.mpi"]


def dask_setup(worker: Any) -> None:
    """Let a worker ignore SIGTERM, after which its nanny ends it (Dask calls this)."""
    signal.signal(signal.SIGTERM, lambda *_: None)


async def _address_of_scheduler(ranks: Ranks, ended: asyncio.Event) -> str | None:
    """Wait for the address of the scheduler; None if rank 0 has ended, or it takes too long."""
    deadline = monotonic() + _SCHEDULER_S
    while not ended.is_set() and monotonic() < deadline:
        with suppress(OSError, ValueError):
            return str(json.loads(ranks.scheduler_file.read_text())["address"])
        await asyncio.sleep(_AGAIN_S)
    return None


async def _run(server: Any, ranks: Ranks, ended: asyncio.Event) -> None:
    """Run a server until it has finished, or the run has ended."""
    await server
    if ranks.rank == 1:
        address = json.dumps({"address": server.address})
        all_ranks.write(ranks.scheduler_file, address)
    waits = [asyncio.create_task(one) for one in (ended.wait(), server.finished())]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    logging.disable()  # a nanny that closes while its worker ends complains of that
    with suppress(Exception):
        await asyncio.wait_for(server.close(), _CLOSE_S)


if __name__ == "__main__":
    main()
