"""Validation of file names, by the operating system itself, before they are used."""

import errno
import os
import sys
from pathlib import Path

from daskbench.errors import UsageError
from daskbench.harmless import line

_SHOWN = 80


def usable(name: str) -> Path:
    """Return `name` as a path, whether or not it exists.

    Raises UsageError if it is no valid name, or is relative and the working folder is gone.
    """
    if not name:
        raise UsageError("the name of a file or folder can't be empty")
    try:
        os.lstat(name)
    except UnicodeEncodeError as error:
        raise UsageError(
            f"'{_shown(name)}' can't be the name of a file in the encoding "
            f"{sys.getfilesystemencoding()}: set PYTHONUTF8=1, or another locale"
        ) from error
    except ValueError as error:
        raise UsageError(f"'{_shown(name)}' contains NUL, which no file name can") from error
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise UsageError(f"'{_shown(name)}': {error.strerror}") from error
    if not Path(name).is_absolute():
        check_working_folder()
    return Path(name)


def check_working_folder() -> None:
    """Raise UsageError if the working folder was deleted or is no longer accessible."""
    try:
        Path.cwd()
    except OSError as error:
        raise UsageError("the working directory is gone: change to another") from error


def check_text(text: str) -> str:
    """Return `text` unchanged. Raises UsageError if it can't be encoded as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"'{_shown(text)}' is not UTF-8 text, which a journal needs") from error
    return text


def _shown(name: str) -> str:
    """Return a name escaped and truncated for an error message."""
    return line(name, _SHOWN)
