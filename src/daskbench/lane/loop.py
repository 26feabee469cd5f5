"""The lane's command loop: open a case, take samples, close."""

import os
import signal
import traceback
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

from daskbench.benchmarks.users import with_place
from daskbench.lane import causes
from daskbench.lane.channel import Channel, encode_answer
from daskbench.lane.probes.tree import adopt_orphans
from daskbench.lane.protocol import (
    Answer,
    Close,
    Command,
    Done,
    Failed,
    Identified,
    Identify,
    Identity,
    Listen,
    Message,
    Open,
    Opened,
    TakeSample,
    Told,
    answer_message,
    command_of,
)

if TYPE_CHECKING:  # it imports Dask, which takes a second
    from daskbench.lane.sampling import Sampler

#: Half the maximum length of a traceback, in characters.
_HALF = 7_900


def main() -> None:
    """Serve commands until told to close or the parent is gone, then exit.

    Exits by ``os._exit``, as event loops and pools may hang; child processes end with the group.
    """
    channel = Channel.from_environment()
    adopt_orphans(True)
    try:
        serve(channel)
    except BrokenPipeError:
        end_group()
    except OSError as error:
        print(f"the lane's pipe was closed, by the benchmark? ({error.strerror})", flush=True)  # noqa: T201
        os._exit(1)
    os._exit(0)


def serve(channel: Channel) -> None:
    """Answer commands; an exception becomes an answer with its reason."""
    session = _Session(channel)
    while (command := channel.receive()) is not None:
        token = command.pop("id")
        channel.write(_answer(token, session, command))
        if command["op"] == Close.op:
            return
    end_group()


class _Session:
    """The cases of a lane, by number: a single one, unless cases share their lane."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._samplers: dict[int | None, Sampler] = {}

    @property
    def _first(self) -> "Sampler | None":
        """The case that started the scheduler."""
        return next(iter(self._samplers.values()), None)

    def answer(self, command: Command) -> Answer:
        """Carry out a command and return the answer."""
        match command:
            case Open():
                return self._open(command)
            case TakeSample():
                sampler = self._samplers[command.number]
                return sampler.sample(command.loops, command.report, account=command.account)
            case Identify():
                return self._identify(command)
            case Listen():
                assert self._first
                self._first.listen()
            case Close():
                self._close()
        return Done()

    def _open(self, case: Open) -> Opened:
        """Create the benchmark and scheduler of a case."""
        from daskbench.lane.sampling import Sampler

        first = self._first
        sampler = first.beside(case) if first else Sampler.open(case, self._send)
        self._samplers[case.number] = sampler
        opened = sampler.describe()
        took_s = None if case.started_at is None else monotonic() - case.started_at
        transfers = sampler.transfers() if case.hardware else ()
        return replace(opened, took_s=took_s, transfers=transfers)

    def _send(self, told: Told) -> None:
        self._channel.send(told.message())

    def _identify(self, command: Identify) -> Identified:
        """Return the identity of a lane that has not opened a case."""
        from daskbench.lane.probes.identity import digest_of, process_identity

        return Identified(identity=Identity(**process_identity(digest_of(command.digest_key))))

    def _close(self) -> None:
        """Let all benchmarks clean up, and close the scheduler, if a case is open."""
        try:
            for sampler in [*self._samplers.values()][1:]:
                sampler.finish()
        finally:
            if first := self._first:
                first.close()


def end_group() -> None:
    """Kill this process group, as the parent died; a cluster that it started is closed first."""
    if callable(signal.getsignal(signal.SIGTERM)):  # see `daskbench.lane.deploy.ending`
        signal.raise_signal(signal.SIGTERM)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _answer(token: str, session: _Session, command: Message) -> bytes:
    """Return a command's answer as a line; one that can't be encoded becomes a failure."""
    try:
        return encode_answer(answer_message(token, session.answer(command_of(command))))
    except BaseException as error:
        return encode_answer(answer_message(token, _failure(error)))


def _failure(error: BaseException) -> Failed:
    detail = "".join(traceback.format_exception(error))
    if len(detail) > 2 * _HALF:  # keep the innermost cause and the final message
        detail = f"{detail[:_HALF]}\n...\n{detail[-_HALF:]}"
    return Failed(with_place(causes.told(error), error), detail)
