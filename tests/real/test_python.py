"""From Python, from notebooks, and in tests: with real lanes."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from .tool import Tool

pytestmark = pytest.mark.real

EXAMPLES = Path(__file__).parents[2] / "examples"

#: A script without a guard, which is imported by nobody.
SCRIPT = """
import json
import dask.array as da
import numpy as np
import daskbench

print("started")
data = np.arange(1000.0)


def measured(scale):
    def build(n: int = 100):
        return (da.from_array(data, chunks=n) * scale * helper()).sum()

    return build


def helper():
    return 2


def plain(n):
    return (data * 3 * helper()).sum()


found = daskbench.bench(
    measured(3),
    plain=plain,
    schedulers=["numpy", "threads", "processes-warm", "distributed"],
    workers=2,
    rounds=2,
    progress=False,
)
wrong = daskbench.bench(
    lambda: da.from_array(data, chunks=500).sum(),
    check=lambda answer: "too small" if answer < 1e9 else None,
    schedulers="threads",
    workers=1,
    rounds=1,
    progress=False,
)
print(json.dumps([found.status, found.failures, list(found.verdicts), wrong.failures]))
"""

PROJECT = """
import dask.array as da


def build(n: int = 1000):
    return da.ones(n, chunks=100).sum()


def test_it_is_right(daskbench):
    found = daskbench(build, schedulers=["synchronous", "threads"], workers=2, rounds=1)
    assert found.failures == {}
    local = 5
    daskbench(lambda: da.ones(local).sum(), schedulers="threads", workers=1, rounds=1)
"""


def test_functions_of_a_script_are_measured_in_other_processes(tool: Tool) -> None:
    (tool.folder / "script.py").write_text(SCRIPT)
    done = tool.run("script.py", command=(sys.executable,))
    assert done.code == 0, done.err
    started, answer = done.out.splitlines()
    assert (started, done.err) == ("started", "")
    status, failures, rows, wrong = json.loads(answer)
    assert (status, failures) == ("complete", {})
    assert rows == ["threads × 2", "processes-warm × 2", "distributed × 2"]
    assert "too small" in wrong["threads × 1"]
    shown = tool.run("show", "latest~1")
    assert "build n=100" in shown.out
    for _ in tool.journals:
        assert tool.run("delete", "latest").code == 0
    assert [path.name for path in tool.store.iterdir()] == [".gitignore"]


def test_a_project_uses_the_fixture(tool: Tool) -> None:
    (tool.folder / "test_it.py").write_text(PROJECT)
    done = tool.run(
        *("-q", "-W", "error", "-p", "no:cacheprovider"),
        *("-p", "no:daskbench", "-p", "daskbench.pytest_plugin"),
        command=(sys.executable, "-m", "pytest"),
    )
    assert done.code == 0, done.out
    assert all("test_it-py-test_it_is_right" in path.name for path in tool.journals)
    assert len(tool.journals) == 2


@pytest.mark.parametrize("name", ["lesson", "your_own_pipeline"])
def test_the_examples_run_in_a_kernel(tool: Tool, name: str) -> None:
    shutil.copy(EXAMPLES / f"{name}.ipynb", tool.folder)
    own = {"IPYTHONDIR": "ipython", "JUPYTER_DATA_DIR": "j", "JUPYTER_RUNTIME_DIR": "r"}
    running = tool.start(
        *("--inplace", "--timeout=200", f"{name}.ipynb"),
        command=(sys.executable, "-c", "from nbclient.cli import main; main()"),
        environment={key: str(tool.folder / value) for key, value in own.items()},
    )
    done = running.wait(patience_s=280)
    assert done.code == 0, done.err
    text = (tool.folder / f"{name}.ipynb").read_text("utf-8")
    cells = json.loads(text)["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert all(output["output_type"] != "error" for output in outputs)
    tables = [one for one in outputs if "<table>" in str(one.get("data", {}).get("text/html"))]
    assert len(tables) >= 3
    assert "failed" not in str(tables)
    assert str(tool.folder) not in text
