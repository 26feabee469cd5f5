"""The tool as a user runs it: a process of its own, in a folder of its own, marked so that
whatever it leaves behind can be found.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import psutil
import pytest

from daskbench.experiments.report import build
from daskbench.journal.read import read_run
from daskbench.journal.run import Run
from tests.unit.builders import render

MARK = "DASKBENCH_TEST"
PATIENCE_S = 60.0
#: Samples so short that a whole run takes as long as its lanes need to start.
TINY = ("--n", "1000", "--tasks", "10")
#: Samples of about 0.3 s: long enough to be hit.
HITTABLE = ("--n", "1e6", "--tasks", "20")

#: What a lane does before and after a sample takes less CPU than this, and HITTABLE takes more.
IN_A_SAMPLE_TICKS = 12

#: What the tool says on stderr where nothing is wrong.
_NEWS = re.compile(r"dashboard of |.+: X is \d|graph of \d|wrote ")

T = TypeVar("T")
Json = dict[str, Any]


def check_two_workers(tool: "Tool") -> Json:
    """Two workers of one thread and 300 MiB ran all of 20 tasks three times; return their lane."""
    case = tool.cases()["distributed"]
    assert (case["status"], case["samples"], case["invalid_samples"]) == ("ok", 3, 0)
    assert (case["workers"], case["threads_per_worker"]) == (2, 1)
    assert case["tasks_run"] == case["tasks_expected"] == 20 * 3 * case["loops"]
    (lane,) = tool.events("lane")
    assert lane["memory_limit_bytes"] == 300 << 20
    assert lane["blas"][0]["threads"] == 1
    assert tool.events("memory")
    return lane


def wait_for(what: str, look: Callable[[], T | None], patience_s: float = PATIENCE_S) -> T:
    """Look again and again until there is something to see."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if seen := look():
            return seen
        time.sleep(0.02)
    raise AssertionError(f"not within {patience_s:g} s: {what}")


@dataclass(frozen=True)
class Done:
    """How a process ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Its stdout as one line: tables and sentences are broken to the width of a terminal."""
        return " ".join(self.out.split())

    @property
    def complaints(self) -> list[str]:
        """What it said on stderr beside dashboards, forecasts, pictures and files."""
        return [line for line in self.err.splitlines() if not _NEWS.match(line)]


class Running:
    """A process that may still be going on."""

    def __init__(self, process: "subprocess.Popen[bytes]", out: Path, err: Path) -> None:
        self.process, self._out, self._err = process, out, err

    @property
    def pid(self) -> int:
        return self.process.pid

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def wait(self, patience_s: float = 120.0) -> Done:
        code = self.process.wait(patience_s)
        return Done(code, self._out.read_text(), self._err.read_text())


