"""Draw a chart with characters, without colour."""

from collections.abc import Sequence
from math import ceil

from daskbench.document import Section
from daskbench.document.chart import Chart
from daskbench.units import format_bytes, format_seconds

#: From the bottom up: characters that are distinct in print and for the colour-blind.
_LAYERS = "█▒░▚"
LINE = "─"
_LEVELS = " ▁▂▃▄▅▆▇█"
_ROWS = 10
_LEFT = 11
_LEAST = 10
#: Letters of events; if several fall on one place, the later in this order is shown.
EVENTS = {
    "spill-ended": "s",
    "spill-began": "S",
    "resumed": "r",
    "paused": "P",
    "restarted": "N",
    "left": "X",
    "terminated": "T",
}
_WORDS = {
    "S": "spill began",
    "s": "spill ended",
    "P": "paused",
    "r": "resumed",
    "T": "terminated by its nanny",
    "X": "left",
    "N": "new process",
}


def drawing(section: Section, width: int) -> list[str]:
    """Return the charts of a section, at most `width` characters wide, with their legends."""
    charts = section.charts
    lines = [line for chart in charts for line in (chart.title, *draw(chart, width))]
    lines += [legend(charts[0])] if charts else []
    return [*lines, *filter(None, (events_legend(charts), section.chart_note))]


def legend(chart: Chart) -> str:
    """Return the character of each layer."""
    pairs = zip(_LAYERS, chart.layers, strict=False)
    return "  ".join(f"{glyph} {layer.name}" for glyph, layer in pairs)


def events_legend(charts: Sequence[Chart]) -> str:
    """Return the meaning of the letters that were used."""
    used = {EVENTS[mark.what] for chart in charts for mark in chart.marks}
    return ", ".join(f"{letter} {words}" for letter, words in _WORDS.items() if letter in used)


def draw(chart: Chart, width: int) -> list[str]:
    """Return the lines of one chart."""
    totals = chart.totals()
    top = max(totals)
    if top * _ROWS * 2 > (chart.limit or 0):  # otherwise the layers would be too low to see
        top = max(top, chart.limit or 0)
    step = max(top / _ROWS, 1.0)
    rows = max(ceil(top / step), 1)
    labels = [", ".join(_names(chart, row, rows, top)) for row in range(rows)]
    most = max(chart.apart.values, default=0) if chart.apart else 0
    columns = max(width - _LEFT - max(map(len, [*labels, format_bytes(most)])) - 1, _LEAST)
    places = [_place(chart, at_s, columns) for at_s in chart.at_s]
    shown = _by_column(totals, places, columns)
    lines = [_row(chart, shown, row, step, labels[row]) for row in reversed(range(rows))]
    lines.append(" " * (_LEFT - 1) + "└" + "─" * columns)
    if chart.apart and most:
        disk = "".join(_LEVELS[ceil(chart.apart.values[at] / most * 8)] for at in shown)
        lines.append(f"{chart.apart.name:>{_LEFT - 2}}  {disk} {format_bytes(most)}")
    if chart.marks:
        lines.append(f"{'events':>{_LEFT - 2}}  {_marks(chart, columns)}")
    end = format_seconds(chart.length_s)
    lines.append(" " * _LEFT + "0 s " + end.rjust(columns - 4))
    return [line.rstrip()[:width] for line in lines]


def _place(chart: Chart, at_s: float, columns: int) -> int:
    return min(int(at_s / (chart.length_s or 1.0) * columns), columns - 1)


def _marks(chart: Chart, columns: int) -> str:
    marks = [" "] * columns
    for what, letter in EVENTS.items():
        for mark in chart.marks:
            if mark.what == what:
                marks[_place(chart, mark.at_s, columns)] = letter
    return "".join(marks)


def _by_column(totals: Sequence[int], places: Sequence[int], columns: int) -> list[int]:
    """Return which time each column shows: the fullest in it, or the one before."""
    shown: list[int | None] = [None] * columns
    for number, place in enumerate(places):
        there = shown[place]
        if there is None or totals[number] >= totals[there]:
            shown[place] = number
    last, whole = 0, []
    for one in shown:
        last = last if one is None else one
        whole.append(last)
    return whole


def _names(chart: Chart, row: int, rows: int, top: int) -> list[str]:
    """Return the names of the levels in a row of the chart."""
    return [
        level.name
        for level in chart.levels
        if level.value <= top and row == min(int(level.value / top * rows), rows - 1)
    ]


def _row(chart: Chart, shown: Sequence[int], row: int, step: float, label: str) -> str:
    """Return one line of the chart: its axis label, its cells, and the levels in it."""
    middle = (row + 0.5) * step
    empty = LINE if label else " "
    cells = "".join(_cell(chart, at, middle, empty) for at in shown)
    axis = format_bytes(row * step) if row % 3 == 0 else ""
    return f"{axis:>{_LEFT - 2}} │{cells} {label}"


def _cell(chart: Chart, at: int, held: float, empty: str) -> str:
    total = 0
    for glyph, layer in zip(_LAYERS, chart.layers, strict=False):
        total += layer.values[at]
        if held < total:
            return glyph
    return empty
