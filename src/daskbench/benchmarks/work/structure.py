"""What a function returns: Dask collections, nested in lists, tuples, dicts and dataclasses."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from types import GeneratorType
from typing import Any

import dask

_ITERATORS = (GeneratorType, map, filter, zip)


@dataclass(frozen=True)
class _Slot:
    """The place of a collection's value."""

    number: int


@dataclass(frozen=True)
class Shape:
    """A structure with a slot in the place of each collection."""

    outline: Any

    def filled(self, values: Sequence[Any]) -> Any:
        """Return the structure with the collections' values."""
        return _walk(self.outline, lambda part: _filled(part, values))

    def values_in(self, whole: Any) -> list[Any]:
        """Return the values in the places of the collections.

        Raises ValueError if `whole` has another structure.
        """
        found = dict(_values_in(self.outline, whole))
        return [found[number] for number in sorted(found)]


def _filled(part: Any, values: Sequence[Any]) -> Any:
    return values[part.number] if isinstance(part, _Slot) else part


def _values_in(outline: Any, whole: Any) -> Iterator[tuple[int, Any]]:
    """Yield the number of each collection, and what is in its place."""
    if isinstance(outline, _Slot):
        yield outline.number, whole
    elif isinstance(outline, dict):
        if not isinstance(whole, dict) or outline.keys() - whole.keys():
            raise ValueError("the plain version returns another structure")
        for key, part in outline.items():
            yield from _values_in(part, whole[key])
    elif isinstance(outline, list | tuple):
        for part, other in zip(outline, whole, strict=True):
            yield from _values_in(part, other)
    elif is_dataclass(outline):
        for one in fields(outline):
            yield from _values_in(getattr(outline, one.name), getattr(whole, one.name))


#: The structure of a single value.
WHOLE = Shape(_Slot(0))


def take_apart(built: Any) -> tuple[list[Any], Shape]:
    """Return the Dask collections in a structure, and its shape.

    The shape holds no collection, so that these can be released. Generators are used up.
    """
    found: list[Any] = []

    def slot(part: Any) -> Any:
        if not dask.is_dask_collection(part):
            return part
        found.append(part)
        return _Slot(len(found) - 1)

    return found, Shape(_walk(built, slot))


def used_up(built: Any) -> Any:
    """Return the list of what an iterator yields; anything else unchanged."""
    return list(built) if isinstance(built, _ITERATORS) else built


def _walk(part: Any, change: Callable[[Any], Any]) -> Any:
    """Return a copy of a structure with `change` applied to all that is not a container."""
    kind = type(part)
    if isinstance(part, _ITERATORS):
        return [_walk(one, change) for one in part]
    if kind in (list, tuple, set, frozenset):
        return kind(_walk(one, change) for one in part)
    if isinstance(part, tuple) and hasattr(part, "_fields"):
        return kind(*(_walk(one, change) for one in part))
    if isinstance(part, dict) and not dask.is_dask_collection(part):
        return _mapped(part, change)
    if is_dataclass(part) and not isinstance(part, type | _Slot):
        return _of_dataclass(part, change)
    return change(part)


def _mapped(part: Mapping[Any, Any], change: Callable[[Any], Any]) -> dict[Any, Any]:
    return {key: _walk(value, change) for key, value in part.items()}


def _of_dataclass(part: Any, change: Callable[[Any], Any]) -> Any:
    """Return a dataclass with its fields walked; itself if it can't be copied."""
    if dask.is_dask_collection(part):
        return change(part)
    values = {one.name: getattr(part, one.name) for one in fields(part) if one.init}
    walked = {name: _walk(value, change) for name, value in values.items()}
    same = all(walked[name] is value for name, value in values.items())
    return part if same else replace(part, **walked)
