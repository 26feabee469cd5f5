"""A measured run in the hands of other tools: pyperf, pytest-benchmark, hyperfine."""

import json
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from .tool import Tool

pytestmark = pytest.mark.real

SCRIPTS = Path(sysconfig.get_path("scripts"))
PYPERF = (sys.executable, "-m", "pyperf")
COMPARE = (str(SCRIPTS / "pytest-benchmark"), "--storage", "file://none", "compare")

OF_THEIR_OWN = """
def test_one(benchmark):
    benchmark.pedantic(sum, ([1, 2],), rounds=3)
"""


def export(tool: Tool, run: str, option: str, name: str) -> Any:
    done = tool.run("export", run, f"--{option}", name)
    assert (done.code, done.complaints) == (0, [])
    return json.loads((tool.folder / name).read_text(encoding="utf-8"))


def output(tool: Tool, *command: str) -> str:
    done = tool.run(command=command)
    assert (done.code, done.complaints) == (0, [])
    return done.out


def test_pyperf_finds_the_same_cases_of_two_runs(tool: Tool, kept: list[Path]) -> None:
    tool.keep(*kept)
    before, after = (journal.stem for journal in tool.journals)
    export(tool, before, "pyperf", "before.json")
    export(tool, after, "pyperf", "after.json")
    stats = output(tool, *PYPERF, "stats", "after.json")
    assert stats.count("Total number of values: 3") == 2
    assert stats.count("Number of warmup per run: ") == 2
    compared = output(tool, *PYPERF, "compare_to", "--table", "before.json", "after.json")
    for place in ("numpy", "threads × 2"):
        assert f"calc_mean n=1000 tasks=10 rng=legacy on {place}" in stats
    assert "Geometric mean" in compared or "hidden because not significant" in compared


def test_pytest_benchmark_reads_what_looks_like_its_own(tool: Tool, kept: list[Path]) -> None:
    tool.keep(*kept)
    ours = export(tool, "latest", "pytest-benchmark", "ours.json")
    shown = output(tool, *COMPARE, "ours.json")
    assert "2 tests" in shown
    assert "threads × 2" in shown
    (tool.folder / "test_own.py").write_text(OF_THEIR_OWN)
    own = (sys.executable, "-m", "pytest", "--rootdir=.", "-q", "-p", "no:cacheprovider")
    assert tool.run("--benchmark-json=theirs.json", "test_own.py", command=own).code == 0
    theirs = json.loads((tool.folder / "theirs.json").read_text(encoding="utf-8"))
    assert ours.keys() == theirs.keys()
    assert ours["commit_info"].keys() >= theirs["commit_info"].keys() - {"error"}
    (one, *_), (other,) = ours["benchmarks"], theirs["benchmarks"]
    assert one.keys() == other.keys()
    assert one["stats"].keys() == other["stats"].keys()
    assert one["options"].keys() == other["options"].keys()


def test_hyperfine_has_the_same_keys(tool: Tool, kept: list[Path]) -> None:
    hyperfine = shutil.which("hyperfine")
    if hyperfine is None:
        pytest.skip("hyperfine is not installed")
    tool.keep(*kept)
    ours = export(tool, "latest", "hyperfine", "ours.json")
    subprocess.run(
        [
            *(hyperfine, "--runs", "3", "--shell=none", "--export-json", "theirs.json"),
            *("--parameter-list", "s", "0.001,0.002", "sleep {s}"),
        ],
        cwd=tool.folder,
        check=True,
        capture_output=True,
        timeout=60,
    )
    theirs = json.loads((tool.folder / "theirs.json").read_text(encoding="utf-8"))
    assert ours.keys() == theirs.keys()
    known = {  # of newer releases, where the system tells it
        name: type(value)
        for name, value in theirs["results"][0].items()
        if name != "memory_usage_byte"
    }
    for result in ours["results"]:
        assert {name: type(value) for name, value in result.items()} == known
        assert len(result["times"]) == len(result["exit_codes"]) == 3
        assert {type(value) for value in result["times"]} == {float}
        assert {type(value) for value in result["parameters"].values()} == {str}
