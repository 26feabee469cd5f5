"""Which samples to draw where there are too many for a page: never without saying so."""

import numpy as np
import numpy.typing as npt

from daskbench.journal.run import Column

Places = npt.NDArray[np.intp]

#: The plots of one kind show at most about this many points, shared by all series of the page,
#: and a series at least some.
MOST_POINTS = 12_000
_FEWEST = 16


def share(series: int) -> int:
    """Return how many points each of a page's series may have."""
    return max(MOST_POINTS // max(series, 1), _FEWEST)


def in_time(values: Column, most: int) -> Places:
    """Return the places of the least and the largest value of each of `most` / 2 stretches.

    So no burst is lost, however short. All places if there are at most `most`.
    """
    if len(values) <= most:
        return np.arange(len(values))
    stretches = np.array_split(np.arange(len(values)), max(most // 2, 1))
    ends = [one[[int(np.argmin(values[one])), int(np.argmax(values[one]))]] for one in stretches]
    return np.unique(np.concatenate(ends))


def in_order(values: Column, most: int) -> Places:
    """Return the places of `most` values that are evenly spaced by rank, both ends included.

    So quantiles stay where they are. All places if there are at most `most`.
    """
    if len(values) <= most:
        return np.arange(len(values))
    ranks = np.unique(np.linspace(0, len(values) - 1, max(most, 2)).round().astype(np.intp))
    return np.sort(np.argsort(values, kind="stable")[ranks])


def told(drawn: int, every: int, how: str, what: str = "samples") -> str:
    """Say how many of `what` are drawn, and which; empty if all are."""
    if drawn == every:
        return ""
    return f"{drawn:,} of {every:,} {what} are drawn: {how}. Tables and files have them all."
