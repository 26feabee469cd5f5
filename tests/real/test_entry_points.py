"""Dask's own command line, and commands where Dask is not there."""

import sys
from pathlib import Path

import pytest

from .cluster import blocking
from .tool import TINY, Tool

pytestmark = pytest.mark.real

DASK = (sys.executable, "-m", "dask")


def test_dask_bench(tool: Tool) -> None:
    helped = tool.run("bench", "--help", command=DASK)
    assert helped.code == 0, helped.err
    assert "schedulers" in helped.out
    assert "Usage: " in helped.out
    listed = tool.run("bench", "list", command=DASK)
    assert listed.code == 0, listed.err


def test_dask_bench_measures(tool: Tool) -> None:
    arguments = (*TINY, "--schedulers", "numpy,threads", "--workers", "2", "--rounds", "3")
    done = tool.run("bench", "schedulers", *arguments, command=DASK)
    assert (done.code, done.err) == (0, "")
    assert "threads × 2" in done.out
    assert tool.read().run_id in tool.run("bench", "list", command=DASK).out
    wrong = tool.run("bench", "shwo", command=DASK)
    assert wrong.code == 2
    assert "did you mean 'show'?" in wrong.err


def test_show_and_export_without_dask(tool: Tool, tmp_path: Path) -> None:
    arguments = (*TINY, "--schedulers", "numpy,threads", "--workers", "2", "--rounds", "3")
    measured = tool.run("schedulers", *arguments)
    assert measured.code == 0, measured.err
    without = blocking(tmp_path / "without", "dask", "distributed")
    absent = tool.run(command=(sys.executable, "-c", "import dask"), environment=without)
    assert "ModuleNotFoundError" in absent.err
    shown = tool.run("show", environment=without)
    assert (shown.code, shown.err) == (0, "")
    assert shown.out == measured.out
    for view in ("csv", "json", "markdown"):
        exported = tool.run("export", "latest", f"--{view}", "-", environment=without)
        assert (exported.code, exported.err) == (0, "")
        assert exported.out == tool.run("export", "latest", f"--{view}", "-").out
    samples = tool.run("export", "--samples", "--csv", "-", environment=without)
    assert (samples.code, samples.err) == (0, "")
    assert tool.run("list", environment=without).code == 0
