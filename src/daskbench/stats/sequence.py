"""Intervals and verdicts of ratios that hold at any moment of a run, for all rows of a table.

A fixed-n interval is right once, at a number of rounds chosen beforehand; a reader who looks after
every round and stops when a difference shows is wrong far more often. A *confidence sequence* is
right at all rounds at once. Its mathematics and sources are in `mixture`.

All values are logarithms of ratios; nothing here knows seconds, cases or journals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import log1p

import numpy as np

from daskbench.stats.mixture import (
    Floats,
    bent,
    half_widths,
    inflation,
    lag_one,
    median_spread,
    pooled_rho,
    prior_degrees,
    row_alpha,
    scales_of,
    unit_width,
)

#: No interval before so many units: rounds, or launches where there are several.
FIRST = 5
#: A difference that is smaller than this part is not called one.
MARGIN = 0.02
#: Further than this no forecast is made.
_HORIZON = 1000


class Decision(StrEnum):
    """What the interval of a ratio says."""

    FASTER = "faster"
    SLOWER = "slower"
    EQUIVALENT = "equivalent"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class AnytimeInterval:
    """Interval of one log-ratio, valid at every round and simultaneous over its table.

    `units` are the rounds, or launches where there are several, that it rests on; `half_width` is
    infinite where they allow no bound. `degrees` are those borrowed from other rows.
    """

    value: float
    half_width: float
    units: int
    degrees: int
    alpha: float

    @property
    def low(self) -> float:
        """The lower end, a log-ratio."""
        return self.value - self.half_width

    @property
    def high(self) -> float:
        """The upper end, a log-ratio."""
        return self.value + self.half_width

    def decision(self, margin: float = MARGIN) -> Decision:
        """Return what the interval says: outside the margin, inside it, or neither."""
        edge = log1p(margin)
        if self.low > edge:
            return Decision.SLOWER
        if self.high < -edge:
            return Decision.FASTER
        if -edge < self.low and self.high < edge:
            return Decision.EQUIVALENT
        return Decision.UNDECIDED

    def units_to_decide(self, margin: float = MARGIN) -> int | None:
        """Return how many more units would decide, if value and spread stay as they are.

        0 where it is decided; None where more than 1000 in all would be needed, as where the value
        lies on an edge of the margin, or where the width so far is infinite.
        """
        if self.decision(margin) is not Decision.UNDECIDED:
            return 0
        edge = log1p(margin)
        needed = abs(abs(self.value) - edge)
        here = float(unit_width(self.units, self.alpha, self.degrees))
        if not np.isfinite(here) or needed == 0:
            return None
        later = np.arange(self.units + 1, _HORIZON + 1)
        widths = self.half_width * unit_width(later, self.alpha, self.degrees) / here
        enough = np.flatnonzero(widths < needed)
        return int(later[enough[0]]) - self.units if len(enough) else None


def paired_logs(
    times: Mapping[int, Sequence[float]], baseline: Mapping[int, Sequence[float]]
) -> Floats:
    """Return the log-ratio of each round in which both were measured, in order; shape (rounds,).

    Both map a round to the times taken in it, in any one unit. A row that rested in a round has no
    entry, or an empty one. Of several times in a round the geometric mean counts.
    """
    both = sorted(r for r in times.keys() & baseline.keys() if len(times[r]) and len(baseline[r]))
    return np.array([_mean_log(times[r]) - _mean_log(baseline[r]) for r in both])


def _mean_log(seconds: Sequence[float]) -> float:
    return float(np.log(np.asarray(seconds, dtype=float)).mean())


def intervals(
    rows: Sequence[Sequence[Floats]], alpha: float | None = None
) -> list[AnytimeInterval | None]:
    """Return the intervals of a table; None where a row has fewer than `FIRST` units.

    Each row is given as its launches, each with the log-ratios of its rounds in order. Of a single
    launch every round is a unit. Of several each *launch* is one, by the median of its rounds, so
    that the spread of the units is what launches differ by: Kalibera & Jones (2013), "Rigorous
    benchmarking in reasonable time", ISMM. `alpha` is that of a row: `row_alpha` by default.
    """
    units = [_units(launches) for launches in rows]
    known = [place for place, values in enumerate(units) if len(values) >= FIRST]
    found: list[AnytimeInterval | None] = [None] * len(rows)
    if not known:
        return found
    alpha = row_alpha(len(rows)) if alpha is None else alpha
    counts = np.array([len(units[place]) for place in known])
    means, pulls = _located([units[place] for place in known], counts)
    several = [len(rows[place]) > 1 for place in known]
    grown = np.where(several, 1.0, inflation(_rho(pulls, several)))
    spreads = np.array([(p @ p) / (len(p) - 1) for p in pulls])
    degrees = prior_degrees(len(known))
    halves = half_widths(spreads, counts, grown, alpha)
    for place, mean, half, count in zip(known, means, halves, counts, strict=True):
        found[place] = AnytimeInterval(mean, float(half), int(count), degrees, alpha)
    return found


def _located(units: list[Floats], counts: Floats) -> tuple[list[float], list[Floats]]:
    """Return the location of each row and the influence of each of its units."""
    spreads = np.array([median_spread(values) for values in units])
    deviations = np.array([values.std(ddof=1) for values in units])
    scales = scales_of(spreads, deviations, counts)
    both = [bent(values, scale) for values, scale in zip(units, scales, strict=True)]
    return [float(middle) for middle, _ in both], [pulls for _, pulls in both]


def _rho(pulls: list[Floats], several: list[bool]) -> float:
    """Return the correlation of neighbours; launches are fresh starts and have none."""
    series = [one for one, launches in zip(pulls, several, strict=True) if not launches]
    lags = np.array([lag_one(one) for one in series])
    return float(pooled_rho(lags, np.array([len(one) for one in series], dtype=float)))


def _units(launches: Sequence[Floats]) -> Floats:
    """Return what varies independently: rounds of the only launch, or medians of several."""
    if len(launches) == 1:
        return np.asarray(launches[0], dtype=float)
    return np.array([float(np.median(logs)) for logs in launches if len(logs)])
