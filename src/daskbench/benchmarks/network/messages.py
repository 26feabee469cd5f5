"""Messages between workers, by Dask's own comms and handlers; these functions run on workers.

Nothing is installed there: workers answer ``echo`` and ``get_data`` anyway, as they do for tasks.
This module travels by value to clusters that lack daskbench.

Source: ``distributed.worker.get_data_from_worker``.
"""

import asyncio
import socket
import zlib
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

import numpy as np

Record = dict[str, Any]
#: How long a worker may take to be reached, and for all messages to it.
REACH_S, PATIENCE_S = 5.0, 60.0
#: Messages of one size to one worker, beside the first, are enough after this time.
_ENOUGH_S = 0.03
_BOOT, _NETWORK = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/net")


def random_bytes(size: int, seed: int) -> Any:
    """Return bytes that can't be compressed, shape (size,)."""
    return np.frombuffer(np.random.default_rng(seed).bytes(size), dtype=np.uint8)


def visit_all(workers: Sequence[str], message: Record, seed: int) -> list[Record]:
    """Let each worker receive a message from each, pair by pair in random order."""
    from distributed import get_worker
    from distributed.utils import sync

    worker = get_worker()
    found: list[Record] = sync(worker.loop, _visit_all, worker, [*workers], message, seed)
    return found


async def _visit_all(worker: Any, addresses: list[str], message: Record, seed: int) -> list[Record]:
    about = {one: await _asked(worker, one, whoami) for one in addresses}
    pairs = [(source, target) for source in addresses for target in addresses]
    Random(seed).shuffle(pairs)
    found = []
    for source, target in pairs:
        whole_s = REACH_S + PATIENCE_S
        told = about[source].get("reason") or about[target].get("reason")
        seen = {"reason": told} if told else {}
        if not told:
            seen = await _asked(worker, target, receive, source, message, patience_s=whole_s)
        found.append(record_of(source, about[source], target, about[target], seen))
    return found


def record_of(source: str, sender: Record, target: str, receiver: Record, seen: Record) -> Record:
    """Return what was seen of a pair, with who they are."""
    return {
        "source": sender.get("name", source),
        "target": receiver.get("name", target),
        "source_address": source,
        "target_address": target,
        "same_host": bool(sender.get("host")) and sender.get("host") == receiver.get("host"),
        **seen,
    }


async def _asked(
    worker: Any, address: str, function: Any, *args: Any, patience_s: float = REACH_S
) -> Record:
    """Run a function on a worker, or return the reason why not."""
    from distributed.core import clean_exception
    from distributed.protocol.pickle import dumps

    async def ask() -> Any:
        packed = {"function": dumps(function), "args": dumps(args), "wait": True}
        return await worker.rpc(address).run(**packed)

    answer = await _or_reason(ask, patience_s + REACH_S)
    if answer.get("status") == "error":
        error = clean_exception(**answer)[1]
        return {"reason": f"{type(error).__name__}: {error}"}
    result: Record = answer.get("result", answer)
    return result


async def _or_reason(do: Callable[[], Awaitable[Any]], patience_s: float) -> Record:
    """Return a record, or one with the reason why there is none."""
    try:
        done: Record = await asyncio.wait_for(do(), patience_s)
    except TimeoutError as error:
        return {"reason": str(error) or f"no answer within {patience_s:g} s"}
    except Exception as error:
        return {"reason": f"{type(error).__name__}: {error}"[:200]}
    return done


def whoami(dask_worker: Any = None) -> Record:
    """Return a worker's name, and what tells its host: the kernel, and its part of the network."""
    try:
        host = f"{_BOOT.read_text().strip()} {_NETWORK.readlink()}"
    except OSError:  # not on Linux
        host = socket.gethostname()
    return {"name": "client" if dask_worker is None else str(dask_worker.name), "host": host}


async def receive(source: str, message: Record, dask_worker: Any) -> Record:
    """Receive a message on a worker."""
    return await received(dask_worker.rpc, dask_worker.address, source, message)


async def received(pool: Any, own: str, source: str, message: Record) -> Record:
    """Receive a message from the worker at `source` several times over one connection.

    The first one is apart. A message without keys is sent there and back.
    """
    from distributed.core import send_recv

    key = message["keys"].get(source, "")

    async def exchange() -> Record:
        comm = await _soon(pool.connect(source))
        try:
            # A pooled connection may be dead, which a large message would tell only much later.
            await _soon(send_recv(comm, op="echo", data=b""))
            return await _repeated(comm, own, message, key)
        except BaseException:
            comm.abort()
            raise
        finally:
            pool.reuse(source, comm)

    return await _or_reason(exchange, PATIENCE_S)


async def _soon(answer: Awaitable[Any]) -> Any:
    """Await what takes little time; raises TimeoutError that says how long it was waited for."""
    try:
        return await asyncio.wait_for(answer, REACH_S)
    except TimeoutError:
        raise TimeoutError(f"no answer within {REACH_S:g} s") from None


async def _repeated(comm: Any, own: str, message: Record, key: str) -> Record:
    sent = random_bytes(message["size"], message["seed"])
    seconds: list[float] = []
    while len(seconds) < 2 or (sum(seconds[1:]) < _ENOUGH_S and len(seconds) <= message["most"]):
        start = perf_counter()
        data = await (_fetched(comm, own, key) if key else _echoed(comm, sent))
        seconds.append(perf_counter() - start)
        if key:
            await comm.write("OK")  # as the worker awaits, and not part of the message
        if wrong := _difference(data, sent):
            return {"reason": wrong}
    return {"first_s": seconds[0], "seconds": seconds[1:]}


async def _echoed(comm: Any, sent: Any) -> Any:
    from distributed.core import send_recv

    return await send_recv(comm, op="echo", data=sent.tobytes())


async def _fetched(comm: Any, own: str, key: str) -> Any:
    from distributed.core import send_recv

    answer = await send_recv(comm, op="get_data", keys=[key], who=own)
    if answer["status"] != "OK":
        raise OSError(f"it is {answer['status']}")
    if key not in answer["data"]:
        raise OSError("it has lost the message to send")
    return answer["data"][key]


def _difference(data: Any, sent: Any) -> str:
    """Say how what arrived differs from what was sent, by its size and checksum."""
    size = memoryview(data).nbytes
    if size != sent.nbytes:
        return f"{size:,} of {sent.nbytes:,} bytes arrived"
    return "" if zlib.crc32(data) == zlib.crc32(sent) else "other bytes arrived than were sent"
