"""JSON lines over a pair of pipes that are neither stdin nor stdout, which belong to the work."""

import fcntl
import json
import os
import resource
from contextlib import suppress
from math import isfinite
from threading import Lock
from typing import Any

from daskbench.lane.protocol import PIPES, Message, encode

#: The pipes are moved to numbers from here on, away from what loops over descriptors may reach.
_HIDDEN = 800
_LONGEST_TEXT = 16_000


class Channel:
    """The lane's end of the pipes, which only the lane uses."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands = os.fdopen(commands, "r", encoding="utf-8")
        self._answers = answers
        self._sending = Lock()
        self._owner = os.getpid()

    @classmethod
    def from_environment(cls) -> "Channel":
        """Take the pipes over from the parent; no child of the lane has them, forked or spawned."""
        numbers = os.environ.pop(PIPES).split(",")
        channel = cls(*(_hide(int(number)) for number in numbers))
        os.register_at_fork(after_in_child=channel.close)
        return channel

    def receive(self) -> Message | None:
        """Wait for the next command; None when the parent is gone."""
        line = self._commands.readline()
        message: Message | None = json.loads(line) if line.endswith("\n") else None
        return message

    def send(self, message: Message) -> None:
        """Send what happens meanwhile; from any thread."""
        self.write(encode_answer(message))

    def write(self, line: bytes) -> None:
        """Send a line whole.

        What the work forked, and what then came back to the lane's loop, ends here.
        """
        if os.getpid() != self._owner:
            os._exit(0)
        with self._sending:
            while line:
                line = line[os.write(self._answers, line) :]

    def close(self) -> None:
        """Close both pipes, in whatever process this is."""
        for descriptor in (self._commands.fileno(), self._answers):
            with suppress(OSError):  # whoever closes all descriptors has closed these
                os.close(descriptor)


def _hide(descriptor: int) -> int:
    """Move a pipe to where nobody looks for it, if there is room; children don't inherit it."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    least = _HIDDEN if soft == resource.RLIM_INFINITY else max(3, min(_HIDDEN, soft - 8))
    try:
        hidden = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, least)
    except OSError:
        os.set_inheritable(descriptor, False)
        return descriptor
    os.close(descriptor)
    return hidden


def encode_answer(message: Message) -> bytes:
    """Return what a lane has to say as one line; its texts may be the work's, and are tamed."""
    return encode(_plain(message))


def _plain(value: Any, name: str = "") -> Any:
    """Return what can be sent of a value: texts of some length, in characters that UTF-8 has."""
    if isinstance(value, dict):
        return {_text(str(key)): _plain(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, name) for item in value]
    if isinstance(value, float) and not isfinite(value):
        raise ValueError(f"{name} is {value:g}, not a finite number")
    return _text(value) if isinstance(value, str) else value


def _text(text: str) -> str:
    if (more := len(text) - _LONGEST_TEXT) > 0:
        text = f"{text[:_LONGEST_TEXT]}... ({more} more characters)"
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