class Tool:
    """Starts daskbench in `folder`, and finds again what it started."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.mark = folder, uuid4().hex
        self.temporary = folder / "t"
        self.temporary.mkdir()
        self.store = folder / ".daskbench"
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("DASK")
        } | {MARK: self.mark, "TMPDIR": str(self.temporary)}
        self._started: list[Running] = []

    def start(
        self,
        *arguments: str,
        command: tuple[str, ...] = (sys.executable, "-m", "daskbench"),
        environment: Mapping[str, str] | None = None,
    ) -> Running:
        """Start a command, the leader of a process group of its own, without a terminal."""
        number = len(self._started)
        out, err = (self.folder / f"{name}{number}" for name in ("out", "err"))
        with out.open("wb") as stdout, err.open("wb") as stderr:
            process = subprocess.Popen(
                [*command, *arguments],
                cwd=self.folder,
                env=self.environment | dict(environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                process_group=0,
            )
        self._started.append(Running(process, out, err))
        return self._started[-1]

    def run(
        self,
        *arguments: str,
        command: tuple[str, ...] = (sys.executable, "-m", "daskbench"),
        environment: Mapping[str, str] | None = None,
    ) -> Done:
        """Run a command to its end."""
        return self.start(*arguments, command=command, environment=environment).wait()

    def measure(self, *arguments: str) -> Running:
        """Start ``daskbench schedulers``."""
        return self.start("schedulers", *arguments)

    def keep(self, *journals: Path) -> None:
        """Put copies of finished runs into the store."""
        self.store.mkdir()
        for journal in journals:
            shutil.copy(journal, self.store)

    @property
    def journals(self) -> list[Path]:
        return sorted(self.store.glob("*.jsonl"))

    @property
    def journal(self) -> Path:
        """The only journal."""
        (journal,) = self.journals
        return journal

    def read(self) -> Run:
        return read_run(self.journal)

    def events(self, kind: str | None = None) -> list[Json]:
        """Return what the only journal holds by now."""
        if not self.journals:
            return []
        lines = self.journal.read_bytes().splitlines(keepends=True)
        events: list[Json] = [json.loads(line) for line in lines if line.endswith(b"\n")]
        return [event for event in events if kind in (None, event["event"])]

    def measured(self, case: int | None = None) -> list[Json]:
        """Return the samples so far that are no warm-up, of one case or of all."""
        return [
            sample
            for sample in self.events("sample")
            if not sample.get("warmup") and case in (None, sample["case"])
        ]

    def wait_for_samples(self, number: int, case: int | None = None) -> None:
        wait_for(f"{number} measured samples", lambda: len(self.measured(case)) >= number)

    def results(self, journal: Path | None = None) -> Json:
        """Return the results of the only run, or of one of several, as JSON."""
        results: Json = json.loads(render("json", build(read_run(journal or self.journal))))
        return results

    def cases(self) -> dict[str, Json]:
        """Return the results of the only run by scheduler."""
        return {case["scheduler"]: case for case in self.results()["cases"]}

    def processes(self) -> list[psutil.Process]:
        """Return every process that descends from this tool, however it was started."""
        return list(_marked(self.mark))

    def saying(self, *words: str) -> list[psutil.Process]:
        """Return those of its processes whose commands hold all of these words.

        Until a child that was forked calls exec, it looks like its parent: it is left out.
        """
        parents: dict[psutil.Process, int] = {}
        for process in self.processes():
            with suppress(psutil.Error):
                if all(_says(process, word) for word in words):
                    parents[process] = process.ppid()
        pids = {process.pid for process in parents}
        return [process for process, parent in parents.items() if parent not in pids]

    def lanes(self) -> list[psutil.Process]:
        """Return the leaders of the lanes, in the order in which they were started."""
        lanes = self.saying("daskbench.lane")
        return sorted(lanes, key=lambda lane: (lane.create_time(), lane.pid))

    def wait_for_lanes(self, number: int) -> list[psutil.Process]:
        """Return the leaders of so many lanes as soon as they are there."""
        return wait_for(
            f"{number} lanes", lambda: lanes if len(lanes := self.lanes()) >= number else None
        )[:number]

    def wardens(self) -> list[psutil.Process]:
        """Return what guards the lanes: a Python of the standard library alone."""
        return self.saying("-I", "-S")

    def rank(self, number: int, word: str) -> psutil.Process:
        """Return the Python of that rank, of all that mpirun or srun has started to run this."""
        ranks = ("OMPI_COMM_WORLD_RANK", "SLURM_PROCID")
        found = []
        for process in self.processes():
            with suppress(psutil.Error):
                python = _says(process, word) and "python" in process.cmdline()[0]
                if python and str(number) in map(process.environ().get, ranks):
                    found.append(process)
        return min(found, key=lambda process: (process.create_time(), process.pid))  # not a fork

    def listening(self, running: Running) -> set[tuple[str, int]]:
        """Return every address at which this tool's processes listen until it ends."""
        seen: set[tuple[str, int]] = set()

        def listen() -> bool:
            pids = {process.pid for process in self.processes()}
            seen.update(
                (connection.laddr.ip, connection.laddr.port)
                for connection in psutil.net_connections("inet")
                if connection.laddr
                and connection.pid in pids
                and connection.status == psutil.CONN_LISTEN
            )
            return running.process.poll() is not None

        wait_for("the end of the run", listen, patience_s=120.0)
        return seen

    def left_behind(self) -> list[str]:
        """Return what is still there of what the tool started: nothing, one hopes."""
        left = [f"{_describe(process)}" for process in self.processes()]
        return left + [str(path) for path in self.temporary.iterdir()]

    def wait_until_nothing_is_left(self) -> None:
        wait_for(
            f"nothing left behind, but there is {self.left_behind()}",
            lambda: not self.left_behind(),
            patience_s=20.0,
        )

    def kill_what_is_left(self) -> None:
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        for running in self._started:
            running.process.kill()
            running.process.wait()


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """Mount a disk of so many bytes at `folder`; skip the test where that can't be had."""
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() or not mount or not unmount:
        pytest.skip("mounting a small disk takes root, mount and umount")
    folder.mkdir()
    command = [mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"cannot mount a tmpfs here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run([unmount, "--lazy", str(folder)], check=True)


def group(leader: psutil.Process) -> list[psutil.Process]:
    """Return the processes of a lane: those of the process group that it leads."""
    members = []
    for pid in _pids():
        with suppress(ProcessLookupError, psutil.NoSuchProcess):
            if os.getpgid(pid) == leader.pid:
                members.append(psutil.Process(pid))
    return members


def pool(leader: psutil.Process) -> list[psutil.Process]:
    """Return the workers, of Dask or of a pool, that a lane has spawned."""
    return [child for child in leader.children() if _says(child, "spawn_main")]


def is_frozen(leader: psutil.Process) -> bool:
    """Tell whether every process of a lane is stopped."""
    with suppress(psutil.NoSuchProcess):
        return all(process.status() == psutil.STATUS_STOPPED for process in group(leader))
    return False


def is_running(leader: psutil.Process) -> bool:
    """Tell whether a lane is the one that is being measured."""
    with suppress(psutil.NoSuchProcess):
        return leader.status() != psutil.STATUS_STOPPED
    return False


def wait_for_a_sample(leader: psutil.Process, *elsewhere: psutil.Process) -> None:
    """Wait until a lane is well inside a sample: past what it does before the clock starts.

    The processes that compute for it `elsewhere` are not of its group.
    """
    wait_for("the lane to be frozen", lambda: is_frozen(leader))
    wait_for("its turn", lambda: is_running(leader))

    def work() -> int:
        return sum(map(own_ticks, elsewhere or group(leader)))

    start = work()
    wait_for("its work", lambda: work() - start >= IN_A_SAMPLE_TICKS)


def own_ticks(process: psutil.Process) -> int:
    """Return the CPU time of a process in the kernel's ticks."""
    with suppress(OSError):
        fields = Path(f"/proc/{process.pid}/stat").read_bytes().rpartition(b")")[2].split()
        return int(fields[11]) + int(fields[12])
    return 0


def ticks(leader: psutil.Process) -> int:
    """Return the CPU time of a lane's processes in the kernel's ticks."""
    return sum(map(own_ticks, group(leader)))


def kill(process: psutil.Process) -> None:
    """Kill -9."""
    process.send_signal(signal.SIGKILL)


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208


def _marked(mark: str) -> Iterator[psutil.Process]:
    """Look into /proc itself: this is done often, while something is measured."""
    entry = f"{MARK}={mark}".encode()
    for pid in _pids():
        with suppress(psutil.Error, OSError):
            if entry in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                yield psutil.Process(pid)


def _says(process: psutil.Process, word: str) -> bool:
    with suppress(psutil.Error):
        return any(word in part for part in process.cmdline())
    return False


def _describe(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return f"{process.pid} {process.status()} {' '.join(process.cmdline())}"
    return f"{process.pid}"
