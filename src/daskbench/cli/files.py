"""Files that commands write: checked before anything slow, then written whole or not at all."""

import errno
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import click

from daskbench.cli import placing
from daskbench.cli.say import say
from daskbench.cli.streams import write_whole
from daskbench.errors import UsageError
from daskbench.formats import missing
from daskbench.paths import usable

STDOUT = "-"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
#: How long to wait for the reader of a pipe, and how often to check for it.
_READER_S = 5.0
_LOOK_S = 0.02
#: The first bytes of a journal (`daskbench.events.Header`).
_JOURNAL = b'{"event":"header",'


def check_targets(files: Mapping[str, str | None], *, force: bool) -> None:
    """Check that these files can be written, before anything slow starts; raises UsageError."""
    seen: dict[object, str] = {}
    for what, name in files.items():
        if name is None:
            continue
        if lacks := missing(what):
            raise UsageError(f"{name} {lacks}")
        if name != STDOUT:
            _check(name, force)
        if other := seen.get(one := _identity(name)):
            both = name if name == other else f"{other} and {name} are the same file, which"
            raise UsageError(f"{both} is given for two formats; name a different file for each")
        seen[one] = name


def _identity(name: str) -> object:
    """Return a key that is equal for two names of the same file."""
    if name == STDOUT:
        return STDOUT
    found = _stat(name)
    return (found.st_dev, found.st_ino) if found else os.path.realpath(name)


def _stat(name: str) -> os.stat_result | None:
    """Return the status of a file, following links; None if there is none. Raises UsageError."""
    try:
        return Path(name).stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UsageError(f"cannot write {name}: {error.strerror}") from error


def _check(name: str, force: bool) -> None:
    usable(name)
    found = _stat(name)
    if name.endswith(os.sep) or (found and stat.S_ISDIR(found.st_mode)):
        raise UsageError(f"{name} is a folder; name a file")
    if found is None:
        _check_new(name, force)
    elif stat.S_ISREG(found.st_mode):
        _check_old(name, found, force)
    elif not os.access(name, os.W_OK):
        raise UsageError(f"cannot write {name}: permission denied")


def _check_new(name: str, force: bool) -> None:
    """Check that a file can be created at `name`, or where the link of that name points."""
    path, real = Path(name), Path(os.path.realpath(name))
    if path.is_symlink() and not force:
        raise UsageError(
            f"{name} is a broken link to {path.readlink()}; create that file with --force, or name "
            "another"
        )
    if not real.parent.is_dir():
        raise UsageError(f"cannot write {name}: there is no folder {real.parent}")
    try:
        placing.probe(real.parent)
    except OSError as error:
        raise UsageError(f"cannot write {name}: {_why(error)}") from error


def _check_old(name: str, found: os.stat_result, force: bool) -> None:
    if _is_journal(name):
        raise UsageError(
            f"{name} is the journal of a run and is never overwritten; name another file"
        )
    if stream := _redirected(found):
        stdout = ", or - for stdout" if stream == "stdout" else ""
        raise UsageError(f"{name} is where {stream} is redirected; name another file{stdout}")
    if not force:
        raise UsageError(f"{name} exists; use --force to overwrite it, or name another file")
    try:
        Path(name).open("r+b").close()
    except OSError as error:
        raise UsageError(f"cannot write {name}: {_why(error)}") from error


def _is_journal(name: str) -> bool:
    with suppress(OSError), Path(name).open("rb") as file:
        return file.read(len(_JOURNAL)) == _JOURNAL
    return False


def _redirected(found: os.stat_result) -> str:
    """Return which standard stream is redirected to a file; empty if none is."""
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        with suppress(OSError):
            if os.path.samestat(found, os.fstat(descriptor)):
                return name
    return ""


def _why(error: OSError) -> str:
    return "permission denied" if error.errno == errno.EACCES else str(error.strerror)


def write_text(name: str, text: str, *, force: bool, quiet: bool = False) -> None:
    """Write text as UTF-8, as `write_bytes` does. Raises UsageError."""
    write_bytes(name, text.encode("utf-8", "backslashreplace"), force=force, quiet=quiet)


def write_bytes(name: str, data: bytes, *, force: bool, quiet: bool = False) -> None:
    """Write a file whole or not at all, and name it on stderr; ``-`` is stdout. Raises UsageError.

    A link stays a link, and an existing file keeps its mode and owner. Nothing is said of a pipe or
    device, which may be stderr itself, or if `quiet`.
    """
    if name == STDOUT:
        click.echo(data, nl=False)
        return
    _check(name, force)
    try:
        _write(Path(name), data)
    except OSError as error:
        raise UsageError(f"cannot write {name}: {error.strerror}") from error
    if not quiet and Path(name).is_file():
        say(f"wrote {name}", err=True)


def _write(path: Path, data: bytes) -> None:
    """Write a file in the way that preserves most of an existing one."""
    real, found = Path(os.path.realpath(path)), _stat(str(path))
    if found is None:
        placing.place(real, data, None)
    elif not (stat.S_ISREG(found.st_mode) and real.exists()):  # a pipe, a device
        descriptor = _open_stream(path)
        try:
            write_whole(descriptor, data)
        finally:
            os.close(descriptor)
    elif found.st_nlink > 1:
        placing.overwrite(real, data)
    else:
        try:
            placing.place(real, data, found)
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise
            placing.overwrite(real, data)  # its folder is not writable, or it is a mount point


def _open_stream(path: Path) -> int:
    """Open a pipe or a device; raises TimeoutError for a pipe without a reader.

    A blocking open would hang, and Ctrl-C would not end it while signals are deferred.
    """
    deadline = monotonic() + _READER_S
    while True:
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        except OSError as error:
            if error.errno != errno.ENXIO or not stat.S_ISFIFO(path.stat().st_mode):
                raise
            if monotonic() > deadline:
                raise TimeoutError(errno.ETIMEDOUT, "the pipe has no reader") from error
            sleep(_LOOK_S)
        else:
            os.set_blocking(descriptor, True)
            return descriptor
