"""A Python built for free threading beside the usual one: its tasks run without the GIL."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.real.tool import Tool

pytestmark = pytest.mark.real

#: Interpreters of which one must be on PATH, or named by this variable.
NAMES = ("python3.14t", "python3.13t")
NAMED = "DASKBENCH_FREE_THREADED_PYTHON"


@pytest.fixture(scope="session")
def free(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of an environment with Dask, on a Python without the GIL."""
    found = os.environ.get(NAMED) or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.skip(f"there is no {' or '.join(NAMES)} here; {NAMED} may name one")
    folder = tmp_path_factory.mktemp("free")
    subprocess.run([found, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    command = [str(python), "-m", "pip", "install", "--quiet", "dask[array]"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"Dask can't be installed there: {done.stderr.strip().splitlines()[-1]}")
    return python


def test_its_version_and_its_lanes_say_that_there_is_no_gil(tool: Tool, free: Path) -> None:
    size = ("--n", "1000", "--tasks", "20", "--rng", "generator")
    where = ("--schedulers", "threads", "--workers", "2", "--launches", "1", "--rounds", "3")
    done = tool.run("ab", "--python", str(free), *size, *where)
    assert done.code == 0, done.err
    usual, threaded = tool.results()["cases"]
    assert not usual["versions"]["python"].endswith("t")
    assert threaded["versions"]["python"].endswith("t")
    assert (threaded["status"], threaded["invalid_samples"]) == ("ok", 0)
    b = next(lane for lane in tool.events("lane") if lane["case"] == 1)
    assert b["identity"]["switches"]["free threading"] == "on"
    assert f"python {threaded['versions']['python']}" in done.said
    tool.wait_until_nothing_is_left()
