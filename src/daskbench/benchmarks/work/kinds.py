"""Types of parameters: from annotations, or else from the defaults.

A value of an option or of a journal is a number or a word; each type says how it becomes the
function's own value, such as a tuple, and back.
"""

import math
import types
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Literal, NamedTuple, Union

from daskbench.errors import UsageError
from daskbench.units import parse_count_or_zero

Scalar = int | float | str

_TRUE, _FALSE, _NONE = "true", "false", "none"
_SWITCHES = dict.fromkeys((_TRUE, "yes", "on", "1"), _TRUE)
_SWITCHES |= dict.fromkeys((_FALSE, "no", "off", "0"), _FALSE)


class Kind(NamedTuple):
    """A type: how it is read and written as a word, and turned into the function's own value."""

    read: Callable[[object], Scalar] | None
    write: Callable[[Any], Scalar]
    value: Callable[[Any], Any]
    metavar: str
    choices: tuple[str, ...] = ()


def kind_of(annotation: Any, default: Any) -> Kind | None:
    """Return the type of a parameter; None if its values can't be written in a word."""
    annotation, optional = _without_none(annotation)
    kind = _declared(annotation, default) or _by_default(default)
    if kind is None or not (optional or default is None):
        return kind
    return _or_none(kind)


def _without_none(annotation: Any) -> tuple[Any, bool]:
    """Return an annotation without ``Annotated`` and ``None``, and whether None was in it."""
    if typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    if typing.get_origin(annotation) not in (Union, types.UnionType):
        return annotation, False
    parts = [part for part in typing.get_args(annotation) if part is not type(None)]
    optional = len(parts) < len(typing.get_args(annotation))
    return (parts[0] if len(parts) == 1 else tuple(parts)), optional


def _declared(annotation: Any, default: Any) -> Kind | None:
    """Return the type that an annotation declares, if the default has it."""
    if typing.get_origin(annotation) is Literal:
        return _one_of({str(value): value for value in typing.get_args(annotation)})
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return _one_of(dict(annotation.__members__))
    if isinstance(annotation, tuple):  # a union
        return _ANY if {int, float, str}.issuperset(annotation) else None
    if annotation is float and type(default) is int:
        return _FLOAT
    if isinstance(annotation, type) and annotation in _KINDS:
        fits = default is None or isinstance(default, annotation)
        return _KINDS[annotation] if fits else None
    return None


def _by_default(default: Any) -> Kind | None:
    if default is None:
        return _ANY
    if isinstance(default, Enum):
        return _one_of(dict(type(default).__members__))
    if isinstance(default, tuple):
        return _tuple_like(default)
    kinds = (kind for own, kind in _KINDS.items() if isinstance(default, own))
    return next(kinds, None)


def _or_none(kind: Kind) -> Kind:
    read = kind.read or _switch_of(kind.choices)
    return kind._replace(
        read=lambda word: _NONE if _is_none(word) else read(word),
        write=lambda value: _NONE if value is None else kind.write(value),
        value=lambda word: None if word == _NONE else kind.value(word),
        choices=(),
        metavar=f"{'|'.join(kind.choices) or kind.metavar}|{_NONE}",
    )


def _is_none(word: object) -> bool:
    return str(word).strip().lower() == _NONE


def _switch_of(choices: tuple[str, ...]) -> Callable[[object], str]:
    def read(word: object) -> str:
        if (text := str(word).strip()) in choices:
            return text
        raise UsageError(f"no '{text}': choose from {', '.join((*choices, _NONE))}")

    return read


def _one_of(values: Mapping[str, Any]) -> Kind | None:
    """Return the kind of a choice, by name; None if a name can't be written in a list."""
    if any("," in name or name != name.strip() or not name for name in values):
        return None
    names = tuple(values)

    def write(value: Any) -> str:
        same = (name for name in names if type(values[name]) is type(value))
        return next((name for name in same if values[name] == value), "")

    return Kind(None, write, values.__getitem__, "", names)


def _tuple_like(default: tuple[Any, ...]) -> Kind | None:
    """Return the kind of a shape such as ``(1000, 100)``, written ``1000x100``."""
    words = [part for part in default if isinstance(part, str)]
    simple = all(isinstance(part, int | float) and not isinstance(part, bool) for part in default)
    if not default or not (simple or all(word == "auto" for word in words)):
        return None
    if any(not isinstance(part, int | float | str) or isinstance(part, bool) for part in default):
        return None

    def value(word: str) -> tuple[Any, ...]:
        return tuple(_number_or_auto(part) for part in word.lower().split("x"))

    def read(word: object) -> str:
        value(str(word))
        return str(word).strip()

    return Kind(read, lambda parts: "x".join(map(str, parts)), value, "NxM,...")


def _number_or_auto(text: str) -> int | float | str:
    text = text.strip()
    if text == "auto":
        return text
    try:
        number = float(text.replace("_", ""))
    except ValueError as error:
        raise UsageError(f"'{text}' is not a number; write a tuple as 1000x100") from error
    if not math.isfinite(number):
        raise UsageError(f"'{text}' is not finite")
    return int(number) if number.is_integer() and "." not in text else number


def _whole(value: object) -> int:
    text = str(value).strip()
    sign = -1 if text.startswith("-") else 1
    try:
        return sign * parse_count_or_zero(text[1:] if text[:1] in "+-" and text else text)
    except UsageError as error:
        raise UsageError(f"'{value}' is not a whole number; write 1000, 1_000 or 1e3") from error


def _real(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UsageError(f"'{value}' is not a number")
    return number


def _text(value: object) -> str:
    return str(value)


def _switch(value: object) -> str:
    if (word := str(value).strip().lower()) in _SWITCHES:
        return _SWITCHES[word]
    raise UsageError(f"'{value}' is neither {_TRUE} nor {_FALSE}")


def _any(value: object) -> Scalar:
    """Read a number if it is one, otherwise text."""
    if isinstance(value, bool):
        return str(value).lower()
    for read in (_whole, _real):
        try:
            return read(value)
        except UsageError:
            continue
    return str(value)


def _same(value: Any) -> Any:
    return value


_FLOAT = Kind(_real, float, float, "X,...")
_ANY = Kind(_any, _any, _same, "VALUE,...")
#: By type; bool before int, which it is.
_KINDS: dict[type, Kind] = {
    bool: Kind(
        _switch, lambda value: str(value).lower(), lambda word: word == _TRUE, f"{_TRUE}|{_FALSE}"
    ),
    int: Kind(_whole, int, int, "N,..."),
    float: _FLOAT,
    str: Kind(_text, str, _same, "TEXT,..."),
    Path: Kind(_text, str, Path, "PATH,..."),
}
