"""Comparison of NumPy arrays and scalars: by shape, dtype and value."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from daskbench.benchmarks.work.comparing.base import (
    FAILURES,
    Comparison,
    Difference,
    kind_of,
    share,
    shown,
)

Array = np.ndarray[Any, np.dtype[Any]]

#: Values compared at once, so that temporary arrays stay small.
_BLOCK = 1 << 16
#: Multiples of a type's rounding error that are accepted, unless the tolerance is 0: relative to a
#: value, and relative to the mean magnitude of the array or to the spread of what it is computed
#: from, as cancellation leaves these near zero.
OWN_ROUNDING, CANCELLED = 64, 16


def is_array(value: object) -> bool:
    """Whether a value is a NumPy array or scalar."""
    return isinstance(value, np.ndarray | np.generic)


def compare(answer: Any, reference: Any, comparison: Comparison) -> Difference | None:
    """Compare two arrays of any dtype."""
    if found := _structure(answer, reference):
        return found
    if np.ma.isMaskedArray(reference) and not reference.dtype.names:
        return _masked(answer, reference, comparison)
    found = values(np.asarray(answer), np.asarray(reference), comparison)
    return found or _attributes(answer, reference, comparison)


def values(answer: Array, reference: Array, comparison: Comparison) -> Difference | None:
    """Compare the values of two arrays of the same shape and kind."""
    if names := reference.dtype.names:
        parts = ((f"[{name!r}]", answer[name], reference[name]) for name in names)
        return _first(parts, comparison)
    if not reference.dtype.isnative:
        answer, reference = _native(answer), _native(reference)
    kind = reference.dtype.kind
    if kind == "T":  # variable-width strings, which may contain missing values
        answer, reference, kind = answer.astype(object), reference.astype(object), "O"
    if kind == "O":
        return _objects(answer, reference, comparison)
    if kind in "fc":
        return _floats(answer, reference, comparison)
    return _exactly(answer, reference)


def _structure(answer: Any, reference: Any) -> Difference | None:
    if _type_of(answer) is not _type_of(reference):
        return Difference(f"{kind_of(answer)} instead of {kind_of(reference)}")
    if answer.shape != reference.shape:
        return Difference(f"shape {answer.shape} instead of {reference.shape}")
    one, other = answer.dtype, reference.dtype
    strings = one.kind == other.kind and one.kind in "US"  # their width is that of their values
    if one != other and not strings:
        return Difference(f"dtype {one} instead of {other}")
    return None


def _type_of(value: Any) -> type:
    """Return the type of an array; a scalar is an array without dimensions."""
    return np.ndarray if isinstance(value, np.generic | np.memmap) else type(value)


def _native(array: Array) -> Array:
    return array.astype(array.dtype.newbyteorder("="))


def _first(parts: Any, comparison: Comparison) -> Difference | None:
    for where, one, other in parts:
        if found := comparison.compare(one, other):
            return found.within(where)
    return None


def _masked(answer: Any, reference: Any, comparison: Comparison) -> Difference | None:
    one, other = np.ma.getmaskarray(answer), np.ma.getmaskarray(reference)
    if count := int(np.count_nonzero(one != other)):
        return Difference(
            f"{count:,} of {other.size:,} values are masked only on one side", "", count
        )
    hidden = np.array(np.ma.getdata(reference))
    hidden[~other] = np.ma.getdata(answer)[~other]
    return values(hidden, np.ma.getdata(reference), comparison)


def _attributes(answer: Any, reference: Any, comparison: Comparison) -> Difference | None:
    """Compare what a subclass adds, such as units."""
    if type(reference) in (np.ndarray, np.memmap) or not hasattr(reference, "__dict__"):
        return None
    return comparison.compare(vars(answer), vars(reference))


def _objects(answer: Array, reference: Array, comparison: Comparison) -> Difference | None:
    """Compare objects one by one, where a look at all of them at once finds them unequal."""
    count, first = 0, None
    pairs = zip(answer.flat, reference.flat, strict=True)
    if _all_equal(answer, reference):
        return None
    for at, (one, other) in enumerate(pairs):
        if found := comparison.compare(one, other):
            count += 1
            first = first or found.within(_index(at, reference.shape))
    if first is None or count == 1:
        return first
    return first._replace(what=f"{first.what}; {share(count, reference.size)}", many=count)


def _all_equal(answer: Array, reference: Array) -> bool:
    """Whether all objects are of the same types and equal; False if that cannot be told."""
    try:
        same = [*map(type, answer.flat)] == [*map(type, reference.flat)]
        return same and bool(np.all(np.equal(answer, reference, dtype=bool)))
    except FAILURES:
        return False


def _exactly(answer: Array, reference: Array) -> Difference | None:
    """Compare integers, booleans, strings, times and raw bytes; NaT equals NaT."""
    if reference.dtype.kind in "mM":
        one, other = answer.view(np.int64), reference.view(np.int64)
    else:
        one, other = answer, reference
    count, first = 0, 0
    for start, x, y in _blocks(one, other):
        if unequal := np.flatnonzero(x != y).tolist():
            first = first if count else start + unequal[0]
            count += len(unequal)
    return _described(answer, reference, count, first) if count else None


def _floats(answer: Array, reference: Array, comparison: Comparison) -> Difference | None:
    """Compare real or complex numbers within the tolerance; NaN equals NaN."""
    rounding = _rounding(reference.dtype, comparison.tolerance)
    relative = relative_tolerance(reference.dtype, comparison.tolerance)
    floor: float | None = None
    count, first, largest = 0, 0, 0.0
    for start, x, y in _blocks(answer, reference):
        if np.array_equal(x, y):
            continue
        if floor is None:
            size = max(_mean_size(reference), comparison.spread)
            floor = CANCELLED * rounding * size
        unequal, error = _beyond(x, y, relative, floor)
        if unequal.size:
            first = first if count else start + int(unequal[0])
            count, largest = count + unequal.size, max(largest, error)
    return _described(answer, reference, count, first, largest) if count else None


def relative_tolerance(dtype: Any, tolerance: float) -> float:
    """Return the tolerance that a type's own precision allows."""
    return max(tolerance, OWN_ROUNDING * _rounding(dtype, tolerance))


