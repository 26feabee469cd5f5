"""The tool in a folder of its own, and a look at what it leaves behind."""

import compileall
from collections.abc import Iterator
from pathlib import Path

import pytest

import daskbench
from daskbench.journal.read import read_run

from .slurm import Slurm
from .tool import TINY, Tool


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The journals of two short runs alike, for tests that only read them (see Tool.keep)."""
    tool = Tool(tmp_path_factory.mktemp("kept"))
    where = ("--schedulers", "numpy,threads", "--workers", "2", "--rounds", "3")
    try:
        for _ in range(2):
            done = tool.run("schedulers", *TINY, *where)
            assert done.code == 0, done.err
    finally:
        tool.kill_what_is_left()
    return tool.journals


@pytest.fixture(scope="session")
def slurm() -> Iterator[Slurm]:
    """A queue of our own, for all tests that submit jobs."""
    slurm = Slurm()
    yield slurm
    slurm.close()


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    """Compile the tool once, as each of its processes would do where bytecode is not written."""
    compileall.compile_dir(next(iter(daskbench.__path__)), quiet=2)


@pytest.fixture
def tool(tmp_path: Path) -> Iterator[Tool]:
    """The tool. After the test no process, port, frozen lane or temporary file of it is left, and
    its journals can be read."""
    tool = Tool(tmp_path)
    try:
        yield tool
        tool.wait_until_nothing_is_left()
    finally:
        tool.kill_what_is_left()
    for journal in tool.journals:
        assert read_run(journal).status != "running"
