"""Intervals that hold at any moment, for all rows of a table at once: confidence sequences.

The interval of a fixed number of rounds holds once. Whoever looks after every round, and stops when
it suits, needs one that holds at all of these moments together: then rounds may go on until they
decide, and a run may be watched, interrupted, resumed or prolonged.

Source: Lai (1976), "On confidence sequences", Annals of Statistics 4(2); Wang & Ramdas (2024),
"Anytime-valid t-tests and confidence sequences for Gaussian means with unknown variance",
Sequential Analysis; Howard, Ramdas, McAuliffe & Sekhon (2021), "Time-uniform, nonparametric,
nonasymptotic confidence sequences", Annals of Statistics 49(2).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from daskbench.journal.run import Column
from daskbench.model import FEWEST

#: A table's rows hold all at once, at every moment, in 95 of 100 runs.
ERROR = 0.05
#: The variance of the mixture, in those of one round: small is narrower late, large early.
_MIXTURE = 3.0
#: Few values of a row tell little of its variance, so that of the other rows weighs as much as so
#: many more, but not with less than this part of the row's own.
_BORROWED, _LEAST_PART = 4, 0.5
_MOST_ALIKE = 0.9


@dataclass(frozen=True)
class Bounds:
    """A mean and the half-width of its interval, after so many values."""

    value: float
    half: float
    count: int

    @property
    def low(self) -> float:
        """The lower end."""
        return self.value - self.half

    @property
    def high(self) -> float:
        """The upper end."""
        return self.value + self.half


def bounds_of(
    rows: Sequence[Column], *, independent: bool = False, error: float = ERROR
) -> list[Bounds | None]:
    """Return the bounds of each row of a table, given its values in the order measured.

    They hold for all rows and at every moment with a probability of 1 - `error`. None is a row with
    fewer than `FEWEST` values. What neighbouring values have in common widens all rows alike, as
    one row tells too little of it; fresh launches have nothing in common, and are `independent`.
    """
    enough = [values for values in rows if len(values) >= FEWEST]
    alike = 0.0 if independent else _alike(enough)
    wider, each = ((1 + alike) / (1 - alike)) ** 0.5, error / max(len(rows), 1)
    variances = [float(values.var(ddof=1)) for values in enough]
    halves = iter(
        wider * _half(len(values), own, (sum(variances) - own) / (len(enough) - 1 or 1), each)
        for values, own in zip(enough, variances, strict=True)
    )
    return [
        Bounds(float(values.mean()), next(halves), len(values)) if len(values) >= FEWEST else None
        for values in rows
    ]


def _half(count: int, variance: float, others: float, error: float) -> float:
    """Return the half-width of the t-mixture sequence of independent values.

    `others` is the mean variance of the other rows, 0 where there are none. To borrow from them is
    the moderation of Smyth (2004), "Linear models and empirical Bayes methods", Statistical
    Applications in Genetics and Molecular Biology 3(1).
    """
    borrowed = _BORROWED if others else 0
    squares = (count - 1) * variance + borrowed * max(others, _LEAST_PART * variance)
    reach = 1 + count * _MIXTURE
    q = (reach**0.5 / error) ** (2 / (count + borrowed))
    if q >= reach:
        return np.inf
    return float((squares / count * (q - 1) / (1 - q / reach)) ** 0.5)


def _alike(rows: Sequence[Column]) -> float:
    """Return the correlation of neighbours in the mean over all rows; never below 0.

    A short series shows less of it than there is (Marriott & Pope, 1954, "Bias in the estimation of
    autocorrelations", Biometrika 41), which is made up for.
    """
    found = []
    for values in rows:
        around = values - values.mean()
        if whole := float((around**2).sum()):
            seen = float((around[1:] * around[:-1]).sum()) / whole
            found.append(seen + (1 + 3 * max(seen, 0.0)) / len(values))
    return min(max(sum(found) / len(found), 0.0), _MOST_ALIKE) if found else 0.0
