"""Plain lines, for logs and for grep: rows in words if they have them, otherwise their cells."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from daskbench.document import BEST, Document, Section, Table
from daskbench.formats import Page
from daskbench.formats.table.words import Words


def render(document: Document, page: Page) -> str:
    """Return a line for each row, under a heading for each section."""
    words, lines = Words(page.ascii), list[str]()
    for chapter in document.chapters:
        lines += [chapter.heading, ""] if chapter.heading else []
        lines += [line for section in chapter.sections for line in _section(section, words)]
    lines += [f"- {note.text}" for note in document.notes]
    lines += [f"run {document.run.run_id}"] if document.run else []
    return "\n".join(map(words.line, lines)).rstrip("\n") + "\n"


def _section(section: Section, words: Words) -> Iterator[str]:
    yield section.heading
    in_words = False
    for table in section.tables:
        in_words = in_words or any(row.sentence for row in table.rows)
        if not in_words:
            yield from _aligned(table, words)
        elif any(row.sentence for row in table.rows):
            yield from _sentences(table, words)
    if section.answer and not section.outcome:
        yield section.answer
    if section.legend and not in_words:
        yield section.legend
    yield from map(str, section.lines)
    if section.outcome:
        yield str(section.outcome)
    yield ""


def _sentences(table: Table, words: Words) -> Iterator[str]:
    labels = [words.cell(table.columns[0].text(row.cells[0])) for row in table.rows]
    width = max(map(cell_len, labels))
    for label, row in zip(labels, table.rows, strict=True):
        best = f"  {BEST}" if row.tone == "best" else ""
        told = "; ".join((row.sentence, *row.wrong))
        yield f"{_padded(label, width)}  {told}{best}"


def _aligned(table: Table, words: Words) -> Iterator[str]:
    titles = [column.title for column in table.columns]
    rows = [[*map(words.cell, row)] for row in (titles, *table.texts())]
    right = [column.right for column in table.columns]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    yield from (_line(row, widths, right) for row in rows)


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    every = zip(cells, widths, right, strict=True)
    return "  ".join(_padded(cell, width, right=side) for cell, width, side in every)


def _padded(text: str, width: int, *, right: bool = False) -> str:
    """Return a text with spaces; wide characters take two columns."""
    space = " " * (width - cell_len(text))
    return space + text if right else text + space
