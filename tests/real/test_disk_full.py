"""The disk under the journal is full."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from daskbench.journal.read import read_run

from .tool import TINY, Tool, small_disk

pytestmark = pytest.mark.real

PAGE = 4096
PAGES = 16


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB."""
    with small_disk(tmp_path / "disk", PAGES * PAGE) as folder:
        yield folder


def fill(disk: Path, free_pages: int) -> Path:
    """Leave so many pages free."""
    ballast = disk / "ballast"
    ballast.write_bytes(b"x" * ((PAGES - free_pages) * PAGE))
    return ballast


def test_full_in_the_rounds(tool: Tool, disk: Path) -> None:
    ballast = fill(disk, free_pages=5)
    tool.store = disk
    arguments = ("--schedulers", "numpy,threads", "--workers", "2", "--rounds", "200")
    done = tool.run("schedulers", *TINY, *arguments, "--store", "disk")
    assert done.code == 1, done.out + done.err
    errors = done.err.strip().splitlines()
    assert len(errors) == 1
    assert errors[0].startswith("Error: cannot write")
    assert "No space left on device" in errors[0]
    assert "numpy" in done.out
    assert "threads × 2" in done.out
    samples = [case["samples"] for case in tool.results()["cases"]]
    assert min(samples) > 1
    assert sum(samples) == len(tool.measured())
    assert tool.journal.read_bytes().endswith(b"\n")
    assert tool.left_behind() == []

    full = tool.run("resume", "--store", "disk")
    assert full.code in (1, 2)  # 2 where not even the line that it goes on has room
    assert len(full.err.strip().splitlines()) == 1
    assert sum(case["samples"] for case in tool.results()["cases"]) >= sum(samples)

    subprocess.run(["mount", "-o", "remount,size=1m", str(disk)], check=True)
    ballast.unlink()
    resumed = tool.run("resume", "--store", "disk")
    assert resumed.code == 0, resumed.err
    assert [case["samples"] for case in tool.results()["cases"]] == [200, 200]
    assert len(tool.measured()) == 400


@pytest.mark.parametrize("free_pages", [0, 1, 2])
def test_full_at_the_start(tool: Tool, disk: Path, free_pages: int) -> None:
    """No room for the journal's header, or for nothing else."""
    fill(disk, free_pages)
    done = tool.run("schedulers", *TINY, "--schedulers", "numpy", "--store", "disk")
    assert done.code in (1, 2)
    assert "Traceback" not in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert "No space left on device" in done.err
    for journal in disk.glob("*.jsonl"):
        assert read_run(journal).status == "interrupted"
    assert tool.run("list", "--store", "disk").code == 0
