"""`--why` on every scheduler: each row has an account that adds up, and names what was put in."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from daskbench.account import CAUSES

from .cgroup import nested
from .tool import Tool

pytestmark = pytest.mark.real

SOURCE = """
import hashlib
import os
from time import sleep, thread_time

import dask


def nap(before):
    sleep(0.05)
    return before + bytes(100_000)


def chain():
    value, task = b"", dask.delayed(nap, pure=False)
    for _ in range(10):
        value = task(value)
    return value


def count(seconds):
    end = thread_time() + seconds
    while thread_time() < end:
        pass
    return 0


def digest(seconds):
    end, block = thread_time() + seconds, bytes(1 << 20)
    while thread_time() < end:
        hashlib.sha256(block)
    return 0


def many(function, *given):
    task = dask.delayed(function, pure=False)
    return [task(*given) for _ in range(10)]


def napping():
    return many(nap, b"")


def counting():
    return many(count, 0.05)


def digesting():
    return many(digest, 0.05)


def end_if_watched():
    from dask import local
    if local.execute_task.__module__ != "dask.local":
        os.kill(os.getpid(), 9)
    return 0


def ending():
    return many(end_if_watched)
"""
#: A group may use this part of a core, in microseconds of 100 ms: so little that other programs are
#: not what keeps it from more.
QUOTA = {1: ("cpu.cfs_quota_us", 30_000), 2: ("cpu.max", 30_000)}
#: A machine with other work on it delays what no instrument marks.
_REST = 0.1


def test_every_scheduler_accounts_for_its_time(tool: Tool, tmp_path: Path) -> None:
    (tmp_path / "own_chain.py").write_text(SOURCE)
    out = tmp_path / "out.json"
    where = ("--schedulers", "synchronous,threads,processes,processes-warm,distributed")
    done = tool.run(
        *("bench", f"{tmp_path / 'own_chain.py'}:chain", *where, "--workers", "2", "--rounds", "1"),
        *("--why", "--json", str(out)),
    )
    assert done.code == 0, done.err
    assert "core-seconds by cause" in done.out
    rows: dict[str, Any] = {row["scheduler"]: row for row in json.loads(out.read_text())["cases"]}
    assert len(rows) == 5
    for name, row in rows.items():
        causes = {cause: row[f"{cause}_core_s"] for cause in CAUSES}
        assert row["accounts"] == 3, name
        assert row["samples"] == 1, "they count in no other figure"
        assert abs(row["unexplained_core_s"]) < _REST * row["whole_core_s"], (name, causes)
        assert causes["waiting"] > 0.4, (name, causes)
        if name != "synchronous":
            assert causes["critical"] > 0.4, (name, causes)
        if name in ("processes", "processes-warm", "distributed"):
            assert row["moved_between_bytes"] >= 1_000_000, "at least the result goes to the client"
    starting = {name: row["starting_core_s"] for name, row in rows.items()}
    assert max(starting, key=starting.__getitem__) == "processes"


def row_of(tool: Tool, name: str, command: tuple[str, ...] = ()) -> dict[str, Any]:
    """The row of a function on two threads, with its account, and what is said of it."""
    file, out = tool.folder / "own_chain.py", tool.folder / "out.json"
    file.write_text(SOURCE)
    done = tool.run(
        *("bench", f"{file}:{name}", "--schedulers", "threads", "--workers", "2"),
        *("--rounds", "1", "--why", "--explain", "--json", str(out), "--force"),
        command=(*command, sys.executable, "-m", "daskbench"),
    )
    assert done.code == 0, done.err
    rows: list[dict[str, Any]] = json.loads(out.read_text())["cases"]
    return rows[0] | {"said": done.said}


def test_waiting_for_the_gil_is_told_from_other_waiting(tool: Tool) -> None:
    pytest.importorskip("gilknocker")
    held, free = (row_of(tool, name) for name in ("counting", "napping"))
    assert held["gil_core_s"] > 0.5 * held["waiting_core_s"] > 0.05
    assert "the GIL was held for most of that time" in held["said"]
    assert free["gil_core_s"] < 0.5 * free["waiting_core_s"]
    assert "not for the GIL" in free["said"]


def test_a_quota_of_a_control_group_is_told(tool: Tool) -> None:
    with nested("cpu", QUOTA) as inside:
        row = row_of(tool, "digesting", inside)
    causes = {cause: row[f"{cause}_core_s"] for cause in CAUSES if cause != "computing"}
    assert max(causes, key=causes.__getitem__) == "cores", causes
    assert row["throttled_s"] > 0
    assert "a control group limits CPU time: raise its quota" in row["said"], (
        row["throttled_s"],
        causes,
    )


def test_show_says_later_why_there_is_no_account(tool: Tool) -> None:
    row = row_of(tool, "ending")
    assert (row["status"], row["samples"]) == ("ok", 1)
    why = row["no_account"]["reason"]
    assert f"no account, as it failed: {why}" in row["said"]
    assert f"no account, as it failed: {why}" in tool.run("show", "--explain").said
    assert f"no account: {why}" in tool.run("show", "--failures").said
