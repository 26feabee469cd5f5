"""Errors whose messages are shown to the user, and exit codes."""

import re
from collections.abc import Iterable
from enum import IntEnum
from traceback import walk_tb


class ExitCode(IntEnum):
    """The exit codes of the process."""

    OK = 0
    CASE_FAILED = 1
    USAGE = 2
    REGRESSION = 3
    INCONCLUSIVE = 4
    INTERRUPTED = 130


class DaskbenchError(Exception):
    """An error whose message says what failed, where, and what to try."""

    exit_code = ExitCode.USAGE


class UsageError(DaskbenchError):
    """An invalid option, key or value."""


class ConfigurationError(DaskbenchError):
    """A file or variable of Dask's configuration that Dask can't read."""

    @classmethod
    def of(cls, error: BaseException) -> "ConfigurationError | None":
        """Return the error to show if `error` was raised in ``dask/config.py``, otherwise None."""
        trace = error.__traceback__
        files = {frame.f_code.co_filename for frame, _ in walk_tb(trace)}
        if not any(file.endswith(("dask/config.py", "dask\\config.py")) for file in files):
            return None
        said = " ".join(str(error).split())
        if found := _MALFORMED.fullmatch(said):
            return cls(
                f"{found['file']} can't be read as YAML: {found['why']}; fix or remove that file "
                "of Dask's configuration"
            )
        return cls(f"Dask's configuration can't be read: {type(error).__name__}: {said}")


class JournalError(DaskbenchError):
    """A journal that can't be read or written."""


class Interrupted(DaskbenchError):
    """A request of the user or the system to stop."""

    exit_code = ExitCode.INTERRUPTED


_MOST_NAMES = 24
#: Source: ``dask.config._load_config_file``.
_MALFORMED = re.compile(
    r"A dask config file at '(?P<file>.*?)' is malformed"
    r"(?:, original error message:| -)? (?P<why>.*)"
)


def close(word: str, known: Iterable[str]) -> str | None:
    """Return the hint for an unknown `word` that resembles a valid one; None if none does.

    >>> close("thread", ["threads", "numpy"])
    "did you mean 'threads'?"
    """
    from difflib import get_close_matches  # imported here to keep --help fast

    found = get_close_matches(word, list(known), n=1)
    return f"did you mean '{found[0]}'?" if found else None


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the hint for an unknown `word`: the closest valid one, or all of them.

    >>> nearest("thread", ["threads", "numpy"])
    "did you mean 'threads'?"
    """
    names = list(known)
    if found := close(word, names):
        return found
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"choose from {', '.join(names[-_MOST_NAMES:])}{more}"
