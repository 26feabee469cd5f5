"""Which cases to measure beyond their rounds, as their intervals are still too wide."""

from collections.abc import Mapping

from daskbench.events import Sample
from daskbench.journal.run import Samples
from daskbench.launches import are_compared, round_of_launch
from daskbench.model import Case, Suite
from daskbench.stats.precision import least_samples, too_wide, wants_precision, width_of
from daskbench.stats.tables import baseline_of, tables_of

#: Intervals are checked again after this factor of rounds: each check is another chance of a false
#: positive.
_LOOK = 1.2


class Precise:
    """The intervals of a suite's cases, and which cases to keep measuring."""

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
        """Record a sample."""
        self.samples[sample.case].append(sample)

    def wanted(self, round_number: int, alive: set[int]) -> set[int]:
        """Return the cases to measure in a round beyond the common ones.

        These are the cases with too wide intervals and their baselines, as ratios need both.
        """
        found = alive & self.baselines.keys()
        if any(round_number <= least_samples(self.cases[n], self.suite) for n in found):
            return found
        if found and (self._wanted - alive or self._is_time_to_look(round_number)):
            self._wanted = self._look(found)
            self._next_look = round_number * _LOOK
        return self._wanted & alive

    def _is_time_to_look(self, round_number: int) -> bool:
        """Whether enough rounds have passed since the last check, and launches are complete."""
        begun = round_of_launch(round_number, self.settings) > 1
        return round_number > self._next_look and not (are_compared(self.settings) and begun)

    def _look(self, alive: set[int]) -> set[int]:
        assert self.settings.precision
        widths = {number: self._width(number, alive) for number in alive}
        wide = too_wide(widths, self.settings.precision)
        return (wide | {self.baselines[number] for number in wide}) & alive

    def _width(self, number: int, alive: set[int]) -> float:
        """Return the wider interval of a case; that of its mean if its baseline failed."""
        base, samples = self.baselines[number], self.samples[number]
        other = self.samples[base] if number != base and base in alive else None
        return width_of(samples, other, self.settings)
