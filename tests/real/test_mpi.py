"""One command under Open MPI's mpirun: its ranks are daskbench, a scheduler and workers."""

import shutil
import sys

import pytest

from .tool import HITTABLE, Running, Tool, kill, wait_for

pytestmark = pytest.mark.real

SIZE = ("--n", "1000", "--tasks", "20", "--rounds", "3", "--schedulers", "numpy,distributed")
RANKS = 4
#: Its daemons listen on localhost, too.
LOCAL = {"OMPI_MCA_oob_tcp_if_include": "lo", "PMIX_MCA_ptl_tcp_if_include": "lo"}


@pytest.fixture
def mpirun() -> tuple[str, ...]:
    found = shutil.which("mpirun")
    if not found:
        pytest.skip("needs mpirun (make system-packages)")
    options = ("--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-n", str(RANKS))
    return (found, *options, sys.executable, "-m", "daskbench")


def start(tool: Tool, mpirun: tuple[str, ...], *words: str) -> Running:
    return tool.start("schedulers", *words, "--cluster", "mpi", command=mpirun, environment=LOCAL)


def test_one_command_measures_on_its_ranks(tool: Tool, mpirun: tuple[str, ...]) -> None:
    done = start(tool, mpirun, *SIZE, "--workers", "1,2", "--memory-limit", "300MiB").wait()
    assert (done.code, done.complaints) == (0, []), done.err
    assert done.out.count("daskbench schedulers") <= 1
    cases = tool.results()["cases"]
    assert [(case["scheduler"], case["workers"]) for case in cases][1:] == [
        ("distributed", 1),
        ("distributed", 2),
    ]
    for case in cases:
        assert (case["status"], case["samples"], case["invalid_samples"]) == ("ok", 3, 0)
        assert case["tasks_run"] == case["tasks_expected"] == 20 * 3 * case["loops"]
    lanes = [lane for lane in tool.events("lane") if lane.get("hosts")]
    assert [lane["hosts"][0]["workers"] for lane in lanes] == [1, 2]
    assert not [path.name for path in tool.folder.iterdir() if "ranks" in path.name]


def test_what_can_not_be_is_said_once(tool: Tool, mpirun: tuple[str, ...]) -> None:
    done = start(tool, mpirun, *SIZE, "--workers", "3").wait()
    assert done.code == 2
    assert done.err.count("--workers 3 is too many: of 4 processes, 2 are workers") == 1
    assert not tool.journals


@pytest.mark.parametrize("killed", ["the first rank", "mpirun"])
def test_nothing_is_left_of_ranks(tool: Tool, mpirun: tuple[str, ...], killed: str) -> None:
    running = start(tool, mpirun, *HITTABLE, "--rounds", "60", "--schedulers", "distributed")
    tool.wait_for_samples(1)
    if killed == "mpirun":
        running.process.kill()
    else:
        kill(tool.rank(0, "schedulers"))
    running.wait()
    wait_for("the end of all ranks", lambda: not tool.processes())
    for folder in tool.temporary.glob("ompi.*"):  # mpirun's own
        shutil.rmtree(folder)
