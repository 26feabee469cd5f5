"""A linear fit to repeated measurements, whose intervals come from the rounds.

Noise of times is relative: it grows with them. So each measurement counts by how far it is from the
fit in parts of the typical time of its point. Large deviations, which other programs cause, have
bounded influence. All measurements of a round share what the machine did meanwhile, so they are not
independent of each other, but rounds are: intervals come from leaving out one round at a time.

Sources: Huber & Ronchetti (2009), "Robust statistics", 2nd edition, chapter 7 (the fit); Tukey
(1958), "Bias and confidence in not-quite large samples", Ann. Math. Stat. 29, and Miller (1974),
"The jackknife: a review", Biometrika 61 (the intervals).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from daskbench.journal.run import Column
from daskbench.stats.estimate import Estimate, median

Matrix = npt.NDArray[np.float64]

#: The bend of Huber's function: 95 % efficient for normal noise.
_BEND = 1.345
_STEPS, _CLOSE = 50, 1e-9
#: Standard deviations per median absolute deviation of normal noise.
_MAD = 1.4826
#: A scale below this part of the values is rounding.
_EXACT = 1e-12
#: A term is told apart from the others if this part of it is not a combination of them.
_APART = 1e-3


@dataclass(frozen=True)
class Point:
    """What is measured again and again: its amount of each term, and its rounds with their values.

    `rounds` and `values` have the shape (n,).
    """

    amounts: Mapping[str, float]
    rounds: Column
    values: Column


@dataclass(frozen=True)
class Fit:
    """Coefficients by term, of those that the points tell apart.

    `without` are the coefficients with one round left out, shape (rounds, terms).
    """

    terms: tuple[str, ...]
    coefficients: Column
    without: Matrix

    @property
    def rounds(self) -> int:
        """The number of rounds."""
        return len(self.without)

    def estimate(self, term: str) -> Estimate | None:
        """Return a coefficient; None if the points don't tell the term apart."""
        return self.at({term: 1.0}) if term in self.terms else None

    def at(self, amounts: Mapping[str, float]) -> Estimate:
        """Return the value of the fit for so much of each term, with the error of the fit.

        The error is infinite with a single round. Terms that are not in the fit count as part of
        those that it has.
        """
        return self.of(lambda found: sum(amounts.get(term, 0.0) * found[term] for term in found))

    def of(self, figure: Callable[[Mapping[str, float]], float]) -> Estimate:
        """Return a figure made of the coefficients by term, with the error of the fit."""
        every = [self.coefficients, *self.without]
        value, *others = (figure(dict(zip(self.terms, one.tolist(), strict=True))) for one in every)
        if (count := self.rounds) < 2:
            return Estimate(value, np.inf, 1)
        error = float(((count - 1) * np.var(others)) ** 0.5)
        return Estimate(value, error, count - 1)


def fit(points: Sequence[Point], terms: Sequence[str]) -> Fit | None:
    """Fit a sum of terms to the points; None if there are none.

    Of terms that the points don't tell apart, the first is kept.
    """
    points = [point for point in points if len(point.values)]
    if not points:
        return None
    x = np.array([[point.amounts.get(term, 0.0) for term in terms] for point in points])
    scales = np.array([median(point.values) for point in points])
    kept = _apart(x / scales[:, None])
    sizes = [len(point.values) for point in points]
    rows = np.repeat(x[:, kept] / scales[:, None], sizes, axis=0)
    values = np.concatenate([p.values / s for p, s in zip(points, scales, strict=True)])
    rounds = np.concatenate([point.rounds for point in points])
    found, every = solve(rows, values), np.unique(rounds)
    left = [solve(rows[rounds != one], values[rounds != one]) for one in every[len(every) == 1 :]]
    return Fit(tuple(terms[i] for i in kept), found, np.array(left or [found]))


def _apart(x: Matrix) -> list[int]:
    """Return the columns that are no combination of those before them."""
    kept: list[int] = []
    basis: list[Column] = []
    for place, column in enumerate(x.T):
        length = float(np.linalg.norm(column))
        left = column.copy()
        for _ in range(2):  # once more against rounding
            for other in basis:
                left = left - (left @ other) * other
        if (rest := float(np.linalg.norm(left))) > _APART * length > 0:
            kept.append(place)
            basis.append(left / rest)
    return kept


def solve(x: Matrix, y: Column) -> Column:
    """Return Huber's regression of `y`, shape (n,), on the columns of `x`, shape (n, terms).

    By iteratively reweighted least squares; the scale is the median absolute deviation.
    """
    lengths = np.linalg.norm(x, axis=0)
    lengths[lengths == 0] = 1.0  # a term whose only points lack this round
    scaled, weights = x / lengths, np.ones(len(y))
    found = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        root = np.sqrt(weights)
        before, found = found, np.linalg.lstsq(scaled * root[:, None], y * root)[0]
        far = np.abs(y - scaled @ found)
        scale = _MAD * median(far)
        if scale <= _EXACT or np.abs(found - before).max(initial=0.0) < _CLOSE:
            break
        weights = np.minimum(1.0, _BEND * scale / np.maximum(far, _EXACT))
    solution: Column = found / lengths
    return solution
