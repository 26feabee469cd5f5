"""Scripts run as Python runs them, and clusters that a user's code starts itself are found."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import dask
import pytest

from daskbench.benchmarks import find_benchmark, make_benchmark
from daskbench.benchmarks.work import clusters
from daskbench.benchmarks.work.base import Whole
from daskbench.benchmarks.work.clusters import starts_of
from daskbench.benchmarks.work.script import Script
from daskbench.errors import UsageError

SCRIPT = """
import os
import sys
import dask.array as da

if __name__ == "__main__":
    os.chdir("/")
    sys.path.append("left behind")
    print(len(sys.argv), sys.argv[0].rpartition("/")[2], float(da.ones(30, chunks=10).sum()))
"""


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "path", list(sys.path))
    file = tmp_path / "own_script.py"
    file.write_text(SCRIPT)
    return file


def test_a_script_runs_as_main_and_leaves_nothing_behind(
    script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = os.getcwd(), sys.argv, list(sys.path), sys.modules["__main__"]  # noqa: PTH109
    assert Script(script)() == "1 own_script.py 30.0\n"
    assert Script(script)(["a", "b"]) == "3 own_script.py 30.0\n"
    assert before == (os.getcwd(), sys.argv, sys.path, sys.modules["__main__"])  # noqa: PTH109
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("end", "message"),
    [
        ("sys.exit()", None),
        ("sys.exit(0)", None),
        ("sys.exit('no')", "'no'"),
        ("sys.exit(2)", "2: its arguments follow --"),
    ],
)
def test_only_an_exit_with_an_error_is_one(script: Path, end: str, message: str | None) -> None:
    script.write_text(f"import sys\n{end}")
    if message is None:
        assert Script(script)() == ""
    else:
        with pytest.raises(RuntimeError, match=f"own_script.py exited with {message}"):
            Script(script)()


def test_a_script_is_a_work_whose_answer_is_what_it_prints(script: Path) -> None:
    benchmark: Any = make_benchmark(str(script), {}, 0)
    assert benchmark.whole() == Whole(5, 1)
    with dask.config.set(scheduler="threads"):
        assert benchmark.run() == ["1 own_script.py 30.0\n"]
    assert benchmark.account(["1 own_script.py 30.0\n"], None).wrong is None
    assert benchmark.account(["1 own_script.py 31.0\n"], None).wrong is not None


def test_the_arguments_of_a_script_are_split_as_a_shell_does(script: Path) -> None:
    script.write_text("import sys\nprint(sys.argv[1:])")
    benchmark: Any = make_benchmark(str(script), {"arguments": "a 'b c' --d"}, 0)
    assert benchmark.run() == ["['a', 'b c', '--d']\n"]


def test_a_script_is_not_run_to_be_asked(script: Path) -> None:
    script.write_text("raise ValueError")
    assert [*find_benchmark(str(script)).parameters] == ["arguments"]


@pytest.mark.parametrize(
    ("content", "message"), [("def (", "can't be run: SyntaxError"), (None, "there is no file")]
)
def test_what_is_no_script_is_one_line(script: Path, content: str | None, message: str) -> None:
    script.unlink() if content is None else script.write_text(content)
    with pytest.raises(UsageError, match=message):
        find_benchmark(str(script))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from distributed import Client\nc = Client()", "2: Client"),
        ("from dask.distributed import LocalCluster as L\nL()", "2: LocalCluster"),
        ("import distributed\ndistributed.Client()", "2: Client"),
        ("import dask.distributed\ndask.distributed.Client('tcp://x:1')", "2: Client"),
        ("from dask import distributed as d\nd.LocalCluster()", "2: LocalCluster"),
        ("def f():\n    from dask_jobqueue import SLURMCluster\n    SLURMCluster()", "3: SLURM"),
        ("from google.cloud.storage import Client\nClient()", None),
        ("from distributed import Client, get_client\nget_client()\nClient.current()", None),
        ("from distributed import wait\nwait([])", None),
        ("def (", None),
        ("x = '\0'", None),
    ],
)
def test_starts_of_clusters_are_found_in_the_source(source: str, found: str | None) -> None:
    told = starts_of(source)
    assert told == found or (told and found and told.startswith(found))


def test_only_the_function_itself_is_searched(tmp_path: Path) -> None:
    file = tmp_path / "own_starts.py"
    file.write_text(
        "from distributed import Client\n"
        "def build(n=1):\n    return n\n"
        "def main(n=1):\n    Client()\n    return n\n"
    )
    build: Any = find_benchmark(f"{file}:build")
    main: Any = find_benchmark(f"{file}:main")
    assert build.traits.starts is None
    assert main.traits.starts == "own_starts.py:5: Client"


class Started:
    """A client, cluster or scheduler."""

    def __init__(self, *args: Any) -> None:
        self.plugins: list[Any] = []

    def add_plugin(self, plugin: Any) -> None:
        self.plugins.append(plugin)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    module: Any = ModuleType("distributed")
    module.Client = type("Client", (Started,), {"__init__": Started.__init__})
    module.Scheduler = type("Scheduler", (Started,), {"__init__": Started.__init__})
    module.deploy = SimpleNamespace(cluster=SimpleNamespace())
    module.SchedulerPlugin = object
    monkeypatch.setitem(sys.modules, "distributed", module)
    yield module
    assert module.Client.__init__ is module.Scheduler.__init__ is Started.__init__


def test_a_client_is_refused_where_it_starts(fake: Any) -> None:
    with clusters.refused("own.py:f"), pytest.raises(RuntimeError) as error:
        fake.Client()
    assert str(error.value).startswith("own.py:f starts a Client of its own")
    assert fake.Client()


def test_tasks_of_a_scheduler_of_its_own_are_counted(fake: Any) -> None:
    with clusters.counted() as counted:
        [plugin] = fake.Scheduler().plugins
        plugin.transition("x", "processing", "memory")
        plugin.transition("x", "memory", "released")
    assert plugin is counted
    assert counted.tasks == 1
