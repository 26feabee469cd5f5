"""The bars of a table's rows as small pictures in HTML, with their intervals as whiskers.

They need no script, no style sheet and no request, so that notebooks show them too. What they show
is in the other cells in words, so screen readers are not told of them.
"""

from collections.abc import Callable, Sequence
from math import log

from daskbench.document import Table
from daskbench.document.chart import Axis, Bar, half_of, top_of

_WIDTH, _HEIGHT = 200, 20
_BLUE = "#0072b2"
_TITLES: dict[Axis, str] = {"from zero": "to scale", "around one": "faster | slower"}

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
    return lambda value: min(max(value / top, 0.0), 1.0) * (_WIDTH - 2)


def _around_one(bars: Sequence[Bar]) -> Place:
    half = half_of(bars)

    def place(value: float) -> float:
        share = log(value) / half if value > 0 else -1.0
        return (1 + min(max(share, -1.0), 1.0)) / 2 * (_WIDTH - 2) + 1

    return place


def _grown(bar: Bar, place: Place) -> str:
    end = place(bar.value)
    grown = f'<rect x="0" y="4" width="{end:.1f}" height="12" fill="{_BLUE}" fill-opacity=".65"/>'
    return grown + _whisker(bar, place)


def _standing(bar: Bar, place: Place) -> str:
    one, value = place(1.0), place(bar.value)
    line = f'<path d="M{one:.1f} 0V{_HEIGHT}" stroke="currentColor" stroke-dasharray="2 2"/>'
    dot = f'<circle cx="{value:.1f}" cy="10" r="4" fill="{_BLUE}"/>'
    return line + _whisker(bar, place) + dot


def _whisker(bar: Bar, place: Place) -> str:
    """Return an interval; an end that is beyond the axis has no tick."""
    if bar.low is None or bar.high is None:
        return ""
    low, high = place(bar.low), place(bar.high)
    path = f"M{low:.1f} 10H{high:.1f}M{low:.1f} 6V14"
    path += f"M{high:.1f} 6V14" if high < _WIDTH - 2 else ""
    return f'<path d="{path}" stroke="currentColor" stroke-width="1.5" fill="none"/>'


def _picture(inside: str) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'aria-hidden="true">{inside}</svg>'
    )
