"""HTML tables with bars, for notebooks: a fragment without scripts or styles of its own."""

from collections.abc import Iterator

from daskbench import harmless
from daskbench.document import Document, Row, Section, Table
from daskbench.formats import Page, svg


def render(document: Document, page: Page) -> str:
    """Return a table for each section, then the findings."""
    return "\n".join(_parts(document)) + "\n"


def _parts(document: Document) -> Iterator[str]:
    for chapter in document.chapters:
        if chapter.heading:
            yield f"<h3>{_line(chapter.heading)}</h3>"
        for section in chapter.sections:
            yield from _section(section)
    if document.notes:
        yield f"<ul>{''.join(f'<li>{_line(note.text)}</li>' for note in document.notes)}</ul>"
    if document.run:
        yield f"<p><small>run {_line(document.run.run_id)}</small></p>"


def _section(section: Section) -> Iterator[str]:
    yield f"<p><b>{_line(section.heading)}</b></p>"
    if section.answer and not section.outcome:
        yield f"<p>{_line(section.answer)}</p>"
    for table in section.tables:
        yield from _table(table)
    yield from (f"<p>{_line(text)}</p>" for text in section.lines)
    if section.outcome:
        yield f"<p><b>{_line(section.outcome)}</b></p>"
    if section.legend:
        yield f"<details><summary>columns</summary><small>{_line(section.legend)}</small></details>"


def _table(table: Table) -> Iterator[str]:
    sides = ["right" if column.right else "left" for column in table.columns]
    titles = [column.title for column in table.columns]
    bar = svg.title_of(table)
    yield "<table>"
    yield f"<thead>{_cells('th', titles, sides, bar and f'<th>{bar}</th>')}</thead>"
    yield "<tbody>"
    for row, texts, picture in zip(table.rows, table.texts(), svg.bars_of(table), strict=True):
        drawn = bar and f"<td>{picture}</td>"
        yield _cells("td", texts, sides, drawn, strong=row.tone == "best")
        yield from _why(row, len(texts) + bool(bar))
    yield "</tbody>"
    yield "</table>"


def _why(row: Row, width: int) -> Iterator[str]:
    for reason in row.reasons:
        yield f'<tr><td colspan="{width}" style="text-align:left">{_line(reason)}</td></tr>'


def _cells(kind: str, texts: list[str], sides: list[str], bar: str, *, strong: bool = False) -> str:
    """Return a row, whose bar comes after its name."""
    shown = [harmless.html(text, harmless.MOST_CELL) for text in texts]
    if strong:
        shown = [f"<b>{text}</b>" for text in shown]
    first, *others = (
        f'<{kind} style="text-align:{side};white-space:nowrap">{text}</{kind}>'
        for side, text in zip(sides, shown, strict=True)
    )
    return f"<tr>{first}{bar}{''.join(others)}</tr>"


def _line(text: object) -> str:
    return harmless.html(text)
