"""Clusters that are started by SSH, on a real sshd: nothing remains, whatever is killed."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from .sshd import Sshd
from .tool import HITTABLE, MARK, Tool, check_two_workers, kill, wait_for

pytestmark = pytest.mark.real

SIZE = ("--n", "1000", "--tasks", "20", "--rounds", "3", "--schedulers", "distributed")
LONG = (*HITTABLE, "--rounds", "60", "--schedulers", "distributed")


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    pytest.importorskip("asyncssh", reason="needs asyncssh")
    sshd = Sshd(tmp_path_factory.mktemp("sshd"))
    yield sshd
    sshd.close()


@pytest.fixture
def where(tool: Tool, sshd: Sshd) -> tuple[str, ...]:
    """Options for two workers here, in processes that are marked as the tool's own."""
    python = tool.folder / "python"
    python.write_text(f'#!/bin/sh\nexport {MARK}={tool.mark}\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    hosts = ("--cluster", "ssh", "--cluster-option", "hosts=127.0.0.1,127.0.0.1")
    return (*hosts, "--workers", "2", "--cluster-option", f"remote_python={python}")


def remote(tool: Tool) -> list[psutil.Process]:
    """Return the processes that were started by SSH."""
    return [process for process in tool.processes() if _is_dask(process)]


def _is_dask(process: psutil.Process) -> bool:
    with suppress(psutil.Error):  # it may be ending
        return "distributed.cli.dask_spec" in process.cmdline()
    return False


def test_workers_of_two_hosts(tool: Tool, sshd: Sshd, where: tuple[str, ...]) -> None:
    options = ("--threads-per-worker", "1", "--memory-limit", "300MiB", "--memory")
    done = tool.run("schedulers", *SIZE, *where, *options, *sshd.options())
    assert (done.code, done.complaints) == (0, []), done.err
    check_two_workers(tool)


@pytest.mark.parametrize("who", ["tool", "lane", "scheduler", "interrupted"])
def test_nothing_remains(tool: Tool, sshd: Sshd, where: tuple[str, ...], who: str) -> None:
    running = tool.measure(*LONG, *where, *sshd.options(), "--timeout", "30s")
    (lane,) = tool.wait_for_lanes(1)
    tool.wait_for_samples(1)
    scheduler = next(p for p in remote(tool) if "Scheduler" in p.cmdline()[-1])
    assert len(remote(tool)) == 3
    if who == "lane":
        kill(lane)
    elif who == "scheduler":
        kill(scheduler)
    else:
        running.signal(2 if who == "interrupted" else 9)
    done = running.wait()
    assert "Traceback" not in done.err
    wait_for("an end of what was started there", lambda: not remote(tool))
    tool.wait_until_nothing_is_left()
    if who == "scheduler":
        assert done.code == 1
        assert "lost" in tool.cases()["distributed"]["reason"]


def test_a_key_that_is_not_known_there(tool: Tool, sshd: Sshd, where: tuple[str, ...]) -> None:
    assert tool.run("schedulers", *SIZE, *where, *sshd.options("other")).code == 1
    reason = tool.cases()["distributed"]["reason"]
    assert "cannot log in to 127.0.0.1 by SSH: PermissionDenied" in reason


def test_a_host_without_that_python(tool: Tool, sshd: Sshd, where: tuple[str, ...]) -> None:
    python = ("--cluster-option", "remote_python=/nowhere/python")
    assert tool.run("schedulers", *SIZE, *where, *sshd.options(), *python).code == 1
    reason = tool.cases()["distributed"]["reason"]
    assert "127.0.0.1 cannot start workers: /nowhere/python -c" in reason


def test_nobody_listens_there(tool: Tool, where: tuple[str, ...], tmp_path: Path) -> None:
    port = ("--cluster-option", "connect_options.port=1")
    assert tool.run("schedulers", *SIZE, *where, *port).code == 1
    assert "cannot log in to 127.0.0.1 by SSH" in tool.cases()["distributed"]["reason"]
