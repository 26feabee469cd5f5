"""What a task does beside nothing: CPU time that it uses, time that it sleeps, bytes it returns."""

from functools import lru_cache
from time import sleep, thread_time
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

from daskbench.benchmarks.delayed.shapes import step

#: Checksums of so many bytes take about 3 and 60 µs, without the GIL.
_SHORT, _LONG = bytes(1 << 13), bytes(1 << 18)
_FAR_S = 3e-4


class Load(NamedTuple):
    """The load of each task of a graph: seconds of CPU, seconds asleep, and bytes returned."""

    busy_s: float = 0.0
    sleep_s: float = 0.0
    nbytes: int = 0


def first(value: int) -> int:
    """Return a number, as a task of the first layer does."""
    return value


def loaded_first(load: Load, value: int) -> Any:
    """Do the same under a load."""
    return _under(load, value)


def loaded_step(load: Load, *above: Any) -> Any:
    """Return a number that depends on all values above, under a load."""
    return _under(load, step(*map(number_of, above)))


def number_of(result: Any) -> int:
    """Return the number in a task's result, which may also have bytes."""
    found: int = result[0] if isinstance(result, tuple) else result
    return found


def gather(*results: Any) -> list[int]:
    """Return the numbers of the last tasks, as the last task of all does."""
    return [number_of(result) for result in results]


def _under(load: Load, value: int) -> Any:
    if load.busy_s:
        spin(load.busy_s)
    if load.sleep_s:
        sleep(load.sleep_s)
    return (value, _block(load.nbytes)) if load.nbytes else value


def spin(busy_s: float) -> None:
    """Use so much CPU time of this thread, most of it without the GIL."""
    end = thread_time() + busy_s
    while (left := end - thread_time()) > 0:
        crc32(_LONG if left > _FAR_S else _SHORT)


@lru_cache(maxsize=1)
def _block(nbytes: int) -> Any:
    """Return an array of so many bytes, made once in a process: only handing it on costs time."""
    return np.zeros(nbytes, np.uint8)
