"""The reaper: a process that outlives daskbench and ends its lanes, even after SIGKILL.

A frozen lane cannot notice that its parent died. The reaper reads lines from stdin: first the
folder to remove, then ``+PGID`` to guard a process group and ``-PGID`` when one has ended. At
end of file, it kills the remaining groups and all other processes of the run, and removes the
folder. It is run by path, without site-packages, so it imports nothing of daskbench.
"""

import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from typing import NamedTuple

#: Environment variable with the lane's folder, inherited by all processes of the lane.
MARK = "DASKBENCH_LANE"

_PATIENCE_S = 10.0
#: Grace period for multiprocessing's resource tracker, to remove semaphores of dead processes.
_TRACKERS_S = 1.0
_TRACKER = b"multiprocessing.resource_tracker"


def guard(folder: str) -> None:
    """Wait until daskbench is gone, then kill its lanes and remove `folder`."""
    groups: set[int] = set()
    while line := sys.stdin.readline():
        change, group = line[0], int(line[1:])
        (groups.add if change == "+" else groups.discard)(group)
    end_groups(groups, folder)
    deadline = time.monotonic() + _PATIENCE_S
    while os.path.exists(folder) and time.monotonic() < deadline:  # noqa: PTH110
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.02)


class Process(NamedTuple):
    """A process, as described by ``/proc/PID/stat``."""

    pid: int
    parent: int
    group: int
    session: int


def processes(dead: bytes = b"ZX") -> list[Process]:
    """Return all processes except those in a `dead` state; none without /proc."""
    try:
        pids = [name for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    except OSError:
        return []
    fields = {pid: _read(pid, "stat").rpartition(b")")[2].split() for pid in pids}
    return [
        Process(int(pid), *map(int, stat[1:4]))
        for pid, stat in fields.items()
        if len(stat) > 3 and stat[0] not in dead
    ]


def members(groups: set[int], mark: str) -> set[int]:
    """Return the live processes of these groups, those with the mark, and their descendants.

    Processes that left their group are descendants, as lanes adopt orphans; those whose lane died
    have inherited its environment.
    """
    alive = processes()
    entry = f"{MARK}={mark}".encode()
    found = {process.pid for process in alive if process.group in groups}
    found |= {process.pid for process in alive if _is_marked(process.pid, entry)}
    while more := {process.pid for process in alive if process.parent in found} - found:
        found |= more
    return found - {os.getpid()}


def detached_children(parent: int) -> set[int]:
    """Return the children of a process, including zombies, in other sessions than its own."""
    session = os.getsid(parent)
    return {p.pid for p in processes(b"X") if p.parent == parent and p.session != session}


def _is_marked(pid: int, entry: bytes) -> bool:
    """Whether a process belongs to the lane, or to a lane of the run, that `entry` names."""
    environment = b"\0" + _read(pid, "environ")
    return b"\0" + entry + b"\0" in environment or b"\0" + entry + b"/" in environment


def end_groups(groups: set[int], mark: str) -> None:
    """Kill all processes of these groups, resource trackers only after a grace period."""
    start = time.monotonic()
    while time.monotonic() - start < _PATIENCE_S and (found := members(groups, mark)):
        _kill(groups, found, spare=time.monotonic() - start < _TRACKERS_S)
        time.sleep(0.01)


def _kill(groups: set[int], found: set[int], *, spare: bool) -> None:
    """Kill groups and processes, or with `spare` only processes that are no trackers."""
    trackers = {pid for pid in found if _TRACKER in _read(pid, "cmdline")} if spare else set()
    for group in () if trackers else groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    for pid in found:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGCONT if pid in trackers else signal.SIGKILL)


def _read(pid: int | str, name: str) -> bytes:
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:  # noqa: PTH123
            return file.read()
    except OSError:
        return b""


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    guard(input())
