"""The ways to an interval of a ratio that were tried: those of the tool, and those that lost.

Each takes log-ratios of shape (trials, rounds) and returns the ends of an interval for each trial.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import stats

from daskbench.stats.estimate import location_of, mean_of

Floats = npt.NDArray[np.float64]
Ends = tuple[Floats, Floats]
Method = Callable[[Floats], Ends]

_RESAMPLES = 300


def middle(logs: Floats) -> Ends:
    """Return what the tool says of a ratio."""
    return _ends([found.interval() for row in logs if (found := location_of(row))])


def mean(logs: Floats) -> Ends:
    """Return what the tool says of a mean."""
    return _ends([found.interval() for row in logs if (found := mean_of(row))])


def _ends(intervals: list[object]) -> Ends:
    found = np.array([[getattr(i, name) for i in intervals] for name in ("low", "high")])
    return found[0], found[1]


def student(logs: Floats) -> Ends:
    """Return Student's t interval of the mean, as if rounds were independent."""
    rounds = logs.shape[1]
    half = stats.t.ppf(0.975, rounds - 1) * logs.std(axis=1, ddof=1) / np.sqrt(rounds)
    return logs.mean(axis=1) - half, logs.mean(axis=1) + half


def cosines(logs: Floats) -> Ends:
    """Return the interval of the mean from its low frequencies alone, without moderation.

    Source: Lazarus, Lewis, Stock & Watson (2018), "HAR inference: recommendations for practice",
    Journal of Business & Economic Statistics 36(4).
    """
    rounds = logs.shape[1]
    count = max(int(0.4 * rounds ** (2 / 3)), 1)
    waves = np.arange(1, count + 1)[:, None] * (np.arange(rounds) + 0.5) / rounds
    found = logs @ (np.sqrt(2) * np.cos(np.pi * waves)).T / np.sqrt(rounds)
    half = stats.t.ppf(0.975, count) * np.sqrt((found**2).mean(axis=1) / rounds)
    return logs.mean(axis=1) - half, logs.mean(axis=1) + half


def batches(logs: Floats) -> Ends:
    """Return Student's t interval over the means of about sqrt(n) batches of neighbours.

    Source: Glynn & Whitt (1991), "Estimating the asymptotic variance with batch means",
    Operations Research Letters 10.
    """
    count = int(np.sqrt(logs.shape[1])) + 1
    size = logs.shape[1] // count
    return student(logs[:, : count * size].reshape(len(logs), count, size).mean(axis=2))


def bootstrap(logs: Floats) -> Ends:
    """Return the percentile interval of the mean over moving blocks of n^(1/3) rounds.

    Source: Künsch (1989), "The jackknife and the bootstrap for general stationary observations",
    Annals of Statistics 17(3).
    """
    chance, rounds = np.random.default_rng(0), logs.shape[1]
    length = max(round(rounds ** (1 / 3)), 1)
    blocks = -(-rounds // length)
    begins = chance.integers(0, rounds - length + 1, (_RESAMPLES, blocks, 1))
    places = (begins + np.arange(length)).reshape(_RESAMPLES, -1)[:, :rounds]
    means = np.array([row[places].mean(axis=1) for row in logs])
    low, high = np.quantile(means, [0.025, 0.975], axis=1)
    return low, high


def walsh(logs: Floats) -> Ends:
    """Return the interval of Wilcoxon's signed ranks, between two of the means of each pair.

    Source: Hollander, Wolfe & Chicken (2014), "Nonparametric statistical methods", section 3.3.
    """
    rounds = logs.shape[1]
    one, two = np.triu_indices(rounds)
    means = np.sort((logs[:, one] + logs[:, two]) / 2, axis=1)
    spread = np.sqrt(rounds * (rounds + 1) * (2 * rounds + 1) / 24)
    out = max(int(rounds * (rounds + 1) / 4 - 1.96 * spread), 0)
    return means[:, out], means[:, -1 - out]


def extremes(logs: Floats) -> Ends:
    """Return the least and the greatest round: honest for a median, but no narrower with more."""
    return logs.min(axis=1), logs.max(axis=1)


#: The first two are the tool's own.
METHODS: tuple[Method, ...] = (middle, mean, student, cosines, batches, bootstrap, walsh, extremes)
