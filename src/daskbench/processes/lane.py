"""A lane process: query, freeze, thaw, monitor and end it."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

from daskbench import harmless, resources, vault
from daskbench.lane.probes import tree
from daskbench.lane.protocol import DOING, Close, Command, Failed, Message, Open, message_of
from daskbench.processes import reaper as reaper
from daskbench.processes.postmortem import ASKED, SIGNALLED, Log, last_line, name_of, out_of_memory
from daskbench.processes.stall import Stall
from daskbench.processes.talk import TIMEOUT, LaneError
from daskbench.processes.wire import Closed, Wire

#: Polling interval while waiting: reads memory, draws progress, checks signals.
TICK_S = 0.1
_GRACE_S = 3.0
#: How long to repeat commands that cancel jobs; the reaper goes on.
_CANCELLING_S = 10.0
_STOP_S = 0.0005
_LONGEST_DOING = 200
#: Largest fraction of a core to spend on reading proportional memory.
_PSS_SHARE = 0.005


class Lane:
    """A child process that leads a process group, connected by two pipes."""

    def __init__(self, process: subprocess.Popen[bytes], wire: Wire, log: Path) -> None:
        self._process, self._wire, self._log = process, wire, log
        self._doing, self._oom_kills = log.with_name(DOING), resources.oom_kills()
        self.peak_rss_bytes = 0
        self.peak_pss_bytes: int | None = None
        self._next_pss = 0.0
        self._counted_twice: int | None = None
        self.heard = wire.heard
        self._started_at = monotonic()
        self._begun: Command | None = None
        self.left: list[str] = []

    @property
    def pid(self) -> int:
        """The process ID, which is also the process group ID."""
        return self._process.pid

    def begin(self, command: Open) -> None:
        """Let a lane that has just started open a case; `ask` then waits for its answer."""
        timed = replace(command, started_at=self._started_at)
        with contextlib.suppress(Closed):  # which `ask` explains
            self._wire.send(_message_of(timed), lambda: None, TICK_S)
            self._begun = command

    def ask(
        self, command: Command, timeout_s: float, tick: Callable[[], None], limit: str = TIMEOUT
    ) -> Message:
        """Send a command and return its unchecked answer, calling `tick` every `TICK_S` meanwhile.

        Raises LaneError if the lane reports a failure, dies, sends an invalid answer, or exceeds
        `timeout_s`, which the message calls `limit`.
        """
        tree.reset_high_water(self.pid)
        self.peak_rss_bytes, self.peak_pss_bytes, self._next_pss = 0, None, 0.0
        deadline, asked = monotonic() + timeout_s, ASKED.get(command.op, "")
        begun, self._begun = command == self._begun, None
        stuck, log = Stall(self.pid, self._log), Log(self._log, whole=begun)
        if not begun:
            self._oom_kills = resources.oom_kills()
            with contextlib.suppress(OSError):
                self._doing.unlink()

        def poll() -> None:
            self._watch_memory(last=False)
            tick()
            stuck.check()
            if monotonic() > deadline:
                why = f"; {stuck.why()}" if stuck.why() else ""
                doing = f"{asked}: {self.doing}" if self.doing else asked
                raise LaneError(
                    f"no answer within {timeout_s:g} s ({limit}){doing}; its lane was ended{why}"
                )

        tick()  # even if the answer is immediate
        try:
            if not begun:
                self._wire.send(_message_of(command), poll, TICK_S)
            while (answer := self._receive()) is None:
                poll()
        except Closed:
            raise self._failed(self._died(), tick) from None
        self._watch_memory(last=True)
        if isinstance(answer, Failed):
            raise self._failed(LaneError(*log.explain(answer.reason, answer.detail)), tick)
        if isinstance(reason := answer.get("reason"), str):  # why a sample is invalid
            answer["reason"] = vault.without_secrets(reason)
        return answer

    def _failed(self, error: LaneError, tick: Callable[[], None]) -> LaneError:
        """Return the error, after letting `tick` handle a signal that daskbench received too.

        A batch scheduler signals all processes at once, which interrupts the run and fails no case.
        """
        if str(error).startswith(SIGNALLED):
            sleep(TICK_S)
        tick()
        return error

    def _receive(self) -> Message | Failed | None:
        """Return the answer if it arrives within a tick."""
        dead = self._process.poll() is not None  # checked first, to read its last words below
        answer = self._wire.receive(0.0 if dead else TICK_S)
        if dead and answer is None:  # the lane's children may hold the pipe open
            raise Closed
        return answer

    def _watch_memory(self, *, last: bool) -> None:
        """Update the peaks; with `last`, include the kernel's high-water mark of each process.

        Reading PSS makes the kernel walk all pages, so it is read rarely. In between, PSS is
        estimated as the RSS, which is cheap to read, minus the last difference between the two.
        """
        resident, before = tree.rss_bytes(self.pid), monotonic()
        if last or before >= self._next_pss:
            if (shared_once := tree.pss_bytes(self.pid)) is not None:
                self._counted_twice = max(0, resident - shared_once)
            self._next_pss = before + (monotonic() - before) / _PSS_SHARE
        if self._counted_twice is not None:
            used = max(0, resident - self._counted_twice)
            self.peak_pss_bytes = max(self.peak_pss_bytes or 0, used)
        high = tree.rss_bytes(self.pid, high_water=True) if last else resident
        self.peak_rss_bytes = max(self.peak_rss_bytes, resident, high)

    def _died(self) -> LaneError:
        """Return the error for a lane that ended or closed its pipes."""
        try:
            code = self._process.wait(_GRACE_S / 10)
        except subprocess.TimeoutExpired:
            return LaneError(
                "its lane's pipe was closed: did the benchmark close all file descriptors?"
            )
        self.signal(signal.SIGKILL)  # the rest of its group
        how = f"was killed ({name_of(-code)})" if code < 0 else f"ended (exit {code})"
        why = out_of_memory(self._oom_kills) if code == -signal.SIGKILL else None
        return LaneError(": ".join([f"its lane {how}", *([why] if why else last_line(self._log))]))

    @property
    def doing(self) -> str:
        """The lane's current activity; empty if none is reported."""
        with contextlib.suppress(OSError), self._doing.open("rb") as file:
            return harmless.line(file.read(_LONGEST_DOING).decode(errors="replace"))
        return ""

    def freeze(self) -> None:
        """Stop all processes of the lane, to leave the CPU to the lane being measured."""
        self.signal(signal.SIGSTOP)
        deadline = monotonic() + TICK_S  # a busy process stops with a delay
        while not tree.all_stopped(self.pid) and monotonic() < deadline:
            sleep(_STOP_S)

    def thaw(self) -> None:
        """Resume all processes of the lane."""
        self.signal(signal.SIGCONT)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the lane's process group and to descendants outside it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)
        for pid in tree.members(self.pid):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if os.getpgid(pid) != self.pid:
                    os.kill(pid, number)

    def ask_to_close(self) -> None:
        """Ask the lane to exit, without waiting."""
        self.thaw()
        self._wire.post(message_of(Close()))

    def end(self, deadline: float) -> None:
        """Wait until `deadline` for the lane to exit, then kill its remaining processes.

        A cluster that it started is closed; commands that failed to cancel jobs are in `left`.
        """
        with contextlib.suppress(subprocess.TimeoutExpired):
            # Reaps the lane, as WNOWAIT takes no timeout; the group ID nevertheless stays
            # reserved while any process of the group is alive.
            self._process.wait(max(0.0, deadline - monotonic()))
        folder = str(self._log.parent)
        reaper.close_clusters(folder)
        reaper.end_groups({self.pid}, folder)
        self._process.wait()
        self._wire.close()
        self.left = reaper.cancel_jobs(folder, _CANCELLING_S)


def _message_of(command: Command) -> Message:
    """Return the message of a command, with the secrets that its options stand for."""
    message = message_of(command)
    if options := message.get("cluster", {}).get("options"):
        message["cluster"] = {**message["cluster"], "options": vault.revealed_within(options)}
    return message
