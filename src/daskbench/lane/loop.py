"""The lane's loop: open one case, give samples when asked, close."""

import os
import signal
import traceback

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

#: Half of the longest traceback that is told whole.
_HALF = 7_900


def main() -> None:
    """Serve commands until the close command, or until the parent is gone; then exit at once.

    Exiting is ``os._exit``: event loops and pools in this process may hang, and its child
    processes end with the process group.
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
    """Answer each command; an exception becomes an answer with the reason."""
    session = _Session(channel)
    while (command := channel.receive()) is not None:
        token = command.pop("id")
        channel.write(_answer(token, session, command))
        if command["op"] == Close.op:
            return
    end_group()


class _Session:
    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def answer(self, command: Command) -> Answer:
        """Carry out a command and return the answer."""
        match command:
            case Open():
                return self._open(command)
            case TakeSample():
                return self._sampler.sample(command.loops, command.report)
            case Identify():
                return self._identify(command)
            case Listen():
                self._sampler.listen()
            case Close():
                self._close()
        return Done()

    def _open(self, case: Open) -> Opened:
        """Make the benchmark and the scheduler of a case."""
        from daskbench.lane.sampling import Sampler

        self._sampler = Sampler.open(case, self._send)
        return self._sampler.describe()

    def _send(self, told: Told) -> None:
        self._channel.send(told.message())

    def _identify(self, command: Identify) -> Identified:
        """Return the identity of a lane that has not opened a case."""
        from daskbench.lane.probes.identity import digest_of, surrounding

        return Identified(identity=Identity(**surrounding(digest_of(command.digest_key))))

    def _close(self) -> None:
        """Close the scheduler cleanly, if there is one."""
        if sampler := getattr(self, "_sampler", None):
            sampler.close()


def end_group() -> None:
    """Kill the process group, as the parent died."""
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _answer(token: str, session: _Session, command: Message) -> bytes:
    """Return the line that answers a command; an answer that can't be sent is a failure too."""
    try:
        return encode_answer(answer_message(token, session.answer(command_of(command))))
    except BaseException as error:
        return encode_answer(answer_message(token, _failure(error)))


def _failure(error: BaseException) -> Failed:
    detail = "".join(traceback.format_exception(error))
    if len(detail) > 2 * _HALF:  # the innermost cause stands first, the last words last
        detail = f"{detail[:_HALF]}\n...\n{detail[-_HALF:]}"
    return Failed(with_place(causes.told(error), error), detail)
