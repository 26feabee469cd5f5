"""A bound that was proved once stays proved, though later rounds make an interval wider.

A confidence sequence holds at all looks at once, so the truth is in the intersection of all its
intervals with the same probability: Howard, Ramdas, McAuliffe & Sekhon (2021), section 6. Widths
depend on how the other rows of a table vary, so a row that was decided and rests would lose its
verdict to a neighbour's noise. Of the intersection only the end towards 1 is used: a machine that
changes during a run would make both ends too narrow.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from daskbench.stats.mixture import Floats
from daskbench.stats.sequence import AnytimeInterval, intervals

#: So many looks at every round, and then for each doubling of their number.
_LOOKS = 64


def is_look(round_number: int) -> bool:
    """Whether a run is looked at after this round: after each of the first 127, then less often."""
    doublings = max(0, round_number.bit_length() - _LOOKS.bit_length())
    return round_number % (1 << doublings) == 0


@dataclass(frozen=True)
class Series:
    """The log-ratios of a row in the order of their rounds, both of shape (n,)."""

    logs: Floats
    rounds: Floats

    def until(self, last: int) -> Floats:
        """Return the log-ratios up to a round; of a resumed run what it made up for comes last."""
        reached = np.maximum.accumulate(self.rounds)
        return self.logs[: int(np.searchsorted(reached, last, side="right"))]


class Proved:
    """What all looks so far have proved of the rows of a table."""

    def __init__(self) -> None:
        self._ends: dict[int, tuple[float, float]] = {}
        self._looked = 0

    def look(self, rows: Sequence[Series]) -> list[AnytimeInterval | None]:
        """Return the intervals of a table by now; looks since the last call are made up for."""
        newest = max((int(row.rounds.max()) for row in rows if len(row.rounds)), default=0)
        for moment in filter(is_look, range(self._looked + 1, newest + 1)):
            for place, found in _finite(intervals([[row.until(moment)] for row in rows])):
                least, most = self._ends.get(place, (-inf, inf))
                ends = found.value - found.half_width, found.value + found.half_width
                self._ends[place] = max(least, ends[0]), min(most, ends[1])
        self._looked = newest
        now = intervals([[row.logs] for row in rows])
        for place, found in _finite(now):
            least, most = self._ends.get(place, (-inf, inf))
            now[place] = replace(found, least=least, most=most)
        return now


def _finite(
    found: Sequence[AnytimeInterval | None],
) -> Iterator[tuple[int, AnytimeInterval]]:
    for place, one in enumerate(found):
        if one and np.isfinite(one.half_width):
            yield place, one
