"""Tables for a terminal, by rich. What does not fit beside stands below, in another table."""

from collections.abc import Iterator, Sequence
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from daskbench.stats import results
from daskbench.views import Page
from daskbench.views.columns import (
    LABEL,
    Column,
    heading,
    legend,
    main_columns,
    published_columns,
)
from daskbench.views.report import Report

_GAP = 2


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
    for group in report.groups:
        console.print(_tables(group, report.published, page.width))
    for finding in report.findings:
        console.print(_point(finding))
    console.print(Text(f"run {report.run.run_id}", style="dim"))
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def _tables(group: results.Group, published: bool, width: int) -> RenderableType:
    columns = [*main_columns(group)]
    parts: list[RenderableType] = [_table(group, part) for part in _packed(group, columns, width)]
    if published and group.suite.published:
        columns = [*published_columns(group)]
        parts += [_table(group, part) for part in _packed(group, columns, width)]
    title = Text(heading(group), style="bold")
    return Group(title, *parts, Text(legend(group), style="dim"), Text())


def _packed(group: results.Group, columns: Sequence[Column], width: int) -> Iterator[list[Column]]:
    """Yield the columns table by table, as many as the page is wide, the label always first."""
    table, used = [LABEL], _width(group, LABEL)
    for column in columns:
        needed = _GAP + _width(group, column)
        if used + needed > width and len(table) > 1:
            yield table
            table, used = [LABEL], _width(group, LABEL)
        table.append(column)
        used += needed
    yield table


def _width(group: results.Group, column: Column) -> int:
    """Return the width that a column needs; reasons are not counted, as they can be folded."""
    rows = [row for row in group.results if row.summary or not column.reason]
    lines = [line for row in rows for line in column.cell(row).splitlines()[:1]]
    return max(map(len, [column.title, *lines]))


def _table(group: results.Group, columns: Sequence[Column]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, _GAP, 0, 0))
    for column in columns:
        table.add_column(
            column.title,
            justify="right" if column.right else "left",
            no_wrap=not (column.reason or column is LABEL),
            overflow="fold",
            min_width=None if column is LABEL else _width(group, column),
        )
    for row in group.results:
        style = "bold green" if row.best else "" if row.status == "ok" else "red"
        table.add_row(*(Text(column.cell(row)) for column in columns), style=style)
    return table


def _point(finding: str) -> RenderableType:
    line = Table.grid(padding=(0, 1, 0, 0))
    line.add_row(Text("-", style="yellow"), Text(finding))
    return line
