"""Open a journal for reading, if it is a regular file."""

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
    """Return the kind of a file that is not regular; empty for a regular one."""
    return _KINDS.get(stat.S_IFMT(mode), "")


def open_journal(path: Path) -> IO[bytes]:
    """Open the file at `path` without blocking; raises JournalError."""
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
    """Whether some process is writing an open journal; False if unknown."""
    with suppress(OSError):
        return lock.is_taken(path, file.fileno())
    return False


def is_live(path: Path) -> bool:
    """Whether some process is writing the journal at `path`."""
    with open_journal(path) as file:
        return is_being_written(path, file)
