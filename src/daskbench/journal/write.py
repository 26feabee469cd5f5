"""Write a journal: each event is on disk before it is shown."""

import os
import secrets
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

import msgspec

from daskbench.errors import JournalError
from daskbench.events import Event, Header
from daskbench.journal import lock
from daskbench.journal.checks import checked

#: Only the owner may read it, as a header holds values of the environment.
MODE = 0o600


class JournalWriter:
    """An open journal. It holds a lock, so that no one else deletes or resumes the run."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._encoder = msgspec.json.Encoder()
        self._torn = False

    @classmethod
    def create(cls, path: Path, header: Header) -> Self:
        """Create a journal at `path`; raises JournalError if that fails."""
        try:
            checked(msgspec.json.decode(msgspec.json.encode(header), type=Header))
        except (ValueError, msgspec.MsgspecError) as error:
            raise JournalError(f"{path} could not be read again: {error}") from error
        try:
            journal = cls(path, os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, MODE))
        except OSError as error:
            raise JournalError(f"cannot create {path}: {error.strerror}") from error
        try:
            journal._lock()
            journal.append(header)
        except JournalError:
            journal.close()
            path.unlink()  # a journal without a header is nothing
            raise
        return journal

    @classmethod
    def reopen(cls, path: Path, whole_bytes: int) -> Self:
        """Continue the journal at `path`, dropping what follows its last complete line."""
        try:
            journal = cls(path, os.open(path, os.O_RDWR))
        except OSError as error:
            raise JournalError(f"cannot write {path}: {error.strerror}") from error
        try:
            journal._lock()
            os.ftruncate(journal._descriptor, whole_bytes)
            os.lseek(journal._descriptor, 0, os.SEEK_END)
        except (OSError, JournalError) as error:
            os.close(journal._descriptor)
            if isinstance(error, JournalError):
                raise
            raise JournalError(f"cannot write {path}: {error.strerror}") from error
        return journal

    def _lock(self) -> None:
        try:
            taken = lock.take(self.path, self._descriptor)
        except OSError as error:
            raise JournalError(
                f"cannot lock {self.path}: {error.strerror}; name a store on another file system "
                "with --store"
            ) from error
        if not taken:
            holder = lock.holder_file(self.path)
            told = f" (if not, remove {holder})" if holder.exists() else ""
            raise JournalError(f"{self.path} is being measured by another daskbench{told}")

    def append(self, line: Header | Event) -> None:
        """Write one line whole, or not at all; raises JournalError if writing fails."""
        data = self._encoder.encode(line) + b"\n"
        start = os.lseek(self._descriptor, 0, os.SEEK_CUR)
        try:
            if self._torn:
                self._cut(start)
            written = 0
            while written < len(data):
                written += os.write(self._descriptor, data[written:])
        except OSError as error:
            # What can't be cut either is a cut last line, which reading drops; but nothing may
            # follow it.
            self._torn = True
            with suppress(OSError):
                os.lseek(self._descriptor, start, os.SEEK_SET)
                self._cut(start)
            raise JournalError(
                f"cannot write {self.path}: {error.strerror}; what it holds so far is kept"
            ) from error

    def _cut(self, end: int) -> None:
        os.ftruncate(self._descriptor, end)
        self._torn = False

    def keep(self) -> tuple[Path, bool]:
        """Return the path of the journal, and whether it stayed in place.

        If it was removed or replaced meanwhile, it is written again beside the replacement, or if
        that fails into the folder of temporary files. Raises JournalError.
        """
        with suppress(OSError):
            if os.path.samestat(self.path.stat(), os.fstat(self._descriptor)):
                return self.path, True
        name = f"{self.path.stem}-kept-{secrets.token_hex(2)}{self.path.suffix}"
        for path in (self.path, self.path.with_name(name), Path(tempfile.gettempdir()) / name):
            with suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
                with os.fdopen(descriptor, "wb") as copy, self._all() as whole:
                    shutil.copyfileobj(whole, copy)
                return path, False
        raise JournalError(f"{self.path} was removed during the run and can't be restored")

    def _all(self) -> IO[bytes]:
        """Return a file with everything that was written, from its beginning."""
        whole = os.fdopen(os.dup(self._descriptor), "rb")
        whole.seek(0)
        return whole

    def close(self) -> None:
        """Close the file, which also gives up the lock."""
        lock.give_up(self.path)
        try:
            os.close(self._descriptor)
        except OSError as error:  # network file systems tell of a full disk only now
            raise JournalError(
                f"cannot write {self.path}: {error.strerror}; the last samples may be missing"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
