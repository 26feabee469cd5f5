"""Detection of stalled lanes, which wait for a resource that the system refuses."""

import contextlib
import re
import shutil
from pathlib import Path
from time import monotonic

from daskbench import resources
from daskbench.lane.probes import tree
from daskbench.processes.talk import LaneError

#: Logged by Dask if a worker can't spill, except to a full disk.
_SPILL_FAILED = b"Spill to disk failed"
_SPILLING = (
    "workers that can't spill pause; set TMPDIR or DASK_TEMPORARY_DIRECTORY to another disk, or "
    "raise --memory-limit"
)
_STARTING = "raise the limit on processes, or use fewer --workers"
#: Files spilled by Dask's workers, below the folder of their lane.
_SPILLED = "**/storage/*"
#: A lane that uses fewer than _IDLE_CORES cores is stuck; an idle cluster uses some.
_FULL_BYTES, _STUCK_S, _IDLE_CORES = 1 << 20, 20.0, 0.4


class Stall:
    """Watches a lane for conditions that make it wait forever.

    Workers that can't spill, e.g. to a full disk, pause; and a cluster waits for processes or
    threads that can't be started. The folder of `log` is the lane's, where its workers spill.
    """

    def __init__(self, pid: int, log: Path) -> None:
        self._pid, self._log = pid, log
        self._failed, self._reason = b"", ""
        self._refused = resources.tasks_refused().amount
        self._first = self._read = log.stat().st_size if log.exists() else 0
        self._begin()

    def _begin(self) -> None:
        self._since, self._used_s = monotonic(), self._cpu_s()

    def _cpu_s(self) -> float:
        return sum(map(tree.cpu_s, tree.members(self._pid)))

    def check(self) -> None:
        """Raise LaneError if the lane was refused a resource and idle for 20 s."""
        why = self.why()
        if not why:
            self._begin()
        elif (waited := monotonic() - self._since) > _STUCK_S:
            if self._cpu_s() - self._used_s < waited * _IDLE_CORES:
                hint = _SPILLING if self._cannot_spill() else _STARTING
                raise LaneError(f"{why} and nothing ran for {waited:.0f} s: {hint}")
            self._begin()

    def why(self) -> str | None:
        """Return which resource is refused, if any."""
        return self._cannot_spill() or self._cannot_start()

    def _cannot_start(self) -> str | None:
        refused = resources.tasks_refused()
        if refused.amount <= self._refused:
            return None
        return f"a process or thread could not be started ({refused.source})"

    def _cannot_spill(self) -> str | None:
        with contextlib.suppress(OSError):  # the folder may have been deleted
            folder = self._log.parent
            is_full = shutil.disk_usage(folder).free <= _FULL_BYTES
            if is_full and any(folder.glob(_SPILLED)):  # the log can't be written either
                return f"the disk of {folder.parent.parent} is full"
        return self._failure()

    def _failure(self) -> str | None:
        with contextlib.suppress(OSError):
            if self._log.stat().st_size != self._read:
                log = self._log.read_bytes()
                self._read = len(log)
                _, self._failed, after = log[self._first :].rpartition(_SPILL_FAILED)
                why = re.search(rb"^\w*Error: .+$", after, re.MULTILINE)
                self._reason = why[0].decode(errors="replace") if why else "no reason logged"
        return f"spilling failed ({self._reason})" if self._failed else None
