"""A helper process from the tool's side: started, asked over a pipe, ended for certain."""

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

from daskbench.asking.child import SIGNALLED
from daskbench.errors import UsageError

_TICK_S = 0.1
_GRACE_S = 5.0
_ENDING_S = 1.0
_READ_BYTES = 1 << 16
_MOST_BYTES = 1 << 24
#: What a user's code does for each question, in words.
_DOING = {
    "declaration": "importing it",
    "read": "reading a parameter",
    "derive": "deriving a parameter",
    "check": "setting its parameters",
    "draw": "drawing its graph",
    "tasks": "building its graph",
}
#: What may take long has another limit, which the user can set.
_INSTEAD = "move slow work to prepare, collection or calls, which --timeout applies to"


def _doing(about: str) -> str:
    return _DOING.get(about, f"its {about}")


class Helper:
    """A process that imports one file of a user's, and answers questions about it.

    It has no terminal, and nothing that it prints is shown. With it comes a guard (see
    `daskbench.asking.child`), which ends all of it as soon as the tool closes the pipe `_life`, or
    is gone.
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
        """Return the answer; raises UsageError where it says what is wrong, or none comes."""
        line = json.dumps(question, default=str).encode() + b"\n"
        deadline = monotonic() + patience_s
        with contextlib.suppress(BrokenPipeError):
            while line:
                line = line[os.write(self._questions, line) :]
        while b"\n" not in self._buffer:
            if not self._hear():
                raise self._died(question["about"])
            if monotonic() > deadline:
                self.end()
                what = f"{_doing(question['about'])} took longer than {patience_s:g} s"
                raise UsageError(f"{self._path}: {what}: {_INSTEAD}")
        answer, _, self._buffer = self._buffer.partition(b"\n")
        return self._judged(answer)

    def _hear(self) -> bool:
        """Wait a moment for more of an answer; False where nothing can come any more."""
        dead = self._process.poll() is not None  # asked first: what it said before is read below
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        if poll.poll(0 if dead else _TICK_S * 1000):
            data = os.read(self._answers, _READ_BYTES)
            self._buffer += data
            return bool(data) and len(self._buffer) <= _MOST_BYTES
        return not dead

    def _judged(self, line: bytes) -> Any:
        try:
            answer = json.loads(line)
            wrong, value = answer.get("wrong"), answer.get("value")
        except (ValueError, AttributeError, RecursionError) as error:
            self.end()
            raise UsageError(f"{self._path} writes into a pipe of daskbench") from error
        if wrong is not None:
            raise UsageError(str(wrong))
        return value

    def _died(self, about: str) -> UsageError:
        with contextlib.suppress(subprocess.TimeoutExpired):  # its pipe ends before it does
            self._process.wait(_ENDING_S)
        code = self.end()
        number = -code if code < 0 else code - SIGNALLED
        how = f"signal {number}" if number > 0 else f"exit code {code}"
        return UsageError(f"{self._path}: {_doing(about)} ended Python ({how})")

    def end(self) -> int:
        """End it and all that it started, and return how it ended."""
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
