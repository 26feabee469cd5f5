"""A ramp that drives a process towards its memory limit in steps, and observes its worker."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Record = dict[str, Any]

#: The size of a step of the ramp, and of a small block, as a fraction of the limit.
STEP = 0.01
#: Dask polls a process every 100 ms (distributed.worker.memory.monitor-interval). Near the
#: threshold a step lasts longer than that, so that the worker acts within one step; above it the
#: ramp almost stops, so that a worker that is slow to act is driven little further.
_FAR_S, NEAR_S, _ABOVE_S = 0.05, 0.15, 0.5
_NEAR = 0.03
LOOK_S = 0.002
PATIENCE_S = 30.0


def this_worker() -> Any:
    """Return the worker on which the task runs."""
    from distributed import get_worker

    return get_worker()


def interval_of(worker: Any) -> float:
    """Return the seconds between Dask's polls of a process, by worker and nanny alike."""
    return float(worker.memory_manager.memory_monitor_interval)


def rss_bytes() -> int:
    """Return this process's memory as Dask reads it."""
    import psutil

    return int(psutil.Process().memory_info().rss)


def limit_of(worker: Any) -> int:
    """Return the worker's memory limit in bytes; it always has one here."""
    return int(worker.memory_manager.memory_limit)


def wait_until(true: Callable[[], bool], patience_s: float = PATIENCE_S) -> bool:
    """Wait until a condition is `true`, at most `patience_s`; return whether it is."""
    end = monotonic() + patience_s
    while not true() and monotonic() < end:
        sleep(LOOK_S)
    return true()


def delay_s(
    crossed: float | None, acted: float | None, highest: float, threshold: float
) -> float | None:
    """Return the seconds from crossing the threshold to the worker's action; None if not crossed.

    If the last poll was within 1.5 steps below the threshold and the worker acted before the next
    one, the threshold was crossed within that step, and the delay is 0.
    """
    if acted is None:
        return None
    if crossed is None:
        return 0.0 if threshold and highest + 1.5 * STEP >= threshold else None
    return acted - crossed


@dataclass
class Ramp:
    """Allocates more and more unmanaged memory, until the worker acts."""

    threshold: float
    limit: int
    acts: Callable[[], bool]
    note: Callable[[float, int], None] = lambda at, held: None
    ballast: list[Bytes] = field(default_factory=list)
    highest: int = 0
    crossed: float | None = None
    acted: float | None = None

    def drive(self) -> None:
        """Allocate step by step until the worker acts or the limit is reached."""
        acted = self.look()
        while not acted and self.step():
            end = monotonic() + self.pace()
            while not (acted := self.look()) and monotonic() < end:
                sleep(LOOK_S)
        if acted:
            self.acted = monotonic()

    def step(self) -> bool:
        """Allocate one more step; return whether it fits below the limit."""
        size = int(self.limit * STEP)
        if rss_bytes() + size > self.limit:
            return False
        self.ballast.append(np.ones(size, np.uint8))
        return True

    def pace(self) -> float:
        """Return how long this step lasts, in seconds."""
        beyond = rss_bytes() / self.limit - self.threshold
        if not self.threshold or beyond < -_NEAR:
            return _FAR_S
        return NEAR_S if beyond <= 0 else _ABOVE_S

    def look(self) -> bool:
        """Return whether the worker has acted; if not, record the memory held."""
        if self.acts():
            return True
        now, held = monotonic(), rss_bytes()
        self.note(now, held)
        self.highest = max(self.highest, held)
        if self.crossed is None and self.threshold and held > self.threshold * self.limit:
            self.crossed = now
        return False

    def record(self) -> Record:
        """Return the observations."""
        return {
            "limit": self.limit,
            "threshold": self.threshold,
            "highest": self.highest / self.limit,
            "acted": self.acted is not None,
            "delay_s": delay_s(self.crossed, self.acted, self.highest / self.limit, self.threshold),
        }
