"""Memory and CPU time of a process tree, read at low cost.

Source: proc(5). Where ``/proc`` does not list children, psutil is used if installed.
"""

import ctypes
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

try:
    import psutil
except ImportError:  # another interpreter may lack it: then descendants are ignored
    psutil = None  # type: ignore[assignment]

_HAS_CHILDREN = any(Path("/proc/self/task").glob("*/children"))
#: PR_SET_CHILD_SUBREAPER (Linux only).
_SUBREAPER = 36
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def members(root: int) -> Iterator[int]:
    """Yield the PIDs of `root` and its live descendants."""
    yield root
    if _HAS_CHILDREN:
        with suppress(OSError):
            for thread in os.listdir(f"/proc/{root}/task"):  # noqa: PTH208 -- called often
                with suppress(OSError), open(f"/proc/{root}/task/{thread}/children", "rb") as file:  # noqa: PTH123
                    for child in file.read().split():
                        yield from members(int(child))
    elif psutil is not None:
        with suppress(psutil.Error):
            yield from (child.pid for child in psutil.Process(root).children(recursive=True))


def adopt_orphans(adopts: bool) -> None:
    """Make this process the parent of orphaned descendants (or stop that), on Linux.

    Daemons, which leave group and session, thus remain descendants. Source: prctl(2).
    """
    with suppress(Exception):
        ctypes.CDLL(None).prctl(_SUBREAPER, int(adopts), 0, 0, 0)


def rss_bytes(root: int, *, high_water: bool = False) -> int:
    """Return the total RSS of `root` and its descendants in bytes.

    Shared pages count once per process. With `high_water`, return the sum of the peaks of live
    processes (``VmHWM``), where available.
    """
    return sum(_rss(pid, b"VmHWM:" if high_water else b"VmRSS:") for pid in members(root))


def pss_bytes(root: int) -> int | None:
    """Return the total PSS of `root` and its descendants in bytes; None if unavailable.

    A page shared by n processes counts 1/n for each. Source: ``smaps_rollup`` in proc(5).
    """
    found = [_pss(pid) for pid in members(root)]
    known = [size for size in found if size is not None]
    return sum(known) if known else None


def _pss(pid: int) -> int | None:
    with suppress(OSError), open(f"/proc/{pid}/smaps_rollup", "rb") as file:  # noqa: PTH123
        _, found, rest = file.read().partition(b"\nPss:")
        return int(rest.split(maxsplit=1)[0]) * 1024 if found else None
    return None


def reset_high_water(root: int) -> None:
    """Reset the kernel's high-water marks, where supported (``clear_refs`` in proc(5))."""
    for pid in members(root):
        with suppress(OSError), open(f"/proc/{pid}/clear_refs", "wb") as file:  # noqa: PTH123
            file.write(b"5")


def _rss(pid: int, field: bytes) -> int:
    with suppress(OSError), open(f"/proc/{pid}/status", "rb") as file:  # noqa: PTH123
        _, found, rest = file.read().partition(field)
        return int(rest.split(maxsplit=1)[0]) * 1024 if found else 0
    if psutil is not None:
        with suppress(psutil.Error):
            return int(psutil.Process(pid).memory_info().rss)
    return 0


def cpu_s(pid: int) -> float:
    """Return the CPU seconds of a process and its ended children; 0 if it is gone."""
    with suppress(OSError):
        return sum(int(field) for field in _stat(pid)[11:15]) / _TICKS_PER_S  # utime to cstime
    if psutil is not None:
        with suppress(psutil.Error):
            times = psutil.Process(pid).cpu_times()
            return float(sum(times[:4]))
    return 0.0


def all_stopped(root: int) -> bool:
    """Whether `root` and all its descendants are stopped or dead; True if unknown."""
    return all(_state(pid) in b"TtZX" for pid in members(root))


def _state(pid: int) -> bytes:
    with suppress(OSError):
        return _stat(pid)[0]
    return b"X"


def _stat(pid: int) -> list[bytes]:
    """Return the fields of ``/proc/PID/stat`` from the third; the second may contain spaces."""
    with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
        return file.read().rpartition(b")")[2].split()
