"""JSON lines over a pair of pipes that are neither stdin nor stdout, which belong to the work."""

import json
import os
from threading import Lock
from typing import Any

Message = dict[str, Any]

#: The lane finds its two pipes' numbers here: commands come from the first.
PIPES = "DASKBENCH_LANE_PIPES"

#: And here the folder in which the lanes of a run share what all of them need
#: (`daskbench.benchmarks.accuracy.SHARED`).
SHARED = "DASKBENCH_SHARED"


class Channel:
    """The lane's end of the pipes."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands = os.fdopen(commands, "r", encoding="utf-8")
        self._answers = answers
        self._sending = Lock()

    @classmethod
    def from_environment(cls) -> "Channel":
        """Take the pipes over from the parent, hiding them from the lane's own children."""
        commands, answers = (int(number) for number in os.environ.pop(PIPES).split(","))
        for descriptor in (commands, answers):
            os.set_inheritable(descriptor, False)
        return cls(commands, answers)

    def receive(self) -> Message | None:
        """Wait for the next command; None when the parent is gone."""
        line = self._commands.readline()
        message: Message | None = json.loads(line) if line.endswith("\n") else None
        return message

    def send(self, message: Message) -> None:
        """Send an answer, or what happens meanwhile; from any thread."""
        data = encode(message)
        with self._sending:
            while data:
                data = data[os.write(self._answers, data) :]


def encode(message: Message) -> bytes:
    """Return the message as one line."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"
