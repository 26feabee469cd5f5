"""The conductor's end of a lane's two pipes.

User code runs at the other end, so every message is validated.
"""

import contextlib
import os
import secrets
import select
from collections.abc import Callable
from time import monotonic
from typing import Any

import msgspec

from daskbench.lane.protocol import Failed, Message, encode
from daskbench.processes.talk import Heard, LaneError

_READ_BYTES = 1 << 16
#: Longest message in bytes; lanes truncate their strings far below it.
_LONGEST = 4 << 20
_LARGEST = 1 << 63
_SHOWN = 40
_FOREIGN = "unexpected data on its lane's pipe"


class Closed(Exception):
    """The lane closed its end of a pipe."""


class Wire:
    """Sends commands and receives their answers, matched by a random token."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers = commands, answers
        os.set_blocking(commands, False)  # a lane that does not read must not block the conductor
        self._buffer = b""
        self._token = ""
        self.heard: list[Heard] = []

    def send(self, message: Message, poll: Callable[[], None], wait_s: float) -> None:
        """Send a command, calling `poll` whenever the pipe stays full for `wait_s`.

        Raises Closed, and LaneError for a pending answer, which no command asked for.
        """
        self._token = ""
        self.receive(0.0)
        self._token = secrets.token_hex(8)
        data = encode(message | {"id": self._token})
        while data:
            if _is_ready(self._commands, select.POLLOUT, wait_s):
                try:
                    data = data[os.write(self._commands, data) :]
                except BrokenPipeError:
                    raise Closed from None
            else:
                poll()

    def post(self, message: Message) -> None:
        """Send a command without waiting for its answer, if the pipe has room."""
        with contextlib.suppress(OSError):
            os.write(self._commands, encode(message | {"id": ""}))

    def receive(self, wait_s: float) -> Message | Failed | None:
        """Return the answer if it arrives within `wait_s`, queueing reports in `heard`.

        Raises Closed, and LaneError for an invalid message.
        """
        if b"\n" not in self._buffer and _is_ready(self._answers, select.POLLIN, wait_s):
            data = os.read(self._answers, _READ_BYTES)
            if not data:
                raise Closed
            self._buffer += data
        while b"\n" in self._buffer:
            line, _, self._buffer = self._buffer.partition(b"\n")
            message = _decode(line)
            if "heard" not in message:
                return self._checked(message)
            self.heard.append(_heard(message))
        if len(self._buffer) > _LONGEST:
            raise LaneError(f"{_FOREIGN}: more than {_LONGEST} bytes without a line break")
        return None

    def _checked(self, answer: Message) -> Message | Failed:
        """Return an answer without its token. Raises LaneError for an invalid answer."""
        token, is_ok = answer.pop("id", None), answer.pop("ok", None)
        if not self._token or token != self._token or not isinstance(is_ok, bool):
            raise LaneError(f"{_FOREIGN}: an unsolicited answer")
        return answer if is_ok else _failed(answer)

    def close(self) -> None:
        """Close both pipes."""
        for descriptor in (self._commands, self._answers):
            with contextlib.suppress(OSError):
                os.close(descriptor)


def _is_ready(descriptor: int, event: int, wait_s: float) -> bool:
    poll = select.poll()  # select() can't watch descriptors above 1023
    poll.register(descriptor, event)
    return bool(poll.poll(wait_s * 1000))


def _decode(line: bytes) -> Message:
    """Parse a line as strict JSON: UTF-8, no NaN, integers of at most 64 bits."""
    try:
        found = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = None
    if not isinstance(found, dict) or not _is_plain(found):
        more = "..." if len(line) > _SHOWN else ""
        raise LaneError(f"{_FOREIGN}: {ascii(line[:_SHOWN])[1:]}{more}")
    return found


def _is_plain(value: Any) -> bool:
    """Whether a value can be written to JSON and shown as text."""
    if isinstance(value, dict):
        return all(map(_is_plain, [*value, *value.values()]))
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, int):
        return -_LARGEST <= value < _LARGEST
    return not isinstance(value, str) or "\0" not in value


def _heard(message: Message) -> Heard:
    report = message["heard"]
    at = report.pop("at", None) if isinstance(report, dict) else None
    if len(message) > 1 or not isinstance(at, int | float):
        raise LaneError("its lane sent an invalid message during its work")
    return Heard(max(0.0, monotonic() - at), report)


def _failed(answer: Message) -> Failed:
    try:
        return msgspec.convert(answer, Failed)
    except msgspec.ValidationError:
        raise LaneError("its lane sent an invalid message: a failure without a reason") from None
