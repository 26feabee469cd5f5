"""Detect stalled lanes, which wait for a resource that the machine refuses."""

import contextlib
import re
import shutil
from pathlib import Path
from time import monotonic

from daskbench import resources
from daskbench.lane.probes import tree
from daskbench.processes.talk import LaneError

#: Dask logs this where a worker can't spill for another reason than a full disk.
_SPILL_FAILED = b"Spill to disk failed"
#: A lane that can't spill and uses less than this many cores (idle clusters use some) is stuck.
_SPILLING = (
    "workers that can't spill pause; set TMPDIR or DASK_TEMPORARY_DIRECTORY to another disk, or "
    "raise --memory-limit"
)
_STARTING = "it waits for one that is missing; ask for more processes, or use fewer --workers"
#: Where Dask's workers spill to, from the folder of their lane.
_SPILLED = "**/storage/*"
_FULL_BYTES, _STUCK_S, _IDLE_CORES = 1 << 20, 20.0, 0.4


class Stall:
    """Watches for conditions that make lanes wait forever.

    Workers that can't spill, mostly as the disk is full, pause; and where no further process or
    thread may be started, a cluster waits for its own. The log of a lane is in its folder, where
    its workers spill to as well.
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
        """Raise LaneError if something was refused for a while and almost nothing ran."""
        why = self.why()
        if not why:
            self._begin()
        elif (waited := monotonic() - self._since) > _STUCK_S:
            if self._cpu_s() - self._used_s < waited * _IDLE_CORES:
                mend = _SPILLING if self._cannot_spill() else _STARTING
                raise LaneError(f"{why} and nothing ran for {waited:.0f} s: {mend}")
            self._begin()

    def why(self) -> str | None:
        """Return what is refused, if anything is."""
        return self._cannot_spill() or self._cannot_start()

    def _cannot_start(self) -> str | None:
        refused = resources.tasks_refused()
        if refused.amount <= self._refused:
            return None
        return f"a process or thread could not be started ({refused.source})"

    def _cannot_spill(self) -> str | None:
        with contextlib.suppress(OSError):  # somebody removed the folder: the lane goes on
            folder = self._log.parent
            is_full = shutil.disk_usage(folder).free <= _FULL_BYTES
            if is_full and any(folder.glob(_SPILLED)):  # that its log has no room to tell of
                return f"the disk of {folder.parent.parent} is full"
        return self._failure()

    def _failure(self) -> str | None:
        with contextlib.suppress(OSError):
            if self._log.stat().st_size != self._read:
                log = self._log.read_bytes()
                self._read = len(log)
                _, self._failed, after = log[self._first :].rpartition(_SPILL_FAILED)
                why = re.search(rb"^\w*Error: .+$", after, re.MULTILINE)
                self._reason = why[0].decode(errors="replace") if why else "no reason told"
        return f"spilling failed ({self._reason})" if self._failed else None
