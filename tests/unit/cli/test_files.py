"""Files that commands write: what is refused before anything slow, and what is kept."""

import errno
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daskbench.cli import files, placing
from daskbench.cli.files import check_targets, write_bytes
from daskbench.errors import UsageError

OLD, NEW = b"what was there", b"new"


@pytest.fixture
def old(here: Path) -> Path:
    """A file that is there."""
    (here / "old").write_bytes(OLD)
    return here / "old"


@pytest.fixture(params=["_unnamed", "_named"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How a new file is made: without a name, or where a system can't do that, with another."""
    way: str = request.param
    if way == "_named":
        monkeypatch.setattr(placing, "_unnamed", lambda folder: None)
    elif placing._unnamed(Path(tempfile.gettempdir())) is None:
        pytest.skip("this system has no files without a name")
    return way


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refusing(error: int) -> Callable[..., Any]:
    """Return a call of the system that fails in this way."""

    def call(*_: object, **__: object) -> Any:
        raise OSError(error, os.strerror(error))

    return call


# What is refused


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("folder", "is a folder"),
        ("new/", "is a folder"),
        ("old", "old exists; use --force to overwrite it"),
        ("nowhere/a.csv", "cannot write nowhere/a.csv: there is no folder .*nowhere"),
        ("old/a.csv", "cannot write old/a.csv: there is no folder .*old"),
        ("dangling", "dangling is a broken link to gone; create that file with --force"),
        ("loop", "cannot write loop: Too many levels of symbolic links"),
        ("/proc/a.csv", "cannot write /proc/a.csv: "),
        ("n" * 256, "File name too long"),
        ("n/" * 2500, "File name too long"),
        ("a\0b", r"'a\\x00b' contains NUL"),
        ("", "can't be empty"),
    ],
)
def test_what_cannot_be_written_is_refused(old: Path, name: str, why: str) -> None:
    (old.parent / "folder").mkdir()
    (old.parent / "dangling").symlink_to("gone")
    (old.parent / "loop").symlink_to("loop")
    before = names_in(old.parent)
    with pytest.raises(UsageError, match=why):
        check_targets({"csv": name}, force=False)
    assert names_in(old.parent) == before


@pytest.mark.parametrize("other", ["./old", "link", "hard", "new/../old"])
def test_one_file_by_two_names_is_found(old: Path, other: str) -> None:
    (old.parent / "new").mkdir()
    (old.parent / "link").symlink_to("old")
    (old.parent / "hard").hardlink_to(old)
    with pytest.raises(UsageError, match="are the same file"):
        check_targets({"csv": "old", "json": other}, force=True)


def test_one_new_file_by_two_names_is_found(here: Path) -> None:
    with pytest.raises(UsageError, match=r"a and \./a are the same file"):
        check_targets({"csv": "a", "json": "./a"}, force=False)
    with pytest.raises(UsageError, match="- is given for two formats"):
        check_targets({"csv": "-", "json": "-"}, force=False)


