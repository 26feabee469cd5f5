"""The bars of a table's rows as small pictures in HTML, with their intervals as whiskers.

They need no script, no style sheet and no request, so that notebooks show them too. What they show
is in the other cells in words, so screen readers are not told of them.
"""

from collections.abc import Callable, Sequence
from math import inf, log

from daskbench.document import Table
from daskbench.document.chart import Axis, Bar, half_of, top_of

_WIDTH, _HEIGHT = 200, 20
_BLUE = "#0072b2"
_ROUNDING = 1e-9
_TITLES: dict[Axis, str] = {"from zero": "to scale", "around one": "faster | slower"}

#: Where a figure stands on an axis, from 0 to 1, or beyond it.
Place = Callable[[float], float]


def title_of(table: Table) -> str:
    """Return the heading of a column of bars; empty if no row has one."""
    return table.bars or _TITLES[table.axis] if any(row.bar for row in table.rows) else ""


def bars_of(table: Table) -> list[str]:
    """Return the picture of each row, on a common axis; empty where there is no figure."""
    bars = [row.bar for row in table.rows]
    known = [bar for bar in bars if bar]
    if table.axis == "from zero":
        place = _from_zero(known)
        return [_picture(_grown(bar, place)) if bar else "" for bar in bars]
    place = _around_one(known)
    return [_picture(_standing(bar, place)) if bar else "" for bar in bars]


def _from_zero(bars: Sequence[Bar]) -> Place:
    top = top_of(bars)
    return lambda value: value / top


def _around_one(bars: Sequence[Bar]) -> Place:
    half = half_of(bars)
    return lambda value: (1 + (log(value) / half if value > 0 else -inf)) / 2


def _within(share: float) -> float:
    """Return how far from the beginning of the axis a figure stands, in pixels."""
    return min(max(share, 0.0), 1.0) * (_WIDTH - 2)


def _grown(bar: Bar, place: Place) -> str:
    length = _within(place(bar.value))
    grown = (
        f'<rect x="1" y="4" width="{length:.1f}" height="12" fill="{_BLUE}" fill-opacity=".65"/>'
    )
    return grown + _whisker(bar, place)


def _standing(bar: Bar, place: Place) -> str:
    one, value = 1 + _within(place(1.0)), 1 + _within(place(bar.value))
    line = f'<path d="M{one:.1f} 0V{_HEIGHT}" stroke="currentColor" stroke-dasharray="2 2"/>'
    dot = f'<circle cx="{value:.1f}" cy="10" r="4" fill="{_BLUE}"/>'
    return line + _whisker(bar, place) + dot


def _whisker(bar: Bar, place: Place) -> str:
    """Return an interval; an end that is beyond the axis is an arrow."""
    if bar.low is None or bar.high is None:
        return ""
    low, high = place(bar.low), place(bar.high)
    path = f"M{1 + _within(low):.1f} 10H{1 + _within(high):.1f}"
    path += _end(low, low < -_ROUNDING, 5) + _end(high, high > 1 + _ROUNDING, -5)
    return f'<path d="{path}" stroke="currentColor" stroke-width="1.5" fill="none"/>'


def _end(share: float, is_beyond: bool, inwards: int) -> str:
    x = 1 + _within(share)
    if is_beyond:
        return f"M{x + inwards:.1f} 6L{x:.1f} 10L{x + inwards:.1f} 14"
    return f"M{x:.1f} 6V14"


def _picture(inside: str) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'aria-hidden="true">{inside}</svg>'
    )
