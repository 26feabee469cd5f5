"""Intervals and verdicts of ratios that hold at any moment of a run, for all rows of a table.

A fixed-n interval is right once, at a number of rounds chosen beforehand; a reader who looks after
every round and stops when a difference shows is wrong far more often. A *confidence sequence* is
right at all rounds at once. Its mathematics and sources are in `mixture`.

All values are logarithms of ratios; nothing here knows seconds, cases or journals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf, log1p

import numpy as np

from daskbench.stats.mixture import (
    PRIOR_DEGREES,
    Floats,
    bent,
    half_widths,
    inflation,
    lag_one,
    launch_alpha,
    median_spread,
    median_variance,
    moderated_widths,
    pooled_rho,
    prior_degrees,
    row_alpha,
    scales_of,
    unit_width,
)

#: No interval before so many rounds, or launches where there are several. Of a single row the first
#: finite one comes a round later.
FIRST, FIRST_LAUNCHES = 4, 5
#: A difference that is smaller than this part is not called one.
MARGIN = 0.02
#: Further than this no forecast is made.
_HORIZON = 1000


class Verdict(StrEnum):
    """What the interval of a ratio says."""

    FASTER = "faster"
    SLOWER = "slower"
    EQUIVALENT = "equivalent"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class AnytimeInterval:
    """Interval of one log-ratio, valid at every round and simultaneous over its table.

    `units` are the rounds, or launches where there are several, that it rests on; `half_width` is
    infinite where they allow no bound. `degrees` are those borrowed from other rows, or from the
    spread within launches. `least` and `most` were proved at earlier looks: see `looks`.
    """

    value: float
    half_width: float
    units: int
    degrees: int
    alpha: float
    least: float = -inf
    most: float = inf

    @property
    def low(self) -> float:
        """The lower end, a log-ratio."""
        here = self.value - self.half_width
        return max(here, min(self.least, self.value)) if self.value > 0 else here

    @property
    def high(self) -> float:
        """The upper end, a log-ratio."""
        here = self.value + self.half_width
        return min(here, max(self.most, self.value)) if self.value < 0 else here

    def verdict(self, margin: float = MARGIN) -> Verdict:
        """Return what the interval says: outside the margin, inside it, or neither."""
        edge = log1p(margin)
        if self.low > edge:
            return Verdict.SLOWER
        if self.high < -edge:
            return Verdict.FASTER
        if -edge < self.low and self.high < edge:
            return Verdict.EQUIVALENT
        return Verdict.UNDECIDED

    def units_to_decide(self, margin: float = MARGIN) -> int | None:
        """Return how many more units would decide, if value and spread stay as they are.

        0 where it is decided; None where more than 1000 in all would be needed, as where the value
        lies on an edge of the margin, or where the width so far is infinite.
        """
        if self.verdict(margin) is not Verdict.UNDECIDED:
            return 0
        return self._units_until(abs(abs(self.value) - log1p(margin)))

    def units_to_judge(self, limit: float) -> int | None:
        """Return how many more units a gate needs that lets through up to 1 + `limit`."""
        if not self.low <= log1p(limit) < self.high:
            return 0
        return self._units_until(abs(self.value - log1p(limit)))

    def _units_until(self, needed: float) -> int | None:
        """Return how many more units make the half-width smaller than `needed`."""
        here = float(unit_width(self.units, self.alpha, self.degrees))
        if not np.isfinite(here) or needed == 0:
            return None
        later = np.arange(self.units + 1, _HORIZON + 1)
        widths = self.half_width * unit_width(later, self.alpha, self.degrees) / here
        enough = np.flatnonzero(widths < needed)
        return int(later[enough[0]]) - self.units if len(enough) else None


def intervals(
    rows: Sequence[Sequence[Floats]], alpha: float | None = None
) -> list[AnytimeInterval | None]:
    """Return the intervals of a table; None where a row has too few units.

    Each row is given as its launches, each with the log-ratios of its rounds in order. Of a single
    launch every round is a unit. Of several each *launch* is one, by the median of its rounds, so
    that the spread of the units is what launches differ by: Kalibera & Jones (2013), "Rigorous
    benchmarking in reasonable time", ISMM. `alpha` is that of a row: by default `row_alpha` of all
    rows that have units, and `launch_alpha` for launches.
    """
    found: list[AnytimeInterval | None] = [None] * len(rows)
    across = any(len(launches) > 1 for launches in rows)
    units = [_medians(one) if across else np.concatenate([*one, []]) for one in rows]
    first = FIRST_LAUNCHES if across else FIRST
    known = [place for place, values in enumerate(units) if len(values) >= first]
    if not known:
        return found
    begun = sum(len(values) > 0 for values in units)
    alpha = alpha or (launch_alpha if across else row_alpha)(begun)
    if across:
        each = [_of_launches([one for one in rows[p] if len(one)], units[p], alpha) for p in known]
    else:
        each = _of_rounds([units[place] for place in known], alpha)
    for place, interval in zip(known, each, strict=True):
        found[place] = interval
    return found


def least_units(rows: Sequence[Sequence[Floats]]) -> int:
    """Return how many rounds, or launches where there are several, give a table intervals.

    A single row borrows no degrees of freedom, and its first interval is infinite.
    """
    if any(len(launches) > 1 for launches in rows):
        return FIRST_LAUNCHES
    begun = sum(any(map(len, launches)) for launches in rows)
    return FIRST + (begun <= 1)


def _medians(launches: Sequence[Floats]) -> Floats:
    return np.array([float(np.median(logs)) for logs in launches if len(logs)])


def _of_launches(launches: list[Floats], medians: Floats, alpha: float) -> AnytimeInterval:
    """Return the interval of a row from what its launches differ by.

    The typical spread within them counts for some degrees of freedom: five launches alone would
    say little of how far launches scatter.
    """
    within = float(np.median([median_variance(logs) for logs in launches]))
    count, variance = len(medians), medians.var(ddof=1)
    half = moderated_widths(variance, np.array(within), np.array(count), PRIOR_DEGREES, alpha)
    return AnytimeInterval(float(medians.mean()), float(half), count, PRIOR_DEGREES, alpha)


def _of_rounds(units: list[Floats], alpha: float) -> list[AnytimeInterval]:
    """Return the intervals of the rows of a table from their rounds, shape (rounds,) each."""
    counts = np.array([len(values) for values in units])
    means, pulls = _located(units, counts)
    lags = np.array([lag_one(one) for one in pulls])
    grown = inflation(pooled_rho(lags, counts.astype(float)))
    spreads = np.array([(p @ p) / (len(p) - 1) for p in pulls])
    halves, degrees = half_widths(spreads, counts, grown, alpha), prior_degrees(len(units))
    return [
        AnytimeInterval(mean, float(half), int(count), degrees, alpha)
        for mean, half, count in zip(means, halves, counts, strict=True)
    ]


def _located(units: list[Floats], counts: Floats) -> tuple[list[float], list[Floats]]:
    """Return the location of each row and the influence of each of its units."""
    spreads = np.array([median_spread(values) for values in units])
    deviations = np.array([values.std(ddof=1) for values in units])
    scales = scales_of(spreads, deviations, counts)
    both = [bent(values, scale) for values, scale in zip(units, scales, strict=True)]
    return [float(middle) for middle, _ in both], [pulls for _, pulls in both]
