"""Comparison of single numbers: within the tolerance, except for booleans and integers."""

from contextlib import suppress
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np

from daskbench.benchmarks.work.comparing import arrays
from daskbench.benchmarks.work.comparing.base import Comparison, Difference, instead, kind_of

_EPS = float(np.finfo(float).eps)
_NUMBERS = (int, float, complex, Decimal, Fraction)  # bool is an int


def is_number(value: object) -> bool:
    """Whether a value is a Python number, or a NumPy scalar that is a number or a boolean."""
    return isinstance(value, (*_NUMBERS, np.number, np.bool_))


def compare(answer: Any, reference: Any, comparison: Comparison) -> Difference | None:
    """Compare two numbers; NumPy scalars with Python's by their values alone."""
    if isinstance(answer, np.generic) and isinstance(reference, np.generic):
        return arrays.compare(answer, reference, comparison)
    one, other = _plain(answer), _plain(reference)
    if isinstance(one, bool) or isinstance(other, bool):
        return None if type(one) is type(other) and one == other else instead(answer, reference)
    if _family(one) is not _family(other):
        return Difference(f"{kind_of(answer)} instead of {kind_of(reference)}")
    floor = arrays.CANCELLED * _EPS * comparison.spread if comparison.tolerance else 0.0
    if _close(one, other, _tolerance(answer, reference, comparison), floor):
        return None
    return instead(answer, reference)._replace(error=_error(one, other))


def _error(one: Any, other: Any) -> float | None:
    """Return the relative error of a float or complex number."""
    if not all(isinstance(value, float | complex) for value in (one, other)):
        return None
    with suppress(OverflowError):
        return float(abs(one - other) / max(abs(one), abs(other)))
    return None


def _family(value: Any) -> type | None:
    """Return the type of a number that has no counterpart in NumPy."""
    return next((kind for kind in (Decimal, Fraction) if isinstance(value, kind)), None)


def _tolerance(answer: Any, reference: Any, comparison: Comparison) -> float:
    """Return the tolerance of numbers of which one may be of half or single precision."""
    kinds = [type(one) for one in (answer, reference) if isinstance(one, np.inexact)]
    return max(
        [arrays.relative_tolerance(kind, comparison.tolerance) for kind in kinds]
        or [comparison.tolerance]
    )


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _close(one: Any, other: Any, tolerance: float, floor: float) -> bool:
    if isinstance(one, int) and isinstance(other, int):
        return one == other
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return _close_decimals(one, other, tolerance)
    one, other = _comparable(one), _comparable(other)
    if one == other or (one != one and other != other):
        return True
    try:
        size = max(abs(one), abs(other))
        within = (Fraction(tolerance) if _exact(size) else tolerance) * size
        close: bool = abs(one - other) <= (within if _exact(size) else max(within, floor))
        return close and bool(np.isfinite(complex(size)))
    except OverflowError:  # an integer that no float can represent
        return False


def _exact(size: Any) -> bool:
    return isinstance(size, Fraction)


def _comparable(value: Any) -> Any:
    """Return a number that can be subtracted from any other."""
    return float(value) if isinstance(value, Decimal) else value


def _close_decimals(one: Decimal, other: Decimal, tolerance: float) -> bool:
    if one.is_nan() or other.is_nan():
        return one.is_nan() and other.is_nan()
    if one == other or not (one.is_finite() and other.is_finite()):
        return one == other
    with localcontext() as context:
        context.traps = dict.fromkeys(context.traps, False)
        return abs(one - other) <= Decimal(tolerance) * max(abs(one), abs(other))
