"""Tables for a terminal, by rich. What does not fit beside stands below, in another table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from daskbench.stats import results
from daskbench.views import Page
from daskbench.views.columns import (
    TELLS_WHY,
    Column,
    heading,
    label_column,
    legend,
    main_columns,
    published_columns,
    why,
)
from daskbench.views.memory import section_of
from daskbench.views.report import Report
from daskbench.views.section import Section

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
    text = StringIO()
    console = Console(
        file=text,
        width=page.width,
        force_terminal=page.color,
        no_color=not page.color,
        highlight=False,
    )
    for group in report.tables:
        console.print(_tables(group, report.published, page.width))
    for case in report.shown_memory:
        console.print(_section(section_of(case, page.width), page.width))
    for finding in report.findings:
        console.print(_point(finding))
    console.print(Text(f"run {report.run.run_id}", style="dim"))
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def _tables(group: results.Group, published: bool, width: int) -> RenderableType:
    tables = [_of_columns(group, main_columns(group), width)]
    if published and group.suite.published:
        tables.append(_of_columns(group, published_columns(group), width))
    title = Text(heading(group), style="bold")
    return Group(title, *tables, Text(legend(group), style="dim"), Text())


def _of_columns(group: results.Group, columns: Sequence[Column], width: int) -> RenderableType:
    """Return a table of results; below a row that lacks figures stands why."""
    every = (label_column(group), *columns)
    rows = [
        _Row(
            [column.cell(row) for column in every],
            _STYLES.get(row.status, "red") if not row.best else "bold green",
            why(row) if row.status != "ok" and any(c in columns for c in TELLS_WHY) else "",
        )
        for row in group.results
    ]
    return _grid([column.title for column in every], rows, [c.right for c in every], width)


def _section(section: Section, width: int) -> RenderableType:
    rows = [_Row(cells) for cells in section.rows]
    right = [False, *(True for _ in section.titles[1:])]
    return Group(
        Text(section.heading, style="bold"),
        _grid(section.titles, rows, right, width),
        *(Text(line, no_wrap=True, overflow="crop") for line in section.drawing),
        *map(Text, section.lines),
        Text(),
    )


def _grid(
    titles: Sequence[str], rows: Sequence[_Row], right: Sequence[bool], page: int
) -> RenderableType:
    """Return a table, or several below each other, the first column standing in each."""
    needed = [
        max(map(len, column)) for column in zip(titles, *(r.cells for r in rows), strict=True)
    ]
    lines: list[RenderableType] = []
    for number, chosen in enumerate(_packed(needed, page)):
        figures = [needed[i] for i in chosen[1:]]
        label = min(needed[0], max(page - sum(figures) - _GAP * len(figures), 1))
        widths, sides = [label, *figures], [right[i] for i in chosen]
        lines.append(_line([titles[i] for i in chosen], widths, sides, "bold"))
        for row in rows:
            lines.append(_line([row.cells[i] for i in chosen], widths, sides, row.style))
            if row.below and not number:
                lines.append(Padding(Text(row.below, row.style), (0, 0, 0, _GAP)))
    return Group(*lines)


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
    line.add_row(Text("-", style="yellow"), Text(finding))
    return line
