"""Tables for a terminal, using rich. Columns that do not fit go into another table below."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import TypeVar

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from daskbench import harmless
from daskbench.document import Document, Note, Section, Table, Tone
from daskbench.formats import Page
from daskbench.formats.drawing import drawing

T = TypeVar("T")

_GAP = 2
_STYLES: dict[Tone, str] = {
    "plain": "",
    "best": "bold green",
    "good": "green",
    "bad": "red",
    "failed": "bold red",
    "undecided": "yellow",
    "dim": "dim",
}


@dataclass(frozen=True)
class _Row:
    """The cells of a row, its style, and the text below its first part."""

    cells: Sequence[str]
    style: str = ""
    below: str = ""


def render(document: Document, page: Page) -> str:
    """Return the sections of the document in order, then a line for each finding."""
    parts: list[RenderableType] = []
    for chapter in document.chapters:
        parts += [_text(chapter.heading, "bold underline"), Text()] if chapter.heading else []
        parts += [_section(section, page.width) for section in chapter.sections]
    parts += map(_point, document.notes)
    parts += [_text(f"run {document.run.run_id}", "dim")] if document.run else []
    text = StringIO()
    console = Console(
        file=text,
        width=page.width,
        force_terminal=page.color,
        no_color=not page.color,
        highlight=False,
        force_jupyter=False,  # in a notebook rich would display the text itself
    )
    for part in parts:
        console.print(part)
    lines = "\n".join(line.rstrip() for line in text.getvalue().splitlines())
    return lines.rstrip("\n") + "\n"


def _section(section: Section, width: int) -> RenderableType:
    below = [_text(section.legend, "dim")] if section.legend else []
    drawn = [
        Text(harmless.line(line), no_wrap=True, overflow="crop") for line in drawing(section, width)
    ]
    return Group(
        _text(section.heading, "bold"),
        *(_table(table, width) for table in section.tables),
        *drawn,
        *below,
        *map(_text, section.lines),
        *([_text(str(section.outcome))] if section.outcome else []),
        Text(),
    )


def _table(table: Table, width: int) -> RenderableType:
    """Return a table; a row without figures is followed by the reason."""
    columns = table.columns
    rows = [
        _Row(
            [_shown(text, wraps=c.wraps) for text, c in zip(texts, columns, strict=True)],
            _STYLES[row.tone],
            harmless.line(row.why) if row.why else "",
        )
        for texts, row in zip(table.texts(), table.rows, strict=True)
    ]
    figures = [number for number, column in enumerate(columns) if not column.wraps]
    texts = [0, *(number for number, column in enumerate(columns) if column.wraps)]
    sides = [column.right for column in columns]
    titles = [harmless.cell(column.title) for column in columns]
    parts = [
        _grid(
            _only(titles, figures), [_part(r, figures) for r in rows], _only(sides, figures), width
        )
    ]
    if len(texts) > 1:
        bare = [_Row(_only(row.cells, texts), row.style) for row in rows]
        parts.append(_wrapped(_only(titles, texts), bare, width))
    return Group(*parts)


def _text(text: str, style: str = "") -> Text:
    return Text(harmless.line(text), style)


def _shown(text: str, *, wraps: bool) -> str:
    return (harmless.line if wraps else harmless.cell)(text)


def _only(row: Sequence[T], chosen: Sequence[int]) -> list[T]:
    return [row[number] for number in chosen]


def _part(row: _Row, chosen: Sequence[int]) -> _Row:
    return replace(row, cells=_only(row.cells, chosen))


def _grid(
    titles: Sequence[str], rows: Sequence[_Row], right: Sequence[bool], page: int
) -> RenderableType:
    """Return a table, or several below each other, each with the first column."""
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
    """Return a table of text, wrapped in columns that share the page."""
    label, count = _widths(titles, rows)[0], len(titles) - 1
    widths = [label, *[max((page - label) // count - _GAP, 1)] * count]
    left = [False] * len(titles)
    lines = [_line(row.cells, widths, left, row.style) for row in [_Row(titles, "bold"), *rows]]
    return Group(*lines)


def _widths(titles: Sequence[str], rows: Sequence[_Row]) -> list[int]:
    cells = (row.cells for row in rows)
    return [max(map(len, column)) for column in zip(titles, *cells, strict=True)]


def _packed(needed: Sequence[int], width: int) -> Iterator[list[int]]:
    """Yield the columns of each table, as many as fit the page, always with the first."""
    table, used = [0], needed[0]
    for column, size in enumerate(needed[1:], 1):
        if used + _GAP + size > width and len(table) > 1:
            yield table
            table, used = [0], needed[0]
        table.append(column)
        used += _GAP + size
    yield table


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool], style: str) -> Grid:
    """Return one line of a table, aligned with the others by the widths."""
    line = Grid.grid(padding=(0, _GAP, 0, 0))
    for side, width in zip(right, widths, strict=True):
        line.add_column(justify="right" if side else "left", width=width, overflow="fold")
    line.add_row(*map(Text, cells), style=style)
    return line


def _point(note: Note) -> RenderableType:
    line = Grid.grid(padding=(0, 1, 0, 0))
    line.add_row(Text("-", style="yellow"), _text(note.text))
    return line
