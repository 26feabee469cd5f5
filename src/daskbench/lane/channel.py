"""The lane's end of its pipes: JSON lines, leaving stdio to user code."""

import fcntl
import json
import os
import resource
from contextlib import suppress
from math import isfinite
from threading import Lock
from typing import Any

from daskbench.lane.protocol import PIPES, Message, encode

#: Lowest descriptor for the pipes, beyond the reach of loops that close descriptors.
_HIDDEN = 800
_LONGEST_TEXT = 16_000


class Channel:
    """The lane's end of the pipes."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands = os.fdopen(commands, "r", encoding="utf-8")
        self._answers = answers
        self._sending = Lock()
        self._owner = os.getpid()

    @classmethod
    def from_environment(cls) -> "Channel":
        """Take over the pipes from the parent, hidden from all children of the lane."""
        numbers = os.environ.pop(PIPES).split(",")
        channel = cls(*(_hide(int(number)) for number in numbers))
        os.register_at_fork(after_in_child=channel.close)
        return channel

    def receive(self) -> Message | None:
        """Return the next command; None if the parent is gone."""
        line = self._commands.readline()
        message: Message | None = json.loads(line) if line.endswith("\n") else None
        return message

    def send(self, message: Message) -> None:
        """Send a report, from any thread."""
        self.write(encode_answer(message))

    def write(self, line: bytes) -> None:
        """Send a complete line; end the process if user code forked it off the lane."""
        if os.getpid() != self._owner:
            os._exit(0)
        with self._sending:
            while line:
                line = line[os.write(self._answers, line) :]

    def close(self) -> None:
        """Close both pipes in this process."""
        for descriptor in (self._commands.fileno(), self._answers):
            with suppress(OSError):  # user code may have closed them
                os.close(descriptor)


def _hide(descriptor: int) -> int:
    """Move a pipe to a high descriptor, if possible, that children don't inherit."""
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
    """Encode a lane's message as a line, sanitizing strings, which may come from user code."""
    return encode(_plain(message))


def _plain(value: Any, name: str = "") -> Any:
    """Return a value with strings truncated and encodable as UTF-8; ValueError for NaN or inf."""
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
