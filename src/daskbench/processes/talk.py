"""Errors and reports of lanes."""

from typing import NamedTuple

from daskbench import vault
from daskbench.lane.protocol import Message

#: The option that limits the time for an answer.
TIMEOUT = "--timeout"


class LaneError(Exception):
    """A lane failed or did not answer. The message becomes the reason of its case.

    It quotes none of the secrets that the lane was given.
    """

    def __init__(self, reason: str, detail: str | None = None) -> None:
        super().__init__(vault.without_secrets(reason))
        self.detail = detail and vault.without_secrets(detail)


class Heard(NamedTuple):
    """A report that a lane sent while it worked, and its age."""

    age_s: float
    message: Message
