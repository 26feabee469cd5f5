"""A location and its standard error, from launches that are independent of each other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # imports its submodules when they are used

from daskbench.journal.run import Column
from daskbench.model import FEWEST

#: The confidence level of every interval in this package.
CONFIDENCE = 0.95
#: The bend of Huber's function: 95 % efficient for normal noise.
_BEND = 1.345
_STEPS = 50
_CLOSE = 1e-10
#: Relative difference of equal values due to rounding.
_SAME = 1e-9
#: Standard deviations per median absolute deviation of normal noise.
_MAD = 1.4826
_LEAST_INSIDE = 0.1
#: Fewer launches than this have no scale of their own; more have so much of the freedom of a mean.
_FEW, _SURE = 8, 0.6


@dataclass(frozen=True)
class Interval:
    """A confidence interval."""

    low: float
    high: float


@dataclass(frozen=True)
class Estimate:
    """A value with its standard error and degrees of freedom."""

    value: float
    standard_error: float
    degrees_of_freedom: float

    def interval(self, confidence: float = CONFIDENCE) -> Interval:
        """Return Student's t interval."""
        half = self.quantile((1 + confidence) / 2) * self.standard_error
        return Interval(self.value - half, self.value + half)

    def quantile(self, probability: float) -> float:
        """Return the quantile of the error distribution, in standard errors."""
        return float(scipy.special.stdtrit(self.degrees_of_freedom, probability))


def _bent(values: Column) -> tuple[float, Column]:
    """Return Huber's location of `values`, shape (n,), and the influence that each has on it."""
    middle, scale = huber(values)
    if scale == 0:
        return middle, values - middle
    far = (values - middle) / scale
    inside = max(float((np.abs(far) <= _BEND).mean()), _LEAST_INSIDE)
    return middle, np.clip(far, -_BEND, _BEND) * (scale / inside)


def huber(values: Column) -> tuple[float, float]:
    """Return Huber's location of `values`, shape (n,), and the scale used for outliers.

    No value is left out, but outliers have no more influence than values at the bend. Source:
    Huber & Ronchetti (2009), "Robust statistics", 2nd edition, sections 3.2 and 6.
    The scale is the median absolute deviation; if it is 0, as more than half of the values are
    equal, the location is the mean.
    """
    middle = median(values)
    deviations = np.abs(values - middle)
    scale = _MAD * median(deviations)
    if scale <= _SAME * float(deviations.max()):
        return float(values.mean()), 0.0
    for _ in range(_STEPS):  # Newton's: the function is of straight pieces, so a few are enough
        far = (values - middle) / scale
        bent = np.minimum(np.maximum(far, -_BEND), _BEND)
        inside = max(float(np.count_nonzero(bent == far)), _LEAST_INSIDE * len(values))
        step = scale * float(np.add.reduce(bent)) / inside
        middle += step
        if abs(step) < _CLOSE * scale:
            break
    return middle, scale


def median(values: Column) -> float:
    """Return the median; ten times as fast as ``numpy.median`` for a few values."""
    ordered, half = np.sort(values), len(values) // 2
    return float(ordered[half] + ordered[-1 - half]) / 2


def mean_across(launches: Sequence[float]) -> Estimate | None:
    """Return the mean over launches, given the location of each; None below `FEWEST` of them.

    All rounds of a launch may be fast or slow together, so the standard error comes from
    launch-to-launch variation.
    Source: Kalibera & Jones (2013), "Rigorous benchmarking in reasonable time", ISMM, section 9.
    """
    if len(launches) < FEWEST:
        return None
    values = np.array(launches)
    error = float(values.std(ddof=1)) / len(values) ** 0.5
    return Estimate(float(values.mean()), error, len(values) - 1)


def location_across(launches: Sequence[float]) -> Estimate | None:
    """Return the same as Huber's location: a launch that others disturbed pulls no more than any.

    Below eight launches it is the mean, as the scale of so few tells nothing. Where there are more,
    the error that comes with a scale of that few is surer than it should be: 0.6 degrees of freedom
    for each launch but one make up for that, as a simulation in the tests of this module shows.
    """
    if len(launches) < _FEW:
        return mean_across(launches)
    middle, influence = _bent(np.array(launches))
    error = float(influence.std(ddof=1)) / len(launches) ** 0.5
    return Estimate(middle, error, _SURE * (len(launches) - 1))


def difference(one: Estimate, two: Estimate) -> Estimate:
    """Return the difference of two estimates that share no rounds.

    Source: Welch (1947), "The generalization of 'Student's' problem when several different
    population variances are involved", Biometrika 34.
    """
    squares = one.standard_error**2, two.standard_error**2
    variance = sum(squares)
    if variance == 0:
        return Estimate(
            one.value - two.value, 0.0, min(one.degrees_of_freedom, two.degrees_of_freedom)
        )
    parts = squares[0] ** 2 / one.degrees_of_freedom + squares[1] ** 2 / two.degrees_of_freedom
    return Estimate(one.value - two.value, variance**0.5, variance**2 / parts)
