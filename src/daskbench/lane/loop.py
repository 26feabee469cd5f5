"""The lane's loop: open one case, give samples when asked, close."""

import os
import signal
import traceback
from collections.abc import Callable

from daskbench.lane.protocol import Channel, Message


def main() -> None:
    """Serve commands until told to close, or until the parent is gone; then end at once.

    Ending is ``os._exit``: what lives in this process (event loops, pools) may no longer answer,
    and what lives beside it ends with the process group.
    """
    channel = Channel.from_environment()
    try:
        serve(channel)
    except BrokenPipeError:
        end_group()
    os._exit(0)


def serve(channel: Channel) -> None:
    """Answer each command; an error of one becomes an answer that says why."""
    session = _Session(channel)
    while (command := channel.receive()) is not None:
        operation = command.pop("op")
        try:
            channel.send(session.operations[operation](command))
        except BrokenPipeError:
            raise
        except BaseException as error:
            channel.send(_failure(error))
        if operation == "close":
            return
    end_group()


class _Session:
    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.operations: dict[str, Callable[[Message], Message]] = {
            "identify": self.identify,
            "open": self.open,
            "sample": self.sample,
            "listen": self.listen,
            "close": self.close,
        }

    def open(self, case: Message) -> Message:
        """Make the benchmark and the scheduler of a case."""
        from daskbench.lane.sampling import Sampler

        self._sampler = Sampler.open(case, self._channel.send)
        return {"ok": True, **self._sampler.describe()}

    def identify(self, command: Message) -> Message:
        """Say what acts in a lane that has opened nothing."""
        from daskbench.lane.probes.identity import digest_of, surrounding

        return {"ok": True, "identity": surrounding(digest_of(command["digest_key"]))}

    def sample(self, command: Message) -> Message:
        """Take one sample."""
        return {"ok": True, **self._sampler.sample(**command)}

    def listen(self, _: Message) -> Message:
        """Wait until the workers have told what they did last."""
        self._sampler.listen()
        return {"ok": True}

    def close(self, _: Message) -> Message:
        """Close the scheduler in good order."""
        if sampler := getattr(self, "_sampler", None):
            sampler.close()
        return {"ok": True}


def end_group() -> None:
    """The parent died: nothing is owed to anyone but the machine."""
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _failure(error: BaseException) -> Message:
    text = " ".join(str(error).split()) or "no message"
    detail = "".join(traceback.format_exception(error))
    return {"ok": False, "reason": f"{type(error).__name__}: {text}", "detail": detail[-8000:]}
