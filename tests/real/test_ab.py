"""Two environments in one run: real virtual environments with different releases of Dask."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import dask
import pytest

from tests.real.tool import TINY, Json, Tool

pytestmark = pytest.mark.real

LOOK = f"{Path(__file__).parent / 'looking.py'}:Look"
SATURATION = "distributed.scheduler.worker-saturation"
INTERVAL = "distributed.worker.profile.interval"
ONCE = ("--launches", "1", "--rounds")
#: The oldest on which lanes run.
RELEASE = "2025.1.0"


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of an environment with nothing in it but an older Dask and NumPy."""
    folder = tmp_path_factory.mktemp("venv")
    python = folder / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pinned = (f"dask[array]=={RELEASE}", f"distributed=={RELEASE}")
    command = [str(python), "-m", "pip", "install", "--quiet", *pinned]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"dask {RELEASE} can't be installed: {done.stderr.strip().splitlines()[-1]}")
    return python


def sides(tool: Tool) -> dict[tuple[str, str], Json]:
    """Return the results of the only run by scheduler and side."""
    return {(case["scheduler"], case["side"]): case for case in tool.results()["cases"]}


def seen(tool: Tool) -> list[Json]:
    """Return what the benchmark Look noted of each case."""
    notes: list[Json] = [json.loads(case["notes"][-1]) for case in tool.results()["cases"]]
    return notes


def test_two_releases_of_dask_are_measured_in_the_same_rounds(tool: Tool, other: Path) -> None:
    """Both sides have the same code of ours: neither the other's, which has none, nor our own."""
    pythons = ("--python", sys.executable, "--python", str(other))
    where = ("--schedulers", "threads,distributed", "--workers", "2", *ONCE, "3")
    done = tool.run("ab", *pythons, "--benchmark", LOOK, *where)
    assert done.code == 0, done.err
    cases = sides(tool)
    releases = {"A": dask.__version__, "B": RELEASE}
    for (_, side), case in cases.items():
        assert case["versions"]["dask"] == releases[side]
        assert case["versions"].get("distributed", releases[side]) == releases[side]
        assert (case["status"], case["samples"], case["invalid_samples"]) == ("ok", 3, 0)
    for scheduler in ("threads", "distributed"):
        assert cases[scheduler, "A"]["ratio"] == 1
        assert cases[scheduler, "B"]["ratio"] > 0
        assert cases[scheduler, "B"]["baseline"] == f"A: {scheduler} × 2"
    assert "A: dask {A}, distributed {A}".format(**releases) in done.err
    assert "dask {B}, distributed {B}".format(**releases) in done.said
    by_round = [sample["round"] for sample in tool.measured()]
    assert by_round == [1] * 4 + [2] * 4 + [3] * 4
    (code,) = {one["code"] for one in seen(tool)}
    assert Path(code).parts[-3:] == ("bundle", "daskbench", "__init__.py")
    tool.wait_until_nothing_is_left()


def test_a_release_that_changed_is_not_resumed(tool: Tool, other: Path) -> None:
    """The interpreter is asked again: here another stands where the old one was."""
    link = tool.folder / "python"
    link.write_text(f'#!/bin/sh\nexec {other} "$@"\n')
    link.chmod(0o755)
    where = ("--schedulers", "threads", *ONCE, "2000", *TINY)
    running = tool.start("ab", "--python", str(link), *where)
    tool.wait_for_samples(4)
    running.signal(signal.SIGINT)
    assert running.wait().code == 130
    link.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    done = tool.run("resume")
    assert done.code == 2
    assert f"dask of B was {RELEASE}, is {dask.__version__}" in done.err


def test_configuration_and_variables_of_a_side_reach_scheduler_and_workers(tool: Tool) -> None:
    """Those variables that daskbench sets itself too: a side's own goes before."""
    done = tool.run(
        *("ab", "--benchmark", LOOK, *ONCE, "1", "--schedulers", "processes,distributed"),
        *("--config-a", f"{SATURATION}=1.1", "--config-a", f"{INTERVAL}=33ms"),
        *("--config-b", f"{SATURATION}=inf"),
        *("--workers", "1", "--env-a", "MARK=a", "--env-b", "OMP_NUM_THREADS=2"),
        *("--env-b", "OPENBLAS_NUM_THREADS=2", "--env-b", "MKL_NUM_THREADS=2"),
    )
    assert done.code == 0, done.err
    assert [one["mark"] for one in seen(tool)] == ["a", None, "a", None]
    a, b = seen(tool)[2:]
    assert (a["saturation"], b["saturation"]) == ("1.1", "inf")
    assert (a["interval"], b["interval"]) == ("33ms", "10ms")
    if (os.cpu_count() or 1) > 1:
        threads = [case["blas"][0]["threads"] for case in tool.results()["cases"]]
        assert threads == [1, 2, 1, 2]


def test_a_killed_run_of_two_sides_leaves_no_bundle_and_is_resumed_in_both(tool: Tool) -> None:
    command = ("--schedulers", "threads", "--env-a", "MARK=a", *ONCE, "40")
    running = tool.start("ab", "--benchmark", LOOK, *command)
    tool.wait_for_samples(4)
    assert [*tool.temporary.glob("daskbench-*/bundle")]
    running.signal(signal.SIGKILL)
    running.process.wait()
    tool.wait_until_nothing_is_left()
    assert len(tool.measured()) < 80
    done = tool.run("resume")
    assert done.code == 0, done.err
    assert [case["samples"] for case in tool.results()["cases"]] == [40, 40]
    assert [one["mark"] for one in seen(tool)] == ["a", None]
    tool.wait_until_nothing_is_left()


def test_an_interpreter_without_dask_is_refused_before_anything_starts(tool: Tool) -> None:
    bare = tool.folder / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    done = tool.run("ab", "--python", str(bare / "bin" / "python"))
    assert done.code == 2
    assert "has no numpy; try" in done.err
    assert not tool.journals
    shutil.rmtree(bare)
