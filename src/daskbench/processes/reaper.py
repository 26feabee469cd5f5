"""A small process that outlives the tool, to end its lanes if the tool was killed with SIGKILL.

A frozen lane cannot notice that its parent died, so another process must. The reaper reads lines
from its stdin: first the folder to remove, then ``+PGID`` for a process group to guard, ``-PGID``
for one that has ended. When stdin ends it kills the groups that are left, whatever else belongs to
the lanes of that folder, and removes it.
It is run by its path, without site-packages, and imports nothing of daskbench.
"""

import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from typing import NamedTuple

#: A lane, and what it starts, has the lane's folder in its environment under this name.
MARK = "DASKBENCH_LANE"

_PATIENCE_S = 10.0
#: Python's multiprocessing has a process that removes the semaphores of those that died, if it
#: outlives them. It gets this long.
_TRACKERS_S = 1.0
_TRACKER = b"multiprocessing.resource_tracker"


def guard(folder: str) -> None:
    """Wait until the tool is gone, then clean up after it."""
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
    """A living process, as ``/proc/PID/stat`` has it."""

    pid: int
    parent: int
    group: int
    session: int


def processes(dead: bytes = b"ZX") -> list[Process]:
    """Return all processes, by default without zombies; none without /proc."""
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


def belonging(groups: set[int], mark: str) -> set[int]:
    """Return the living processes of these groups, what descends from them, and what has the mark.

    Who left its group still descends from it: a lane is the parent of what its children leave
    behind. And who lost its parent, as that died before, has the environment of its lane.
    """
    there = processes()
    entry = f"{MARK}={mark}".encode()
    found = {process.pid for process in there if process.group in groups}
    found |= {process.pid for process in there if _is_marked(process.pid, entry)}
    while more := {process.pid for process in there if process.parent in found} - found:
        found |= more
    return found - {os.getpid()}


def children_apart(parent: int) -> set[int]:
    """Return the children of a process, zombies too, that are not of its session."""
    session = os.getsid(parent)
    return {p.pid for p in processes(b"X") if p.parent == parent and p.session != session}


def _is_marked(pid: int, entry: bytes) -> bool:
    """Whether an environment says that it is this lane's, or of a lane of this run."""
    around = b"\0" + _read(pid, "environ")
    return b"\0" + entry + b"\0" in around or b"\0" + entry + b"/" in around


def end_groups(groups: set[int], mark: str) -> None:
    """Kill what belongs to these; what tracks their semaphores goes by itself, or a bit later."""
    start = time.monotonic()
    while time.monotonic() - start < _PATIENCE_S and (found := belonging(groups, mark)):
        _kill(groups, found, spare=time.monotonic() - start < _TRACKERS_S)
        time.sleep(0.01)


def _kill(groups: set[int], found: set[int], *, spare: bool) -> None:
    """Kill these, but for trackers if they are spared; groups at once, as they may grow."""
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
