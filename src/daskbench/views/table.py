"""Tables for a terminal, by rich. What does not fit beside stands below, in another table."""

from collections.abc import Iterator, Sequence
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from daskbench.stats import results
from daskbench.views import Page, thresholds
from daskbench.views.cells import Column, why
from daskbench.views.columns import (
    MEAN,
    heading,
    label_of,
    legend,
    main_columns,
    published_columns,
)
from daskbench.views.report import Report

_GAP = 2
_STYLES = {"ok": "", "skipped": "dim"}
#: Each group has one of these, in its first table.
_FIRST = {MEAN, thresholds.IN_FORCE}


def render(report: Report, page: Page) -> str:
    """Return the report's tables, then a line for each finding."""
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
    for finding in report.findings:
        console.print(_point(finding))
    console.print(Text(f"run {report.run.run_id}", style="dim"))
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def _tables(group: results.Group, published: bool, width: int) -> RenderableType:
    wanted = main_columns(group)
    columns = list(_packed(group, [column for column in wanted if not column.wraps], width))
    if texts := [column for column in wanted if column.wraps]:
        columns.append([label_of(group), *texts])
    if published and group.suite.published:
        columns += _packed(group, published_columns(group), width)
    title = Text(heading(group), style="bold")
    tables = [_table(group, part, width) for part in columns]
    return Group(title, *tables, Text(legend(group), style="dim"), Text())


def _packed(group: results.Group, columns: Sequence[Column], width: int) -> Iterator[list[Column]]:
    """Yield the columns table by table, as many as the page is wide, the label always first."""
    label = label_of(group)
    table, used = [label], _width(group, label)
    for column in columns:
        needed = _GAP + _width(group, column)
        if used + needed > width and len(table) > 1:
            yield table
            table, used = [label], _width(group, label)
        table.append(column)
        used += needed
    yield table


def _width(group: results.Group, column: Column) -> int:
    return max(map(len, [column.title, *map(column.cell, group.results)]))


def _table(group: results.Group, columns: Sequence[Column], page: int) -> RenderableType:
    """Return a table; below a row that lacks figures stands why, as wide as the page."""
    label, count = _width(group, columns[0]), len(columns) - 1
    share = max((page - label) // max(count, 1) - _GAP, 1)
    figures = [share if column.wraps else _width(group, column) for column in columns[1:]]
    widths = [min(label, max(page - sum(figures) - _GAP * count, 1)), *figures]
    lines: list[RenderableType] = [_line(columns, widths, [c.title for c in columns], "bold")]
    for row in group.results:
        style = _style(row)
        lines.append(_line(columns, widths, [column.cell(row) for column in columns], style))
        if row.status != "ok" and _FIRST.intersection(columns):
            lines.append(Padding(Text(why(row), style), (0, 0, 0, _GAP)))
    return Group(*lines)


def _style(row: results.Result) -> str:
    if row.passage and row.passage.verdict != "agrees":
        return "red"
    return _STYLES.get(row.status, "red") if not row.best else "bold green"


def _line(
    columns: Sequence[Column], widths: Sequence[int], cells: Sequence[str], style: str
) -> Table:
    """Return one line of a table; the widths make its columns stand under those of the others."""
    line = Table.grid(padding=(0, _GAP, 0, 0))
    for column, width in zip(columns, widths, strict=True):
        line.add_column(justify="right" if column.right else "left", width=width, overflow="fold")
    line.add_row(*map(Text, cells), style=style)
    return line


def _point(finding: str) -> RenderableType:
    line = Table.grid(padding=(0, 1, 0, 0))
    line.add_row(Text("-", style="yellow"), Text(finding))
    return line
