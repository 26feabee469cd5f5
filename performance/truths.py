"""Works of which it is known where the time goes, for ``account.py``.

Each task writes down what it truly took, by its own clocks: on a machine with other work on it that
is more than was asked for, and only that was put in.
"""

import hashlib
import json
import multiprocessing
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter, sleep, thread_time
from typing import Any
from uuid import uuid4

import dask
import numpy as np

from daskbench.lane.probes.clocks import own_clocks

_LOCK = threading.Lock()
_BLOCK = bytes(1 << 17)
_TURNS = 1000

#: The file in which tasks write, and the sample that they are of.
Record = tuple[str, str]


def _new(record: str) -> Record:
    """Return where tasks of a new sample write."""
    return record, uuid4().hex


@contextmanager
def _recorded(record: Record) -> Iterator[None]:
    """Append what the context took to a file, if there is one."""
    start, before = perf_counter(), own_clocks()
    yield
    clocks, stop = own_clocks().since(before), perf_counter()
    file, sample = record
    if file:
        thread = [os.getpid(), threading.get_native_id()]
        took = {"sample": sample, "thread": thread, "start": start, "stop": stop}
        text = json.dumps(took | {"cpu_s": clocks.cpu_s, "delay_s": clocks.delay_s}) + "\n"
        with Path(file).open("a") as lines:
            lines.write(text)


def _busy(seconds: float) -> int:
    """Use a core for so long; hashing holds no GIL."""
    end, found = thread_time() + seconds, 0
    while thread_time() < end:
        found = hashlib.sha256(_BLOCK).digest()[0]
    return found * 0


def _working(seconds: float, record: Record) -> int:
    with _recorded(record):
        return _busy(seconds)


def _sleeping(busy_s: float, sleep_s: float, record: Record) -> int:
    with _recorded(record):
        sleep(sleep_s)
        return _busy(busy_s)


def _locked(seconds: float, record: Record) -> int:
    with _recorded(record), _LOCK:  # other programs do not make it longer
        sleep(seconds)
    return 0


def _after(before: int, busy_s: float, sleep_s: float, record: Record) -> int:
    return _sleeping(busy_s, sleep_s, record) + before


def _counting(seconds: float, record: Record) -> int:
    """Use a core for so long in Python code, which holds the GIL."""
    with _recorded(record):
        end, found = thread_time() + seconds, 0
        while thread_time() < end:
            for number in range(_TURNS):
                found += number
    return found * 0


def _in_group(seconds: float, group: str, record: Record) -> int:
    """Use a core for so long; the first worker that does so enters a control group before."""
    if group and multiprocessing.parent_process():
        with suppress(FileExistsError):
            os.close(os.open(f"{record[0]}.entered", os.O_CREAT | os.O_EXCL))
            (Path(group) / "cgroup.procs").write_text(str(os.getpid()))
    return _working(seconds, record)


def _large(number: int) -> Any:
    return np.full(10_000_000 // 8, float(number))


def _total(*parts: Any) -> float:
    return float(sum(float(part.sum()) for part in parts))


def sleeps(tasks: int = 40, busy_s: float = 0.035, sleep_s: float = 0.015, record: str = "") -> Any:
    """Tasks that sleep for 30 % of their time."""
    task, where = dask.delayed(_sleeping, pure=False), _new(record)
    return [task(busy_s, sleep_s, where) for _ in range(tasks)]


def locks(tasks: int = 40, seconds: float = 0.02, record: str = "") -> Any:
    """Tasks that hold one lock all the time, and sleep meanwhile."""
    task, where = dask.delayed(_locked, pure=False), _new(record)
    return [task(seconds, where) for _ in range(tasks)]


def counts(tasks: int = 10, seconds: float = 0.2, record: str = "") -> Any:
    """Tasks that hold the GIL all the time; long ones, as they wait for it to write, too."""
    task, where = dask.delayed(_counting, pure=False), _new(record)
    return [task(seconds, where) for _ in range(tasks)]


def returns(tasks: int = 30, sums: int = 6, record: str = "") -> Any:
    """Tasks that return 10 MB each, to some that add them up; nothing is written down.

    Each of those needs results of all workers, and all workers have some of those to do.
    """
    large, total = dask.delayed(_large, pure=False), dask.delayed(_total, pure=False)
    parts = [large(number) for number in range(tasks)]
    return [total(*parts[number::sums]) for number in range(sums)]


def chain(tasks: int = 50, busy_s: float = 0.001, sleep_s: float = 0.019, record: str = "") -> Any:
    """Tasks each of which needs the one before."""
    task, last, where = dask.delayed(_after, pure=False), 0, _new(record)
    for _ in range(tasks):
        last = task(last, busy_s, sleep_s, where)
    return last


def uneven(tasks: int = 19, seconds: float = 0.04, times: float = 10.0, record: str = "") -> Any:
    """Tasks of which the last takes ten times as long as each of the others."""
    task, where = dask.delayed(_working, pure=False), _new(record)
    last, *names = (f"busy-{number:03}" for number in range(tasks + 1))  # in Dask's order
    others = [task(seconds, where, dask_key_name=name) for name in names]
    return [*others, task(seconds * times, where, dask_key_name=last)]


def short(tasks: int = 20, seconds: float = 0.005, record: str = "") -> Any:
    """Tasks that take less time than the pool that runs them takes to start."""
    task, where = dask.delayed(_working, pure=False), _new(record)
    return [task(seconds, where) for _ in range(tasks)]


def slowed(tasks: int = 40, seconds: float = 0.03, group: str = "", record: str = "") -> Any:
    """Tasks on workers of which one is in a control group that limits its CPU time."""
    task, where = dask.delayed(_in_group, pure=False), _new(record)
    return [task(seconds, group, where) for _ in range(tasks)]
