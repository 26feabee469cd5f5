"""A benchmark of one's own that is hostile: whatever it does is to cost its own row alone."""

import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from daskbench.benchmarks.base import Evaluation, Parameter

forked: list[int] = []
LASTING = "1234567"  # seconds for which what must not stay behind would sleep


def pipes() -> Iterator[int]:
    for entry in [*Path("/proc/self/fd").iterdir()]:
        with suppress(OSError):  # the folder's own descriptor is gone
            if str(entry.readlink()).startswith("pipe:"):
                yield int(entry.name)


def say(line: bytes) -> None:
    for number in pipes():
        with suppress(OSError):  # the end that is read
            os.write(number, line + b"\n")


def heard(**told: object) -> bytes:
    return json.dumps({"heard": {"at": time.monotonic(), "event": "memory", **told}}).encode()


def forged() -> bytes:
    sample = {"wall_s": 1e-6, "build_s": 0.0, "tasks_expected": 1, "tasks_run": 1}
    return json.dumps({"ok": True, "reason": None, **sample}).encode()


def close_all() -> None:
    os.closerange(3, 4096)


def leave_the_session() -> None:
    subprocess.Popen(["sleep", LASTING], start_new_session=True, env={})


def leave_a_daemon() -> None:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.execvp("sleep", ["sleep", LASTING])
        os._exit(0)
    os.wait()


def die_after_a_daemon() -> None:
    leave_a_daemon()
    os._exit(7)


def fork() -> None:
    """Leave a child that goes on in the lane's own loop: once, or they would be too many."""
    if not forked:
        forked.append(os.getpid())
        os.fork()


def raise_oddly() -> None:
    class Odd(Exception):
        def __str__(self) -> str:
            raise ValueError

    raise Odd


def replace_clock(read: Callable[[], Any]) -> None:
    from daskbench.lane import sampling

    vars(sampling)["perf_counter"] = read


def raise_it(error: BaseException) -> None:
    raise error


def trickle() -> None:
    """Write for ever, from another thread, while the lane works."""

    def go() -> None:
        while True:
            say(b"z")

    threading.Thread(target=go, daemon=True).start()
    time.sleep(0.2)


def close_streams() -> None:
    os.closerange(0, 3)


#: What each does, and whether its row has to fail.
DEEDS: dict[str, tuple[Callable[[], object], bool]] = {
    "nothing": (lambda: None, False),
    "prints": (lambda: sys.stdout.write("x" * 1_000_000 + '\n{"ok": true}\n'), False),
    "closes-streams": (close_streams, False),
    "says-garbage": (lambda: say(b"\xff\0"), True),
    "says-nan": (lambda: say(b'{"ok": true, "wall_s": NaN}'), True),
    "says-a-list": (lambda: say(b"[1, 2]"), True),
    "says-deeply": (lambda: say(b"[" * 100_000), True),
    "forges-a-sample": (lambda: say(forged()), True),
    "forges-a-failure": (lambda: say(b'{"ok": false}'), True),
    "hears-nothing": (lambda: say(b'{"heard": 1}'), True),
    "hears-oddly": (lambda: say(heard(worker="0", process_bytes="many")), True),
    "trickles": (trickle, True),
    "closes-all": (close_all, True),
    "forks": (fork, False),
    "leaves-its-session": (leave_the_session, False),
    "leaves-a-daemon": (leave_a_daemon, False),
    "dies-after-a-daemon": (die_after_a_daemon, True),
    "ends": (lambda: os._exit(0), True),
    "exits": (lambda: sys.exit(0), True),
    "kills-itself": (lambda: os.kill(os.getpid(), signal.SIGKILL), True),
    "kills-oddly": (lambda: os.kill(os.getpid(), 40), True),
    "stops-itself": (lambda: os.kill(os.getpid(), signal.SIGSTOP), True),
    "sleeps": (lambda: time.sleep(float(LASTING)), True),
    "raises-oddly": (raise_oddly, True),
    "raises-escapes": (lambda: raise_it(ValueError("\ud800 \0 \x1b[31m [/x]")), True),
    "raises-much": (lambda: raise_it(ValueError("x" * 10_000_000)), True),
    "raises-a-pipe": (lambda: raise_it(BrokenPipeError("mine")), True),
    "raises-ctrl-c": (lambda: raise_it(KeyboardInterrupt()), True),
    "clock-stands": (lambda: replace_clock(lambda: 5.0), True),
    "clock-jumps": (lambda: replace_clock(iter(range(0, 10**9, 10**6)).__next__), True),
    "clock-speaks": (lambda: replace_clock(lambda: "now"), True),
    "clock-is-none": (lambda: replace_clock(lambda: math.nan), True),
}
#: Answers that are worth nothing.
ACCOUNTS: dict[str, dict[str, Any]] = {
    "note-is-a-number": {"note": 5},
    "figure-is-text": {"figures": {"a": "b"}},
    "flops-are-nan": {"flops": math.nan},
    "flops-are-negative": {"flops": -1.0},
    "bytes-are-endless": {"moved_bytes": math.inf},
}


class Hostile:
    """Does one of the deeds above in each sample."""

    parameters: ClassVar = {"deed": Parameter("nothing", "What to do.")}

    def __init__(self, deed: str, seed: int) -> None:
        self.deed = deed

    def collection(self) -> Sequence[Any]:
        from dask import delayed

        return [delayed(int)(1)]

    def calls(self) -> Sequence[Callable[[], Any]]:
        def act() -> int:
            if self.deed in DEEDS:
                DEEDS[self.deed][0]()
            return sum(range(10_000))

        return [act]

    def account(self, answer: Any, compute: Any) -> Evaluation:
        return Evaluation(**ACCOUNTS.get(self.deed, {}))

    def check(self, answer: Any) -> str | None:
        return None
