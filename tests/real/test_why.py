"""`--why` on every scheduler: each row has an account that adds up, and names what was put in."""

import json
from pathlib import Path
from typing import Any

import pytest

from daskbench.account import CAUSES

from .tool import Tool

pytestmark = pytest.mark.real

SOURCE = """
from time import sleep

import dask


def nap(before):
    sleep(0.05)
    return before + 1


def chain():
    value, task = 0, dask.delayed(nap, pure=False)
    for _ in range(10):
        value = task(value)
    return value
"""
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
            assert causes["chain"] > 0.4, (name, causes)
    starting = {name: row["starting_core_s"] for name, row in rows.items()}
    assert max(starting, key=starting.__getitem__) == "processes"
