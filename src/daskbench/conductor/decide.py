"""Rounds go where they decide: rows without a verdict are measured on, the others rest."""

from collections.abc import Mapping

from daskbench.events import Sample
from daskbench.journal.run import Samples
from daskbench.model import Case, Suite
from daskbench.stats.ratio import paired_ratios
from daskbench.stats.tables import Numbered, baseline_of, tables_of
from daskbench.stats.verdict import Verdict, verdict_of

#: A row that rests takes part in every so-manieth round: if its verdict does not stand, it shows.
_IN_STEP = 5


class Decide:
    """What a suite's samples say by now, and who is to be measured on."""

    def __init__(
        self, suite: Suite, cases: Mapping[int, Case], before: Mapping[int, Samples]
    ) -> None:
        self.settings = suite.settings
        self.samples = {number: before.get(number, Samples()) for number in cases}
        tables = tables_of((number, suite, case) for number, case in cases.items())
        self._tables = [table for table in tables if len(table) > 1 and not table[0][2].reference]

    def take(self, sample: Sample) -> None:
        """Take in one more sample."""
        self.samples[sample.case].append(sample)

    def wanted(self, round_number: int, alive: set[int]) -> set[int]:
        """Return the cases that are to be measured in a round beyond those that all have."""
        wanted: set[int] = set()
        for table in self._tables:
            undecided = self._undecided(table, alive)
            if undecided and round_number % _IN_STEP == 0:
                undecided = {number for number, _, _ in table}
            wanted |= undecided
        return wanted & alive

    def _undecided(self, table: list[Numbered], alive: set[int]) -> set[int]:
        """Return the rows of a table that lack a verdict, with their baseline."""
        base = baseline_of(table)
        rows = [number for number, _, _ in table if number != base and number in alive]
        if base not in alive:
            return set()
        pairs = [(self.samples[number], self.samples[base]) for number in rows]
        ratios = paired_ratios(pairs, self.settings)
        found = {
            number
            for number, ratio in zip(rows, ratios, strict=True)
            if verdict_of(ratio) is Verdict.UNDECIDED
        }
        return found | {base} if found else set()
