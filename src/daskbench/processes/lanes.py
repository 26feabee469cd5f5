"""The lanes of a run: start them, and end them however the run ends."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from time import monotonic
from typing import IO, Self

from daskbench import resources
from daskbench.errors import UsageError
from daskbench.lane.probes import tree
from daskbench.lane.protocol import PIPES
from daskbench.model import Side
from daskbench.processes import reaper
from daskbench.processes.lane import Lane
from daskbench.processes.reaping import Reaping
from daskbench.processes.spawning import lane_environment
from daskbench.processes.talk import LaneError
from daskbench.processes.wire import Wire

_GRACE_S = 3.0
_NO_SIDE = Side()


class Lanes:
    """Starts lanes, and removes their processes and temporary files on exit.

    Temporary files (spilled data, sockets, logs) share one folder. Commands that should have
    cancelled jobs, and failed, are in `left`: the reaper goes on trying.
    """

    def __init__(self, base: Path | None = None, environment: Mapping[str, str] | None = None):
        self._base = base or Path(tempfile.gettempdir())
        self.environment = dict(os.environ if environment is None else environment)
        self.open: list[Lane] = []
        self.left: list[str] = []

    def __enter__(self) -> Self:
        try:
            self._base.mkdir(parents=True, exist_ok=True)
            self.folder = Path(tempfile.mkdtemp(prefix="daskbench-", dir=self._base))
        except OSError as error:
            raise UsageError(
                f"cannot keep temporary files in {self._base}: {error.strerror}; "
                "set TMPDIR or DASK_TEMPORARY_DIRECTORY to a writable folder"
            ) from error
        self._children = reaper.detached_children(os.getpid())
        try:
            self._reaper = Reaping(self.folder)
        except OSError as error:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise UsageError(
                f"cannot start the reaper process: {error.strerror}; raise the job's limits "
                "(see 'ulimit -a')"
            ) from error
        tree.adopt_orphans(True)
        self._files_of_a_lane = resources.raise_file_limit()
        return self

    def start(self, blas_threads: int | None, side: Side = _NO_SIDE) -> Lane:
        """Start a lane process, without opening a case. Raises LaneError."""
        with contextlib.ExitStack() as unwind:
            try:
                pipes = [os.pipe(), os.pipe()]
                for descriptor in (*pipes[0], *pipes[1]):
                    unwind.callback(os.close, descriptor)
                (theirs_in, ours_out), (ours_in, theirs_out) = pipes
                self.folder.mkdir(parents=True, exist_ok=True)  # may have been deleted
                folder = Path(tempfile.mkdtemp(dir=self.folder, prefix="lane-"))
                log = folder / "log"
                with log.open("wb") as output:
                    variables = lane_environment(self.environment, side, blas_threads, folder)
                    process = self._spawn((theirs_in, theirs_out), output, side, variables)
                if self._files_of_a_lane:  # same limit as a user's script
                    resources.limit_files(process.pid, self._files_of_a_lane)
            except OSError as error:
                raise LaneError(f"cannot start its lane: {error.strerror}") from error
            unwind.pop_all()
        os.close(theirs_in)
        os.close(theirs_out)
        lane = Lane(process, Wire(ours_out, ours_in), log)
        self.open.append(lane)
        self._reaper.watch(lane.pid)
        return lane

    def _spawn(
        self, pipes: tuple[int, int], log: IO[bytes], side: Side, variables: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [side.python or sys.executable, "-P", "-m", "daskbench.lane"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**variables, PIPES: f"{pipes[0]},{pipes[1]}"},
            pass_fds=pipes,
            start_new_session=True,
        )

    def end(self, lanes: Iterable[Lane]) -> None:
        """Ask these lanes to exit, and kill those still alive after a grace period."""
        ending = [lane for lane in lanes if lane in self.open]
        for lane in ending:
            lane.ask_to_close()
        deadline = monotonic() + _GRACE_S
        for lane in ending:
            lane.end(deadline)
            self._forget(lane)
        self._end_orphans()

    def kill(self, lane: Lane) -> None:
        """Kill an unresponsive lane."""
        if lane in self.open:
            lane.end(deadline=0.0)
            self._forget(lane)
            self._end_orphans()

    def _forget(self, lane: Lane) -> None:
        self.open.remove(lane)
        self.left += lane.left
        self._reaper.forget(lane.pid)

    def _end_orphans(self) -> None:
        """Kill children inherited from lanes that died, which are in sessions of their own."""
        known = {lane.pid for lane in self.open} | {self._reaper.pid} | self._children
        for orphan in reaper.detached_children(os.getpid()) - known:
            with contextlib.suppress(ProcessLookupError, PermissionError, ChildProcessError):
                os.kill(orphan, signal.SIGKILL)
                os.waitpid(orphan, os.WNOHANG)

    def __exit__(self, *_: object) -> None:
        self.end(list(self.open))
        if not self.left:  # otherwise the reaper needs what is noted there
            shutil.rmtree(self.folder, ignore_errors=True)
        self._reaper.close(wait=not self.left)
        tree.adopt_orphans(False)
