"""stdout and stderr as streams that never end a command."""

import errno
import io
import os
import pty
import sys
import threading

import click
import pytest
from click.exceptions import Exit

from daskbench.cli import streams
from daskbench.cli.streams import Outlet, accounted, lost, prepare, write_whole
from daskbench.errors import ExitCode


def behind(monkeypatch: pytest.MonkeyPatch, descriptor: int) -> None:
    """Put a stream of ours over a descriptor."""
    buffer = io.BufferedWriter(Outlet(descriptor))  # type: ignore[type-var]
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(buffer, "utf-8"))


def test_a_short_write_goes_on_and_a_full_one_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[bytes] = []

    def write(descriptor: int, data: memoryview) -> int:
        if len(taken) == 3:
            raise OSError(errno.ENOSPC, "full")
        taken.append(bytes(data[:2]))
        return len(taken[-1])

    monkeypatch.setattr(os, "write", write)
    write_whole(1, b"abcde")
    assert taken == [b"ab", b"cd", b"e"]
    with pytest.raises(OSError, match="full"):
        write_whole(1, b"f")


def test_a_pipe_that_is_non_blocking_is_waited_for() -> None:
    read, write = os.pipe()
    os.set_blocking(write, False)
    with os.fdopen(read, "rb") as reader:
        writer = threading.Thread(target=lambda: write_whole(write, b"x" * 300_000))
        writer.start()
        assert len(reader.read(300_000)) == 300_000
        writer.join()
    os.close(write)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (errno.ENOSPC, "cannot write to stdout: No space left on device"),
        (errno.EBADF, "cannot write to stdout: Bad file descriptor"),
        (errno.EPIPE, ""),
    ],
)
def test_what_is_lost_is_told_once(monkeypatch: pytest.MonkeyPatch, error: int, said: str) -> None:
    def write(descriptor: int, data: memoryview) -> int:
        raise OSError(error, os.strerror(error))

    behind(monkeypatch, 1)
    assert lost() is None
    monkeypatch.setattr(os, "write", write)
    click.echo("a")
    click.echo(b"b")
    assert lost() == said
    assert not lost()


def said_in_full(code: int | None) -> None:
    """Say something, and end as a command does."""
    with accounted():
        click.echo("a")
        if code is not None:
            raise Exit(code)


@pytest.mark.parametrize("code", [None, 0, 1, 3])
def test_a_code_that_says_more_stands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: int | None
) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        behind(monkeypatch, full.fileno())
        with pytest.raises(Exit) as raised:
            said_in_full(code)
    assert raised.value.exit_code == (code or ExitCode.USAGE)
    assert capsys.readouterr().err == "Error: cannot write to stdout: No space left on device\n"


@pytest.mark.parametrize("name", ["COLUMNS", "LINES"])
@pytest.mark.parametrize("value", ["0", "-5", "abc", "²", "1e3", "999999999", "9" * 5000, ""])
def test_sizes_that_no_terminal_has_are_forgotten(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    prepare()
    assert os.environ.get(name, "") == ""
    monkeypatch.setenv(name, "132")
    prepare()
    assert os.environ[name] == "132"


def test_a_terminal_in_ascii_keeps_it() -> None:
    ours, its = pty.openpty()
    try:
        with open(its, "w", encoding="ascii", closefd=False) as before:
            stream = streams._stream(2, before)
        assert stream.encoding == "ascii"
        assert stream.errors == "backslashreplace"
    finally:
        os.close(ours)
        os.close(its)


def test_an_ascii_stdout_gets_utf_8_and_others_what_they_can_show() -> None:
    for encoding, shown in (("ascii", "é█\\udcff"), ("latin-1", "é\\u2588\\udcff")):
        with open(os.devnull, "w", encoding=encoding) as before:  # noqa: PTH123
            stream = streams._stream(2, before)
        data = "é█\udcff".encode(stream.encoding, stream.errors or "")
        assert data.decode(stream.encoding) == shown


def test_an_encoding_that_is_asked_for_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    with open(os.devnull, "w", encoding="ascii") as before:  # noqa: PTH123
        monkeypatch.setenv("PYTHONIOENCODING", "ascii")
        assert streams._stream(2, before).encoding == "ascii"
        monkeypatch.delenv("PYTHONIOENCODING")
        assert streams._stream(2, before).encoding == "utf-8"
