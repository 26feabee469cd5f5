"""Any journal, any store: what is damaged is told, and nothing else is stopped by it."""

import errno
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from daskbench.cli import main
from daskbench.errors import ExitCode, JournalError
from daskbench.events import Event, Finished, SuiteFinished
from daskbench.harmless import json
from daskbench.journal.read import read_run
from daskbench.journal.store import Store
from daskbench.journal.write import JournalWriter
from daskbench.model import Plan
from tests.unit.builders import (
    make_accounted,
    make_case,
    make_event,
    make_header,
    make_lane,
    make_plan,
    make_reading,
    make_run,
    make_sample,
    make_suite,
    make_svd_case,
    timed,
    write_journal,
)
from tests.unit.mutations import mutated

MUTATIONS = 120
READING = (
    ("show", "m"),
    ("show", "m", "--format", "markdown"),
    ("export", "m", "--json", "-"),
    ("export", "m", "--samples", "--csv", "-"),
    ("export", "m", "--pyperf", "-"),
    ("compare", "m", "whole"),
    ("list",),
)
CODES = {int(code) for code in ExitCode}


def a_plan() -> Plan:
    svd = make_suite(make_svd_case("numpy"), make_svd_case("threads", 2), name="svd")
    return make_plan(make_suite(make_case("numpy"), make_case(workers=2)), svd)


def whole(folder: Path) -> list[bytes]:
    """Return the lines of a journal that has something of all."""
    events: list[Event] = [
        *(make_lane(case) for case in range(4)),
        *(sample for case in range(4) for sample in timed(case, [0.1, 0.2, 0.15])),
        *(make_accounted(case, computing=0.7, waiting=0.2) for case in (0, 1, 1, 2)),
        make_reading(1.0),
        make_event("paused", 2.0),
        SuiteFinished("suite", 3, "complete"),
    ]
    path = make_run(folder, events, a_plan(), run_id="whole").path
    return path.read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize("seed", range(MUTATIONS))
def test_whatever_is_in_a_journal_no_command_breaks(
    seed: int, runner: CliRunner, here: Path
) -> None:
    (here / "m.jsonl").write_bytes(mutated(whole(here), seed))
    for command in READING:
        done = runner.invoke(main, [*command, "--store", str(here)])
        assert done.exception is None or isinstance(done.exception, SystemExit), command
        assert done.exit_code in CODES
        assert "Traceback" not in done.output
        assert "Warning" not in done.stderr


@pytest.mark.parametrize("extra", [b"", b"\0\n", b"[" * 100_000 + b"\n", b'{"event":"what"}\n'])
@pytest.mark.parametrize("command", READING[:-1])
def test_a_damage_inside_is_told_by_every_command(
    extra: bytes, command: tuple[str, ...], runner: CliRunner, here: Path
) -> None:
    lines = whole(here)
    (here / "m.jsonl").write_bytes(b"".join([*lines[:4], extra or lines[0], *lines[4:]]))
    done = runner.invoke(main, [*command, "--store", str(here)])
    assert done.exit_code == 2
    assert "m.jsonl, line 5: damaged" in done.stderr


@pytest.mark.parametrize(
    ("number", "old", "new", "told"),
    [
        (
            1,
            b'"cores":4',
            b'"cores":4,"cores":5',
            "line 1: not the header of a run (duplicate key 'cores'",
        ),
        (1, b'"command":', b'"seal":"","seal":"","command":', "(duplicate key 'seal')"),
        (2, b'"tasks":', b'"tasks":1,"tasks":', "line 2: damaged (duplicate key 'tasks')"),
        (7, b'"wall_s":', b'"wall_s":9,"wall_s":', "line 7: damaged (duplicate key 'wall_s'"),
        (
            7,
            b'"wall_s":',
            b'"wall_\\u0073":9,"wall_s":',
            "line 7: damaged (duplicate key 'wall_s'",
        ),
        (7, b"}", b',"case":0}', "line 7: damaged (duplicate key 'case')"),
        (7, b"}", b',"figures":{"e1":1,"e2":2,"e1":3}}', "line 7: damaged (duplicate key 'e1'"),
    ],
)
def test_a_key_that_is_there_twice_is_damage(
    number: int, old: bytes, new: bytes, told: str, runner: CliRunner, here: Path
) -> None:
    lines = whole(here)
    before = lines[number - 1]
    lines[number - 1] = before[: (at := before.rindex(old))] + new + before[at + len(old) :]
    (here / "m.jsonl").write_bytes(b"".join(lines))
    for command in (*READING[:-1], ("resume", "m")):
        done = runner.invoke(main, [*command, "--store", str(here)])
        assert done.exit_code == 2
        assert "m.jsonl, line" in done.stderr
        assert told in done.stderr


