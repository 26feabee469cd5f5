"""Comparison of containers: item by item, mappings by key, sets and bags in any order."""

import marshal
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import islice
from typing import Any, NamedTuple

from daskbench.benchmarks.work.comparing.base import (
    FAILURES,
    Comparison,
    Difference,
    kind_of,
    share,
    shown,
)
from daskbench.units import counted

#: The most items of an iterator that are compared: some never end.
MOST_ITERATED = 1_000_000
#: Items that are matched in every order, where sorting does not bring equal ones together.
_MOST_MATCHED = 1000


class AnyOrder(NamedTuple):
    """Items whose order is not promised, such as those of a bag."""

    items: Sequence[Any]


def is_sequence(value: object) -> bool:
    """Whether a value is a list, a tuple, a deque, or of a subclass."""
    return isinstance(value, list | tuple | deque) and not isinstance(value, AnyOrder)


def is_mapping(value: object) -> bool:
    """Whether a value is a mapping."""
    return isinstance(value, Mapping)


def is_set(value: object) -> bool:
    """Whether a value is a set."""
    return isinstance(value, Set)


def is_any_order(value: object) -> bool:
    """Whether the order of a value's items is not promised."""
    return isinstance(value, AnyOrder)


def is_iterator(value: object) -> bool:
    """Whether a value can be iterated over once."""
    return isinstance(value, Iterator)


def sequences(answer: Any, reference: Any, comparison: Comparison) -> Difference | None:
    """Compare two sequences; fields of named tuples by name."""
    if type(answer) is not type(reference):
        return Difference(f"{kind_of(answer)} instead of {kind_of(reference)}")
    if len(answer) != len(reference):
        return Difference(f"{counted(len(answer), 'item')} instead of {len(reference):,}")
    if _same_bytes(answer, reference):
        return None
    names = getattr(reference, "_fields", None)
    count, first = 0, None
    for at, (one, other) in enumerate(zip(answer, reference, strict=True)):
        if found := comparison.compare(one, other):
            count += 1
            first = first or found.within(f".{names[at]}" if names else f"[{at}]")
    if first is None or count == 1:
        return first
    total = share(count, len(reference), "items")
    return first._replace(what=f"{first.what}; {total}", many=count)


def _same_bytes(answer: Any, reference: Any) -> bool:
    """Whether both are built of Python's own types alone, and equal to the bit.

    This version of the format has no references, so equal values have equal bytes.
    """
    try:
        return marshal.dumps(answer, 2) == marshal.dumps(reference, 2)
    except FAILURES:
        return False


def mappings(answer: Any, reference: Any, comparison: Comparison) -> Difference | None:
    """Compare two mappings, whatever the order of their keys."""
    if type(answer) is not type(reference):
        return Difference(f"{kind_of(answer)} instead of {kind_of(reference)}")
    if lacking := [key for key in reference if key not in answer]:
        return Difference(f"lacks the key {shown(lacking[0])}{_more(lacking)}")
    if extra := [key for key in answer if key not in reference]:
        return Difference(f"has the key {shown(extra[0])}{_more(extra)}, unlike the reference")
    for key in reference:
        if found := comparison.compare(answer[key], reference[key]):
            return found.within(f"[{shown(key)}]")
    return None


def _more(keys: Sequence[Any]) -> str:
    return f" and {len(keys) - 1:,} more" if len(keys) > 1 else ""


def sets(answer: Any, reference: Any, comparison: Comparison) -> Difference | None:
    """Compare two sets; numbers in them within the tolerance."""
    if type(answer) is not type(reference):
        return Difference(f"{kind_of(answer)} instead of {kind_of(reference)}")
    return unordered(answer, reference, comparison)


def any_order(answer: Any, reference: Any, comparison: Comparison) -> Difference | None:
    """Compare two collections of items, whatever their order; one of them may be a list."""
    one, other = _items(answer), _items(reference)
    found = comparison.compare(one, other)
    if found is None or not (is_sequence(one) and is_sequence(other)):
        return found
    return unordered(one, other, comparison)


def _items(value: Any) -> Any:
    return value.items if is_any_order(value) else value


def unordered(
    answer: Iterable[Any], reference: Iterable[Any], comparison: Comparison
) -> Difference | None:
    """Compare items in any order: equal ones first, then the rest within the tolerance."""
    one, other = [*answer], [*reference]
    if len(one) != len(other):
        return Difference(f"{counted(len(one), 'item')} instead of {len(other):,}")
    total = len(other)
    one, other = _without_equal(one, other)
    one, other = _sorted(one), _sorted(other)
    left = [pair for pair in zip(one, other, strict=True) if comparison.compare(*pair)]
    if len(left) <= _MOST_MATCHED:
        left = _unmatched(left, comparison)
    if not left:
        return None
    return Difference(
        f"{share(len(left), total, 'items')} in any order; for one, {shown(left[0][0])} "
        "is not in the reference"
    )


def _without_equal(one: list[Any], other: list[Any]) -> tuple[list[Any], list[Any]]:
    """Remove the items that both have, as often as both have them."""
    try:
        ours, theirs = Counter(map(_typed, one)), Counter(map(_typed, other))
        only_ours, only_theirs = ours - theirs, theirs - ours
    except FAILURES:  # items that cannot be hashed
        return one, other
    return [item for _, item in only_ours.elements()], [item for _, item in only_theirs.elements()]


def _typed(item: Any) -> tuple[type, Any]:
    return type(item), item


def _sorted(items: list[Any]) -> list[Any]:
    """Bring items into an order that does not depend on the one that they had, if possible."""
    for key in (None, shown):
        try:
            return sorted(items, key=key)
        except FAILURES:
            continue
    return items


def _unmatched(pairs: list[tuple[Any, Any]], comparison: Comparison) -> list[tuple[Any, Any]]:
    """Return the pairs of which no reordering makes equal ones."""
    theirs = [other for _, other in pairs]
    lonely = []
    for one, _ in pairs:
        at = next((at for at, x in enumerate(theirs) if not comparison.compare(one, x)), None)
        if at is None:
            lonely.append(one)
        else:
            del theirs[at]
    return [*zip(lonely, theirs, strict=True)]


def iterators(answer: Any, reference: Any, comparison: Comparison) -> Difference | None:
    """Compare what iterators yield, which ends them; a reference may have been settled before."""
    return comparison.compare(_listed(answer), _listed(reference))


def _listed(value: Any) -> Any:
    return [*islice(value, MOST_ITERATED)] if is_iterator(value) else value


def settled(value: Any) -> Any:
    """Return a value with lists in the place of iterators, so that it can be compared again."""
    if is_iterator(value):
        return [settled(one) for one in _listed(value)]
    if type(value) in (list, tuple):
        return value if _has_no_parts(value) else type(value)(map(settled, value))
    if type(value) is dict:
        return {key: settled(one) for key, one in value.items()}
    return value


def _has_no_parts(value: Sequence[Any]) -> bool:
    return {*map(type, value)} <= {bool, int, float, complex, str, bytes, type(None)}
