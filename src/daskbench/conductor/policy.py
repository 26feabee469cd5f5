"""Which cases come next: what decides that, and what it is told."""

from collections.abc import Set as AbstractSet
from typing import NamedTuple, Protocol

from daskbench.events import EndReason, Event


class Turn(NamedTuple):
    """Cases that give a sample each, in this order, in a round.

    With `fresh` their lanes are started anew; `alone`, no other lane stays open meanwhile.
    """

    round: int
    cases: list[int]
    fresh: bool = False
    alone: bool = False


class Policy(Protocol):
    """Decides for one suite. Pure: it learns from events, and reads no clock."""

    hears_workers: bool
    """Whether a sample counts only when its workers have told all that they did."""

    def next(self, alive: AbstractSet[int], elapsed_s: float) -> Turn | None:
        """Return what to measure next of the cases that are alive; None at the end."""
        ...

    def began(self, turn: Turn) -> None:
        """Learn that a turn has lanes which are ready."""
        ...

    def take(self, event: Event) -> None:
        """Learn what happened: samples, failures, and what workers tell."""
        ...

    def failed(self, cases: int) -> int:
        """Return how many failures the suite counts, of so many cases that failed."""
        ...

    @property
    def end(self) -> tuple[int, EndReason]:
        """How many rounds there were, and why they ended."""
        ...
