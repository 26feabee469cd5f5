"""Opening a journal to read it: a regular file, whatever else has its name."""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import IO

from daskbench.errors import JournalError
from daskbench.journal import lock

_BUFFER_BYTES = 1 << 18
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFLNK: "a link to nothing",
}


def kind_of(mode: int) -> str:
    """Return what a file is that is no regular one; empty for a regular one."""
    return _KINDS.get(stat.S_IFMT(mode), "")


def open_journal(path: Path) -> IO[bytes]:
    """Open what is at `path`, without waiting for anyone; raises JournalError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except (OSError, ValueError) as error:
        raise JournalError(f"cannot read {path}: {_why(error)}") from error
    if kind := kind_of(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise JournalError(f"cannot read {path}: it is {kind}, not a journal")
    return os.fdopen(descriptor, "rb", _BUFFER_BYTES)


def _why(error: OSError | ValueError) -> str:
    if not isinstance(error, OSError):
        return str(error)
    if error.errno == errno.ENXIO:  # of a file, not of a device
        return "it is a socket, not a journal"
    return error.strerror or str(error)


def is_being_written(path: Path, file: IO[bytes]) -> bool:
    """Tell whether some process measures into an open journal; False where that can't be told."""
    with suppress(OSError):
        return lock.is_taken(path, file.fileno())
    return False


def is_live(path: Path) -> bool:
    """Tell whether some process is measuring into the journal at `path` right now."""
    with open_journal(path) as file:
        return is_being_written(path, file)
