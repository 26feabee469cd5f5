"""Two environments in one run: real virtual environments with different releases of Dask."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.tool import TINY, Json, Tool, wait_for

pytestmark = pytest.mark.real

LOOK = f"{Path(__file__).parent / 'looking.py'}:Look"
SATURATION = "distributed.scheduler.worker-saturation"
INTERVAL = "distributed.worker.profile.interval"
ONCE = ("--launches", "1", "--rounds")
RELEASES = ("2025.1.0", "2025.7.0")


@pytest.fixture(scope="session")
def venvs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return the interpreters of two environments with nothing in them but Dask and NumPy."""
    return [_make_venv(tmp_path_factory.mktemp("venv"), release) for release in RELEASES]


def _make_venv(folder: Path, release: str) -> Path:
    python = folder / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pinned = (f"dask[array]=={release}", f"distributed=={release}")
    command = [str(python), "-m", "pip", "install", "--quiet", *pinned]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"dask {release} can't be installed: {done.stderr.strip().splitlines()[-1]}")
    return python


def pythons(venvs: list[Path]) -> list[str]:
    return [word for python in venvs for word in ("--python", str(python))]


def sides(tool: Tool) -> dict[tuple[str, str], Json]:
    """Return the results of the only run by scheduler and side."""
    return {(case["scheduler"], case["side"]): case for case in tool.results()["cases"]}


def seen(tool: Tool) -> list[Json]:
    """Return what the benchmark Look noted of each case."""
    notes: list[Json] = [json.loads(case["notes"][-1]) for case in tool.results()["cases"]]
    return notes


def test_two_releases_of_dask_are_measured_in_the_same_rounds(
    tool: Tool, venvs: list[Path]
) -> None:
    where = ("--schedulers", "threads,distributed", "--workers", "2", *ONCE, "3")
    done = tool.run("ab", *pythons(venvs), *where, *TINY)
    assert done.code == 0, done.err
    cases = sides(tool)
    for (_, side), case in cases.items():
        release = RELEASES["AB".index(side)]
        assert case["versions"]["dask"] == release
        assert case["versions"].get("distributed", release) == release
        assert (case["status"], case["samples"], case["invalid_samples"]) == ("ok", 3, 0)
    for scheduler in ("threads", "distributed"):
        assert cases[scheduler, "A"]["ratio"] == 1
        assert cases[scheduler, "B"]["ratio"] > 0
        assert cases[scheduler, "B"]["baseline"] == f"A: {scheduler} × 2"
    assert f"A: dask {RELEASES[0]}, distributed {RELEASES[0]}" in done.err
    assert f"dask {RELEASES[1]}, distributed {RELEASES[1]}" in done.said
    by_round = [sample["round"] for sample in tool.measured()]
    assert by_round == [1] * 4 + [2] * 4 + [3] * 4
    tool.wait_until_nothing_is_left()


def test_a_users_own_benchmark_and_our_code_travel(tool: Tool, venvs: list[Path]) -> None:
    """Both sides have the same code of ours: neither the other's, which has none, nor our own."""
    done = tool.run("ab", *pythons(venvs[:1]), "--benchmark", LOOK, *ONCE, "1")
    assert done.code == 0, done.err
    own, other = seen(tool)
    assert own["code"] == other["code"]
    assert Path(own["code"]).parts[-3:] == ("bundle", "daskbench", "__init__.py")
    assert sides(tool)["distributed", "B"]["versions"]["dask"] == RELEASES[0]
    tool.wait_until_nothing_is_left()


def test_a_release_that_changed_is_not_resumed(tool: Tool, venvs: list[Path]) -> None:
    """The interpreter is asked again: here another stands where the old one was."""
    link = tool.folder / "python"
    link.write_text(f'#!/bin/sh\nexec {venvs[0]} "$@"\n')
    link.chmod(0o755)
    running = tool.start(
        "ab",
        "--python",
        str(link),
        "--schedulers",
        "threads",
        *ONCE,
        "2000",
        *TINY,
    )
    tool.wait_for_samples(4)
    running.signal(signal.SIGINT)
    assert running.wait().code == 130
    link.write_text(f'#!/bin/sh\nexec {venvs[1]} "$@"\n')
    done = tool.run("resume")
    assert done.code == 2
    assert f"dask of B was {RELEASES[0]}, is {RELEASES[1]}" in done.err


def test_configuration_of_a_side_reaches_scheduler_and_workers(tool: Tool) -> None:
    done = tool.run(
        *("ab", "--benchmark", LOOK, *ONCE, "1"),
        *("--config-a", f"{SATURATION}=1.1", "--config-a", f"{INTERVAL}=33ms"),
        *("--config-b", f"{SATURATION}=inf"),
    )
    assert done.code == 0, done.err
    a, b = seen(tool)
    assert (a["saturation"], b["saturation"]) == ("1.1", "inf")
    assert (a["interval"], b["interval"]) == ("33ms", "10ms")


def test_variables_of_a_side_reach_its_workers(tool: Tool) -> None:
    """Those that daskbench sets itself too: a side's own goes before."""
    done = tool.run(
        *(
            "ab",
            "--benchmark",
            LOOK,
            *ONCE,
            "1",
            "--schedulers",
            "processes,distributed",
        ),
        *("--workers", "1", "--env-a", "MARK=a", "--env-b", "OMP_NUM_THREADS=2"),
        *("--env-b", "OPENBLAS_NUM_THREADS=2", "--env-b", "MKL_NUM_THREADS=2"),
    )
    assert done.code == 0, done.err
    assert [one["mark"] for one in seen(tool)] == ["a", None, "a", None]
    if (os.cpu_count() or 1) > 1:
        threads = [case["blas"][0]["threads"] for case in tool.results()["cases"]]
        assert threads == [1, 2, 1, 2]


def test_a_run_of_two_sides_is_resumed_in_both(tool: Tool) -> None:
    command = ("--schedulers", "threads", "--env-a", "MARK=a", *ONCE, "60")
    running = tool.start("ab", "--benchmark", LOOK, *command)
    tool.wait_for_samples(4)
    running.signal(signal.SIGINT)
    assert running.wait().code == 130
    done = tool.run("resume")
    assert done.code == 0, done.err
    assert [case["samples"] for case in tool.results()["cases"]] == [60, 60]
    assert [one["mark"] for one in seen(tool)] == ["a", None]
    tool.wait_until_nothing_is_left()


def test_a_killed_tool_leaves_no_bundle(tool: Tool) -> None:
    running = tool.start("ab", "--env-a", "MARK=a", *ONCE, "2000", *TINY)
    tool.wait_for_samples(2)
    assert wait_for("bundle", lambda: [*tool.temporary.glob("daskbench-*/bundle")])
    running.signal(signal.SIGKILL)
    running.process.wait()
    tool.wait_until_nothing_is_left()


def test_an_interpreter_without_dask_is_refused_before_anything_starts(tool: Tool) -> None:
    bare = tool.folder / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    done = tool.run("ab", "--python", str(bare / "bin" / "python"))
    assert done.code == 2
    assert "has no numpy; try" in done.err
    assert not tool.journals
    shutil.rmtree(bare)
