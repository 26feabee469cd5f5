"""The clocks of a thread: CPU time, the part of it in the kernel, and time without a core.

Sources: ``schedstat`` in the kernel's documentation (sched-stats), getrusage(2).

This module travels by value to workers that lack daskbench, so it imports only the standard
library.
"""

import os
import resource
import threading
from contextlib import suppress
from time import process_time, thread_time
from typing import NamedTuple

_NS = 1e-9
_OWN = threading.local()
#: Linux only.
_WHO: int | None = getattr(resource, "RUSAGE_THREAD", None)


class Clocks(NamedTuple):
    """Seconds of a thread so far. `delay_s` is time in which it could run, but had no core."""

    cpu_s: float
    system_s: float
    delay_s: float

    def since(self, before: "Clocks") -> "Clocks":
        """Return what passed since an earlier reading."""
        return Clocks(*(now - then for now, then in zip(self, before, strict=True)))

    def plus(self, other: "Clocks") -> "Clocks":
        """Return the sum of two."""
        return Clocks(*(one + two for one, two in zip(self, other, strict=True)))


NOTHING = Clocks(0.0, 0.0, 0.0)


def own_clocks() -> Clocks:
    """Return the clocks of the calling thread; what the system does not tell is 0.

    The kernel divides CPU time into user and system at its ticks, so that only a sum over many
    readings tells how much was in the kernel.
    """
    system_s = resource.getrusage(_WHO).ru_stime if _WHO is not None else 0.0
    return Clocks(thread_time(), system_s, _own_delay_s())


def _own_delay_s() -> float:
    """Return the delay of the calling thread, from a file that stays open: it is read often."""
    if not hasattr(_OWN, "file") or _OWN.pid != os.getpid():
        _OWN.file, _OWN.pid = _open(threading.get_native_id()), os.getpid()
    if _OWN.file is None:
        return 0.0
    with suppress(OSError, ValueError, IndexError):
        return int(os.pread(_OWN.file, 100, 0).split()[1]) * _NS
    return 0.0


def process_clock() -> float:
    """Return the CPU time of this process, and of its children that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + ended.ru_utime + ended.ru_stime


def tells_delay() -> bool:
    """Whether the system tells for how long a thread could run, but had no core."""
    return clocks_of(threading.get_native_id()) is not None


def _open(thread: int) -> int | None:
    with suppress(OSError):
        return os.open(f"/proc/self/task/{thread}/schedstat", os.O_RDONLY | os.O_CLOEXEC)
    return None


def clocks_of(thread: int) -> Clocks | None:
    """Return the clocks of a thread of this process, by its native number; None if unknown.

    The resolution of what was in the kernel is 10 ms.
    """
    folder = f"/proc/self/task/{thread}"
    with suppress(OSError, ValueError, IndexError):
        with open(f"{folder}/schedstat", "rb") as file:  # noqa: PTH123
            cpu, delay = map(int, file.read().split()[:2])
        if not cpu:  # the kernel does not count
            return None
        with open(f"{folder}/stat", "rb") as file:  # noqa: PTH123
            system = int(file.read().rpartition(b")")[2].split()[12])
        return Clocks(cpu * _NS, system / os.sysconf("SC_CLK_TCK"), delay * _NS)
    return None
