"""Rounds of all graphs but the large ones, which follow as far as the budget allows."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from math import inf, log10
from random import Random

from daskbench.conductor.policy import Turn
from daskbench.conductor.ports import Progress
from daskbench.events import EndReason, Event, Sample
from daskbench.experiments.overhead.graphs import graph_of, is_large
from daskbench.model import FEWEST, Case, Suite
from daskbench.stats.tables import by_lane, opens_fast, share_a_lane

#: Before so many rounds there is no fit that tells anything.
_LEAST_ROUNDS = 3
#: The budget may be exceeded by this part of it for rounds without which there is no interval.
_SLACK = 0.25
#: A place takes one more round for each time that its cost goes into this part of the most
#: expensive place's, up to so many.
_CHEAP, _MOST_MORE = 0.25, 3
#: Large graphs may take this part of the budget.
_LARGE = 1 / 3
#: Once there are intervals, one round of so many is of all small graphs, the others of busy tasks.
_ALL_IN = 3
#: A graph that is ten times as large may take that much more than ten times as long.
_GROWS = 1.3


class Affordable:
    """Takes a sample of each small graph in each round, in random order.

    In the first round come those whose schedulers start at once, so that there are figures soon.
    Places where a round costs little beside others take up to four at a time. Once there are
    intervals, large graphs are measured, cheapest first, if what they are expected to take is left
    of their share of the budget. What remains is spent on more rounds, most of them of busy tasks
    alone: how large tasks should be depends on these, and their times differ least.
    """

    hears_workers = False

    def __init__(
        self, suite: Suite, cases: Mapping[int, Case], before: Progress, seed: int, start_s: float
    ) -> None:
        self.suite, self.cases, self.settings, self.seed = suite, cases, suite.settings, seed
        self.start_s = start_s
        self.done = {number: {*before.done.get(number, ())} for number in cases}
        self.cost_s = {
            number: float(before.samples[number]["watched_s"][-1])
            for number in cases
            if number in before.samples and len(before.samples[number])
        }
        large = {number for number, case in cases.items() if is_large(case)}
        self.large, self.small = large, cases.keys() - large
        self.busy = {number for number in self.small if self._is_busy(number)} or self.small
        self.spent_on_large_s = 0.0
        self.reason: EndReason = "complete"
        self._parts: list[Turn] = []

    def next(self, alive: AbstractSet[int], elapsed_s: float) -> Turn | None:
        """Return the rest of this round, a large graph, or the next round."""
        while self._parts:
            number, cases, *_ = self._parts.pop(0)
            if left := [case for case in cases if case in alive]:
                return Turn(number, left)
        left_s = (self.settings.budget_s or inf) - (elapsed_s - self.start_s)
        number, missing = self._round(alive)
        known = number > min(FEWEST, self.settings.rounds) or not missing
        if known and (large := self._affordable(alive, left_s)) is not None:
            return Turn(min(self._rounds - self.done[large]), [large])
        if not missing:
            self._note_what_is_left(alive)
            return None
        expected_s = sum(self.cost_s.get(case, 0.0) for case in missing)
        if number > _LEAST_ROUNDS and expected_s > left_s + self._slack_s(number):
            self.reason = "budget"
            return None
        first, *self._parts = [*self._split(number, missing), *self._more(number, alive)]
        return first

    def _slack_s(self, number: int) -> float:
        """Return by how much the budget may be exceeded, so that there are intervals."""
        return _SLACK * (self.settings.budget_s or 0.0) if number <= FEWEST else 0.0

    @property
    def _most_of_large(self) -> int:
        """Return how many samples of each large graph are wanted."""
        return min(FEWEST, self.settings.rounds)

    @property
    def _rounds(self) -> set[int]:
        return {*range(1, self.settings.rounds + 1)}

    def _round(self, alive: AbstractSet[int]) -> tuple[int, list[int]]:
        """Return the next round of small graphs, and which of them lack it."""
        small = sorted(self.small & alive)
        for number in sorted(self._rounds):
            if missing := self._due(number, small):
                return number, missing
        return self.settings.rounds, []

    def _due(self, number: int, cases: Sequence[int]) -> list[int]:
        """Return the cases that a round lacks."""
        every = number <= FEWEST or number % _ALL_IN == 0
        own = [case for case in cases if every or case in self.busy]
        return [case for case in own if number not in self.done[case]]

    def _is_busy(self, number: int) -> bool:
        graph = graph_of(self.cases[number])
        return graph is not None and graph.work_s > 0

    def _split(self, number: int, cases: list[int]) -> list[Turn]:
        """Return the parts of a round, each in random order."""
        Random(f"{self.seed} {number}").shuffle(cases)
        fast = [case for case in cases if opens_fast(self.cases[case])] if number == 1 else []
        parts = fast, [case for case in cases if case not in fast]
        return [Turn(number, part) for part in parts if part]

    def _more(self, number: int, alive: AbstractSet[int]) -> list[Turn]:
        """Return further rounds at places where they cost little beside those elsewhere."""
        lanes = by_lane(self.suite, sorted(self.small & alive), self.cases.__getitem__)
        costs = [sum(self.cost_s.get(case, 0.0) for case in lane) for lane in lanes]
        turns = []
        for lane, cost in zip(lanes, costs, strict=True):
            times = min(_MOST_MORE, int(_CHEAP * max(costs) / cost)) if cost else 0
            left = {one: self._due(one, lane) for one in sorted(self._rounds - {number})}
            rounds = [one for one, due in left.items() if due][:times]
            turns += [turn for one in rounds for turn in self._split(one, left[one])]
        return turns

    def _affordable(self, alive: AbstractSet[int], left_s: float) -> int | None:
        """Return the large graph that is measured next, if there is one."""
        most = self._most_of_large
        wanted = [case for case in self.large & alive if len(self.done[case]) < most]
        costs = {case: self._expected_s(case) for case in wanted}
        share_s = _LARGE * (self.settings.budget_s or inf) - self.spent_on_large_s
        fitting = [case for case in wanted if costs[case] <= min(left_s, share_s)]
        return min(fitting, key=lambda case: (len(self.done[case]), costs[case]), default=None)

    def _expected_s(self, number: int) -> float:
        """Return what a sample of a large graph takes, by the others of its lane."""
        if number in self.cost_s:
            return self.cost_s[number]
        alike = (n for n in self.cost_s if self._tasks(n) and self._share(number, n))
        if (other := max(alike, key=self._tasks, default=None)) is None:
            return 0.0  # there is only one way to know
        ratio = self._tasks(number) / self._tasks(other)
        return float(self.cost_s[other] * ratio * _GROWS ** log10(ratio))

    def _share(self, number: int, other: int) -> bool:
        return share_a_lane(self.suite, self.cases[number], self.cases[other])

    def _tasks(self, number: int) -> int:
        graph = graph_of(self.cases[number])
        return graph.tasks if graph and not graph.work_s else 0

    def _note_what_is_left(self, alive: AbstractSet[int]) -> None:
        if any(len(self.done[case]) < self._most_of_large for case in self.large & alive):
            self.reason = "budget"

    def began(self, turn: Turn) -> None:
        """Do nothing: rounds are counted by their samples."""

    def take(self, event: Event) -> None:
        """Learn what a case costs."""
        if isinstance(event, Sample):
            self.cost_s[event.case] = cost_s = event.watched_s or event.wall_s
            self.spent_on_large_s += cost_s if event.case in self.large else 0.0
            if not event.warmup:
                self.done[event.case].add(event.round)

    def failed(self, cases: int) -> int:
        """Count each case that failed."""
        return cases

    @property
    def end(self) -> tuple[int, EndReason]:
        """Return the number of rounds of small graphs, and why they ended."""
        return max((len(self.done[case]) for case in self.small), default=0), self.reason
