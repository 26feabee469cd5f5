"""What else the machine did while a sample ran: other programs, swap, throttling."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

_CGROUP_CPU = (
    Path("/sys/fs/cgroup/cpu.stat"),
    Path("/sys/fs/cgroup/cpu/cpu.stat"),
)


@dataclass(frozen=True)
class Counters:
    """Totals since the machine started; only differences mean something."""

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
        self._cgroup = next((path for path in _cgroup_files() if path.exists()), None)

    def read(self) -> Counters:
        """Return the totals as they are now."""
        times = psutil.cpu_times()
        idle = times.idle + getattr(times, "iowait", 0.0)
        # guest time is inside user time already
        guest = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
        own = self._self.cpu_times()
        swap = psutil.swap_memory()
        return Counters(
            busy_s=sum(times) - idle - guest,
            own_s=own.user + own.system,
            swap_bytes=swap.sin + swap.sout,
            throttled_s=self._throttled_s(),
        )

    def _throttled_s(self) -> float:
        if self._cgroup is None:
            return 0.0
        try:
            fields = dict(line.split() for line in self._cgroup.read_text().splitlines())
        except (OSError, ValueError):
            return 0.0
        # cgroup v2 counts microseconds, v1 nanoseconds
        return (
            int(fields.get("throttled_usec", 0)) / 1e6 + int(fields.get("throttled_time", 0)) / 1e9
        )


def _cgroup_files() -> list[Path]:
    """Return where the cgroup of this process may tell of throttling, nearest first."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    own = [line.split(":", 2)[2].strip("/") for line in lines if line.startswith("0::")]
    return [Path("/sys/fs/cgroup") / path / "cpu.stat" for path in own] + list(_CGROUP_CPU)
