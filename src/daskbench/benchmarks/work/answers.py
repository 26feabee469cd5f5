"""Comparison of an answer with a reference, of whatever types they are.

Numbers are equal within a relative tolerance, arrays by shape, dtype and value, frames by schema
and values whatever the order of their rows; everything else by `==`, by its attributes, or by the
digest of its pickle. See docs/explanation/proof.md.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from daskbench.benchmarks.users import error_text
from daskbench.benchmarks.work.comparing import (
    arrays,
    containers,
    frames,
    labelled,
    numbers,
    objects,
)
from daskbench.benchmarks.work.comparing.base import FAILURES, Difference, Handler, kind_of
from daskbench.benchmarks.work.comparing.containers import AnyOrder as AnyOrder

#: The relative tolerance, unless another is given.
TOLERANCE = 1e-9
#: Relative errors that may be rounding errors, as of single precision.
_SMALL = 1e-3

#: The kinds of values, and the first that suits one compares it.
_KINDS: tuple[tuple[Callable[[object], bool], Handler], ...] = (
    (containers.is_iterator, containers.iterators),
    (containers.is_any_order, containers.any_order),
    (numbers.is_number, numbers.compare),
    (arrays.is_array, arrays.compare),
    (frames.is_frame, frames.compare),
    (frames.is_extension_array, frames.extension_arrays),
    (labelled.is_dataset, labelled.datasets),
    (labelled.is_data_array, labelled.data_arrays),
    (labelled.is_sparse, labelled.sparse),
    (containers.is_sequence, containers.sequences),
    (containers.is_mapping, containers.mappings),
    (containers.is_set, containers.sets),
)
#: Those of values whose counterparts may be lists.
_OF_EITHER = (containers.iterators, containers.any_order)


def difference(
    answer: Any, reference: Any, tolerance: float = TOLERANCE, spread: float = 0.0
) -> str | None:
    """Return in one line what differs from the reference, and where; None if nothing does.

    Both may be hostile: methods that raise, cycles, endless iterators. The `spread` of the numbers
    that they were computed from is that of `daskbench.benchmarks.work.spread`.
    """
    try:
        found = _Comparison(tolerance, spread).compare(answer, reference)
    except RecursionError:
        return "nested too deeply to be compared"
    except FAILURES as error:
        return f"{kind_of(answer)} that cannot be compared: {error_text(error)}"
    return f"{found}{_way_out(found.error, tolerance)}" if found else None


def _way_out(error: float | None, tolerance: float) -> str:
    """Return which tolerance would accept a relative error, if it is a small one."""
    if error is None or not 0 < error < _SMALL or not tolerance:
        return ""
    return f" (--tolerance {10.0 ** math.ceil(math.log10(error) + 0.01):.0e} accepts that)".replace(
        "e-0", "e-"
    )


class _Comparison:
    """Compares values of any kind, and their parts, recursively."""

    def __init__(self, tolerance: float, spread: float) -> None:
        self.tolerance, self.spread = tolerance, spread
        self._open: set[tuple[int, int]] = set()

    def compare(self, answer: Any, reference: Any) -> Difference | None:
        """Compare two values by the kind of the reference."""
        answer, reference = _unwrapped(answer), _unwrapped(reference)
        if answer is reference and not containers.is_iterator(answer):
            return None
        pair = id(answer), id(reference)
        if pair in self._open:  # a cycle: equal if everything else is
            return None
        self._open.add(pair)
        try:
            return self._by_kind(answer, reference)
        finally:
            self._open.discard(pair)

    def _by_kind(self, answer: Any, reference: Any) -> Difference | None:
        for is_kind, compare in _KINDS:
            both = is_kind(answer), is_kind(reference)
            if all(both) or (any(both) and compare in _OF_EITHER):
                return compare(answer, reference, self)
            if any(both):
                return Difference(f"{kind_of(answer)} instead of {kind_of(reference)}")
        return objects.compare(answer, reference, self)


def _unwrapped(value: Any) -> Any:
    """Return the scalar of an array without dimensions, and Python's own for a string."""
    if type(value) is np.ndarray and value.ndim == 0:
        value = value[()]
    return value.item() if isinstance(value, np.str_ | np.bytes_) else value
