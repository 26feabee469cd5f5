"""The median, with an interval that makes no assumption about the distribution."""

from dataclasses import dataclass

from daskbench.journal.run import Column
from daskbench.stats.estimate import CONFIDENCE, Interval, median


@dataclass(frozen=True)
class Median:
    """A median of `count` values; of fewer than six it has no interval."""

    value: float
    interval: Interval | None
    count: int

    def __float__(self) -> float:
        """Return the value, by which it is sorted."""
        return self.value

    def times(self, factor: float) -> "Median":
        """Return so many times this, with its interval."""
        ends = self.interval
        scaled = Interval(ends.low * factor, ends.high * factor) if ends else None
        return Median(self.value * factor, scaled, self.count)


def median_of(values: Column) -> Median | None:
    """Return the median of independent values, shape (n,), and its interval; None without values.

    The ends are order statistics, so that they are two of the values. Source: Conover (1999),
    "Practical nonparametric statistics", 3rd edition, section 3.2.
    """
    if not len(values):
        return None
    from scipy.stats import binom  # slow to import

    ordered = sorted(values.tolist())
    below = int(binom.ppf((1 - CONFIDENCE) / 2, len(ordered), 0.5))
    # So many values or fewer are below the median with a probability of at most 2.5 %.
    if binom.cdf(below, len(ordered), 0.5) > (1 - CONFIDENCE) / 2:
        below -= 1
    ends = Interval(ordered[below], ordered[-1 - below]) if below >= 0 else None
    return Median(median(values), ends, len(ordered))
