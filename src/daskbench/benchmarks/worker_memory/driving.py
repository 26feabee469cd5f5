"""Dask tasks that drive their worker over one memory threshold, and observe what follows.

They poll the worker every few ms, which is the resolution of their observations. Times are those
of the worker's monotonic clock.

Source: https://distributed.dask.org/en/stable/worker-memory.html
"""

import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import numpy as np

from daskbench.benchmarks.worker_memory.ramp import (
    LOOK_S,
    NEAR_S,
    PATIENCE_S,
    Bytes,
    Ramp,
    Record,
    delay_s,
    interval_of,
    limit_of,
    rss_bytes,
    this_worker,
    wait_until,
)

#: Spilling or starting tasks is over when nothing happened for this long.
_QUIET_S = 0.6
#: Further steps held during the pause: a worker that pauses collects garbage, and the memory this
#: releases must not end the pause.
_MARGIN = 3
#: Messages between tasks of one process, by the token of their sample: when each was sent.
_SAID: dict[tuple[str, str], float] = {}


def random_block(seed: int, number: int, size: int) -> Bytes:
    """Return incompressible bytes, shape (size,), the same wherever they are created."""
    return np.random.default_rng([seed, number]).integers(0, 256, size, dtype=np.uint8)


# Blocks


def make_block(_after: Any, seed: int, number: int, part: float, log: str | None = None) -> Bytes:
    """Create a block of `part` of the limit; an empty one if that would exceed the limit.

    With `log`, number and process are appended to that file, after a short delay.
    """
    worker = this_worker()
    size = round(limit_of(worker) * part)
    if log:
        sleep(0.1)  # so that every worker gets some
        with Path(log).open("a") as file:
            file.write(f"{number} {os.getpid()}\n")
    return random_block(seed, number, size if rss_bytes() + size < limit_of(worker) else 0)


def then(_block: Bytes, _after: int = 0) -> int:
    """Read a block, which makes it the most recently used; later tasks can depend on this."""
    return 0


def checksum(block: Bytes, _after: object = None) -> tuple[int, int]:
    """Return size and CRC of a block, in memory or on disk."""
    return block.nbytes, zlib.crc32(block.data)


# What is on disk


def on_disk(worker: Any) -> list[str]:
    """Return the keys of the blocks that the worker has spilled, in that order."""
    for _ in range(100):
        try:
            return [str(key) for key in getattr(worker.data, "slow", ()) if is_block(key)]
        except RuntimeError:  # it grew during the iteration
            sleep(0)
    return []


def in_memory(worker: Any) -> dict[str, int]:
    """Return the size of each key in the worker's managed memory, as Dask measures it."""
    weights = getattr(getattr(worker.data, "fast", None), "weights", None)
    if weights is None:  # a plain dict: nothing can go to disk
        weights = {key: getattr(value, "nbytes", 0) for key, value in list(worker.data.items())}
    return {str(key): int(size) for key, size in list(weights.items())}


def is_block(key: object) -> bool:
    """Whether a key is that of a block."""
    return str(key).startswith("block-")


def number_of(key: str) -> int:
    """Return the number of a key's block."""
    return int(key.split("-")[1])


def watch_managed(count: int, part: float) -> Record:
    """Observe how much is managed when the first of `count` blocks is spilled."""
    worker = this_worker()
    limit, threshold = limit_of(worker), worker.memory_manager.memory_target_fraction or 0.0
    crossed = acted = None
    disk: list[str] = []
    highest, end = 0, monotonic() + PATIENCE_S
    while monotonic() < end:
        now = monotonic()
        disk += [key for key in on_disk(worker) if key not in disk]
        held = in_memory(worker)
        managed = sum(held.values()) + round(limit * part) * len(set(disk) - held.keys())
        if crossed is None and threshold and managed > threshold * limit:
            crossed = now
        if acted is None:
            highest = max(highest, managed)
            acted = now if disk else None
        if sum(map(is_block, held.keys() | set(disk))) == count:
            break
        sleep(LOOK_S)
    sleep(NEAR_S)  # the last block may still be on its way to disk
    disk += [key for key in on_disk(worker) if key not in disk]
    return {
        "limit": limit,
        "threshold": threshold,
        "highest": highest / limit,
        "acted": acted is not None,
        "delay_s": max(0.0, acted - crossed) if acted and crossed else None,
        "disk": [number_of(key) for key in disk],
    }


