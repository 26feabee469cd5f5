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

_PATIENCE_S = 10.0


def guard(folder: str) -> None:
    """Follow the tool until it is gone, then clean up behind it."""
    groups: set[int] = set()
    while line := sys.stdin.readline():
        change, group = line[0], int(line[1:])
        (groups.add if change == "+" else groups.discard)(group)
    deadline = time.monotonic() + _PATIENCE_S
    while (groups or os.path.exists(folder)) and time.monotonic() < deadline:  # noqa: PTH110
        groups = {group for group in groups if _kill(group)}
        if not groups:
            shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.02)


def _kill(group: int) -> bool:
    """Kill the group; False when nothing of it is left."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return False
    except PermissionError:  # only zombies are left, on some systems
        return False
    return True


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    guard(input())
