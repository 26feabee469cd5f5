"""Tables for a terminal, by rich. What does not fit beside stands below, in another table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import TypeVar

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from daskbench import harmless
from daskbench.stats import groups, results
from daskbench.stats.comparison import Comparisons
from daskbench.views import Page, comparison
from daskbench.views.cells import Column, why
from daskbench.views.columns import heading, label_of, legend, main_columns, published_columns
from daskbench.views.report import Report
from daskbench.views.section import Section
from daskbench.views.sections import chapters_of

T = TypeVar("T")

_GAP = 2
_STYLES = {"ok": "", "skipped": "dim"}


@dataclass(frozen=True)
class _Row:
    """The cells of a row, how it looks, and what stands below its first part."""

    cells: Sequence[str]
    style: str = ""
    below: str = ""


def render(report: Report, page: Page) -> str:
    """Return the report's tables, then what memory was read, then a line for each finding."""
    parts: list[RenderableType] = []
    for chapter in chapters_of(report, page.width):
        parts += [_text(chapter.heading, "bold underline"), Text()] if chapter.heading else []
        parts += [_tables(group, report.published, page.width) for group in chapter.groups]
        parts += [_section(section, page.width) for section in chapter.sections]
    if report.comparison:
        parts.append(_section(comparison.section_of(report.comparison), page.width))
    parts += map(_point, report.findings)
    return _drawn([*parts, _text(f"run {report.run.run_id}", "dim")], page)


def compared(comparisons: Comparisons, page: Page) -> str:
    """Return the table of a comparison, and what it comes to."""
    return _drawn([_section(comparison.section_of(comparisons), page.width)], page)


def _drawn(parts: Sequence[RenderableType], page: Page) -> str:
    text = StringIO()
    console = Console(
        file=text,
        width=page.width,
        force_terminal=page.color,
        no_color=not page.color,
        highlight=False,
    )
    for part in parts:
        console.print(part)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def _tables(group: groups.Group, published: bool, width: int) -> RenderableType:
    tables = [_of_columns(group, main_columns(group), width, first=True)]
    if published and group.suite.published:
        tables.append(_of_columns(group, published_columns(group), width))
    title = _text(heading(group), "bold")
    return Group(title, *tables, _text(legend(group), "dim"), Text())


def _of_columns(
    group: groups.Group, columns: Sequence[Column], width: int, *, first: bool = False
) -> RenderableType:
    """Return a table of results; in the first, below a row that lacks figures stands why."""
    every = (label_of(group), *columns)
    rows = [
        _Row(
            [_shown(column, row) for column in every],
            _style(row),
            harmless.line(why(row)) if row.status != "ok" and first else "",
        )
        for row in group.results
    ]
    figures = [number for number, column in enumerate(every) if not column.wraps]
    texts = [0, *(number for number, column in enumerate(every) if column.wraps)]
    sides = [column.right for column in every]
    titles = [harmless.cell(column.title) for column in every]
    parts = [
        _grid(
            _only(titles, figures), [_part(r, figures) for r in rows], _only(sides, figures), width
        )
    ]
    if len(texts) > 1:
        bare = [_Row(_only(row.cells, texts), row.style) for row in rows]
        parts.append(_wrapped(_only(titles, texts), bare, width))
    return Group(*parts)


def _style(row: results.Result) -> str:
    if row.passage and row.passage.verdict != "agrees":
        return "red"
    return _STYLES.get(row.status, "red") if not row.best else "bold green"


def _section(section: Section, width: int) -> RenderableType:
    styles = section.styles or [""] * len(section.rows)
    titles, *rows = [[*map(harmless.cell, row)] for row in (section.titles, *section.rows)]
    styled = [_Row(cells, style) for cells, style in zip(rows, styles, strict=True)]
    return Group(
        _text(section.heading, "bold"),
        _grid(titles, styled, section.right, width),
        *(Text(harmless.line(line), no_wrap=True, overflow="crop") for line in section.drawing),
        *map(_text, section.lines),
        Text(),
    )


def _text(text: str, style: str = "") -> Text:
    return Text(harmless.line(text), style)


def _shown(column: Column, row: results.Result) -> str:
    return (harmless.line if column.wraps else harmless.cell)(column.cell(row))


def _only(row: Sequence[T], chosen: Sequence[int]) -> list[T]:
    return [row[number] for number in chosen]


def _part(row: _Row, chosen: Sequence[int]) -> _Row:
    return replace(row, cells=_only(row.cells, chosen))


def _grid(
    titles: Sequence[str], rows: Sequence[_Row], right: Sequence[bool], page: int
) -> RenderableType:
    """Return a table, or several below each other, the first column standing in each."""
    needed = _widths(titles, rows)
    lines: list[RenderableType] = []
    for number, chosen in enumerate(_packed(needed, page)):
        figures = _only(needed, chosen[1:])
        label = min(needed[0], max(page - sum(figures) - _GAP * len(figures), 1))
        widths, sides = [label, *figures], _only(right, chosen)
        lines.append(_line(_only(titles, chosen), widths, sides, "bold"))
        for row in rows:
            lines.append(_line(_only(row.cells, chosen), widths, sides, row.style))
            if row.below and not number:
                lines.append(Padding(Text(row.below, row.style), (0, 0, 0, _GAP)))
    return Group(*lines)


def _wrapped(titles: Sequence[str], rows: Sequence[_Row], page: int) -> RenderableType:
    """Return a table of text, which wraps in columns that share the page."""
    label, count = _widths(titles, rows)[0], len(titles) - 1
    widths = [label, *[max((page - label) // count - _GAP, 1)] * count]
    left = [False] * len(titles)
    lines = [_line(row.cells, widths, left, row.style) for row in [_Row(titles, "bold"), *rows]]
    return Group(*lines)


def _widths(titles: Sequence[str], rows: Sequence[_Row]) -> list[int]:
    cells = (row.cells for row in rows)
    return [max(map(len, column)) for column in zip(titles, *cells, strict=True)]


def _packed(needed: Sequence[int], width: int) -> Iterator[list[int]]:
    """Yield the columns table by table, as many as the page is wide, the first always there."""
    table, used = [0], needed[0]
    for column, size in enumerate(needed[1:], 1):
        if used + _GAP + size > width and len(table) > 1:
            yield table
            table, used = [0], needed[0]
        table.append(column)
        used += _GAP + size
    yield table


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool], style: str) -> Table:
    """Return one line of a table; the widths make its columns stand under those of the others."""
    line = Table.grid(padding=(0, _GAP, 0, 0))
    for side, width in zip(right, widths, strict=True):
        line.add_column(justify="right" if side else "left", width=width, overflow="fold")
    line.add_row(*map(Text, cells), style=style)
    return line


def _point(finding: str) -> RenderableType:
    line = Table.grid(padding=(0, 1, 0, 0))
    line.add_row(Text("-", style="yellow"), _text(finding))
    return line
