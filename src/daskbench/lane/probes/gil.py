"""For how long the GIL of a process was not to be had, by a thread that asks for it all the time.

Source: https://github.com/milesgranger/gilknocker, which distributed itself uses.

This module travels by value to workers that lack daskbench, so it imports only the standard
library, and gilknocker where it is.
"""

import sys
from time import perf_counter
from typing import Any

#: Microseconds between two attempts, and of the pause after each ten of them. With a longer pause,
#: as is usual, attempts that wait would be a larger part of the time that is seen.
_POLL_US = _PAUSE_US = 250
_NAME = "_daskbench_gil"


class Knocker:
    """A thread that asks for the GIL of this process."""

    def __init__(self, thread: Any) -> None:
        self._thread, self._start = thread, perf_counter()
        thread.start()

    @property
    def held_s(self) -> float:
        """Seconds for which the GIL was not to be had, since the start."""
        return float(self._thread.contention_metric or 0.0) * (perf_counter() - self._start)

    def stop(self) -> float:
        """End the thread; return `held_s`."""
        held_s = self.held_s
        self._thread.stop()
        return held_s


def knocker() -> Knocker | None:
    """Start a thread that asks for the GIL; None without gilknocker, or without a GIL."""
    if not getattr(sys, "_is_gil_enabled", lambda: True)():  # since Python 3.13
        return None
    try:
        from gilknocker import KnockKnock
    except ImportError:
        return None
    return Knocker(KnockKnock(_POLL_US, sleeping_interval_micros=_PAUSE_US))


def begin(dask_worker: Any) -> None:
    """Start a thread that asks for the GIL of a worker (runs on the worker)."""
    setattr(dask_worker, _NAME, knocker())


def end(dask_worker: Any) -> float | None:
    """End it, and return for how long the GIL was not to be had (runs on the worker)."""
    found: Knocker | None = getattr(dask_worker, _NAME, None)
    setattr(dask_worker, _NAME, None)
    return found.stop() if found else None
