"""The lock on a journal that is being written, also on file systems without flock.

If neither flock nor POSIX locks are available (some FUSE and network file systems), a file beside
the journal names the process that writes it.
"""

import errno
import fcntl
import os
import platform
from contextlib import suppress
from enum import Enum
from pathlib import Path
from time import sleep

_TRIES = 10
_PAUSE_S = 0.02
#: What a file system says that has no such locks; some that live in user space say EINVAL.
_MISSING = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL}
_TAKEN = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES}
_LONGEST = 300


class State(Enum):
    """The result of requesting a lock."""

    HELD = "held"
    TAKEN = "taken"
    MISSING = "missing"


def holder_file(path: Path) -> Path:
    """Return the file that names the writer, if the file system has no locks."""
    return path.with_name(f"{path.name}.lock")


def take(path: Path, descriptor: int) -> bool:
    """Lock a journal for its writer; False if another process holds the lock. Raises OSError."""
    for _ in range(_TRIES):  # who only looks whether the run is live holds it for a moment
        state = _ask(descriptor, fcntl.LOCK_EX)
        if state is State.MISSING:
            return _take_by_file(path)
        if state is State.HELD:
            return not _is_held_by_file(path)
        sleep(_PAUSE_S)
    return False


def is_taken(path: Path, descriptor: int) -> bool:
    """Whether some process is writing a journal."""
    return _ask(descriptor, fcntl.LOCK_SH) is State.TAKEN or _is_held_by_file(path)


def give_up(path: Path) -> None:
    """Remove the file that names this process; other locks are released with the descriptor."""
    with suppress(OSError):
        if holder_file(path).read_text() == _me():
            holder_file(path).unlink()


def _ask(descriptor: int, how: int) -> State:
    for lock in (fcntl.flock, fcntl.lockf):
        try:
            lock(descriptor, how | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _TAKEN:
                return State.TAKEN
            if error.errno not in _MISSING:
                raise
        else:
            return State.HELD
    return State.MISSING


def _take_by_file(path: Path) -> bool:
    holder = holder_file(path)
    for _ in range(2):
        try:
            descriptor = os.open(holder, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            if _is_held_by_file(path):
                return False
            holder.unlink(missing_ok=True)  # whoever made it is dead
        else:
            with os.fdopen(descriptor, "w") as file:
                file.write(_me())
            return True
    return False


def _is_held_by_file(path: Path) -> bool:
    """Whether the file beside a journal names a process that may live; of another host's it may."""
    try:
        with holder_file(path).open() as file:
            host, _, pid = file.read(_LONGEST).strip().rpartition(" ")
    except (OSError, ValueError):
        return False
    if host != platform.node() or not pid.isdecimal():
        return True
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True


def _me() -> str:
    return f"{platform.node()} {os.getpid()}\n"