def test_two_journals_in_one_file_are_told(here: Path) -> None:
    lines = whole(here)
    (here / "m.jsonl").write_bytes(b"".join(lines * 2))
    with pytest.raises(JournalError, match=f"line {len(lines) + 1}: damaged.*second header"):
        read_run(here / "m.jsonl")


def test_what_stands_behind_the_end_is_told(here: Path) -> None:
    events: list[Event] = [Finished("complete", 1.0), make_sample()]
    path = write_journal(here / "m.jsonl", make_header(), events)
    with pytest.raises(JournalError, match=r"line 3: damaged \(it comes after the end"):
        read_run(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"started":"2026-11-23T10:15:00+00:00"', b'"started":"then"'),
        (b'"cores":4', b'"cores":"four"'),
        (b'"cores":4', b'"cores":4,"more":' + b"[" * 30 + b"]" * 30),
        (b'"cores":4', b'"cores":4,"more":' + b"9" * 400),
        (b'"versions":{"dask":"2026.8.0"}', b'"versions":[]'),
        (b'"name":"svd"', b'"name":"suite"'),
    ],
)
def test_a_header_of_no_run_is_told(old: bytes, new: bytes, here: Path) -> None:
    lines = whole(here)
    assert old in lines[0]
    (here / "m.jsonl").write_bytes(b"".join([lines[0].replace(old, new), *lines[1:]]))
    with pytest.raises(JournalError, match="line 1: not the header of a run"):
        read_run(here / "m.jsonl")


def test_json_has_null_where_a_figure_is_not_finite() -> None:
    assert json({"a": [float("nan"), float("-inf"), 1.5]}).split() == [
        *(["{", '"a":', "[", "null,", "null,", "1.5", "]", "}"])
    ]


# Any store


@pytest.fixture
def odd_store(here: Path) -> Path:
    """A store with one run and all that is not one."""
    store = here / "store"
    write_journal(store / "run.jsonl", make_header(run_id="run"), [make_sample()])
    (store / "dangling.jsonl").symlink_to("nowhere")
    (store / "loop.jsonl").symlink_to("loop.jsonl")
    (store / "folder.jsonl").mkdir()
    os.mkfifo(store / "pipe.jsonl")
    (store / "device.jsonl").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("store/socket.jsonl")  # from here, as an address has 107 bytes at most
    (store / ".jsonl").write_bytes(b"")
    (store / "empty.jsonl").write_bytes(b"")
    (store / "line\nend\x1b[31m.jsonl").mkdir()
    return store


def test_odd_entries_stop_no_list(runner: CliRunner, odd_store: Path) -> None:
    done = runner.invoke(main, ["list", "--store", str(odd_store)])
    assert done.exit_code == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["empty", "run"]
    assert len(done.stderr.splitlines()) == 7
    assert "pipe: not a run, but a named pipe" in done.stderr
    assert "\x1b" not in done.stderr


def test_the_latest_is_a_run(runner: CliRunner, odd_store: Path) -> None:
    done = runner.invoke(main, ["show", "--store", str(odd_store)])
    assert done.exit_code == 0
    assert "run run" in done.output


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("dangling", "No such file"),
        ("loop", "symbolic links"),
        ("folder", "it is a folder"),
        ("pipe", "it is a named pipe"),
        ("device", "it is a device"),
        ("socket", "it is a socket"),
        ("empty", "the file is empty"),
        ("x" * 300, "no run"),
        ("x" * 300 + ".jsonl", "File name too long"),
    ],
)
def test_an_odd_entry_that_is_named_costs_a_line(
    name: str, why: str, runner: CliRunner, odd_store: Path
) -> None:
    done = runner.invoke(main, ["show", name, "--store", str(odd_store)])
    assert done.exit_code == 2
    (line,) = [line for line in done.stderr.splitlines() if "Error" in line]
    assert why in line


