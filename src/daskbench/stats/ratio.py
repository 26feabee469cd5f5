"""How many times as long as the baseline, from rounds in which both were measured."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from daskbench.journal.run import Column, Samples
from daskbench.stats.summary import t_interval


@dataclass(frozen=True)
class Ratio:
    """Time divided by the baseline's time, with its 95 % interval. Below 1 is faster."""

    value: float
    low: float
    high: float
    rounds: int


def paired_ratio(samples: Samples, baseline: Samples) -> Ratio | None:
    """Compare the samples of two cases round by round; None below two shared rounds."""
    return ratio_of_pairs(*_pairs(samples.by_round(), baseline.by_round()))


def ratio_of_pairs(seconds: Column, baseline: Column) -> Ratio | None:
    """Return the ratio of times of shape (rounds,), paired by position, in any one unit.

    The logarithm of each round's ratio is taken; their mean and its Student's t interval are
    turned back. So the figure is the geometric mean of the rounds' ratios: what slows a whole
    round cancels, twice as fast weighs as much as twice as slow, and a/b is exactly 1/(b/a).
    Nothing is resampled, so there is no chance in it to seed.

    Source: Fleming & Wallace (1986), "How not to lie with statistics", CACM 29(3), for the
    geometric mean; Fieller (1954) treats the same question without the logarithm.
    """
    logs = np.log(seconds) - np.log(baseline)
    interval = t_interval(logs)
    if interval is None:
        return None
    value, low, high = np.exp([logs.mean(), interval.low, interval.high])
    return Ratio(float(value), float(low), float(high), len(logs))


def _pairs(
    one: tuple[npt.NDArray[np.int64], Column], two: tuple[npt.NDArray[np.int64], Column]
) -> tuple[Column, Column]:
    _, first, second = np.intersect1d(one[0], two[0], return_indices=True)
    return one[1][first], two[1][second]
