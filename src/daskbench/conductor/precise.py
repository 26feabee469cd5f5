"""Which cases to measure beyond their rounds, as their intervals are still too wide."""

from collections.abc import Collection, Mapping

from daskbench.events import Sample
from daskbench.journal.run import Samples
from daskbench.launches import are_compared, round_of_launch
from daskbench.model import Case, Suite
from daskbench.stats.precision import least_samples, too_wide, wants_precision, width_of
from daskbench.stats.ratio import Ratio, paired_ratios
from daskbench.stats.tables import baseline_of, tables_of


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

    def take(self, sample: Sample) -> None:
        """Record a sample."""
        self.samples[sample.case].append(sample)

    def twice(self, turns: Collection[int]) -> list[int]:
        """Return none: every case has as many samples as the others."""
        return []

    def wanted(self, round_number: int, alive: set[int]) -> set[int]:
        """Return the cases to measure in a round beyond the common ones.

        These are the cases with too wide intervals and their baselines, as ratios need both.
        """
        found = alive & self.baselines.keys()
        if any(round_number <= least_samples(self.cases[n], self.suite) for n in found):
            return found
        if found and (self._wanted - alive or self._is_time_to_look(round_number)):
            self._wanted = self._look(found)
        return self._wanted & alive

    def _is_time_to_look(self, round_number: int) -> bool:
        """Whether launches are complete."""
        return not are_compared(self.settings) or round_of_launch(round_number, self.settings) == 1

    def _look(self, alive: set[int]) -> set[int]:
        assert self.settings.precision
        ratios = self._ratios(alive)
        bases = {self.baselines[number] for number in ratios}
        widths = {n: width_of(self.samples[n], ratios.get(n), self.settings) for n in alive - bases}
        wide = too_wide(widths, self.settings.precision)
        return (wide | {self.baselines[number] for number in wide}) & alive

    def _ratios(self, alive: set[int]) -> dict[int, Ratio | None]:
        """Return the ratios as tables print them; a case whose baseline failed has none."""
        found: dict[int, Ratio | None] = {}
        for base in {*self.baselines.values()} & alive:
            rows = [n for n in alive if self.baselines[n] == base and n != base]
            pairs = [(self.samples[row], self.samples[base]) for row in rows]
            found |= zip(rows, paired_ratios(pairs, self.settings), strict=True)
        return found
