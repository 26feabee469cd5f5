"""A table as one block: a line a row, with a bar if there is room; on a narrow page a few lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rich.text import Text

from daskbench.document import NONE, Row, Table, Tone
from daskbench.formats import Page
from daskbench.formats.table import bars
from daskbench.formats.table.choose import LEAST_NAME, Cells, Chosen, choose
from daskbench.formats.table.words import GAP, Words, folded, padded, wrapped

#: Follows a row with which something is wrong; the lines below the table say what.
WRONG = " !"
STYLES: dict[Tone, str] = {
    "plain": "",
    "best": "bold green",
    "good": "green",
    "bad": "red",
    "failed": "bold red",
    "undecided": "yellow",
    "dim": "dim",
}
#: Rows of these tones are coloured as a whole, others only their name and what has a meaning.
_WHOLE: tuple[Tone, ...] = ("failed", "dim")
_LEAST_BAR, _MOST_BAR = 5, 30
_BAR = -1
#: As wide as any line may get.
_ENDLESS = 100_000


@dataclass(frozen=True)
class _Line:
    """The columns that stand beside each other in one line of every row, and their widths."""

    columns: Sequence[Cells]
    widths: Sequence[int]
    indent: int

    def pieces(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Yield the cells line by line, as those that are too wide are folded."""
        cells = [folded(text, width) for text, width in zip(texts, self.widths, strict=True)]
        for number in range(max(map(len, cells))):
            yield [cell[number] if number < len(cell) else "" for cell in cells]


def block(table: Table, page: Page, words: Words) -> Iterator[Text]:
    """Yield the lines of a table."""
    if not table.rows:
        return
    marked = len(WRONG) * any(row.troubles for row in table.rows)
    inner = replace(page, width=_ENDLESS if page.wide else page.width - marked)
    drawable = sum(row.bar is not None for row in table.rows) > 1
    chosen = choose(table, inner, words, (_LEAST_BAR + GAP) * drawable)
    if chosen.same:
        where = "in all rows: " if len(table.rows) > 1 else ""
        yield from wrapped(where + words.line(chosen.same), page.width, "dim")
    columns = _with_bar(table, chosen, inner, words) if drawable else chosen.columns
    lines = [*_lines([one for one in columns if not one.wraps], inner.width)]
    for line in lines:
        for pieces in line.pieces([one.title for one in line.columns]):
            yield _joined(line, [Text(piece, "bold") for piece in pieces])
    head = ""
    for number, row in enumerate(table.rows):
        if not (page.columns or _is_told(row, number, chosen.columns)):
            continue
        if (above := _head_of(columns[0], number)) not in ("", head):
            yield from wrapped(above, page.width)
        head = above
        yield from _row(table, row, number, lines)
        for one in columns:
            if one.wraps:
                yield from wrapped(f"{one.title}: {one.texts[number]}", page.width, "", GAP)


def _head_of(names: Cells, number: int) -> str:
    return names.heads[number] if names.heads else ""


def _is_told(row: Row, number: int, columns: Sequence[Cells]) -> bool:
    """Whether a row has something in these columns, or nothing in any: others have no room."""
    shown = any(one.texts[number] != NONE for one in columns[1:])
    return shown or bool(row.reasons) or all(cell is None for cell in row.cells[1:])


def _with_bar(table: Table, chosen: Chosen, page: Page, words: Words) -> Sequence[Cells]:
    """Return the columns with the bars after the names, if there is room for them."""
    first, *others = chosen.columns
    room = page.width - chosen.least - GAP
    if room < _LEAST_BAR:
        return chosen.columns
    width = min(max(room - first.width + first.least, _LEAST_BAR), _MOST_BAR)
    glyphs = bars.ASCII if words.ascii else bars.UNICODE
    drawn = bars.draw_all([row.bar for row in table.rows], table.axis, width, glyphs)
    texts = [text.ljust(width) for text in drawn]
    what = words.cell(table.bars)
    if any(one.title == what for one in others):
        what = ""  # it is said once
    title = bars.title_of(table.axis, what, width, glyphs)
    return [first, Cells(_BAR, title, texts, right=False, wraps=False), *others]


def _lines(columns: Sequence[Cells], width: int) -> Iterator[_Line]:
    """Yield the columns line by line, as many as fit; a name may be folded to make room."""
    first, *others = columns
    left = width - sum(one.width + GAP for one in others)
    if left >= min(first.width, LEAST_NAME):
        yield _Line(columns, [min(first.width, left), *(one.width for one in others)], 0)
        return
    line, used, indent = [first], min(first.width, width), 0
    for one in others:
        if used + GAP + one.width > width:
            yield _Line(line, _within(line, width - indent), indent)
            line, used, indent = [], 0, GAP
        line, used = [*line, one], used + GAP + one.width
    yield _Line(line, _within(line, width - indent), indent)


def _within(line: Sequence[Cells], width: int) -> list[int]:
    """Return the widths of columns that fit, but for one that is alone and wider than the page."""
    return [min(one.width, width) for one in line]


def _row(table: Table, row: Row, number: int, lines: Sequence[_Line]) -> Iterator[Text]:
    """Yield the lines of a row; the first has the mark if something is wrong with it."""
    mark = Text(WRONG, "bold red") if row.troubles else Text()
    for line in lines:
        styles = [_style(table, row, one) for one in line.columns]
        for pieces in line.pieces([one.texts[number] for one in line.columns]):
            cells = [Text(piece, style) for piece, style in zip(pieces, styles, strict=True)]
            yield _joined(line, cells, mark)
            mark = Text()


def _style(table: Table, row: Row, cells: Cells) -> str:
    """Return the style of a cell: by the meaning of its value, or that of its row."""
    if row.tone in _WHOLE or cells.number in (0, _BAR):
        return STYLES[row.tone]
    tone = table.columns[cells.number].tone
    value = row.cells[cells.number]
    return STYLES[tone(value)] if tone and value is not None else ""


def _joined(line: _Line, cells: Sequence[Text], mark: Text | None = None) -> Text:
    text = Text(" " * line.indent)
    for number, (cell, one) in enumerate(zip(cells, line.columns, strict=True)):
        text.append(" " * GAP if number else "")
        text.append_text(padded(cell, line.widths[number], right=one.right))
    return text.append_text(mark) if mark else text
