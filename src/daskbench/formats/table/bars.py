"""Bars of rows in plain characters, with the interval as a whisker: ``█████├──●──┤``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log

from daskbench.document.chart import Axis, Bar, half_of, top_of

#: Where on an axis whatever is beyond it stands, however far.
_OFF = 2.0


@dataclass(frozen=True)
class Glyphs:
    """The characters of a bar and its whisker."""

    full: str
    low: str
    line: str
    value: str
    high: str
    cut: str
    one: str
    one_inside: str


UNICODE = Glyphs("█", "├", "─", "●", "┤", "→", "┊", "┼")
ASCII = Glyphs("=", "[", "-", "o", "]", ">", ":", "+")


def draw_all(bars: Sequence[Bar | None], axis: Axis, width: int, glyphs: Glyphs) -> list[str]:
    """Return each bar as `width` characters on a common axis; empty if there is no figure."""
    known = [bar for bar in bars if bar]
    place = (_from_zero if axis == "from zero" else _around_one)(known, width)
    return ["" if bar is None else _draw(bar, axis, width, place, glyphs) for bar in bars]


def title_of(axis: Axis, what: str, width: int, glyphs: Glyphs) -> str:
    """Return what bars are, or what the sides of an axis around one mean, if there is room."""
    if axis == "from zero":
        return _last_words(what, width)
    left = (width - 1) // 2 - 1
    if left < len("faster"):
        return ""
    return f"{'faster':>{left}} {glyphs.one} slower"


def _last_words(what: str, width: int) -> str:
    """Return as many words as there is room for, the last before the others."""
    while len(what) > width:
        what = what.partition(" ")[2]
    return what


Place = Callable[[float], int]


def _from_zero(bars: Sequence[Bar], width: int) -> Place:
    """Return where a figure stands on an axis that begins at zero; `width` if it is beyond."""
    top = top_of(bars)
    return lambda value: max(round(min(value / top, _OFF) * width) - 1, 0)


def _around_one(bars: Sequence[Bar], width: int) -> Place:
    """Return where a ratio stands on a logarithmic axis whose middle is one."""
    half = half_of(bars)
    cells = (width - 1) // 2

    def place(value: float) -> int:
        if value <= 0:
            return -1
        return cells + round(max(min(log(value) / half, _OFF), -_OFF) * cells)

    return place


def _draw(bar: Bar, axis: Axis, width: int, place: Place, glyphs: Glyphs) -> str:
    value = min(max(place(bar.value), 0), width - 1)
    cells = [" "] * width
    if axis == "from zero":
        cells[: value + 1] = glyphs.full * (value + 1)
    else:
        cells[place(1.0)] = glyphs.one
        cells[value] = glyphs.value
    if bar.low is not None and bar.high is not None:
        _whisker(cells, place(bar.low), value, place(bar.high), glyphs)
        if axis == "around one" and cells[place(1.0)] == glyphs.line:
            cells[place(1.0)] = glyphs.one_inside
    return "".join(cells)


def _whisker(cells: list[str], low: int, value: int, high: int, glyphs: Glyphs) -> None:
    """Draw an interval over a bar; an end that is beyond the axis is cut."""
    last = len(cells) - 1
    first, final = min(max(low, 0), last), min(max(high, 0), last)
    cells[first : final + 1] = glyphs.line * (final - first + 1)
    cells[first] = glyphs.low if low >= 0 else "<"
    cells[final] = glyphs.high if high <= last else glyphs.cut
    cells[value] = glyphs.value
