"""Widths of confidence sequences of means whose scale is unknown, and what they need of a table.

The normal mixture: Lai (1976), "On confidence sequences", Annals of Statistics 4(2); Wang & Ramdas
(2024), "Anytime-valid t-tests and confidence sequences for Gaussian means with unknown variance",
Sequential Analysis 43(1); Howard, Ramdas, McAuliffe & Sekhon (2021), "Time-uniform, nonparametric,
nonasymptotic confidence sequences", Annals of Statistics 49(2). Four things go beyond the theorem;
`performance/sequence.py` shows by simulation what becomes of the error:

- The scale of the other rows counts as `PRIOR_DEGREES` degrees of freedom, which is the conjugate
  prior of the same mixture: Smyth (2004), "Linear models and empirical Bayes methods", Statistical
  Applications in Genetics and Molecular Biology 3(1). Of launches it is the variance that their
  medians would have if launches had no luck of their own, from the spread within them.
- The variance is multiplied by (1 + rho) / (1 - rho), the long-run variance of an AR(1) series,
  with one rho for the table.
- The location is Huber's, whose influence values take the place of deviations from the mean: Huber
  & Ronchetti (2009), "Robust statistics", 2nd edition, sections 3.2 and 6.
- `ALPHA` is half of what is promised: rho is known badly after a few rounds.

Series have shape (..., rows, n): the rows of one table, or of many.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Nominal error of all rows of a table together, and the most of a single row.
ALPHA, ROW_ALPHA = 0.025, 0.01
#: Variance of the mixture over that of a unit.
_MIXTURE = 3.0
#: Weight of a variance from elsewhere, which is taken as at least this part of the row's own.
PRIOR_DEGREES, _LEAST_PRIOR = 4, 0.5
#: Lag-1 correlation before anything is seen, its weight in rounds, and the largest one.
_PRIOR_RHO, _PRIOR_ROUNDS, _MOST_RHO = 0.2, 5.0, 0.9
#: Huber's function bends here; the scales of the other rows count as so many rounds.
_BEND, _SCALE_ROUNDS, _STEPS = 2.0, 5.0, 5
#: Standard deviations in a median absolute deviation of normal noise.
_MAD = 1.4826
#: Variance of a median of normal noise over that of a mean.
_MEDIAN = np.pi / 2
#: In tables of fewer rows than this a scale is at least this part of the standard deviation.
_ENOUGH_ROWS, _LEAST_SCALE = 5, 0.5
_LEAST_INSIDE = 0.3


def row_alpha(rows: int) -> float:
    """Return the nominal error of each of so many rows of a table."""
    return min(ALPHA / max(rows, 1), ROW_ALPHA)


def launch_alpha(rows: int) -> float:
    """Return the same where units are launches, which are fresh starts and not correlated."""
    return ALPHA / max(rows, 1)


def prior_degrees(rows: int) -> int:
    """Return the degrees of freedom that a row borrows in a table of so many: one a row, to 4."""
    return min(PRIOR_DEGREES, max(rows - 1, 0))


def half_widths(variances: Floats, counts: Floats, grown: Floats | float, alpha: float) -> Floats:
    """Return the half-widths of the rows of a table, or of many tables at once.

    `variances` of units, ``ddof=1``, has shape (..., rows), `counts` and `grown`, by which
    correlation multiplies them, shapes that broadcast to it.
    """
    degrees, rows = prior_degrees(variances.shape[-1]), variances.shape[-1]
    others = variances.sum(axis=-1, keepdims=True) - variances
    return moderated_widths(variances, others / max(rows - 1, 1), counts, degrees, alpha, grown)


def moderated_widths(
    variances: Floats,
    priors: Floats,
    counts: Floats,
    degrees: int,
    alpha: float,
    grown: Floats | float = 1.0,
) -> Floats:
    """Return half-widths from the rows' own variances and `priors` worth so many `degrees`.

    All have shape (..., rows), or one that broadcasts to it.
    """
    own = counts - 1
    prior = np.maximum(priors, _LEAST_PRIOR * variances)
    moderated = (own * variances + degrees * prior) / (own + degrees)
    width = unit_width(counts, alpha, degrees)
    finite = np.isfinite(width)
    halves = np.sqrt(moderated * grown) * np.where(finite, width, 0.0)
    return np.where(finite, halves, np.inf)


def unit_width(counts: npt.ArrayLike, alpha: float, degrees: int = 0) -> Floats:
    """Return the half-width for a standard deviation of 1 after so many units; maybe infinite.

    With no borrowed `degrees` that is the t-mixture: sqrt((n-1) (Q-1) / (1 - Q/(1+n g)) / n), where
    Q = (sqrt(1+n g) / alpha)^(2/n).
    """
    n = np.asarray(counts, dtype=float)
    shrunk = 1 + n * _MIXTURE
    excess = np.expm1((np.log(shrunk) - 2 * np.log(alpha)) / (n + degrees))
    room = 1 - (1 + excess) / shrunk
    bounded = np.where(room > 0, room, 1.0)
    width = np.sqrt((n - 1 + degrees) * excess / bounded / n)
    return np.asarray(np.where(room > 0, width, np.inf))


def lag_one(values: Floats) -> Floats:
    """Return the lag-1 autocorrelation of series of shape (..., n), corrected for its bias.

    The raw estimate is too low by (1 + 3 rho) / n: Kendall (1954), "Note on bias in the estimation
    of autocorrelation", Biometrika 41. It is 0 where a series does not vary.
    """
    away = values - values.mean(axis=-1, keepdims=True)
    whole = (away**2).sum(axis=-1)
    raw = (away[..., 1:] * away[..., :-1]).sum(axis=-1) / np.where(whole > 0, whole, 1.0)
    corrected = raw + (1 + 3 * np.maximum(raw, 0)) / values.shape[-1]
    return np.asarray(np.where(whole > 0, corrected, 0.0))


def pooled_rho(lags: Floats, counts: Floats) -> Floats:
    """Return the one correlation of a table from those of its rows, shape (..., rows): 0 to 0.9.

    Longer rows count for more. So that a few rounds can't make it 0 by chance, 0.2 is taken to
    have been seen in five rounds.
    """
    weights = np.broadcast_to(counts, lags.shape)
    rows = max(lags.shape[-1], 1)
    seen = weights.sum(axis=-1) / rows
    rho = ((lags * weights).sum(axis=-1) / rows + _PRIOR_RHO * _PRIOR_ROUNDS) / (
        seen + _PRIOR_ROUNDS
    )
    return np.asarray(np.clip(rho, 0.0, _MOST_RHO))


def inflation(rho: npt.ArrayLike) -> Floats:
    """Return by what the variance of a mean grows where neighbours are correlated by `rho`."""
    found = np.asarray(rho, dtype=float)
    return np.asarray((1 + found) / (1 - found))


def scales_of(spreads: Floats, deviations: Floats, counts: npt.ArrayLike) -> Floats:
    """Return the scales by which a table's rows tell what is far off, shape (..., rows).

    `spreads` are median absolute deviations, of which five rounds tell little: those of the other
    rows are mixed in. Where those are few, the standard deviations, `deviations`, set a floor.
    """
    scales, rows = _MAD * spreads, spreads.shape[-1]
    if rows < _ENOUGH_ROWS:
        scales = np.maximum(scales, _LEAST_SCALE * deviations)
    if rows == 1:
        return scales
    squares, n = scales**2, np.asarray(counts, dtype=float)
    others = (squares.sum(axis=-1, keepdims=True) - squares) / (rows - 1)
    return np.asarray(np.sqrt((n * squares + _SCALE_ROUNDS * others) / (n + _SCALE_ROUNDS)))


def median_spread(values: Floats) -> Floats:
    """Return the median absolute deviation of series of shape (..., n)."""
    away = np.abs(values - np.median(values, axis=-1, keepdims=True))
    return np.asarray(np.median(away, axis=-1))


def median_variance(values: Floats) -> Floats:
    """Return the variance of the median of series of shape (..., n), from their spread."""
    n = values.shape[-1]
    return np.asarray(_MEDIAN * (_MAD * median_spread(values)) ** 2 / n)


def bent(values: Floats, scales: Floats) -> tuple[Floats, Floats]:
    """Return Huber's location, shape (...), of series of shape (..., n), and their influences.

    Where the scale is 0 it is the mean, with deviations from that.
    """
    middle = np.median(values, axis=-1, keepdims=True)
    bend = np.where(scales > 0, _BEND * scales, np.inf)[..., None]
    pulls = values - middle
    for step in range(_STEPS + 1):
        away = values - middle
        inside = np.maximum((np.abs(away) <= bend).mean(axis=-1, keepdims=True), _LEAST_INSIDE)
        pulls = np.clip(away, -bend, bend) / inside
        if step < _STEPS:
            middle = middle + pulls.mean(axis=-1, keepdims=True)
    return middle[..., 0], pulls
