"""The helper: one process that runs a user's class, and a guard process that cleans up after it.

The guard runs none of the user's code. When the tool closes the guard's lifeline pipe or exits, or
the user's process ends, the guard ends that process group and removes the temporary folder.
"""

import contextlib
import os
import shutil
import signal
import sys
import time
from base64 import b64encode
from dataclasses import asdict, is_dataclass
from functools import cache

# Imported by name, as a user's code may replace them in their modules.
from json import dumps, loads
from os import write
from threading import Thread
from typing import Any

#: Added to the signal's number in the guard's exit code if a signal ended the user's process.
SIGNALLED = 128
_TRACKERS_S = 1.0
#: A question that is not about a benchmark, but about what makes a cluster.
FACTORY = "factory"


def main() -> None:
    """Fork: the parent becomes the guard, and the child answers queries."""
    folder, *numbers = sys.argv[1:]
    questions, answers, life = map(int, numbers)
    for descriptor in (questions, answers, life):
        os.set_inheritable(descriptor, False)
    if child := os.fork():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        os.close(questions)
        os.close(answers)
        _guard(child, life, folder)
    os.close(life)
    os.setpgid(0, 0)
    _serve(questions, answers)
    os._exit(0)


def _guard(child: int, life: int, folder: str) -> None:
    """Wait until the user's process or the tool ends, and clean up."""
    with contextlib.suppress(OSError):  # the child has done so itself, or has ended
        os.setpgid(child, child)
    Thread(target=_follow, args=(life, child), daemon=True).start()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    _end_group(child)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(code if code >= 0 else SIGNALLED - code)


def _follow(life: int, child: int) -> None:
    os.read(life, 1)
    _end_group(child)


def _end_group(group: int) -> None:
    """End a process group: by SIGTERM first, so that resource trackers can clean up."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGTERM)
        deadline = time.monotonic() + _TRACKERS_S
        while time.monotonic() < deadline:
            os.killpg(group, 0)
            time.sleep(0.005)
        os.killpg(group, signal.SIGKILL)


def _serve(questions: int, answers: int) -> None:
    """Answer each question; whatever a user's code raises becomes an answer too.

    A process that a user's code forked and that returns to here ends here.
    """
    owner = os.getpid()
    with os.fdopen(questions, encoding="utf-8") as lines:
        for line in lines:
            question = loads(line)
            try:
                data = dumps({"value": _answer(**question)}, default=_base64)
            except BaseException as error:
                data = dumps({"wrong": _wrong(question["benchmark"], error)})
            if os.getpid() != owner:
                os._exit(0)
            left = data.encode() + b"\n"
            while left:
                left = left[write(answers, left) :]


def _answer(benchmark: str, about: str, given: dict[str, Any]) -> Any:
    if about == FACTORY:
        from daskbench.asking.factory import check

        return check(benchmark, **given)
    found = getattr(_direct(benchmark), about)(**given)
    return asdict(found) if is_dataclass(found) and not isinstance(found, type) else found


@cache
def _direct(benchmark: str) -> Any:
    from daskbench.asking.direct import Direct

    return Direct.find(benchmark)


def _base64(value: bytes) -> str:
    """Encode bytes as msgspec decodes them from JSON."""
    return b64encode(value).decode()


def _wrong(benchmark: str, error: BaseException) -> str:
    from daskbench.benchmarks.users import error_text
    from daskbench.errors import DaskbenchError

    return str(error) if isinstance(error, DaskbenchError) else f"{benchmark}: {error_text(error)}"
