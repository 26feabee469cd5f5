"""The tool's side of a helper process: start it, query it over a pipe, reliably end it."""

import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any

from daskbench.asking.child import FACTORY, SIGNALLED
from daskbench.errors import UsageError

_TICK_S = 0.1
_GRACE_S = 5.0
_ENDING_S = 1.0
_READ_BYTES = 1 << 16
_MOST_BYTES = 1 << 24
#: What a user's code does for each question, for messages.
_ACTIVITIES = {
    "declaration": "importing it",
    FACTORY: "importing it",
    "read": "reading a parameter",
    "derive": "deriving a parameter",
    "check": "setting its parameters",
    "draw": "drawing its graph",
    "tasks": "building its graph",
}
#: The hint for slow code: these have a limit that the user can set.
_HINT = "move slow work to prepare, collection or calls, which --timeout applies to"
_HINTS = {FACTORY: "move slow work into the function or class"}


def _activity(about: str) -> str:
    return _ACTIVITIES.get(about, f"its {about}")


class Helper:
    """A process that imports one user's file and answers questions about it.

    It has no terminal, and its output is discarded. Its guard (see `daskbench.asking.child`) ends
    all of its processes as soon as the tool closes the pipe `_life`, or exits.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._buffer = path, b""
        with contextlib.ExitStack() as unwind:
            try:
                self._folder = tempfile.mkdtemp(prefix="daskbench-asking-")
                unwind.callback(shutil.rmtree, self._folder, ignore_errors=True)
                pipes = [os.pipe() for _ in range(3)]
                for descriptor in (end for pipe in pipes for end in pipe):
                    unwind.callback(os.close, descriptor)
                (asked, self._questions), (self._answers, answering), (life, self._life) = pipes
                self._process = self._spawn(asked, answering, life)
            except OSError as error:
                raise UsageError(
                    f"cannot start a process to read {path}: {error.strerror}"
                ) from error
            unwind.pop_all()
        for descriptor in (asked, answering, life):
            os.close(descriptor)
        self.alive = True

    def _spawn(self, *pipes: int) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-P", "-m", "daskbench.asking", self._folder, *map(str, pipes)]
        folder = dict.fromkeys(("TMPDIR", "DASK_TEMPORARY_DIRECTORY"), self._folder)
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **folder},
            pass_fds=pipes,
            start_new_session=True,
        )

    def ask(self, question: Mapping[str, Any], patience_s: float) -> Any:
        """Return the answer. Raises UsageError if it is an error, or none arrives in time."""
        line = json.dumps(question, default=str).encode() + b"\n"
        deadline = monotonic() + patience_s
        with contextlib.suppress(BrokenPipeError):
            while line:
                line = line[os.write(self._questions, line) :]
        while b"\n" not in self._buffer:
            if not self._receive():
                raise self._exit_error(question["about"])
            if monotonic() > deadline:
                self.end()
                what = f"{_activity(question['about'])} took longer than {patience_s:g} s"
                hint = _HINTS.get(question["about"], _HINT)
                raise UsageError(f"{self._path}: {what}: {hint}")
        answer, _, self._buffer = self._buffer.partition(b"\n")
        return self._decode(answer)

    def _receive(self) -> bool:
        """Wait briefly for more of an answer; return False if no more can arrive."""
        dead = self._process.poll() is not None  # polled first: its last output is read below
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        if poll.poll(0 if dead else _TICK_S * 1000):
            data = os.read(self._answers, _READ_BYTES)
            self._buffer += data
            return bool(data) and len(self._buffer) <= _MOST_BYTES
        return not dead

    def _decode(self, line: bytes) -> Any:
        try:
            answer = json.loads(line)
            wrong, value = answer.get("wrong"), answer.get("value")
        except (ValueError, AttributeError, RecursionError) as error:
            self.end()
            raise UsageError(f"{self._path} writes to a pipe of daskbench") from error
        if wrong is not None:
            raise UsageError(str(wrong))
        return value

    def _exit_error(self, about: str) -> UsageError:
        with contextlib.suppress(subprocess.TimeoutExpired):  # its pipe closes before it exits
            self._process.wait(_ENDING_S)
        code = self.end()
        number = -code if code < 0 else code - SIGNALLED
        how = f"signal {number}" if number > 0 else f"exit code {code}"
        return UsageError(f"{self._path}: {_activity(about)} ended Python ({how})")

    def end(self) -> int:
        """End the helper and all processes it started; return its exit code."""
        if self.alive:
            self.alive = False
            for descriptor in (self._life, self._questions, self._answers):
                os.close(descriptor)
            try:
                self._process.wait(_GRACE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            shutil.rmtree(self._folder, ignore_errors=True)
        return self._process.returncode
