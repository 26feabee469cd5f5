"""The tables of a document as HTML that reads well without JavaScript, and sorts with it."""

from collections.abc import Iterator, Sequence
from typing import Any, SupportsFloat

from daskbench.document import Column, Document, Row, Section, Table
from daskbench.formats import svg
from daskbench.formats.webpage.groups import name_of
from daskbench.formats.webpage.text import attribute, cell, heading, shown, whole
from daskbench.units import counted


def results(documents: Sequence[Document]) -> Iterator[str]:
    """Yield the chapters of each document, under its name if there are several."""
    several = len(documents) > 1
    sections = sum(len(chapter.sections) for one in documents for chapter in one.chapters)
    for document in documents:
        if several:
            yield heading(3, name_of(document, documents))
        for chapter in document.chapters:
            if chapter.heading:
                yield heading(3 + several, chapter.heading)
            for section in chapter.sections:
                yield heading(3 + several + bool(chapter.heading), section.heading)
                if sections > 1 and (said := section.outcome or section.answer):
                    yield f'<p class="outcome">{shown(said)}</p>'
                yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    for table in section.tables:
        yield from table_of(table, section.heading)
    yield from (f"<p>{shown(text)}</p>" for text in section.lines)
    if section.legend:
        yield "<details><summary>What the columns mean</summary>"
        yield f"<p>{whole(section.legend)}</p></details>"


def table_of(table: Table, caption: str) -> Iterator[str]:
    """Yield a table with a caption for screen readers; it scrolls by itself if it is too wide.

    A switch, which needs no script, shows the columns that a terminal shows only if asked.
    """
    yield "<div>"
    if asked := sum(column.shown == "asked" for column in table.columns):
        columns = counted(asked, "more column")
        yield f'<label class="switch"><input type="checkbox">Show {columns}</label>'
    yield f'<div class="wide" role="region" tabindex="0" aria-label="{attribute(caption)}">'
    yield f'<table class="sortable"><caption class="unseen">{shown(caption)}</caption>'
    title = svg.title_of(table)
    bar = f'<th scope="col">{title}</th>' if title else ""
    heads = [f'<th scope="col"{_class_of(one)}>{cell(one.title)}</th>' for one in table.columns]
    yield f"<thead>{_line(heads, bar)}</thead><tbody>"
    pictures = svg.bars_of(table)
    for row, texts, picture in zip(table.rows, table.texts(marked=False), pictures, strict=True):
        key = row.bar.value if row.bar else ""
        drawn = f'<td data-key="{key}">{picture}</td>' if bar else ""
        yield _line(_cells(table, row, texts), drawn, row.tone)
    yield "</tbody></table></div></div>"
    if table.same:
        yield f'<p class="note">In all rows: {shown(table.same)}.</p>'


def _line(cells: list[str], bar: str, tone: str = "") -> str:
    """Return a row, whose bar comes after its name."""
    told = f' class="{tone}"' if tone else ""
    return f"<tr{told}>{cells[0]}{bar}{''.join(cells[1:])}</tr>"


def _cells(table: Table, row: Row, texts: Sequence[str]) -> list[str]:
    """Return the cells of a row, the first of which says what is wrong with it."""
    first, *others = zip(table.columns, row.cells, texts, strict=True)
    why = "".join(f"<small>{shown(reason)}</small>" for reason in row.reasons)
    cells = [f'<th scope="row"{_key(first[1])}>{cell(first[2])}{why}</th>']
    for column, value, text in others:
        tone = column.tone(value) if column.tone and value is not None else ""
        cells.append(f"<td{_class_of(column, tone)}{_key(value)}>{cell(text)}</td>")
    return cells


def _class_of(column: Column[Any], tone: str = "") -> str:
    of_column = {
        "right": column.right,
        "asked": column.shown == "asked",
        "drawn": column.drawn,
        tone: bool(tone),
    }
    names = " ".join(name for name, holds in of_column.items() if holds)
    return f' class="{names}"' if names else ""


def _key(value: Any) -> str:
    return f' data-key="{attribute(key_of(value))}"'


def key_of(value: Any) -> str:
    """Return what a cell is sorted by: its figure if it has one, otherwise its text."""
    if isinstance(value, SupportsFloat):
        return repr(float(value))
    return "" if value is None else str(value)
