"""What must be ended with a lane that started a cluster: a file for whoever ends the lane.

The file `FILE` in the lane's folder has JSON lines: the process that can close the cluster,
commands that cancel jobs, and folders to remove. `daskbench.processes.reaper` reads it.
"""

import json
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

FILE = "cluster"
#: Environment variable with the lane's folder (`daskbench.processes.reaper.MARK`).
_FOLDER = "DASKBENCH_LANE"


def watch(close: Callable[[], None]) -> None:
    """Call `close` if this process is sent SIGTERM, and then end by that signal."""
    owner = os.getpid()

    def handle(*_: Any) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the reaper may send another
        with suppress(BaseException):
            if os.getpid() == owner:  # and not a fork of it
                close()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)

    signal.signal(signal.SIGTERM, handle)
    _note({"pid": owner})


def note_job(command: Sequence[str]) -> None:
    """Note a command that cancels jobs, and succeeds if there are none."""
    _note({"cancel": [*command]})


def note_folder(folder: str) -> None:
    """Note a folder to remove."""
    _note({"remove": folder})


def forget() -> None:
    """Forget everything: the cluster was closed."""
    if path := _path():
        path.unlink(missing_ok=True)


def _path() -> Path | None:
    folder = os.environ.get(_FOLDER)
    return Path(folder) / FILE if folder else None


def _note(what: Mapping[str, Any]) -> None:
    """Append a line, in one write."""
    if path := _path():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, json.dumps(what).encode() + b"\n")
        finally:
            os.close(descriptor)
