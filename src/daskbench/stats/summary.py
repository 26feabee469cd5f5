"""What a list of times comes to."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from daskbench.journal.run import Column

#: Every interval in this package covers the truth in 95 of 100 runs.
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A confidence interval."""

    low: float
    high: float


@dataclass(frozen=True)
class Summary:
    """Seconds per loop over `samples` repetitions.

    `std_s` divides by n, as IPython's ``%timeit`` does, so that figures compare with its own;
    `mean_interval` is Student's t on n - 1 degrees of freedom. Both are None for a single sample.
    """

    samples: int
    mean_s: float
    std_s: float | None
    median_s: float
    min_s: float
    max_s: float
    mean_interval: Interval | None


def summarize(seconds: Column) -> Summary | None:
    """Summarise times of shape (n,) in seconds; None where there are none."""
    if not len(seconds):
        return None
    return Summary(
        samples=len(seconds),
        mean_s=float(seconds.mean()),
        std_s=float(seconds.std()) if len(seconds) > 1 else None,
        median_s=float(np.median(seconds)),
        min_s=float(seconds.min()),
        max_s=float(seconds.max()),
        mean_interval=t_interval(seconds),
    )


def t_interval(values: Column) -> Interval | None:
    """Return Student's 95 % interval for the mean of `values`, shape (n,); None below n = 2.

    Source: Student (1908), "The probable error of a mean", Biometrika 6.
    """
    count = len(values)
    if count < 2:
        return None
    quantile = float(stdtrit(count - 1, (1 + CONFIDENCE) / 2))
    half = quantile * float(values.std(ddof=1)) / count**0.5
    mean = float(values.mean())
    return Interval(mean - half, mean + half)
