"""Why a lane ended or could not start, as far as its log and the kernel show."""

import contextlib
import re
import signal
from pathlib import Path

from daskbench import resources
from daskbench.units import format_size

_LAST_BYTES, _MOST_BYTES, _MOST_DETAIL = 1 << 12, 1 << 20, 16_000
#: Dask's message if only a child process knows the reason, which is then in the lane's log.
_VAGUE = re.compile(
    r"(failed to (start|connect|initialize)( (worker )?process)?"
    r"|worker process died unexpectedly)[.:]?$",
    re.IGNORECASE,
)
_RAISED = re.compile(
    r"^(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*(?:Error|Exception|Refused|Exit)): (\S.*)$", re.MULTILINE
)

#: What a lane is asked for, in the words of a row that waited for it in vain.
ASKED = {
    "open": " while it started",
    "sample": " while it computed a sample",
    "listen": " while it waited for its workers' heartbeats",
}
#: How a lane ends that was sent the signals which end the tool.
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SIGNALLED = ("KeyboardInterrupt", *(f"its lane was killed ({number.name})" for number in _ENDING))


class Log:
    """A lane's log, from its position when this was created."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._first = path.stat().st_size if path.exists() else 0

    def explain(self, reason: str, detail: str | None) -> tuple[str, str | None]:
        """Return a reason with its cause, if only the log has it, and then the log too."""
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
        """Return what was logged since, truncated if long."""
        with contextlib.suppress(OSError), self._path.open("rb") as file:
            file.seek(self._first)
            return file.read(_MOST_BYTES).decode(errors="replace")
        return ""


def last_line(log: Path) -> list[str]:
    """Return the last line of a lane's log, if there is one."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _LAST_BYTES))
            return file.read().decode(errors="replace").strip().splitlines()[-1:]
    except OSError:
        return []


def name_of(number: int) -> str:
    """Return a signal's name; those for real time have none."""
    with contextlib.suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"


def out_of_memory(before: int | None) -> str | None:
    """Say so where the kernel has ended processes for want of memory since it had so many."""
    now = resources.oom_kills()
    if before is None or now is None or now <= before:
        return None
    limit, source = resources.kernel_memory()
    return (
        f"the kernel ended it for its memory, with a limit of {format_size(int(limit))} ({source})"
    )
