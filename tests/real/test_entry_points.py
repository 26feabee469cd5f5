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
    wrong = tool.run("bench", "shwo", command=DASK)
    assert wrong.code == 2
    assert "did you mean 'show'?" in wrong.err


def test_dask_bench_measures_and_what_it_measured_is_shown_without_dask(
    tool: Tool, tmp_path: Path
) -> None:
    arguments = (*TINY, "--schedulers", "numpy,threads", "--workers", "2", "--rounds", "3")
    measured = tool.run("bench", "schedulers", *arguments, command=DASK)
    assert (measured.code, measured.err) == (0, "")
    assert "threads × 2" in measured.out
    assert tool.read().run_id in tool.run("bench", "list", command=DASK).out

    without = blocking(tmp_path / "without", "dask", "distributed")
    absent = tool.run(command=(sys.executable, "-c", "import dask"), environment=without)
    assert "ModuleNotFoundError" in absent.err
    shown = tool.run("show", environment=without)
    assert (shown.code, shown.err) == (0, "")
    assert shown.out == measured.out
    views = ("--csv", "-", "--json", "out.json", "--markdown", "out.md", "--force")
    made = []
    for environment in (without, None):
        exported = tool.run("export", "latest", *views, environment=environment)
        assert (exported.code, exported.complaints) == (0, [])
        files = [(tool.folder / name).read_text() for name in ("out.json", "out.md")]
        made.append([exported.out, *files])
    assert made[0] == made[1]
    samples = tool.run("export", "--samples", "--csv", "-", environment=without)
    assert (samples.code, samples.err) == (0, "")
    assert tool.run("list", environment=without).code == 0