# Tasks that drive


def drive_to_spill(_after: int) -> Record:
    """Allocate memory until blocks are spilled, and hold it until no more are."""
    worker = this_worker()
    manager = worker.memory_manager
    ramp = Ramp(
        manager.memory_spill_fraction or 0.0, limit_of(worker), lambda: bool(on_disk(worker))
    )
    ramp.drive()
    disk = on_disk(worker)
    quiet = monotonic()
    while ramp.acted and monotonic() - quiet < _QUIET_S:
        new = [key for key in on_disk(worker) if key not in disk]
        quiet = monotonic() if new else quiet
        disk += new
        sleep(LOOK_S)
    return ramp.record() | {
        "interval_s": interval_of(worker),
        "disk": [number_of(key) for key in disk],
        "stopped_at": rss_bytes() / ramp.limit,
        "stop_below": manager.memory_target_fraction or manager.memory_spill_fraction or 0.0,
    }


def is_paused(worker: Any) -> bool:
    """Whether the worker is paused, and so starts no task."""
    return bool(worker.status.name == "paused")


def drive_to_pause(token: str) -> Record:
    """Allocate memory until the worker pauses; release it after `run_beside` has ended."""
    worker = this_worker()
    ramp = Ramp(
        worker.memory_manager.memory_pause_fraction or 0.0,
        limit_of(worker),
        lambda: is_paused(worker),
    )
    ramp.drive()
    record = ramp.record() | {"interval_s": interval_of(worker)}
    _SAID[token, "driven"] = monotonic()
    if ramp.acted:
        for _ in range(_MARGIN):
            ramp.step()
        wait_until(lambda: (token, "neighbour ended") in _SAID)
        sleep(_QUIET_S)  # with a thread free: any task that can start does so now
        record |= {"paused_at": ramp.acted, "freed_at": monotonic()}
        ramp.ballast.clear()
        if wait_until(lambda: not is_paused(worker)):
            record |= {"resume_s": monotonic() - record["freed_at"]}
        record |= {"resumed_at": rss_bytes() / ramp.limit}
    return record


def run_beside(token: str) -> bool:
    """Run until just after the worker paused; return whether it is still paused."""
    worker = this_worker()
    wait_until(lambda: is_paused(worker) or (token, "driven") in _SAID, 3 * PATIENCE_S)
    sleep(NEAR_S)
    _SAID[token, "neighbour ended"] = monotonic()
    return is_paused(worker)


def wait_turn(number: int) -> tuple[int, float]:
    """Return the square of `number`, and when the task started."""
    return number**2, monotonic()


def drive_to_termination(_block: Bytes, _after: object, log: str) -> Record:
    """Allocate memory until the nanny terminates this process; when rerun, report the first run.

    The log holds the process, its limit, threshold and interval, then a line for each poll.
    """
    import dask

    worker, path = this_worker(), Path(log)
    threshold = float(dask.config.get("distributed.worker.memory.terminate") or 0.0)
    try:
        file = path.open("x")
    except FileExistsError:
        return ended_by_nanny(path.read_text().splitlines())
    with file:

        def note(*entry: float) -> None:
            print(*entry, file=file, flush=True)

        note(os.getpid(), limit_of(worker), threshold, interval_of(worker))
        ramp = Ramp(threshold, limit_of(worker), lambda: False, note)
        ramp.drive()
    return ramp.record() | {"pid": os.getpid(), "interval_s": interval_of(worker)}


def ended_by_nanny(lines: Sequence[str]) -> Record:
    """Return the record in the log of a terminated process; its last line may be truncated."""
    pid, limit, threshold, interval_s = lines[0].split()
    looks = [(float(at), int(held)) for at, held in (line.split() for line in lines[1:-1])]
    above = [at for at, held in looks if held > float(threshold) * int(limit)]
    highest = max(held for _, held in looks) / int(limit)
    return {
        "pid": int(pid),
        "limit": int(limit),
        "threshold": float(threshold),
        "interval_s": float(interval_s),
        "highest": highest,
        "acted": True,
        "delay_s": delay_s(min(above, default=None), looks[-1][0], highest, float(threshold)),
    }