def test_of_a_link_the_link_is_deleted(runner: CliRunner, odd_store: Path, here: Path) -> None:
    kept = write_journal(here / "elsewhere" / "kept.jsonl", make_header(), [])
    (odd_store / "link.jsonl").symlink_to(kept)
    for name in ("link", "dangling", "pipe"):
        assert runner.invoke(main, ["delete", name, "--store", str(odd_store)]).exit_code == 0
        assert not os.path.lexists(odd_store / f"{name}.jsonl")
    assert kept.exists()
    assert runner.invoke(main, ["delete", "folder", "--store", str(odd_store)]).exit_code == 2


def test_a_store_that_is_no_folder_is_told(runner: CliRunner, here: Path) -> None:
    (here / "file").write_text("")
    with pytest.raises(JournalError, match="cannot read the store"):
        Store(here / "file").find("latest")
    done = runner.invoke(main, ["list", "--store", str(here / "file")])
    assert done.exit_code == 2


# Modes, locks and full disks


def test_a_journal_is_its_owners(here: Path) -> None:
    Store(here / "new").prepare()
    path = write_journal(here / "new" / "run.jsonl", make_header(), [make_sample()])
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    path.chmod(0o640)  # shared on purpose: it stays so
    JournalWriter.reopen(path, path.stat().st_size).close()
    assert path.stat().st_mode & 0o777 == 0o640


def test_where_what_was_half_written_cannot_be_cut_nothing_follows_it(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.EIO, "Input/output error")

    real, path = os.write, here / "run.jsonl"
    with JournalWriter.create(path, make_header()) as journal:
        with monkeypatch.context() as patch:
            patch.setattr(os, "ftruncate", refuse)
            patch.setattr(os, "write", lambda number, data: real(number, data[:9]) and refuse())
            for _ in range(2):
                with pytest.raises(JournalError, match="Input/output error"):
                    journal.append(make_sample())
        assert len(read_run(path).samples[0]) == 0
        journal.append(make_sample())
    assert len(read_run(path).samples[0]) == 1


SHIM = """
#include <errno.h>
int flock(int fd, int how) { errno = NUMBER; return -1; }
#ifdef NEITHER
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>
#include <sys/syscall.h>
int fcntl(int fd, int what, ...) {
    va_list list; va_start(list, what); void *more = va_arg(list, void *); va_end(list);
    if (what == F_SETLK || what == F_SETLKW) { errno = NUMBER; return -1; }
    return syscall(SYS_fcntl, fd, what, more);
}
int fcntl64(int fd, int what, ...) {
    va_list list; va_start(list, what); void *more = va_arg(list, void *); va_end(list);
    if (what == F_SETLK || what == F_SETLKW) { errno = NUMBER; return -1; }
    return syscall(SYS_fcntl, fd, what, more);
}
#endif
"""
TWO_WRITERS = """
import subprocess, sys
from pathlib import Path
from daskbench.errors import JournalError
from daskbench.journal.opening import is_live
from daskbench.journal.write import JournalWriter
from tests.unit.builders import make_header

path = Path(sys.argv[1])
if len(sys.argv) > 2:
    try:
        JournalWriter.reopen(path, path.stat().st_size)
    except JournalError as error:
        print(error)
    print(is_live(path))
else:
    with JournalWriter.create(path, make_header()):
        subprocess.run([sys.executable, *sys.orig_argv[1:], "second"], check=True)
    print(is_live(path), len(list(path.parent.iterdir())))
"""


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")
@pytest.mark.parametrize(
    ("number", "neither"),
    [
        *((number, False) for number in ("ENOSYS", "EOPNOTSUPP", "ENOLCK", "EINVAL")),
        ("ENOSYS", True),
    ],
)
def test_a_file_system_without_flock_has_another_lock(
    number: str, neither: bool, tmp_path: Path
) -> None:
    (tmp_path / "shim.c").write_text(SHIM)
    defined = [f"-DNUMBER={number}", *(["-DNEITHER"] if neither else [])]
    shim = tmp_path / "shim.so"
    subprocess.run(
        ["gcc", "-shared", "-fPIC", *defined, "-o", shim, tmp_path / "shim.c"], check=True
    )
    (tmp_path / "store").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", TWO_WRITERS, tmp_path / "store" / "run.jsonl"],
        env={**os.environ, "LD_PRELOAD": str(shim)},
        capture_output=True,
        text=True,
        check=True,
    )
    told, second, last = done.stdout.splitlines()
    assert "is being measured by another daskbench" in told
    assert (second, last) == ("True", "False 1")
    assert ("run.jsonl.lock" in told) is neither
