"""What people post about Dask, each on several schedulers, without a line added to it."""

import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from .tool import Json, Tool

pytestmark = pytest.mark.real

SNIPPETS = Path(__file__).parent / "snippets"
#: What is measured of each snippet.
TARGETS = {
    "dataframe-groupby": "dataframe_groupby.py:by_store",
    "xarray": "xarray_climatology.py:anomalies",
    "pandas-per-file": "delayed_csv.py:main",
    "bag": "bag_words.py:word_count",
    "map-overlap": "overlap_sharpen.py:sharpen",
    "nested-computes": "nested_compute.py:outliers",
    "generators": "generator_pipeline.py:pipeline",
    "method": "simulation_class.py:Simulation.run",
    "lambda": "lambdas.py:pi",
}
#: It draws other numbers every time.
RANDOM = "lambda"
NEEDS = {"xarray": "xarray"}
SCHEDULERS = ("synchronous", "threads", "processes-warm", "distributed")
DEFAULTS = f"""
[defaults]
schedulers = {json.dumps(SCHEDULERS)}
workers = 2
rounds = 1
warmup = 0
hardware = "off"
"""


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Json]:
    """Measure all snippets in one run, and return its rows."""
    tool = Tool(tmp_path_factory.mktemp("snippets"))
    try:
        return _measured(tool)
    finally:
        tool.kill_what_is_left()


@pytest.mark.parametrize("suite", TARGETS)
def test_a_snippet_is_measured_and_proved_as_it_is(rows: list[Json], suite: str) -> None:
    if not _is_possible(suite):
        pytest.skip(f"{NEEDS[suite]} is not installed")
    own = [row for row in rows if row["suite"] == suite]
    assert [row["scheduler"] for row in own] == list(SCHEDULERS)
    assert [(row["status"], row["reason"]) for row in own] == [("ok", None)] * len(own)
    assert [row["answer_ok"] for row in own] == [True] * len(own)
    for row in own:
        assert row["tasks_run"] == row["tasks_expected"] > 0, row["scheduler"]
        told = [note for note in row["notes"] if note.startswith("random: ")]
        assert bool(told) == (suite == RANDOM), row["notes"]


def _measured(tool: Tool) -> list[Json]:
    shutil.copytree(SNIPPETS, tool.folder / "snippets")
    suites = [
        f'[suites.{suite}]\nbenchmark = "snippets/{target}"\n'
        for suite, target in TARGETS.items()
        if _is_possible(suite)
    ]
    (tool.folder / "benchmarks.toml").write_text(DEFAULTS + "".join(suites), encoding="utf-8")
    done = tool.start("run", "--file", "benchmarks.toml").wait(280.0)
    assert done.code == 0, done.out + done.err
    tool.wait_until_nothing_is_left()
    rows: list[Json] = tool.results()["cases"]
    return rows


def _is_possible(suite: str) -> bool:
    return suite not in NEEDS or find_spec(NEEDS[suite]) is not None
