"""Sizes S, M and L of a benchmark's data: fractions of the memory of this job.

They are rounded to one digit, so that similar machines get the same shape. S is small enough for a
first look on any machine, L so large that a work that holds its input and its result fills memory.
"""

from collections.abc import Callable
from typing import Any

from daskbench.benchmarks.base import Parameter, Parameters
from daskbench.resources import memory

FRACTIONS = {"S": 1 / 256, "M": 1 / 32, "L": 1 / 4}
SMALLEST = "S"
#: The share of M and L of works that hold several copies of their data, or take long.
HALF = 1 / 2
#: The share of those whose time grows faster than their data, or that write files for each lane.
EIGHTH = 1 / 8
#: The most bytes of size S.
SMALL_BYTES = 32_000_000
#: Chunks and partitions are not made larger than this, as Dask's own (array.chunk-size).
MOST_CHUNK_BYTES = 1 << 27


def bytes_of(size: str, small: int = SMALL_BYTES, share: float = 1.0) -> float:
    """Return the bytes of data of a size, on this machine; of S at most `small`.

    `share` of M and L is for a work whose time grows faster than its data.
    """
    found = FRACTIONS[size] * memory().amount
    return min(found, small) if size == SMALLEST else share * found


def rounded(number: float) -> int:
    """Round to one digit, and to at least 1.

    >>> rounded(8090.0), rounded(1449), rounded(0.2)
    (8000, 1000, 1)
    """
    digits = len(str(max(1, int(number)))) - 1
    return max(1, round(number, -digits).__int__())


def size_parameter(instead: str, share: float = 1.0) -> Parameter:
    """Return the parameter ``size``, which sets the parameter `instead` unless that is given."""
    return Parameter(
        SMALLEST,
        f"About 1/256 (S), 1/{32 / share:.0f} (M) or 1/{4 / share:.0f} (L) of this job's memory; "
        f"--{instead} takes precedence.",
        tuple(FRACTIONS),
    )


def sized(
    derive: Callable[[str], int | str], help: str, metavar: str = "", **more: Any
) -> Parameter:
    """Return a parameter that ``size`` sets, by `derive`."""

    def derived(others: Parameters) -> int | str:
        return derive(str(others["size"]))

    return Parameter(derive(SMALLEST), help, metavar=metavar, derive=derived, **more)
