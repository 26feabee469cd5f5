"""Names that a file can have, asked of the system itself before anything is done with them."""

import errno
import os
import sys
from pathlib import Path

from daskbench.errors import UsageError
from daskbench.harmless import line

_SHOWN = 80


def usable(name: str) -> Path:
    """Return the path called `name`, whether or not something is there.

    Raises:
        UsageError: No file can be called so, or it is relative and the working folder is gone.
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
    """Raise UsageError where the working folder was deleted, or can't be entered any more."""
    try:
        Path.cwd()
    except OSError as error:
        raise UsageError("the working directory is gone: change to another") from error


def check_text(text: str) -> str:
    """Return a text that journals and files can hold; raises UsageError where it isn't UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"'{_shown(text)}' is not UTF-8 text, which a journal needs") from error
    return text


def _shown(name: str) -> str:
    """Return a name as an error shows it: escaped, and cut where it is long."""
    return line(name, _SHOWN)
