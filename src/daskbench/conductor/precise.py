"""Whose turn it is once all have their rounds, as some intervals are still too wide."""

from collections.abc import Mapping

from daskbench.events import Sample
from daskbench.journal.run import Samples
from daskbench.launches import are_compared, round_of_launch
from daskbench.model import Case, Suite
from daskbench.stats.precision import least_samples, too_wide, wants_precision, width_of
from daskbench.stats.tables import baseline_of, tables_of

#: It is looked at again when there are so many times the rounds: each look is another chance to be
#: lucky.
_LOOK = 1.2


class Precise:
    """What a suite's samples say of its intervals, and who is to be measured on."""

    def __init__(
        self, suite: Suite, cases: Mapping[int, Case], before: Mapping[int, Samples]
    ) -> None:
        self.cases, self.suite, self.settings = cases, suite, suite.settings
        self.samples = {number: before.get(number, Samples()) for number in cases}
        self.baselines: dict[int, int] = {}
        tables = tables_of((number, suite, case) for number, case in cases.items())
        for table in tables:
            if wants_precision(table[0][2], suite):
                self.baselines |= dict.fromkeys((n for n, _, _ in table), baseline_of(table))
        self._wanted: set[int] = set()
        self._next_look = 0.0

    def take(self, sample: Sample) -> None:
        """Take in one more sample."""
        self.samples[sample.case].append(sample)

    def wanted(self, round_number: int, alive: set[int]) -> set[int]:
        """Return the cases that are to be measured in a round beyond those that all have.

        Those that are too wide, and for each its baseline: only rounds of both are pairs.
        """
        found = alive & self.baselines.keys()
        if any(round_number <= least_samples(self.cases[n], self.suite) for n in found):
            return found
        if found and (self._wanted - alive or self._is_time_to_look(round_number)):
            self._wanted = self._look(found)
            self._next_look = round_number * _LOOK
        return self._wanted & alive

    def _is_time_to_look(self, round_number: int) -> bool:
        """Whether it is long enough since the last look, and whole launches are there to see."""
        begun = round_of_launch(round_number, self.settings) > 1
        return round_number > self._next_look and not (are_compared(self.settings) and begun)

    def _look(self, alive: set[int]) -> set[int]:
        assert self.settings.precision
        widths = {number: self._width(number, alive) for number in alive}
        wide = too_wide(widths, self.settings.precision)
        return (wide | {self.baselines[number] for number in wide}) & alive

    def _width(self, number: int, alive: set[int]) -> float:
        """Return the wider interval of a case; that of its mean where its baseline failed."""
        base, samples = self.baselines[number], self.samples[number]
        other = self.samples[base] if number != base and base in alive else None
        return width_of(samples, other, self.settings)
