"""Files that the lanes of a run share, such as references for their answers.

A lane may be killed at any moment, so a file appears only when it is complete. Two lanes may be
awake while they start, so what takes long is made by one of them, and the other waits.
"""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep
from typing import BinaryIO

#: The environment variable with the folder in which the lanes of a run share results.
SHARED = "DASKBENCH_SHARED"

_POLL_S = 0.05
#: How long a lane waits for another one, and then makes its own.
_PATIENCE_S = 600.0


def shared_path(name: str, ending: str) -> Path | None:
    """Return the path of a shared file for `name`, of any length; None if nothing is shared."""
    folder = os.environ.get(SHARED)
    return Path(folder) / f"{sha256(name.encode()).hexdigest()[:16]}{ending}" if folder else None


def write(path: Path, data: bytes) -> None:
    """Write a shared file at once. If that fails, the next lane makes its own."""
    write_by(path, lambda file: file.write(data))


def write_by(path: Path, writing: Callable[[BinaryIO], object]) -> None:
    """Write a shared file with a function that writes to it, which may hold only parts of it."""
    with suppress(OSError), tempfile.TemporaryDirectory(dir=path.parent) as own:
        whole = Path(own) / path.name
        with whole.open("wb") as file:
            writing(file)
        whole.replace(path)


@contextmanager
def made_once(path: Path | None, patience_s: float = _PATIENCE_S) -> Iterator[None]:
    """Wait while another lane makes the shared file `path`; look for it again then.

    The kernel releases a record lock when its process ends, and forked processes do not inherit
    it (``man 2 fcntl``). Without a lock, each lane makes its own.
    """
    with ExitStack() as stack:
        if path is not None:
            with suppress(OSError):
                lock = stack.enter_context(path.with_name(f"{path.name}.lock").open("w"))
                _wait_for(lock.fileno(), patience_s)
        yield


def _wait_for(descriptor: int, patience_s: float) -> None:
    """Lock a file. Raises OSError if that is impossible, or takes too long."""
    deadline = monotonic() + patience_s
    while True:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):  # man 2 fcntl: EAGAIN or EACCES
            if monotonic() > deadline:
                raise
            sleep(_POLL_S)
        else:
            return
