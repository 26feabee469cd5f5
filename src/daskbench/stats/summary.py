"""Summary statistics of times."""

from dataclasses import dataclass, replace

import numpy as np

from daskbench.journal.run import Column
from daskbench.stats.estimate import Interval, mean_across, mean_of


@dataclass(frozen=True)
class Summary:
    """Seconds per loop over `samples` repetitions.

    `std_s` divides by n, as IPython's ``%timeit`` does, so that figures compare with its own;
    `mean_interval` is that of `estimate`. A single sample has no deviation, and fewer than five
    samples, or launches where there are several, have no interval.
    """

    samples: int
    mean_s: float
    std_s: float | None
    median_s: float
    min_s: float
    max_s: float
    mean_interval: Interval | None


def summarize(seconds: Column, launches: Column | None = None) -> Summary | None:
    """Summarise times of shape (n,) in seconds; None where there are none.

    `launches`, of the same shape, is the launch of each; None means a single launch.
    """
    if not len(seconds):
        return None
    parts = [seconds] if launches is None else split(seconds, launches)
    whole = [part for part in parts if len(part) > 1]
    mean = mean_of(seconds)
    if len(whole) > 1:
        across = mean_across([float(part.mean()) for part in whole])
        mean = replace(across, value=float(seconds.mean())) if across else None
    return Summary(
        samples=len(seconds),
        mean_s=float(seconds.mean()),
        std_s=float(seconds.std()) if len(seconds) > 1 else None,
        median_s=float(np.median(seconds)),
        min_s=float(seconds.min()),
        max_s=float(seconds.max()),
        mean_interval=mean.interval() if mean else None,
    )


def split(values: Column, launches: Column) -> list[Column]:
    """Return the values of each launch, both of shape (n,), in the order of the launches."""
    return [values[launches == launch] for launch in np.unique(launches)]
