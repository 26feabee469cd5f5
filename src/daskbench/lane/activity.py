"""The lane's current activity, in a file that the conductor reads while it waits.

A message would wake the conductor during a measurement.
"""

import os
from contextlib import suppress

from daskbench.lane.protocol import DOING

#: Environment variable with the lane's folder (`daskbench.processes.reaper.MARK`).
_FOLDER = "DASKBENCH_LANE"


def report(what: str) -> None:
    """Report the current activity, worded to follow "while"."""
    if folder := os.environ.get(_FOLDER):
        with suppress(OSError):
            descriptor = os.open(f"{folder}/{DOING}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.write(descriptor, what.encode("utf-8", "replace"))
            finally:
                os.close(descriptor)
