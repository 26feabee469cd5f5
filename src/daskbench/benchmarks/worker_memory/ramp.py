"""Driving a process up to its memory limit, step by step, and looking at it meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Record = dict[str, Any]

#: One step of the ramp, and one small block, is this part of the limit.
STEP = 0.01
#: Dask looks at a process every 100 ms (distributed.worker.memory.monitor-interval). Each step
#: waits longer than that where the threshold is near, so that it is met within a step; above it
#: the ramp all but stands, so that a worker that is slow to act is not driven further meanwhile.
_FAR_S, NEAR_S, _ABOVE_S = 0.05, 0.15, 0.5
_NEAR = 0.03
LOOK_S = 0.002
PATIENCE_S = 30.0


def this_worker() -> Any:
    """Return the worker on which the task runs."""
    from distributed import get_worker

    return get_worker()


def interval_of(worker: Any) -> float:
    """Return how often Dask looks at a process, in seconds; its nanny does so as often."""
    return float(worker.memory_manager.memory_monitor_interval)


def rss_bytes() -> int:
    """Return what this process holds, as Dask itself reads it."""
    import psutil

    return int(psutil.Process().memory_info().rss)


def limit_of(worker: Any) -> int:
    """Return the worker's memory limit; it always has one here."""
    return int(worker.memory_manager.memory_limit)


def wait_until(true: Callable[[], bool], patience_s: float = PATIENCE_S) -> bool:
    """Wait, not for ever."""
    end = monotonic() + patience_s
    while not true() and monotonic() < end:
        sleep(LOOK_S)
    return true()


def delay_s(
    crossed: float | None, acted: float | None, highest: float, threshold: float
) -> float | None:
    """Return how long after the crossing a worker acted; None where it was not crossed.

    Where the last look was a step below the threshold (and what a process grows by itself) and then
    the worker acted, it was crossed within that step, and acted upon before the next look: at once.
    """
    if acted is None:
        return None
    if crossed is None:
        return 0.0 if threshold and highest + 1.5 * STEP >= threshold else None
    return acted - crossed


@dataclass
class Ramp:
    """Holds more and more memory that Dask does not manage, until the worker acts."""

    threshold: float
    limit: int
    acts: Callable[[], bool]
    note: Callable[[float, int], None] = lambda at, held: None
    ballast: list[Bytes] = field(default_factory=list)
    highest: int = 0
    crossed: float | None = None
    acted: float | None = None

    def drive(self) -> None:
        """Go up in steps; not beyond the limit."""
        acted = self.look()
        while not acted and self.step():
            end = monotonic() + self.pace()
            while not (acted := self.look()) and monotonic() < end:
                sleep(LOOK_S)
        if acted:
            self.acted = monotonic()

    def step(self) -> bool:
        """Hold one step more; return whether there was room for it below the limit."""
        size = int(self.limit * STEP)
        if rss_bytes() + size > self.limit:
            return False
        self.ballast.append(np.ones(size, np.uint8))
        return True

    def pace(self) -> float:
        """Return how long this step lasts."""
        beyond = rss_bytes() / self.limit - self.threshold
        if not self.threshold or beyond < -_NEAR:
            return _FAR_S
        return NEAR_S if beyond <= 0 else _ABOVE_S

    def look(self) -> bool:
        """Take down what is held, unless the worker has acted."""
        if self.acts():
            return True
        now, held = monotonic(), rss_bytes()
        self.note(now, held)
        self.highest = max(self.highest, held)
        if self.crossed is None and self.threshold and held > self.threshold * self.limit:
            self.crossed = now
        return False

    def record(self) -> Record:
        """Return what was seen."""
        return {
            "limit": self.limit,
            "threshold": self.threshold,
            "highest": self.highest / self.limit,
            "acted": self.acted is not None,
            "delay_s": delay_s(self.crossed, self.acted, self.highest / self.limit, self.threshold),
        }
