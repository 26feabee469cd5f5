"""Other activity of the machine while a sample ran: other programs, swap, throttling."""

from dataclasses import dataclass
from typing import Protocol

import psutil

from daskbench.cgroups import own_and_above
from daskbench.resources import throttled_s

#: Of the kernel's CPU times: idle time, and time that is part of user time too.
_NOT_BUSY = frozenset({"idle", "iowait", "guest", "guest_nice"})


@dataclass(frozen=True)
class Counters:
    """Totals since the machine started; only differences are meaningful."""

    busy_s: float = 0.0
    own_s: float = 0.0
    swap_bytes: int = 0
    throttled_s: float = 0.0


class Machine(Protocol):
    """Reads the counters."""

    def read(self) -> Counters:
        """Return the totals as they are now."""
        ...


class ThisMachine:
    """The counters of the kernel."""

    def __init__(self) -> None:
        self._self = psutil.Process()
        self._groups = own_and_above("cpu")

    def read(self) -> Counters:
        """Return the totals as they are now."""
        times = psutil.cpu_times()._asdict()
        own = self._self.cpu_times()
        swap = psutil.swap_memory()
        return Counters(
            # Added up, not subtracted from a total: so rounding can't make it fall.
            busy_s=sum(value for name, value in times.items() if name not in _NOT_BUSY),
            own_s=own.user + own.system,
            swap_bytes=swap.sin + swap.sout,
            throttled_s=throttled_s(self._groups),
        )
