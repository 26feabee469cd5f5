"""Lanes as processes: starting, asking, freezing and ending them."""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import IO, Self

from daskbench.conductor import warden
from daskbench.conductor.ports import LaneError
from daskbench.lane.probes import tree
from daskbench.lane.protocol import PIPES, Message, encode

#: How often the conductor looks up while it waits: reads memory, draws progress, heeds signals.
TICK_S = 0.1
_GRACE_S = 3.0
_STOP_S = 0.0005
_READ_BYTES = 1 << 16
#: Starts the warden without naming it: 'pkill -9 -f daskbench' must not end it with the tool.
_WARDEN = "import runpy; runpy.run_path(input(), run_name='__main__')"

BLAS_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


class Lane:
    """One child process, the leader of a process group of its own, spoken to over two pipes."""

    def __init__(self, process: subprocess.Popen[bytes], commands: int, answers: int, log: Path):
        self._process, self._commands, self._answers, self._log = process, commands, answers, log
        self._buffer = b""
        self.peak_rss_bytes = 0

    @property
    def pid(self) -> int:
        """The process id, which is also the id of the group."""
        return self._process.pid

    def ask(self, message: Message, timeout_s: float, tick: Callable[[], None]) -> Message:
        """Send a command and wait for its answer, calling `tick` ten times a second.

        Raises LaneError where the lane reports a failure, dies, or is silent for `timeout_s`.
        """
        self.peak_rss_bytes = 0
        deadline = monotonic() + timeout_s
        try:
            os.write(self._commands, encode(message))
        except BrokenPipeError:
            raise self._died() from None
        while (answer := self._poll()) is None:
            self._watch_memory(high_water=False)
            tick()
            if monotonic() > deadline:
                raise LaneError(f"no answer within {timeout_s:g} s (--timeout); its lane was ended")
        self._watch_memory(high_water=True)
        if not answer.pop("ok"):
            raise LaneError(answer["reason"], answer.get("detail"))
        return answer

    def _poll(self) -> Message | None:
        readable, _, _ = select.select([self._answers], [], [], TICK_S)
        while readable and b"\n" not in self._buffer:
            data = os.read(self._answers, _READ_BYTES)
            if not data:
                raise self._died()
            self._buffer += data
            readable, _, _ = select.select([self._answers], [], [], 0)
        line, newline, rest = self._buffer.partition(b"\n")
        if not newline:
            return None
        self._buffer = rest
        answer: Message = json.loads(line)
        return answer

    def _watch_memory(self, *, high_water: bool) -> None:
        used = tree.rss_bytes(self.pid, high_water=high_water)
        self.peak_rss_bytes = max(self.peak_rss_bytes, used)

    def _died(self) -> LaneError:
        self.signal(signal.SIGKILL)  # before the pid is given back: what is left of its group
        code = self._process.wait()
        how = f"was killed ({signal.Signals(-code).name})" if code < 0 else f"ended (exit {code})"
        said = self._log.read_text(errors="replace").strip().splitlines()[-1:]
        return LaneError(": ".join([f"its lane {how}", *said]))

    def freeze(self) -> None:
        """Stop every process of the lane, so that it takes no CPU from the one being measured."""
        self.signal(signal.SIGSTOP)
        deadline = monotonic() + TICK_S  # a busy process stops a moment after the signal
        while not tree.all_stopped(self.pid) and monotonic() < deadline:
            sleep(_STOP_S)

    def thaw(self) -> None:
        """Let the lane go on."""
        self.signal(signal.SIGCONT)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the lane's whole group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def ask_to_close(self) -> None:
        """Ask the lane to end by itself, without waiting."""
        self.thaw()
        with contextlib.suppress(OSError):
            os.write(self._commands, encode({"op": "close"}))

    def end(self, deadline: float) -> None:
        """Wait until `deadline` for the lane to end by itself, then kill what is left of it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            # WNOWAIT would leave the pid reserved, but waiting needs a timeout; the group's id
            # stays reserved all the same for as long as any of its processes lives.
            self._process.wait(max(0.0, deadline - monotonic()))
        self.signal(signal.SIGKILL)
        self._process.wait()
        for descriptor in (self._commands, self._answers):
            with contextlib.suppress(OSError):
                os.close(descriptor)


class Lanes:
    """Starts lanes, and sees to it that nothing of them stays behind.

    Their temporary files (spilled data, sockets, logs) are in one folder that goes with them.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self.environment = dict(os.environ if environment is None else environment)
        self.open: list[Lane] = []

    def __enter__(self) -> Self:
        base = self.environment.get("DASK_TEMPORARY_DIRECTORY") or tempfile.gettempdir()
        self._folder = Path(tempfile.mkdtemp(prefix="daskbench-", dir=base))
        self._warden = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _WARDEN],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            bufsize=0,
        )
        self._tell_warden(str(warden.__file__))
        self._tell_warden(str(self._folder))
        return self

    def start(self, blas_threads: int | None) -> Lane:
        """Start a lane's process. It is not asked anything yet."""
        ours, theirs = os.pipe(), os.pipe()
        folder = Path(tempfile.mkdtemp(dir=self._folder, prefix="lane-"))
        log = folder / "log"
        with log.open("wb") as output:
            process = self._spawn(ours[0], theirs[1], folder, output, blas_threads)
        os.close(ours[0])
        os.close(theirs[1])
        lane = Lane(process, ours[1], theirs[0], log)
        self.open.append(lane)
        self._tell_warden(f"+{lane.pid}")
        return lane

    def _spawn(
        self, commands: int, answers: int, folder: Path, log: IO[bytes], blas_threads: int | None
    ) -> subprocess.Popen[bytes]:
        environment = self.environment | {
            PIPES: f"{commands},{answers}",
            "TMPDIR": str(folder),
            "DASK_TEMPORARY_DIRECTORY": str(folder),
        }
        if blas_threads is not None:
            environment |= dict.fromkeys(BLAS_VARIABLES, str(blas_threads))
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "daskbench.lane"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            pass_fds=(commands, answers),
            start_new_session=True,
        )

    def _tell_warden(self, line: str) -> None:
        assert self._warden.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # the warden is gone: nothing more to guard with
            self._warden.stdin.write(f"{line}\n".encode())

    def end(self, lanes: Iterable[Lane]) -> None:
        """End these lanes together: politely first, and for certain after a moment."""
        ending = [lane for lane in lanes if lane in self.open]
        for lane in ending:
            lane.ask_to_close()
        deadline = monotonic() + _GRACE_S
        for lane in ending:
            lane.end(deadline)
            self.open.remove(lane)
            self._tell_warden(f"-{lane.pid}")

    def kill(self, lane: Lane) -> None:
        """End this lane at once: it no longer answers."""
        if lane in self.open:
            lane.end(deadline=0.0)
            self.open.remove(lane)
            self._tell_warden(f"-{lane.pid}")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end(list(self.open))
        shutil.rmtree(self._folder, ignore_errors=True)
        assert self._warden.stdin is not None
        self._warden.stdin.close()
        self._warden.wait()
