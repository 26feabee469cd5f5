"""Write a file whole or not at all, and leave nothing else behind, however this process ends."""

import errno
import os
import secrets
import shutil
from pathlib import Path

from daskbench.cli.streams import write_whole

#: What file systems answer that know no files without a name.
_NO_UNNAMED = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT)
_NO_FSYNC = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)
_MODE = 0o600


def probe(folder: Path) -> None:
    """Make a file in a folder, of which nothing remains; raises OSError if that is impossible."""
    if (descriptor := _unnamed(folder)) is None:
        descriptor, temporary = _named(folder)
        temporary.unlink()
    os.close(descriptor)


def place(real: Path, data: bytes, found: os.stat_result | None) -> None:
    """Write a new file, and put it in place of the one that was `found` there, if any.

    It has no name before it is whole, so that nothing remains even if this process is killed;
    where a file system can't do that, it has another name. Raises OSError, and changes nothing
    then; a file that was not found there is never overwritten.
    """
    if (descriptor := _unnamed(real.parent)) is not None:
        try:
            source = Path(f"/proc/self/fd/{descriptor}")
            _fill_new(descriptor, source, real, data, found)
            if _give_name(source, real, found, descriptor):
                return
        finally:
            os.close(descriptor)
    descriptor, temporary = _named(real.parent)
    try:
        try:
            _fill_new(descriptor, temporary, real, data, found)
        finally:
            os.close(descriptor)
        if found or not _give_name(temporary, real, None):
            temporary.replace(real)
    finally:
        temporary.unlink(missing_ok=True)


def _unnamed(folder: Path) -> int | None:
    """Open a new file without a name in a folder; None if the system has no such files.

    Source: https://man7.org/linux/man-pages/man2/open.2.html, O_TMPFILE
    """
    flag: int | None = getattr(os, "O_TMPFILE", None)
    if flag is None:
        return None
    try:
        return os.open(folder, flag | os.O_WRONLY, _MODE)
    except OSError as error:
        if error.errno in _NO_UNNAMED:
            return None
        raise


def _named(folder: Path) -> tuple[int, Path]:
    """Make an empty file in a folder, of a short name, as that to write may be at the limit."""
    path = _another(folder)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE), path


def _another(folder: Path) -> Path:
    return folder / f".daskbench-{secrets.token_hex(4)}"


def _give_name(
    source: Path, real: Path, found: os.stat_result | None, descriptor: int | None = None
) -> bool:
    """Give a file its name, in place of one that was found; return whether the system can do that.

    A `descriptor`, of whichever file, lets `os.link` follow the link to a file without a name.
    """
    name = _another(real.parent) if found else real
    try:
        os.link(source, name, src_dir_fd=descriptor)
    except FileExistsError:
        raise
    except OSError:
        return False
    if found:
        try:
            name.replace(real)
        except BaseException:
            name.unlink(missing_ok=True)
            raise
    return True


def _fill_new(
    descriptor: int, temporary: Path, real: Path, data: bytes, found: os.stat_result | None
) -> None:
    _take_on(descriptor, temporary, real, found)
    write_whole(descriptor, data)
    _sync(descriptor)


def _take_on(descriptor: int, temporary: Path, real: Path, found: os.stat_result | None) -> None:
    """Give a new file the owner, mode and attributes of the one it replaces."""
    if not found:
        umask = os.umask(0)
        os.umask(umask)
        os.fchmod(descriptor, 0o666 & ~umask)
        return
    made = os.fstat(descriptor)
    if (made.st_uid, made.st_gid) != (found.st_uid, found.st_gid):
        os.fchown(descriptor, found.st_uid, found.st_gid)
    shutil.copystat(real, temporary)


def overwrite(real: Path, data: bytes) -> None:
    """Write into a file that can't be replaced; restore its content if that fails."""
    descriptor = os.open(real, os.O_RDWR)
    try:
        held = real.read_bytes()
        try:
            _fill(descriptor, data)
        except BaseException:
            _fill(descriptor, held)
            raise
    finally:
        os.close(descriptor)


def _fill(descriptor: int, data: bytes) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    write_whole(descriptor, data)
    os.ftruncate(descriptor, len(data))
    _sync(descriptor)


def _sync(descriptor: int) -> None:
    """Wait until it is on disk: some file systems report only then that they are full."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FSYNC:
            raise
