"""Replacements for stdout and stderr whose failures never end a command.

If stdout is closed, full or gone, further output is dropped and the command goes on to write its
files. The loss is reported at the end and changes the exit code, as in the GNU coreutils. Only a
pipe closed by its reader is not an error: ``daskbench show | head -1`` is legitimate.
"""

import codecs
import errno
import io
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from click.exceptions import Exit

from daskbench.cli.say import say
from daskbench.errors import ExitCode

_QUIET = (errno.EPIPE, errno.ECONNRESET)
_MOST_COLUMNS = 2000
_CLOSED = -1


class Outlet(io.RawIOBase):
    """A descriptor that writes everything, or remembers the error and drops the rest."""

    error: OSError | None = None

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return os.isatty(self._descriptor)

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: "bytes | memoryview") -> int:  # type: ignore[override]
        """Write all of it, however many calls that takes."""
        if not self.error:
            try:
                write_whole(self._descriptor, data)
            except OSError as error:
                self.error = error
        return len(data)


def write_whole(descriptor: int, data: "bytes | memoryview") -> None:
    """Write all of it, in as many calls as the system needs; raises OSError."""
    left = memoryview(data)
    while left:
        try:
            left = left[os.write(descriptor, left) :]
        except BlockingIOError:  # another process made the pipe or terminal non-blocking
            select.select([], [descriptor], [])


def prepare() -> None:
    """Replace stdout and stderr by such streams, unless they were already replaced."""
    _occupy()
    _forget_absurd_sizes()
    if sys.stdout is sys.__stdout__ and not _outlet():
        sys.stdout = _stream(1, sys.stdout)
    if sys.stderr is sys.__stderr__ and not isinstance(_raw(sys.stderr), Outlet):
        sys.stderr = _stream(2, sys.stderr)


def _stream(descriptor: int, before: io.TextIOBase | None) -> io.TextIOWrapper:
    """Return the stream for a descriptor; `before` is None if it was closed from the start.

    An ASCII locale is assumed to be unset by mistake, as in Click, and gets UTF-8; but Python turns
    such a locale into UTF-8 itself, so that of a terminal in ASCII was meant, as is that of
    PYTHONIOENCODING.
    """
    encoding = getattr(before, "encoding", None) or "utf-8"
    is_terminal = before is not None and not before.closed and before.isatty()
    is_meant = is_terminal or bool(os.environ.get("PYTHONIOENCODING"))
    if codecs.lookup(encoding).name == "ascii" and not is_meant:
        encoding = "utf-8"
    outlet = Outlet(_CLOSED if before is None else descriptor)
    buffer = io.BufferedWriter(outlet)  # type: ignore[type-var]
    return io.TextIOWrapper(buffer, encoding, "backslashreplace", line_buffering=True)


def _occupy() -> None:
    """Open the null device for each closed standard descriptor, or a journal would get it."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def _forget_absurd_sizes() -> None:
    """Unset impossible terminal sizes, as other libraries read them too."""
    for name in ("COLUMNS", "LINES"):
        text = os.environ.get(name, "")
        digits = text.isascii() and text.isdecimal() and len(text) < 10
        if text and not (digits and 0 < int(text) <= _MOST_COLUMNS):
            del os.environ[name]


def _raw(stream: object) -> object:
    return getattr(getattr(stream, "buffer", None), "raw", None)


def _outlet() -> Outlet | None:
    raw = _raw(sys.stdout)
    return raw if isinstance(raw, Outlet) else None


def lost() -> str | None:
    """Return once why stdout lost output; an empty text if its reader closed the pipe."""
    outlet = _outlet()
    if not outlet:
        return None
    sys.stdout.flush()
    if not outlet.error:
        return None
    told, outlet.error = outlet.error, OSError(errno.EPIPE, "told already")
    return "" if told.errno in _QUIET else f"cannot write to stdout: {told.strerror}"


@contextmanager
def accounted() -> Iterator[None]:
    """Report at the end of a command that stdout lost output; its exit code is then not 0."""
    try:
        yield
    except Exit as done:
        raise Exit(_code(done.exit_code)) from None
    if code := _code(ExitCode.OK):
        raise Exit(code)


def _code(code: int) -> int:
    if why := lost():
        say(f"Error: {why}", err=True)
        return code or ExitCode.USAGE
    return code
