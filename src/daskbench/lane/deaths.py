"""Explanations of KilledWorker: why the workers died that ran a task."""

import logging
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from distributed import Client, KilledWorker

from daskbench import resources
from daskbench.lane.causes import Explained
from daskbench.units import format_bytes

_NANNY = logging.getLogger("distributed.nanny")
_ENDED = re.compile(r"Worker process \d+ (was killed by signal|exited with status) (\d+)")


class Deaths(logging.Handler):
    """Explains deaths of workers, in a local cluster from the log of their nannies."""

    def __init__(self, *, are_ours: bool) -> None:
        super().__init__()
        self._are_ours, self._last = are_ours, ""
        if are_ours:
            _NANNY.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Record how a worker process ended, which nannies only log."""
        if found := _ENDED.search(record.getMessage()):
            self._last = _how(found[1], int(found[2]))

    @contextmanager
    def explained(self, client: Client) -> Iterator[None]:
        """Turn KilledWorker into Explained, with the memory limit and the cause of death."""
        kills, self._last = resources.oom_kills() or 0, ""
        try:
            yield
        except KilledWorker as error:
            limit = format_bytes(error.last_worker.memory_limit)
            raise Explained(
                f"{error.allowed_failures + 1} workers of {limit} died while running the task "
                f"{error.task}, so Dask gave it up; {self._why(client, kills)}"
            ) from error

    def _why(self, client: Client, kills: int) -> str:
        if ends := client.get_events("worker-restart-memory"):
            held = format_bytes(ends[-1][1]["rss"])
            return f"the last held {held} when its nanny ended it for its memory"
        if self._are_ours and (more := (resources.oom_kills() or 0) - kills) > 0:
            return f"the kernel ended {more} processes here for lack of memory"
        return self._last or "the cause is unknown"


def _how(kind: str, number: int) -> str:
    if kind.startswith("exited"):
        return f"the last exited with status {number}"
    with suppress(ValueError):
        return f"the last was killed by {signal.Signals(number).name}"
    return f"the last was killed by signal {number}"
