"""What people post about Dask, measured and proved without a line added to it."""

import json
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from daskbench.lane.schedulers import SCHEDULERS

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
    "script": "script_primes.py",
}
#: A notebook, with lambdas, and the expression that is measured.
NOTEBOOK, EXPRESSION = "pi.ipy", "pi"
NEEDS = {"xarray": "xarray", "notebook": "IPython"}
ALL = [name for name, kind in SCHEDULERS.items() if not kind.is_plain]
#: Those that import pandas, which takes seconds in every process, run where results differ most.
FEWER = ["synchronous", "threads", "processes-warm", "distributed"]
WITH_PANDAS = ("dataframe-groupby", "xarray", "pandas-per-file")
DEFAULTS = {"workers": 1, "rounds": 1, "warmup": 0, "hardware": "off", "min-time": "1ms"}
#: Loaded by every process: what `threads` computes is wrong there, for whatever work.
BROKEN = """
import dask.base
from dask.threaded import get

def wrong(*args, **kwargs):
    return one_more(get(*args, **kwargs))

def one_more(value):
    if isinstance(value, (list, tuple)):
        return type(value)(map(one_more, value))
    return value if isinstance(value, str) else value + 1

dask.base.named_schedulers["threads"] = wrong
"""


def _possible() -> list[str]:
    return [
        name
        for name in (*TARGETS, "notebook")
        if name not in NEEDS or find_spec(NEEDS[name]) is not None
    ]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Json]]:
    """Measure all snippets on all schedulers."""
    return _measured(Tool(tmp_path_factory.mktemp("snippets")), ALL)


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Json]]:
    """Measure all snippets where one scheduler is broken."""
    tool = Tool(tmp_path_factory.mktemp("broken"))
    (tool.folder / "sitecustomize.py").write_text(BROKEN, encoding="utf-8")
    tool.environment["PYTHONPATH"] = str(tool.folder)
    return _measured(tool, ["threads"])


@pytest.mark.parametrize("name", _possible())
def test_a_snippet_is_measured_and_proved_as_it_is(rows: dict[str, list[Json]], name: str) -> None:
    own = rows[name]
    assert [row["scheduler"] for row in own] == (FEWER if name in WITH_PANDAS else ALL)
    assert [(row["status"], row["reason"]) for row in own] == [("ok", None)] * len(own)
    for row in own:
        assert row["answer_ok"], row["scheduler"]
        assert row["tasks_run"] == row["tasks_expected"] > 0, row["scheduler"]
        assert "compared with a synchronous compute" in row["notes"][-1], row["scheduler"]


@pytest.mark.parametrize("name", _possible())
def test_a_scheduler_with_wrong_answers_is_found(broken: dict[str, list[Json]], name: str) -> None:
    (row,) = broken[name]
    assert row["status"] == "invalid"
    assert "wrong answer: " in row["reason"]


def _measured(tool: Tool, schedulers: list[str]) -> dict[str, list[Json]]:
    """Return the rows of each snippet: the files in one run, the notebook in another."""
    try:
        shutil.copytree(SNIPPETS, tool.folder / "snippets")
        rows: dict[str, list[Json]] = {}
        for row in _of_files(tool, schedulers):
            rows.setdefault(row["suite"], []).append(row)
        if "notebook" in _possible():
            rows["notebook"] = _of_notebook(tool, schedulers)
        tool.wait_until_nothing_is_left()
        return rows
    finally:
        tool.kill_what_is_left()


def _of_files(tool: Tool, schedulers: list[str]) -> list[Json]:
    lines = ["[defaults]", *(f"{key} = {json.dumps(value)}" for key, value in DEFAULTS.items())]
    for name in _possible():
        if name in TARGETS:
            here = [one for one in schedulers if one in FEWER or name not in WITH_PANDAS]
            lines += [f"[suites.{name}]", f'benchmark = "snippets/{TARGETS[name]}"']
            lines += [f"schedulers = {json.dumps(here)}"]
    (tool.folder / "benchmarks.toml").write_text("\n".join(lines), encoding="utf-8")
    done = tool.start("run").wait(300.0)
    assert done.code == (0 if schedulers == ALL else 1), done.out + done.err
    rows: list[Json] = tool.results()["cases"]
    return rows


def _of_notebook(tool: Tool, schedulers: list[str]) -> list[Json]:
    options = {**DEFAULTS, "schedulers": ",".join(schedulers)}
    words = " ".join(f"--{key} {value}" for key, value in options.items())
    source = (SNIPPETS / NOTEBOOK).read_text(encoding="utf-8")
    cell = f"%load_ext daskbench\n{source}\n_ = %daskbench --no-progress {words} {EXPRESSION}\n"
    (tool.folder / NOTEBOOK).write_text(cell, encoding="utf-8")
    before = set(tool.journals)
    environment = {"IPYTHONDIR": str(tool.folder / "ipython")}
    running = tool.start(
        NOTEBOOK, command=(sys.executable, "-m", "IPython"), environment=environment
    )
    done = running.wait(120.0)
    assert done.code == 0, done.out + done.err
    (journal,) = set(tool.journals) - before
    rows: list[Json] = tool.results(journal)["cases"]
    return rows
