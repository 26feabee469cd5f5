"""Rounds go where they decide: rows without a verdict are measured on, the others rest."""

from collections.abc import Collection, Mapping
from math import inf
from statistics import median

from daskbench.events import Sample
from daskbench.journal.run import Samples
from daskbench.launches import round_of_launch
from daskbench.model import FEWEST, Case, Suite
from daskbench.stats.looks import Proved, is_look
from daskbench.stats.ratio import Ratio, paired_ratios
from daskbench.stats.tables import baseline_of, tables_of
from daskbench.stats.verdict import is_decided, units_to_decide

#: A row that rests takes part again once there are so many times the rounds: drift shows.
_AGAIN = 4
#: A row waits while another needs at most this part of its time to be decided.
_SOONER = 0.25
#: A row that waits takes part in one round of so many: its interval tells something all the same.
_MEANWHILE = 6

#: So many of the latest samples say what one costs.
_LATEST = 5
#: A second sample of a baseline in each round makes the variance of its ratios about a fifth
#: smaller, as if there were so many more rounds: so it may cost that much of a round.
_WORTH = 0.2

#: A row and what it is compared with.
Race = tuple[int, int]


class Decide:
    """What a suite's samples say by now, and who is to be measured on."""

    def __init__(
        self, suite: Suite, cases: Mapping[int, Case], before: Mapping[int, Samples]
    ) -> None:
        self.settings = suite.settings
        self.samples = {number: before.get(number, Samples()) for number in cases}
        self._tables = races_of(suite, cases)
        self._once = bool(suite.in_turns) or self.settings.launches > 1 or bool(suite.sides)
        self._proved = [Proved() for _ in self._tables]
        self._wanted: set[int] | None = None
        self._waiting: set[Race] = set()

    def take(self, sample: Sample) -> None:
        """Take in one more sample."""
        self.samples[sample.case].append(sample)

    def wanted(self, round_number: int, alive: set[int]) -> set[int]:
        """Return the cases that are to be measured in a round beyond those that all have.

        A launch is judged when it has ended: with a part of one, it would be judged by its luck.
        """
        single = self.settings.launches == 1
        begins = round_of_launch(round_number, self.settings) == 1
        if self._wanted is None or (is_look(round_number - 1) if single else begins):
            self._wanted = self._look(alive)
        wanted = self._wanted & alive
        return self._in_step(round_number, wanted) & alive if single and wanted else wanted

    def twice(self, turns: Collection[int]) -> list[int]:
        """Return the baselines whose second sample in a round pays."""
        cost_s = {number: self._usual_s(number) for number in turns}
        bases = {base for table in self._tables for _, base in table}
        worth_s = _WORTH * sum(cost_s.values())
        return [] if self._once else [n for n in turns if n in bases and cost_s[n] <= worth_s]

    def _usual_s(self, number: int) -> float:
        """Return what a sample of a case costs in seconds, by its latest; infinite without one."""
        latest = self.samples[number]["watched_s"][-_LATEST:]
        return median([*latest]) if len(latest) else inf

    def _look(self, alive: set[int]) -> set[int]:
        """Return the rows that are soonest decided, with what they are compared with."""
        needs_s: dict[Race, float] = {}
        for table, proved in zip(self._tables, self._proved, strict=True):
            pairs = [(self.samples[row], self.samples[base]) for row, base in table]
            ratios = paired_ratios(pairs, self.settings, proved)
            for race, ratio in zip(table, ratios, strict=True):
                if self._is_open({*race} & alive) and not is_decided(ratio, self.settings):
                    needs_s[race] = self._needs_s(race, ratio)
        least_s = min(filter(None, needs_s.values()), default=0.0)
        sooner = {race for race, need_s in needs_s.items() if _SOONER * need_s <= least_s}
        self._waiting = needs_s.keys() - sooner
        return set[int]().union(*sooner)

    def _needs_s(self, race: Race, ratio: Ratio | None) -> float:
        """Return in how many seconds more a row is decided; 0 where that can't be said yet."""
        if ratio is None or ratio.interval is None:
            return 0.0
        units = units_to_decide(ratio.interval, self.settings)
        return inf if units is None else units * sum(map(self._usual_s, race))

    def _in_step(self, round_number: int, wanted: set[int]) -> set[int]:
        """Add the rows that have rested or waited for long, with what they are compared with."""
        late = (
            race for table in self._tables for race in table if self._is_late(race, round_number)
        )
        return wanted.union(*late)

    def _is_late(self, race: Race, round_number: int) -> bool:
        """Whether a row has rested for most of the rounds, or waited for more than its share."""
        rounds = self.samples[race[0]]["round"]
        if race in self._waiting:
            return bool(_MEANWHILE * (rounds > 0).sum() <= round_number)
        return bool(_AGAIN * rounds.max(initial=0) <= round_number)

    def _is_open(self, race: set[int]) -> bool:
        """Whether both sides of a race are there, and give samples that count."""
        sides = [self.samples[number] for number in race]
        hopeless = (one.measured.sum() >= FEWEST and not one.counted.any() for one in sides)
        return len(race) == 2 and not any(hopeless)


def races_of(suite: Suite, cases: Mapping[int, Case]) -> list[list[Race]]:
    """Return what is compared with what, table by table; two sides make a table of all cases."""
    tables = []
    for table in tables_of((number, suite, case) for number, case in cases.items()):
        base = baseline_of(table)
        races = [(number, base) for number, _, case in table if number != base and not case.skip]
        if races and not table[0][2].reference:
            tables.append(races)
    return [[race for races in tables for race in races]] if suite.sides else tables