def test_where_nothing_can_be_made_is_found_before_measuring(
    here: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(placing, way, refusing(errno.EROFS))
    with pytest.raises(UsageError, match=r"cannot write .*a\.csv: Read-only file system"):
        check_targets({"csv": "a.csv"}, force=False)


def test_a_working_folder_that_is_gone_is_told(here: Path) -> None:
    here.rmdir()
    with pytest.raises(UsageError, match="the working directory is gone"):
        check_targets({"csv": "a.csv"}, force=False)


# How it is written


def test_a_new_file_has_the_mode_that_the_umask_says(here: Path) -> None:
    write_bytes("a", NEW, force=False)
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE((here / "a").stat().st_mode) == 0o666 & ~umask
    assert names_in(here) == ["a"]


def test_a_name_may_be_as_long_as_names_can_be(here: Path) -> None:
    write_bytes("n" * 255, NEW, force=False)
    assert names_in(here) == ["n" * 255]


def test_a_file_keeps_its_mode_and_is_replaced_whole(old: Path) -> None:
    old.chmod(0o600)
    before = old.stat().st_ino
    write_bytes("old", NEW, force=True)
    assert old.read_bytes() == NEW
    assert stat.S_IMODE(old.stat().st_mode) == 0o600
    assert old.stat().st_ino != before


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_a_link(old: Path, there: bool) -> None:
    (link := old.parent / "link").symlink_to("old")
    if not there:
        old.unlink()
    write_bytes("link", NEW, force=True)
    assert link.is_symlink()
    assert old.read_bytes() == NEW


def test_a_file_of_several_names_keeps_them(old: Path) -> None:
    (old.parent / "hard").hardlink_to(old)
    write_bytes("old", NEW, force=True)
    assert (old.parent / "hard").read_bytes() == NEW


@pytest.mark.parametrize("error", [errno.EBUSY, errno.EACCES, errno.EPERM, errno.EXDEV])
def test_what_cannot_be_replaced_is_written_in_place(
    old: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    monkeypatch.setattr(Path, "replace", refusing(error))
    write_bytes("old", NEW, force=True)
    assert old.read_bytes() == NEW
    assert names_in(old.parent) == ["old"]


@pytest.mark.parametrize("is_folder", [True, False])
def test_a_folder_or_an_owner_that_is_not_ours_is_no_hindrance(
    old: Path, monkeypatch: pytest.MonkeyPatch, way: str, is_folder: bool
) -> None:
    monkeypatch.setattr(placing, way if is_folder else "_take_on", refusing(errno.EPERM))
    write_bytes("old", NEW, force=True)
    assert old.read_bytes() == NEW
    assert names_in(old.parent) == ["old"]


def test_a_full_disk_leaves_what_was_there(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placing, "write_whole", refusing(errno.ENOSPC))
    for name in ("old", "new"):
        with pytest.raises(UsageError, match=f"cannot write {name}: No space left on device"):
            write_bytes(name, NEW, force=True)
    assert old.read_bytes() == OLD
    assert names_in(old.parent) == ["old"]


def test_in_place_too_a_failure_gives_back_what_was_there(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (old.parent / "hard").hardlink_to(old)
    calls: list[int] = []

    def half(descriptor: int, data: bytes) -> None:
        calls.append(os.write(descriptor, data[: len(data) if calls else 2]))
        if len(calls) == 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(placing, "write_whole", half)
    with pytest.raises(UsageError, match="No space left on device"):
        write_bytes("old", NEW, force=True)
    assert old.read_bytes() == OLD


def test_a_file_that_came_meanwhile_is_kept(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placing, "_sync", lambda descriptor: (here / "new").write_bytes(OLD))
    with pytest.raises(UsageError, match="cannot write new: File exists"):
        write_bytes("new", NEW, force=False)
    assert (here / "new").read_bytes() == OLD
    assert names_in(here) == ["new"]


@pytest.mark.parametrize("error", [errno.EPERM, errno.ENOENT, errno.EOPNOTSUPP])
def test_where_there_are_no_links_files_are_renamed(
    old: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    monkeypatch.setattr(os, "link", refusing(error))
    for name in ("old", "new"):
        write_bytes(name, NEW, force=True)
        assert (old.parent / name).read_bytes() == NEW
    assert names_in(old.parent) == ["new", "old"]


_KILLED = """
import os, signal, sys
from daskbench.cli import files, placing
placing._sync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)
files.write_bytes(sys.argv[1], b"new", force=True)
"""


@pytest.mark.parametrize("way", ["_unnamed"], indirect=True)
def test_a_process_that_is_killed_leaves_nothing_beside_a_file(old: Path) -> None:
    for name in ("old", "new"):
        done = subprocess.run([sys.executable, "-c", _KILLED, name], check=False)
        assert done.returncode == -signal.SIGKILL
    assert old.read_bytes() == OLD
    assert names_in(old.parent) == ["old"]


def test_a_pipe_and_a_device_are_written_into(here: Path) -> None:
    os.mkfifo("pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((here / "pipe").read_bytes()))
    reader.start()
    write_bytes("pipe", NEW, force=False)
    reader.join()
    assert read == [NEW]
    check_targets({"csv": "/dev/null"}, force=False)
    with pytest.raises(UsageError, match="cannot write /dev/full: No space left on device"):
        write_bytes("/dev/full", NEW, force=False)


def test_a_pipe_that_nobody_reads_is_not_waited_for(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_READER_S", 0.0)
    os.mkfifo(here / "pipe")
    with pytest.raises(UsageError, match="cannot write pipe: the pipe has no reader"):
        write_bytes("pipe", NEW, force=False)


def test_a_journal_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b'{"event":"header","schema":3}\n')
    with pytest.raises(UsageError, match="is the journal of a run"):
        check_targets({"csv": str(path)}, force=True)


@pytest.mark.parametrize("force", [True, False])
@pytest.mark.parametrize(
    ("descriptor", "why"),
    [
        (1, "stdout is redirected; name another file, or - for stdout$"),
        (2, "stderr is redirected; name another file$"),
    ],
)
def test_what_a_stream_goes_into_is_not_replaced(
    old: Path, monkeypatch: pytest.MonkeyPatch, descriptor: int, why: str, force: bool
) -> None:
    fstat = os.fstat
    monkeypatch.setattr(os, "fstat", lambda d: old.stat() if d == descriptor else fstat(d))
    with pytest.raises(UsageError, match=f"old is where {why}"):
        check_targets({"csv": "old"}, force=force)


# What is said of it


@pytest.mark.parametrize("name", ["a.csv", "a b.csv", "folder/../a.csv"])
def test_a_file_that_was_written_is_named_on_stderr(
    here: Path, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    (here / "folder").mkdir()
    write_bytes(name, NEW, force=False)
    assert capfd.readouterr() == ("", f"wrote {name}\n")


def test_a_hostile_name_is_one_harmless_line(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_bytes("a\x1b[31m\nwrote b\u202e", NEW, force=False)
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.rstrip("\n").isprintable()


@pytest.mark.parametrize("name", ["-", "/dev/null"])
def test_nothing_is_said_of_stdout_or_a_device(
    here: Path, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    write_bytes(name, NEW, force=True)
    assert "wrote" not in "".join(capfd.readouterr())


def test_nothing_is_said_if_that_is_not_wanted_or_the_file_was_not_written(
    old: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bytes("new", NEW, force=False, quiet=True)
    monkeypatch.setattr(placing, "write_whole", refusing(errno.ENOSPC))
    with pytest.raises(UsageError):
        write_bytes("old", NEW, force=True)
    assert capfd.readouterr() == ("", "")
