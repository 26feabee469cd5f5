"""What both ends of the communication with a lane share: an error, reports, and limit names."""

from typing import NamedTuple

from daskbench.lane.protocol import Message

#: The name of the time limit for an answer, if the user set it.
TIMEOUT = "--timeout"


class LaneError(Exception):
    """A lane failed or did not answer. The message is the row's reason."""

    def __init__(self, reason: str, detail: str | None = None) -> None:
        super().__init__(reason)
        self.detail = detail


class Heard(NamedTuple):
    """A report of a lane during its work, and its age in seconds."""

    age_s: float
    message: Message
