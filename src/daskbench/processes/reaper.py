"""The reaper: a process that outlives daskbench and ends its lanes, even after SIGKILL.

A frozen lane cannot notice that its parent died. The reaper reads lines from stdin: first the
folder to remove, then ``+PGID`` to guard a process group and ``-PGID`` when one has ended. At
end of file, it kills the remaining groups and all other processes of the run, cancels jobs that
are left in a queue, and removes the folder. It is run by path, without site-packages, so it imports
nothing of daskbench.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from glob import escape, glob
from typing import Any, NamedTuple

#: Environment variable with the lane's folder, inherited by all processes of the lane.
MARK = "DASKBENCH_LANE"

#: File in the folder of a lane that started a cluster (`daskbench.lane.deploy.ending`).
CLUSTER = "cluster"
#: Prefix of folders for the output of jobs, the only ones that are removed elsewhere.
_LOGS = ".daskbench-jobs-"

_PATIENCE_S = 10.0
#: How long a lane may take to close its cluster, and one command to cancel jobs; and for how long
#: and how often such a command is repeated after the tool is gone.
_CLOSING_S, _COMMAND_S = 15.0, 20.0
_CANCELLING_S, _AGAIN_S = 600.0, 2.0
#: Grace period for multiprocessing's resource tracker, to remove semaphores of dead processes.
_TRACKERS_S = 1.0
_TRACKER = b"multiprocessing.resource_tracker"


def guard(folder: str) -> None:
    """Wait until daskbench is gone, then kill its lanes and remove `folder`."""
    groups: set[int] = set()
    while line := sys.stdin.readline():
        change, group = line[0], int(line[1:])
        (groups.add if change == "+" else groups.discard)(group)
    close_clusters(folder)
    end_groups(groups, folder)
    cancel_jobs(folder, _CANCELLING_S)
    deadline = time.monotonic() + _PATIENCE_S
    while os.path.exists(folder) and time.monotonic() < deadline:  # noqa: PTH110
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.02)


class Process(NamedTuple):
    """A process, as described by ``/proc/PID/stat``."""

    pid: int
    parent: int
    group: int
    session: int


def processes(dead: bytes = b"ZX") -> list[Process]:
    """Return all processes except those in a `dead` state; none without /proc."""
    try:
        pids = [name for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    except OSError:
        return []
    fields = {pid: _read(pid, "stat").rpartition(b")")[2].split() for pid in pids}
    return [
        Process(int(pid), *map(int, stat[1:4]))
        for pid, stat in fields.items()
        if len(stat) > 3 and stat[0] not in dead
    ]


def members(groups: set[int], mark: str) -> set[int]:
    """Return the live processes of these groups, those with the mark, and their descendants.

    Processes that left their group are descendants, as lanes adopt orphans; those whose lane died
    have inherited its environment.
    """
    alive = processes()
    entry = f"{MARK}={mark}".encode()
    found = {process.pid for process in alive if process.group in groups}
    found |= {process.pid for process in alive if _is_marked(process.pid, entry)}
    while more := {process.pid for process in alive if process.parent in found} - found:
        found |= more
    return found - {os.getpid()}


def detached_children(parent: int) -> set[int]:
    """Return the children of a process, including zombies, in other sessions than its own."""
    session = os.getsid(parent)
    return {p.pid for p in processes(b"X") if p.parent == parent and p.session != session}


def _is_marked(pid: int, entry: bytes) -> bool:
    """Whether a process belongs to the lane, or to a lane of the run, that `entry` names."""
    environment = b"\0" + _read(pid, "environ")
    return b"\0" + entry + b"\0" in environment or b"\0" + entry + b"/" in environment


def end_groups(groups: set[int], mark: str) -> None:
    """Kill all processes of these groups, resource trackers only after a grace period."""
    start = time.monotonic()
    while time.monotonic() - start < _PATIENCE_S and (found := members(groups, mark)):
        _kill(groups, found, spare=time.monotonic() - start < _TRACKERS_S)
        time.sleep(0.01)


def _kill(groups: set[int], found: set[int], *, spare: bool) -> None:
    """Kill groups and processes, or with `spare` only processes that are no trackers."""
    trackers = {pid for pid in found if _TRACKER in _read(pid, "cmdline")} if spare else set()
    for group in () if trackers else groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    for pid in found:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGCONT if pid in trackers else signal.SIGKILL)


def close_clusters(folder: str) -> None:
    """Let the lanes in `folder` close the clusters that they have started, for a while."""
    entry = f"{MARK}={folder}".encode()
    pids = {note["pid"] for _, note in _notes(folder) if isinstance(note.get("pid"), int)}
    pids = {pid for pid in pids if _is_marked(pid, entry)}
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGCONT)
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _CLOSING_S
    while pids & {process.pid for process in processes()} and time.monotonic() < deadline:
        time.sleep(0.02)


def cancel_jobs(folder: str, patience_s: float) -> list[str]:
    """Cancel the jobs that the lanes in `folder` have left in a queue.

    Commands that fail are repeated for `patience_s`, as the queue may be out of order. Returns the
    commands that never succeeded; the others are forgotten.
    """
    deadline = time.monotonic() + patience_s
    while True:
        left = [[path, *note["cancel"]] for path, note in _notes(folder) if "cancel" in note]
        left = [command for command in left if not _succeeds(command[1:])]
        failing = {command[0] for command in left}
        for path, note in _notes(folder):
            if path not in failing:
                _forget(path, note)
        if not left or time.monotonic() > deadline:
            return [" ".join(command[1:]) for command in left]
        time.sleep(_AGAIN_S)


def _notes(folder: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the notes of the lane whose folder it is, or of all lanes in it, with their files."""
    paths = glob(f"{escape(folder)}/{CLUSTER}") + glob(f"{escape(folder)}/*/{CLUSTER}")  # noqa: PTH207
    found = []
    for path in paths:
        with suppress(OSError, ValueError):
            with open(path, encoding="utf-8") as file:  # noqa: PTH123
                lines = file.readlines()
            for line in lines:
                if isinstance(note := json.loads(line), dict):
                    found.append((path, note))
    return found


def _succeeds(command: list[str]) -> bool:
    with suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_COMMAND_S,
            check=False,
        )
        return done.returncode == 0
    return False


def _forget(path: str, note: dict[str, Any]) -> None:
    """Remove what a note names, and the file that it is in."""
    folder = note.get("remove", "")
    if os.path.basename(folder).startswith(_LOGS):  # noqa: PTH119
        shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        os.unlink(path)  # noqa: PTH108


def _read(pid: int | str, name: str) -> bytes:
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:  # noqa: PTH123
            return file.read()
    except OSError:
        return b""


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    guard(input())
