"""A small process that outlives the tool, to end its lanes where the tool was killed with -9.

A frozen lane cannot notice that its parent died, so somebody outside must. The warden reads lines
from its stdin: first the folder to remove, then ``+PGID`` for a process group to guard, ``-PGID``
for one that has ended. When stdin ends it kills the groups that are left and removes the folder.
It is run by its path, without site-packages, and imports nothing of daskbench.
"""

import os
import shutil
import signal
import sys
import time
from contextlib import suppress

_PATIENCE_S = 10.0
#: Python's multiprocessing has a process that removes the semaphores of those that died, if it
#: outlives them. It gets this long.
_TRACKERS_S = 1.0
_TRACKER = b"multiprocessing.resource_tracker"


def guard(folder: str) -> None:
    """Follow the tool until it is gone, then clean up behind it."""
    groups: set[int] = set()
    while line := sys.stdin.readline():
        change, group = line[0], int(line[1:])
        (groups.add if change == "+" else groups.discard)(group)
    end_groups(groups)
    deadline = time.monotonic() + _PATIENCE_S
    while os.path.exists(folder) and time.monotonic() < deadline:  # noqa: PTH110
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.02)


def end_groups(groups: set[int]) -> None:
    """Kill these process groups; what tracks their semaphores goes by itself, or a moment later."""
    start = time.monotonic()
    while groups and time.monotonic() - start < _PATIENCE_S:
        spare = time.monotonic() - start < _TRACKERS_S
        groups = {group for group in groups if _kill(group, spare=spare)}
        time.sleep(0.01 if groups else 0)


def _kill(group: int, *, spare: bool) -> bool:
    """Kill the group, but for its trackers if they are spared; False when nothing was left of it.

    A zombie is nothing: its parent may be the very one that waits here.
    """
    members = _members(group)
    trackers = {pid for pid in members if _TRACKER in _read(pid, "cmdline")} if spare else set()
    with suppress(ProcessLookupError, PermissionError):
        if not trackers:
            os.killpg(group, signal.SIGKILL)
        for pid in members if trackers else ():
            os.kill(pid, signal.SIGCONT if pid in trackers else signal.SIGKILL)
    return bool(members)


def _members(group: int) -> list[int]:
    """Return the living processes of a group; none where there is no /proc."""
    try:
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    except OSError:
        return []
    return [pid for pid in pids if _is_of(pid, group)]


def _is_of(pid: int, group: int) -> bool:
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    return len(fields) > 2 and fields[0] not in (b"Z", b"X") and int(fields[2]) == group


def _read(pid: int, name: str) -> bytes:
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:  # noqa: PTH123
            return file.read()
    except OSError:
        return b""


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    guard(input())
