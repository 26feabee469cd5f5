"""What both ends of the talk with a lane are: an error, what was heard, the name of a limit."""

from typing import NamedTuple

from daskbench.lane.protocol import Message

#: What the time for an answer is called, where it is the one that the user gave.
TIMEOUT = "--timeout"


class LaneError(Exception):
    """A lane gave no answer, or one that says what failed. The message is the row's reason."""

    def __init__(self, reason: str, detail: str | None = None) -> None:
        super().__init__(reason)
        self.detail = detail


class Heard(NamedTuple):
    """What a lane told while it worked, and how many seconds ago that was."""

    age_s: float
    message: Message