def _rounding(dtype: Any, tolerance: float) -> float:
    return float(np.finfo(dtype).eps) if tolerance else 0.0


def _beyond(x: Array, y: Array, relative: float, floor: float) -> tuple[Array, float]:
    """Return the positions that differ by more than is accepted, and the largest relative error."""
    if x.dtype.itemsize < 8:  # products of half and single precision would underflow
        wide = np.complex128 if x.dtype.kind == "c" else np.float64
        x, y = x.astype(wide), y.astype(wide)
    with np.errstate(all="ignore"):
        error, size = np.abs(x - y), np.maximum(np.abs(x), np.abs(y))
        close = (error <= np.maximum(relative * size, floor)) & np.isfinite(size)
        equal = (x == y) | close | ((x != x) & (y != y))
        unequal = np.flatnonzero(~equal)
        errors = (error / size)[unequal]
    largest = float(np.max(errors)) if np.isfinite(errors).all() and errors.size else np.inf
    return unequal, largest


def _mean_size(reference: Array) -> float:
    """Return the mean magnitude of the finite values; 0 if there are none."""
    total, count = 0.0, 0
    with np.errstate(all="ignore"):
        for _, block, _ in _blocks(reference, reference):
            sizes = np.abs(block[np.isfinite(block)]).astype(float)
            total, count = total + float(sizes.sum()), count + sizes.size
    mean = total / max(count, 1)
    return mean if np.isfinite(mean) else 0.0


def _blocks(answer: Array, reference: Array) -> Iterator[tuple[int, Array, Array]]:
    """Yield the flattened arrays in blocks, each with its start."""
    one, other = answer.reshape(-1), reference.reshape(-1)
    for start in range(0, other.size, _BLOCK):
        part = slice(start, start + _BLOCK)
        yield start, one[part], other[part]


def _described(
    answer: Array, reference: Array, count: int, first: int, error: float | None = None
) -> Difference:
    one, other = _text(answer.reshape(-1)[first]), _text(reference.reshape(-1)[first])
    if reference.size == 1:
        return Difference(f"{one} instead of {other}", error=error)
    by_up_to = "" if error is None or not np.isfinite(error) else f", by up to {error:.2g} relative"
    where = _index(first, reference.shape)
    what = f"{share(count, reference.size)}{by_up_to}; the first at {where}: "
    return Difference(f"{what}{one} instead of {other}", many=count, error=error)


def _text(value: Any) -> str:
    return str(value) if value.dtype.kind in "mM" else shown(value.item())


def _index(at: int, shape: tuple[int, ...]) -> str:
    return f"[{', '.join(str(int(part)) for part in np.unravel_index(at, shape))}]" if shape else ""
