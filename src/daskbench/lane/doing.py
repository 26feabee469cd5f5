"""What a lane is doing, in a file beside its log, which the conductor reads while it waits.

A message would wake the conductor during a measurement; a file wakes nobody.
"""

import os
from contextlib import suppress

from daskbench.lane.protocol import DOING

#: The lane's own folder is in its environment under this name (`daskbench.processes.reaper.MARK`).
_FOLDER = "DASKBENCH_LANE"


def tell(what: str) -> None:
    """Report the current activity, worded to follow "while"."""
    if folder := os.environ.get(_FOLDER):
        with suppress(OSError):
            descriptor = os.open(f"{folder}/{DOING}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.write(descriptor, what.encode("utf-8", "replace"))
            finally:
                os.close(descriptor)
