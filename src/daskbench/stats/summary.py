"""Summary statistics of times."""

from dataclasses import dataclass

import numpy as np

from daskbench.journal.run import Column


@dataclass(frozen=True)
class Summary:
    """Seconds per loop over `samples` repetitions.

    `std_s` divides by n, as IPython's ``%timeit`` does, so that figures compare with its own. A
    single sample has no deviation. The mean has no interval: other programs only ever lengthen
    samples, and `performance/means.py` found none that holds the mean under such bursts.
    """

    samples: int
    mean_s: float
    std_s: float | None
    median_s: float
    min_s: float
    max_s: float


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
    )


def split(values: Column, launches: Column) -> list[Column]:
    """Return the values of each launch, both of shape (n,), in the order of the launches."""
    return [values[launches == launch] for launch in np.unique(launches)]
