"""Why a lane ended or failed to start, according to its log and the kernel."""

import contextlib
import re
import signal
from pathlib import Path

from daskbench import resources
from daskbench.units import format_size

_LAST_BYTES, _MOST_BYTES, _MOST_DETAIL = 1 << 12, 1 << 20, 16_000
#: Dask's messages without a reason, which only the child process logged.
_VAGUE = re.compile(
    r"(failed to (start|connect|initialize)( (worker )?process)?"
    r"|worker process died unexpectedly)[.:]?$",
    re.IGNORECASE,
)
_RAISED = re.compile(
    r"^(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*(?:Error|Exception|Refused|Exit)): (\S.*)$", re.MULTILINE
)

#: What a lane was doing when it failed to answer, by command.
ASKED = {
    "open": " while it started",
    "sample": " while it computed a sample",
    "listen": " while it waited for its workers' heartbeats",
}
#: The signals that also end daskbench itself.
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SIGNALLED = ("KeyboardInterrupt", *(f"its lane was killed ({number.name})" for number in _ENDING))


class Log:
    """A lane's log, from its end at the time of construction, or the `whole` of it."""

    def __init__(self, path: Path, *, whole: bool = False) -> None:
        self._path = path
        self._first = 0 if whole or not path.exists() else path.stat().st_size

    def explain(self, reason: str, detail: str | None) -> tuple[str, str | None]:
        """Return reason and detail, completed from the log if the reason is vague."""
        if not _VAGUE.search(reason):
            return reason, detail
        logged = self.text()
        for kind, text in _RAISED.findall(logged):
            if not _VAGUE.search(text):
                why = text if re.match(r"\[Errno \d+\]", text) else f"{kind}: {text}"
                whole = f"{detail or ''}\n{logged[:_MOST_DETAIL]}"
                return f"{reason.rstrip('.:')}: {why}", whole.replace("\0", "")
        return reason, detail

    def text(self) -> str:
        """Return the new part of the log, truncated to 1 MiB."""
        with contextlib.suppress(OSError), self._path.open("rb") as file:
            file.seek(self._first)
            return file.read(_MOST_BYTES).decode(errors="replace")
        return ""


def last_line(log: Path) -> list[str]:
    """Return the last line of a lane's log, as a list of at most one."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _LAST_BYTES))
            return file.read().decode(errors="replace").strip().splitlines()[-1:]
    except OSError:
        return []


def name_of(number: int) -> str:
    """Return a signal's name, or its number for real-time signals."""
    with contextlib.suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"


def out_of_memory(before: int | None) -> str | None:
    """Return a message if the kernel's OOM kill count exceeds `before`."""
    now = resources.oom_kills()
    if before is None or now is None or now <= before:
        return None
    limit, source = resources.kernel_memory()
    return f"the kernel killed it for lack of memory: {format_size(int(limit))} ({source})"
