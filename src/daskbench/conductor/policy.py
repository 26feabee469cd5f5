"""The interface of policies, which decide which cases are measured next."""

from collections.abc import Set as AbstractSet
from typing import NamedTuple, Protocol

from daskbench.events import EndReason, Event


class Turn(NamedTuple):
    """Cases to take one sample each of, in this order, in a round; a baseline may occur twice.

    With `fresh` their lanes are restarted; with `alone` no other lane stays open meanwhile.
    """

    round: int
    cases: list[int]
    fresh: bool = False
    alone: bool = False


class Policy(Protocol):
    """The policy of one suite. Pure: it learns from events, and reads no clock."""

    hears_workers: bool
    """Whether a sample counts only when its workers have told all that they did."""

    def next(self, alive: AbstractSet[int], elapsed_s: float) -> Turn | None:
        """Return what to measure next of the cases that are alive; None at the end."""
        ...

    def began(self, turn: Turn) -> None:
        """Learn that the lanes of a turn are ready."""
        ...

    def take(self, event: Event) -> None:
        """Learn from an event: a sample, a failure, or a report of a worker."""
        ...

    def failed(self, cases: int) -> int:
        """Return the number of failures of the suite, given the number of failed cases."""
        ...

    @property
    def end(self) -> tuple[int, EndReason]:
        """Return the number of rounds, and why they ended."""
        ...
