"""What every comparison needs: the difference that it finds, and short texts of hostile objects."""

import reprlib
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

#: Whatever a user's methods may raise, except for an interruption.
FAILURES = (Exception, SystemExit)

_LONGEST = 60


class Difference(NamedTuple):
    """What differs, and where within the answer: ``['mean'][3]``, empty for the answer itself.

    `many` is the number of values that differ, where several were compared at once, and `error` the
    largest relative one, where all that differs are numbers.
    """

    what: str
    where: str = ""
    many: int = 1
    error: float | None = None

    def within(self, part: str) -> "Difference":
        """Return the difference as seen from the container of `part`."""
        return self._replace(where=part + self.where)

    def __str__(self) -> str:
        return f"answer{self.where}: {self.what}" if self.where else self.what


class Comparison(Protocol):
    """Compares parts of an answer, of any kind, with those of the reference."""

    tolerance: float
    """Relative; 0 is exact."""
    spread: float
    """Of the numbers that the answer is computed from: their rounding errors times this count."""

    def compare(self, answer: Any, reference: Any) -> Difference | None:
        """Return the first difference; None if they are equal."""
        ...


Handler = Callable[[Any, Any, Comparison], Difference | None]


class _Short(reprlib.Repr):
    """Short representations, which survive a `__repr__` that raises."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxdict, self.maxother = 2, 3, _LONGEST
        self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = 3
        self.maxstring = self.maxlong = 40

    def repr_instance(self, x: Any, level: int) -> str:
        """Return the representation of any other object, shortened."""
        for text_of in (repr, str):
            try:
                text = text_of(x)
            except FAILURES:
                break
            if isinstance(text, str) and len(text) <= _LONGEST:
                return text
        return f"<{type(x).__name__}>"


_short = _Short()


def shown(value: object) -> str:
    """Return any value in a short line."""
    try:
        text = " ".join(_short.repr(value).split())
    except FAILURES:
        text = ""
    return text if 0 < len(text) <= 2 * _LONGEST else kind_of(value)


def kind_of(value: object) -> str:
    """Return the type of a value with its article: ``a list``, ``an int``, ``None``."""
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def instead(answer: object, reference: object) -> Difference:
    """Return that two values differ, by what they are."""
    if isinstance(answer, str | bytes) and isinstance(reference, str | bytes):
        answer, reference = _from_difference(answer, reference)
    one, other = shown(answer), shown(reference)
    if one == other:
        one, other = kind_of(answer), kind_of(reference)
    if one == other:
        return Difference(f"another {type(answer).__name__} than in the reference")
    return Difference(f"{one} instead of {other}")


def _from_difference(one: str | bytes, other: str | bytes) -> tuple[str | bytes, str | bytes]:
    """Return long texts from shortly before the first character that differs."""
    at = next((at for at, pair in enumerate(zip(one, other, strict=False)) if len({*pair}) > 1), 0)
    start = max(0, at - 10) if max(len(one), len(other)) > _short.maxstring else 0
    return one[start:], other[start:]


def share(count: int, total: int, what: str = "values") -> str:
    """Return how many differ: ``3 of 100 values differ``."""
    return f"{count:,} of {total:,} {what} {'differs' if count == 1 else 'differ'}"
