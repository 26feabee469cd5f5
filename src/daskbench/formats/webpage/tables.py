"""The tables of a document as HTML that reads well without JavaScript, and sorts with it."""

from collections.abc import Iterator, Sequence
from html import escape
from numbers import Real
from typing import Any

from daskbench import harmless
from daskbench.document import Document, Row, Section, Table
from daskbench.document.writers import Timing
from daskbench.formats.webpage.text import cell, shown
from daskbench.stats.ratio import Ratio


def results(documents: Sequence[Document]) -> Iterator[str]:
    """Yield the chapters of each document, under the name of its run if there are several."""
    for document in documents:
        if len(documents) > 1 and document.run:
            yield f"<h3>Run {shown(document.run.run_id)}</h3>"
        for chapter in document.chapters:
            if chapter.heading:
                yield f"<h3>{shown(chapter.heading)}</h3>"
            for section in chapter.sections:
                yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    yield f"<h4>{shown(section.heading)}</h4>"
    for table in section.tables:
        yield from table_of(table, section.heading)
    yield from (f"<p>{shown(text)}</p>" for text in section.lines)
    if section.outcome:
        yield f'<p class="outcome">{shown(section.outcome)}</p>'
    if section.legend:
        legend = escape(harmless.whole(section.legend))
        yield f"<details><summary>What the columns mean</summary><p>{legend}</p></details>"


def table_of(table: Table, caption: str) -> Iterator[str]:
    """Yield a table with a caption for screen readers; it scrolls by itself if it is too wide."""
    yield f'<div class="wide" role="region" tabindex="0" aria-label="{shown(caption)}">'
    yield f'<table class="sortable"><caption class="unseen">{shown(caption)}</caption>'
    heads = "".join(
        f'<th scope="col"{_side(column.right)}>{cell(column.title)}</th>'
        for column in table.columns
    )
    yield f"<thead><tr>{heads}</tr></thead><tbody>"
    for row, texts in zip(table.rows, table.texts(), strict=True):
        yield _row(table, row, texts)
    yield "</tbody></table></div>"


def _row(table: Table, row: Row, texts: list[str]) -> str:
    cells = []
    for place, (column, value, text) in enumerate(
        zip(table.columns, row.cells, texts, strict=True)
    ):
        kind, scope = ("td", "") if place else ("th", ' scope="row"')
        why = f"<small>{shown(row.why)}</small>" if row.why and not place else ""
        key = shown(key_of(value))
        cells.append(
            f'<{kind}{scope}{_side(column.right)} data-key="{key}">{cell(text)}{why}</{kind}>'
        )
    return f'<tr class="{row.tone}">{"".join(cells)}</tr>'


def _side(right: bool) -> str:
    return ' class="right"' if right else ""


def key_of(value: Any) -> str:
    """Return what a cell is sorted by: a number if it has one, otherwise its text."""
    if isinstance(value, Timing):
        return repr(float(value.mean_s))
    if isinstance(value, Ratio):
        return repr(float(value.value))
    if isinstance(value, Real):
        return repr(float(value))
    return "" if value is None else str(value)
