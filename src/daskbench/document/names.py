"""Names of rows without what all of them begin with."""

from collections.abc import Sequence
from itertools import groupby, takewhile

#: Between the parts of a name, such as a scheduler and a method.
_COMMA = ", "
_INDENT = "  "


def without_shared(names: Sequence[str]) -> tuple[list[str], str]:
    """Return names without the parts that all of them begin with, and those parts.

    >>> without_shared(["distributed × 2, tsqr", "distributed × 2, gram"])
    (['tsqr', 'gram'], 'distributed × 2')
    """
    parts = [name.split(_COMMA) for name in names]
    least = min(map(len, parts), default=0) if len(parts) > 1 else 0
    alike = (len({*pieces}) == 1 for pieces in zip(*parts, strict=False))
    count = min(sum(takewhile(bool, alike)), max(least - 1, 0))
    if not count:
        return [*names], ""
    return [_COMMA.join(own[count:]) for own in parts], _COMMA.join(parts[0][:count])


def nested(names: Sequence[str]) -> list[str]:
    """Return names with an indent for what they begin with like the one above.

    >>> nested(["numpy", "distributed × 2, tsqr", "distributed × 2, gram"])
    ['numpy', 'distributed × 2, tsqr', '  gram']
    """
    parts = [name.split(_COMMA) for name in names]
    return [
        _INDENT + _COMMA.join(own[count:]) if (count := _shared(own, above)) else name
        for name, own, above in zip(names, parts, [[], *parts], strict=False)
    ]


def grouped(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return names with an indent for what follows their first part, and these parts.

    A name whose neighbours begin otherwise has none.

    >>> grouped(["numpy", "distributed × 2, tsqr", "distributed × 2, gram"])
    (['numpy', '  tsqr', '  gram'], ['', 'distributed × 2', 'distributed × 2'])
    """
    own, heads = list[str](), list[str]()
    for head, group in groupby(names, lambda name: name.partition(_COMMA)[0]):
        members = [*group]
        rest = [name.partition(_COMMA)[2] for name in members]
        is_group = len(members) > 1 and all(rest)
        own += [_INDENT + name for name in nested(rest)] if is_group else members
        heads += [head if is_group else ""] * len(members)
    return own, heads


def _shared(own: Sequence[str], above: Sequence[str]) -> int:
    """Return how many parts a name shares with the one above, without its last."""
    alike = (one == other for one, other in zip(own[:-1], above, strict=False))
    return sum(takewhile(bool, alike))
