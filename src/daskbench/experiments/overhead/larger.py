"""Options that make a benchmark's tasks larger or smaller by a factor, by what they are called."""

from collections.abc import Mapping
from contextlib import suppress

from daskbench.benchmarks import known
from daskbench.config import option_name
from daskbench.errors import UsageError
from daskbench.model import Case, Scalar
from daskbench.units import format_shape, format_size, parse_bytes, parse_shape, two_digits

#: Parameters that set the size of a task's data, and numbers of parts of all data.
_CHUNKS = ("chunks", "chunk", "chunk_size", "chunksize", "block_size", "blocksize")
_PARTS = ("partitions", "npartitions", "parts", "blocks")


def larger_tasks(case: Case, factor: float) -> str:
    """Return options with which the tasks of a case work `factor` times as long; empty if unknown.

    A benchmark that declares none may have a parameter for its chunks: the time of a task is taken
    as proportional to them.
    """
    if own := known(case.benchmark).larger_tasks(case.parameters, factor):
        return own
    for name, value in case.parameters.items():
        if name in _CHUNKS and (chunk := _scaled(value, factor, case.parameters)):
            return f"--{option_name(name)} {chunk}"
        if name in _PARTS and isinstance(value, int) and value >= factor:
            return f"--{option_name(name)} {max(1, int(value / factor))}"
    return ""


def _scaled(value: Scalar, factor: float, others: Mapping[str, Scalar]) -> str:
    """Return a chunk that is so many times as large; empty if it can't be."""
    if isinstance(value, int):
        return str(two_digits(max(1.0, value * factor)))
    with suppress(UsageError):
        return _shape(parse_shape(str(value)), factor, str(others.get("shape", "")))
    with suppress(UsageError):
        return format_size(two_digits(max(1.0, parse_bytes(str(value)) * factor))).replace(" ", "")
    return ""


def _shape(chunk: tuple[int, int], factor: float, whole: str) -> str:
    """Scale a chunk of a matrix in both directions, or in rows where it has whole rows."""
    most = parse_shape(whole) if whole else None
    both = factor**0.5 if chunk[1] > 1 and not (most and most[1] == chunk[1]) else 1.0
    factors = (both, both) if both != 1.0 else (factor, 1.0)
    sides = [max(1.0, side * one) for side, one in zip(chunk, factors, strict=True)]
    if most and any(side > end for side, end in zip(sides, most, strict=True)):
        return ""  # not even a single chunk is enough
    rows, columns = (two_digits(one) if one not in chunk else int(one) for one in sides)
    return format_shape((rows, columns))
