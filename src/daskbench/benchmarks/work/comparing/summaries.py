"""Comparison of summaries of chunks.

Equal chunks have equal checksums. Where these differ, floats may still be equal within the
tolerance: groups of them are compared by their weighted sums. Arrays are compared chunk by chunk;
frames and bags as wholes, whatever their partitions and the order of their rows.
"""

from collections.abc import Sequence
from functools import reduce

import numpy as np

from daskbench.benchmarks.work.comparing.arrays import OWN_ROUNDING
from daskbench.benchmarks.work.comparing.base import share
from daskbench.benchmarks.work.summaries import WRAP, Summary, Sums
from daskbench.units import counted


def combined(summaries: Sequence[Summary]) -> list[Summary]:
    """Return summaries that are comparable one by one: a single one if order is irrelevant."""
    if len(summaries) < 2 or any(one.ordered for one in summaries):
        return [*summaries]
    filled = [one for one in summaries if one.length] or [*summaries[:1]]
    return [reduce(_added, filled)]


def _added(one: Summary, other: Summary) -> Summary:
    schema = one.schema if one.schema == other.schema else f"{one.schema}; {other.schema}"
    sums = {name: _add_sums(one.sums[name], other.sums.get(name)) for name in one.sums}
    return Summary(
        schema,
        one.length + other.length,
        one.nbytes + other.nbytes,
        (one.checksum + other.checksum) % WRAP,
        (one.exact + other.exact) % WRAP,
        sums,
        ordered=False,
    )


def _add_sums(one: Sums, other: Sums | None) -> Sums:
    if other is None:
        return one
    special = (one.special + other.special) % WRAP
    values, sizes = one.values + other.values, one.sizes + other.sizes
    return Sums(values, sizes, special, max(one.rounding, other.rounding))


def unequal(answer: Sequence[Summary], reference: Sequence[Summary]) -> list[int] | str:
    """Return the chunks whose checksums differ; what differs, if it is no matter of tolerance."""
    ours, theirs = combined(answer), combined(reference)
    if len(ours) != len(theirs):
        return f"{counted(len(ours), 'chunk')} instead of {len(theirs):,}"
    for one, other in zip(ours, theirs, strict=True):
        if one.schema != other.schema:
            return f"{one.schema} instead of {other.schema}"
        if one.length != other.length:
            return f"{counted(one.length, 'row')} instead of {other.length:,}"
    pairs = enumerate(zip(ours, theirs, strict=True))
    return [at for at, (one, other) in pairs if one.checksum != other.checksum]


def beyond(answer: Sequence[Summary], reference: Sequence[Summary], tolerance: float) -> str | None:
    """Return what differs beyond the tolerance between chunks with their sums, in one line."""
    ours, theirs = combined(answer), combined(reference)
    wrong = [_beyond(*pair, tolerance) for pair in zip(ours, theirs, strict=True)]
    found = [one for one in wrong if one]
    return f"{share(len(found), len(theirs), 'chunks')}: {found[0]}" if found else None


def _beyond(one: Summary, other: Summary, tolerance: float) -> str | None:
    if one.checksum == other.checksum:
        return None
    if one.exact != other.exact or not other.sums or not tolerance:
        return f"another checksum of {counted(other.length, 'value')}"
    for name, theirs in other.sums.items():
        if found := _beyond_sums(one.sums[name], theirs, tolerance):
            return f"{name}: {found}" if name else found
    return None


def _beyond_sums(one: Sums, other: Sums, tolerance: float) -> str | None:
    if one.special != other.special:
        return "NaN or infinities in other places"
    relative = max(tolerance, OWN_ROUNDING * other.rounding)
    with np.errstate(all="ignore"):
        error, size = np.abs(one.values - other.values), np.maximum(one.sizes, other.sizes)
        wrong = ~((error <= relative * size) | (one.values == other.values))
        worst = float(np.max(np.where(wrong, error / size, 0.0), initial=0.0))
    if not (count := int(np.count_nonzero(wrong))):
        return None
    groups = share(count, other.values.size, "sums of groups")
    return f"{groups}, by up to {worst:.2g} relative"
