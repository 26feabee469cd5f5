"""Works of which it is known where the time goes, for ``account.py``."""

import hashlib
import threading
from time import sleep, thread_time
from typing import Any

import dask
import numpy as np

_LOCK = threading.Lock()
_BLOCK = bytes(1 << 20)


def busy(seconds: float) -> int:
    """Use a core for so long; hashing holds no GIL."""
    end, found = thread_time() + seconds, 0
    while thread_time() < end:
        found = hashlib.sha256(_BLOCK[: 1 << 17]).digest()[0]
    return found * 0


def _sleeping(busy_s: float, sleep_s: float) -> int:
    sleep(sleep_s)
    return busy(busy_s)


def _locked(seconds: float) -> int:
    with _LOCK:  # other programs do not make it longer
        sleep(seconds)
    return 0


def _after(before: int, busy_s: float, sleep_s: float) -> int:
    return _sleeping(busy_s, sleep_s) + before


def _large(number: int) -> Any:
    return np.full(10_000_000 // 8, float(number))


def _total(*parts: Any) -> float:
    return float(sum(float(part.sum()) for part in parts))


def sleeps(tasks: int = 40, busy_s: float = 0.035, sleep_s: float = 0.015) -> Any:
    """Tasks that sleep for 30 % of their time."""
    task = dask.delayed(_sleeping, pure=False)
    return [task(busy_s, sleep_s) for _ in range(tasks)]


def locks(tasks: int = 40, seconds: float = 0.02) -> Any:
    """Tasks that hold one lock all the time, and sleep meanwhile."""
    task = dask.delayed(_locked, pure=False)
    return [task(seconds) for _ in range(tasks)]


def returns(tasks: int = 30) -> Any:
    """Tasks that return 10 MB each, to one that adds them up."""
    task = dask.delayed(_large, pure=False)
    return dask.delayed(_total, pure=False)(*(task(number) for number in range(tasks)))


def chain(tasks: int = 50, busy_s: float = 0.001, sleep_s: float = 0.019) -> Any:
    """Tasks each of which needs the one before."""
    task, last = dask.delayed(_after, pure=False), 0
    for _ in range(tasks):
        last = task(last, busy_s, sleep_s)
    return last


def uneven(tasks: int = 19, seconds: float = 0.04, times: float = 10.0) -> Any:
    """Tasks of which the last takes ten times as long as each of the others."""
    task = dask.delayed(busy, pure=False)
    last, *names = (f"busy-{number:03}" for number in range(tasks + 1))  # in Dask's order
    others = [task(seconds, dask_key_name=name) for name in names]
    return [*others, task(seconds * times, dask_key_name=last)]


def short(tasks: int = 20, seconds: float = 0.005) -> Any:
    """Tasks that take less time than the pool that runs them takes to start."""
    task = dask.delayed(busy, pure=False)
    return [task(seconds) for _ in range(tasks)]
