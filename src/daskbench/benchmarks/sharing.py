"""Files that the lanes of a run share, such as references for their answers.

A lane may be killed at any moment, so a file appears only when it is complete. No lock is needed:
one lane at a time is awake, and of two that write the same file the later one wins.
"""

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

#: The environment variable with the folder in which the lanes of a run share results.
SHARED = "DASKBENCH_SHARED"


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
