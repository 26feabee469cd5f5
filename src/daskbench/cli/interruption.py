"""Signals as a flag that is checked where it is safe, never an exception in between."""

import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from threading import current_thread, main_thread
from types import FrameType
from typing import Self

from daskbench import ranks
from daskbench.errors import ExitCode, Interrupted

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """A context in which Ctrl-C, SIGTERM and SIGHUP are deferred instead of ending the program.

    It is active from the first line of a journal until the run is shown. Signals that the parent
    process ignores stay ignored, as under ``nohup`` or in the background of a script. Outside the
    main thread, which alone can handle signals, it does nothing. The end of the launcher that
    started this process with others counts as a signal: killed, it can send none.
    """

    requested = False

    def __init__(self, signals: Sequence[signal.Signals] = _SIGNALS) -> None:
        self._signals = signals

    def __enter__(self) -> Self:
        can = current_thread() is main_thread()
        heeded = [n for n in self._signals if can and signal.getsignal(n) != signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._remember) for number in heeded}
        self._launcher = os.getppid() if ranks.started() else None
        return self

    def _remember(self, number: int, frame: FrameType | None) -> None:
        self.requested = True

    def check(self) -> None:
        """Raise Interrupted if a signal came, but only once: cleanup must not be interrupted."""
        if self._launcher not in (None, os.getppid()):
            self._launcher, self.requested = None, True
        if self.requested:
            self.requested = False
            raise Interrupted("interrupted")

    def judge(self, code: ExitCode) -> ExitCode:
        """Return the exit code, also if the signal came after the last sample."""
        return ExitCode.INTERRUPTED if self.requested else code

    def __exit__(self, *_: object) -> None:
        with suppress(ValueError):
            for number, handler in self._before.items():
                signal.signal(number, handler)
