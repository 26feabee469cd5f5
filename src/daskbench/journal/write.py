"""Writing a journal: each event is on disk before anything shows it."""

import fcntl
import os
from pathlib import Path
from time import sleep
from typing import Self

import msgspec

from daskbench.errors import JournalError
from daskbench.events import Event, Header

_LOCK_TRIES = 10
_LOCK_PAUSE_S = 0.02


class JournalWriter:
    """An open journal. It holds a lock, so that no one else deletes or resumes the run."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._encoder = msgspec.json.Encoder()

    @classmethod
    def create(cls, path: Path, header: Header) -> Self:
        """Start a new journal at `path`; raises JournalError where that can't be done."""
        try:
            journal = cls(path, os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644))
        except OSError as error:
            raise JournalError(f"cannot create {path}: {error.strerror}") from error
        journal._lock()
        try:
            journal.append(header)
        except JournalError:
            journal.close()
            path.unlink()  # a journal without a header is nothing
            raise
        return journal

    @classmethod
    def reopen(cls, path: Path, whole_bytes: int) -> Self:
        """Go on with the journal at `path`, dropping what follows its last whole line."""
        try:
            journal = cls(path, os.open(path, os.O_RDWR))
            journal._lock()
            os.ftruncate(journal._descriptor, whole_bytes)
            os.lseek(journal._descriptor, 0, os.SEEK_END)
        except OSError as error:
            raise JournalError(f"cannot write {path}: {error.strerror}") from error
        return journal

    def _lock(self) -> None:
        for _ in range(_LOCK_TRIES):  # who only looks whether the run is live holds it for a moment
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                sleep(_LOCK_PAUSE_S)
            else:
                return
        os.close(self._descriptor)
        raise JournalError(f"{self.path} is being measured by another daskbench")

    def append(self, line: Header | Event) -> None:
        """Write one line whole, or not at all; raises JournalError where the disk refuses."""
        data = self._encoder.encode(line) + b"\n"
        start = os.lseek(self._descriptor, 0, os.SEEK_CUR)
        try:
            written = 0
            while written < len(data):
                written += os.write(self._descriptor, data[written:])
        except OSError as error:
            os.ftruncate(self._descriptor, start)
            os.lseek(self._descriptor, start, os.SEEK_SET)
            raise JournalError(
                f"cannot write {self.path}: {error.strerror}; what it holds already is kept"
            ) from error

    def close(self) -> None:
        """Close the file, which also gives up the lock."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def is_live(path: Path) -> bool:
    """Tell whether some process is measuring into the journal at `path` right now."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False
