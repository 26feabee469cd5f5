"""Errors and reports of lanes."""

from typing import NamedTuple

from daskbench.lane.protocol import Message

#: The option that limits the time for an answer.
TIMEOUT = "--timeout"


class LaneError(Exception):
    """A lane failed or did not answer. The message becomes the reason of its case."""

    def __init__(self, reason: str, detail: str | None = None) -> None:
        super().__init__(reason)
        self.detail = detail


class Heard(NamedTuple):
    """A report that a lane sent while it worked, and its age."""

    age_s: float
    message: Message
