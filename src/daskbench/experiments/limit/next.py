"""Bisection over memory limits: one trial at a time, chosen by the outcomes so far."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from daskbench.conductor.policy import Turn
from daskbench.conductor.ports import Progress
from daskbench.events import EndReason, Event, WorkerEvent
from daskbench.experiments.limit.search import (
    Outcome,
    after_termination,
    bracket,
    next_trial,
    sign_of,
    worst,
)
from daskbench.model import Case, Suite


class Bisection:
    """Measures the cases of a suite that the search asks for, until all bounds are known.

    Outcomes of earlier sessions count, even of interrupted trials: a limit that spilled once has
    spilled.
    """

    hears_workers = True

    def __init__(self, suite: Suite, cases: Mapping[int, Case], before: Progress) -> None:
        self.settings, self.first, self.count = suite.settings, min(cases), len(cases)
        self.signs = {n: Outcome(found) for n, found in before.outcomes.items() if n in cases}
        self.short_of_memory: set[int] = set()
        self.lacks = {number: self._missing(before, number) for number in cases}
        self.tried = {number for number in self.signs if self._is_over(number)}
        self._trial: int | None = None

    def next(self, alive: AbstractSet[int], elapsed_s: float) -> Turn | None:
        """Continue the current trial, or start the one that its outcome leads to."""
        if self._trial is not None and self._is_over(self._trial):
            self.tried.add(self._trial)
            self._trial = None
        if self._trial is None:
            limit = next_trial(self._outcomes(), self.count)
            if limit is None:
                return None
            self._trial = self.first + limit
        return Turn(self.lacks[self._trial].pop(0), [self._trial], alone=True)

    def began(self, turn: Turn) -> None:
        """Do nothing."""

    def take(self, event: Event) -> None:
        """Update the outcome of the trial that the event belongs to."""
        if not isinstance(number := getattr(event, "case", None), int):
            return
        sign = sign_of(event)
        if isinstance(event, WorkerEvent) and event.what == "terminated":
            self.short_of_memory.add(number)
        if number in self.short_of_memory:
            sign = after_termination(sign)
        self.signs[number] = worst((self.signs.get(number, Outcome.UNSPILLED), sign))

    def failed(self, cases: int) -> int:
        """Count a search that found no limit at all; failures of small limits are expected."""
        return int(bracket(self._outcomes(), Outcome.FINISHED).good is None)

    @property
    def end(self) -> tuple[int, EndReason]:
        """Return the rounds per limit, and the reason."""
        return self.settings.rounds, "complete"

    def _missing(self, before: Progress, number: int) -> list[int]:
        done = before.done.get(number, frozenset())
        return sorted({*range(1, self.settings.samples + 1)} - done)

    def _outcomes(self) -> dict[int, Outcome]:
        return {number - self.first: self.signs[number] for number in self.tried}

    def _is_over(self, number: int) -> bool:
        """Whether a trial is complete: it failed, or has all its samples."""
        failed = self.signs.get(number, Outcome.UNSPILLED) <= Outcome.FAILED
        return failed or not self.lacks[number]
