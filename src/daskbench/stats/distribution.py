"""The distribution of a case's times: a trend, two modes, launch-to-launch variation.

The tests are strict, as they are applied to every case of every run: a family-wise error rate of
1 % per run, and a minimum effect size.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # imports its submodules when they are used

from daskbench.journal.run import Column

#: Family-wise error rate per run.
LEVEL = 0.01
#: Variance of sums where each round is like the one before by 0.4; see `estimate`.
_CORRELATED = (1 + 0.4) / (1 - 0.4)
#: Warm-up is only looked for in the first samples of a launch, up to this many.
_FIRST = 20
_LEAST_IN_LAUNCH, _LEAST_FOR_TREND = 4, 10
_LEAST_FOR_MODES, _LEAST_SHARE = 20, 0.1
_LEAST_LAUNCHES = 3


@dataclass(frozen=True)
class Trend:
    """How much longer the first samples take than the later ones, as a fraction; 0.1 is 10 %.

    `p_value` is that of the trend; `samples` is the number of first samples.
    """

    excess: float
    samples: int
    p_value: float


def trend_of(launches: Sequence[Column]) -> Trend | None:
    """Look for a trend in the first samples of launches, given in seconds in the order measured.

    Kendall's tau of time against order, summed over launches; None where they are too few. Source:
    Hirsch, Slack & Smith (1982), "Techniques of trend analysis for monthly water quality data",
    Water Resources Research 18(1), with launches for months.
    """
    series = [launch[:_FIRST] for launch in launches if len(launch) >= _LEAST_IN_LAUNCH]
    if sum(map(len, series)) < _LEAST_FOR_TREND:
        return None
    score = sum(_kendall(values) for values in series)
    variance = _CORRELATED * sum(n * (n - 1) * (2 * n + 5) / 18 for n in map(len, series))
    first = max(max(map(len, series)) // 4, 1)
    excess = [np.log(np.median(v[:first]) / np.median(v[len(v) // 2 :])) for v in series]
    p_value = 2 * float(scipy.special.ndtr(-max(abs(score) - 1, 0) / variance**0.5))
    return Trend(float(np.expm1(np.mean(excess))), first, p_value)


def _kendall(values: Column) -> float:
    """Return the number of rising pairs minus the number of falling ones."""
    return float(np.triu(np.sign(values[None, :] - values[:, None])).sum())


@dataclass(frozen=True)
class Modes:
    """Two tables of times, in seconds: the location of each, and the fraction in the upper."""

    low_s: float
    high_s: float
    upper: float
    p_value: float


def modes_of(seconds: Column) -> Modes | None:
    """Look for two separate tables of times in seconds; None if there are too few.

    They are split where both spread least. Around the middle of the one, between them, and around
    that of the other lie three stretches of the same width; whatever has one mode is in the second
    at least as often as in the rarer of the others, and a sign test tells how likely less is.
    Source: Fisher (1958), "On grouping for maximum homogeneity", JASA 53, for the split.
    """
    ordered = np.sort(seconds)
    if len(ordered) < _LEAST_FOR_MODES:
        return None
    at = _split(ordered)
    low, high = float(np.median(ordered[:at])), float(np.median(ordered[at:]))
    edges = low + (high - low) * np.array([-0.25, 0.25, 0.75, 1.25])
    left, between, right = np.diff(np.searchsorted(ordered, edges))
    rarer = min(left, right)
    upper = 1 - at / len(ordered)
    if not between + rarer or min(upper, 1 - upper) < _LEAST_SHARE:
        return None
    p_value = float(scipy.special.bdtr(between, between + rarer, 0.5))
    return Modes(low, high, upper, p_value)


def _split(ordered: Column) -> int:
    """Return how many of the values are in the lower of two tables that spread least."""
    count = np.arange(1, len(ordered))
    sums = np.cumsum(ordered - ordered.mean())[:-1]  # of all it is 0
    return int(count[np.argmax(sums**2 / (count * (len(ordered) - count)))])


@dataclass(frozen=True)
class Luck:
    """Launch-to-launch variation: a standard deviation as a fraction of the time."""

    spread: float
    p_value: float


def luck_of(launches: Sequence[Column]) -> Luck | None:
    """Look for launch-to-launch variation in times in seconds; None if there are too few.

    One-way analysis of variance of the logarithms, with launches as a random effect. Source:
    Searle, Casella & McCulloch (1992), "Variance components", section 3.6.
    """
    logs = [np.log(launch) for launch in launches if len(launch) > 1]
    if len(logs) < _LEAST_LAUNCHES:
        return None
    counts = np.array([len(values) for values in logs])
    inner = int(counts.sum()) - len(logs)
    within = sum(float(((v - v.mean()) ** 2).sum()) for v in logs) / inner
    middles = np.array([values.mean() for values in logs])
    between = float((counts * (middles - np.average(middles, weights=counts)) ** 2).sum())
    between /= len(logs) - 1
    usual = (counts.sum() - (counts**2).sum() / counts.sum()) / (len(logs) - 1)
    spread = max(between - _CORRELATED * within, 0.0) / usual
    if within == 0:
        return Luck(float(np.expm1(spread**0.5)), 1.0 if between == 0 else 0.0)
    p_value = float(scipy.special.fdtrc(len(logs) - 1, inner, between / (_CORRELATED * within)))
    return Luck(float(np.expm1(spread**0.5)), p_value)
