"""Rounds: one sample of every case in each, until there are enough."""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from random import Random
from typing import Protocol

from daskbench.conductor.budget import Budget
from daskbench.conductor.decide import Decide
from daskbench.conductor.policy import Turn
from daskbench.conductor.ports import Progress
from daskbench.conductor.precise import Precise
from daskbench.events import EndReason, Event, Sample
from daskbench.launches import round_of_launch
from daskbench.model import Case, Suite
from daskbench.stats.tables import baseline_of, opens_fast, tables_of

#: So many lanes open before the first figures, and as many more before those of the others: of all
#: that open fast, no more than this come first.
_AT_ONCE, _EARLY = 2, 4


class Rule(Protocol):
    """Says who is measured on once all have their rounds."""

    def take(self, sample: Sample) -> None:
        """Take in one more sample."""
        ...

    def wanted(self, round_number: int, alive: set[int]) -> set[int]:
        """Return the cases that are measured in a round beyond those that all have."""
        ...

    def twice(self, turns: Collection[int]) -> list[int]:
        """Return which of the cases of a round are measured twice in it."""
        ...


def early(suite: Suite, cases: Mapping[int, Case]) -> list[int]:
    """Return the cases that are measured before the lanes of the others are opened.

    These take a second each, clusters and pools several: so the first figures are there soon. They
    are of one table, its baseline first if that opens as fast.
    """
    if not cases or suite.in_turns or suite.sides or suite.settings.launches > 1:
        return []
    [table, *_] = tables_of((number, suite, case) for number, case in cases.items())
    fast = [n for n, _, case in table if not case.skip and opens_fast(case)]
    base = baseline_of(table)
    return sorted(fast, key=lambda number: number != base)[:_EARLY]


class Rounds:
    """Takes a sample of every case in each round, in random order.

    After those that all have, come those of the cases that a rule wants measured on: their
    intervals are too wide, or leave their verdict open.
    """

    hears_workers = False

    def __init__(
        self, suite: Suite, cases: Mapping[int, Case], before: Progress, seed: int, start_s: float
    ) -> None:
        self.suite, self.settings, self.seed = suite, suite.settings, seed
        rule = Decide if self.settings.decide else Precise
        self.rule: Rule = rule(suite, cases, before.samples)
        self.budget = Budget(self.settings, start_s)
        self.done = {case: before.done.get(case, frozenset()) for case in cases}
        self.rounds = {done for rounds in self.done.values() for done in rounds}
        self.beyond = self._first_beyond()
        self.number, self._turn = 1, False
        self._early = early(suite, cases)
        self._parts: list[list[int]] = []
        self.reason: EndReason = "complete"

    def next(self, alive: AbstractSet[int], elapsed_s: float) -> Turn | None:
        """Return the next round that has something to measure, or the rest of this one."""
        while self._parts:
            if part := [case for case in self._parts.pop(0) if case in alive]:
                return Turn(self.number, part)
        if self._turn:
            self._advance(self.budget.after(self.number, elapsed_s))
            self._turn = False
        while wanted := self._wanted(alive):
            if self.budget.is_spent:
                self.reason = "budget"
                return None
            if turns := self._order(wanted):
                first, *self._parts = self._split(turns)
                self._turn = True
                return Turn(self.number, first, fresh=self._is_fresh())
            self.rounds.add(self.number)  # it was complete before the run was resumed
            self._advance(self.number + 1)
        return None

    def began(self, turn: Turn) -> None:
        """Count the round: some of its lanes are ready."""
        self.rounds.add(turn.round)

    def take(self, event: Event) -> None:
        """Record a sample."""
        if isinstance(event, Sample):
            self.rule.take(event)

    def failed(self, cases: int) -> int:
        """Count each case that failed."""
        return cases

    @property
    def end(self) -> tuple[int, EndReason]:
        """Return the number of rounds, and why they ended."""
        return len(self.rounds), self.reason

    def _advance(self, following: int) -> None:
        """Go to the next round, which is later if the budget of a launch is spent."""
        if following > self.number + 1:
            self.reason = "budget"
        past = following > self.settings.samples
        self.number = max(following, self.beyond) if past else following

    def _wanted(self, alive: AbstractSet[int]) -> AbstractSet[int]:
        """Return the cases of this round, whether measured already or not."""
        if self.number <= self.settings.samples:
            return alive
        return self.rule.wanted(self.number, {*alive})

    def _order(self, wanted: AbstractSet[int]) -> list[int]:
        turns = [case for case in sorted(wanted) if self.number not in self.done[case]]
        turns += self.rule.twice(turns)
        Random(f"{self.seed}/{self.suite.name}/{self.number}").shuffle(turns)
        return turns

    def _split(self, turns: list[int]) -> list[list[int]]:
        """Return the parts of a round: in the first of a session, some cases go before the rest.

        A second sample of the baseline is among the rest.
        """
        first, self._early, rest = [n for n in self._early if n in turns], [], [*turns]
        for case in first:
            rest.remove(case)
        parts = first[:_AT_ONCE], first[_AT_ONCE:]
        return [part for part in (*(sorted(one, key=turns.index) for one in parts), rest) if part]

    def _is_fresh(self) -> bool:
        return self.settings.launches > 1 and round_of_launch(self.number, self.settings) == 1

    def _first_beyond(self) -> int:
        """Return the first round beyond those that all have.

        A run that is resumed goes on behind all that was measured: there a case and its baseline
        have the same rounds to come, and a launch that was cut is not mixed with another.
        """
        last = max(self.rounds, default=0)
        first = max(last, self.settings.samples) + 1
        if last > self.settings.samples and self.settings.launches > 1:
            while round_of_launch(first, self.settings) > 1:
                first += 1
        return first
