"""An answer that is wrong on one scheduler alone fails there, and says what differs."""

import json
from pathlib import Path
from typing import Any

import pytest

from .tool import Tool

pytestmark = pytest.mark.real

SOURCE = """
import multiprocessing

import dask.array as da


def elsewhere(x):
    wrong = x.copy()
    if multiprocessing.parent_process():  # in a worker's process
        wrong[3] *= 1.002
    return wrong


def build():
    return {"n": 1, "x": (da.arange(1000, chunks=100) + 1.0).map_blocks(elsewhere)}


def random():
    return da.random.random(100, chunks=50).sum()
"""


def rows_of(tool: Tool, tmp_path: Path, name: str, *options: str) -> tuple[int, dict[str, Any]]:
    (tmp_path / "own_proof.py").write_text(SOURCE)
    target, out = f"{tmp_path / 'own_proof.py'}:{name}", tmp_path / "out.json"
    where = ("--schedulers", "synchronous,threads,distributed", "--workers", "1")
    done = tool.run("bench", target, *where, "--rounds", "1", *options, "--json", str(out))
    return done.code, {row["scheduler"]: row for row in json.loads(out.read_text())["cases"]}


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("--gather", "answer['x']: 10 of 1,000 values differ, by up to 0.002 relative"),
        ("--keep", "10 of 10 chunks differ: 1 of 1 sums of groups differs"),
    ],
)
def test_an_answer_broken_on_one_scheduler_is_found(
    tool: Tool, tmp_path: Path, option: str, told: str
) -> None:
    code, rows = rows_of(tool, tmp_path, "build", option)
    assert code == 1
    assert rows["synchronous"]["status"] == rows["threads"]["status"] == "ok"
    assert rows["distributed"]["status"] == "invalid"
    assert told in rows["distributed"]["reason"]


def test_a_random_work_is_measured_and_said_to_be_random(tool: Tool, tmp_path: Path) -> None:
    code, rows = rows_of(tool, tmp_path, "random")
    assert code == 0
    assert all(row["status"] == "ok" for row in rows.values())
    assert all("random: answers differ" in row["notes"][0] for row in rows.values())
