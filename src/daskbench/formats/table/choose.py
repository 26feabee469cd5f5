"""Which columns of a table a page shows, and what is the same in all rows and so told once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from daskbench.document import NONE, Column, Document, Table
from daskbench.formats import ALL, Page
from daskbench.formats.table.words import GAP, Words, width_of


@dataclass(frozen=True)
class Cells:
    """A column as a page shows it: its cells as text, and how wide the widest of them is."""

    number: int
    title: str
    texts: Sequence[str]
    right: bool
    wraps: bool

    @property
    def width(self) -> int:
        """The width of the column."""
        return max(map(width_of, (self.title, *self.texts)))


@dataclass(frozen=True)
class Chosen:
    """The columns to show; the first names the rows. `same` is told once, above them."""

    columns: Sequence[Cells]
    same: str

    @property
    def width(self) -> int:
        """The width of a line with all columns that do not wrap."""
        shown = [one.width for one in self.columns if not one.wraps]
        return sum(shown) + GAP * (len(shown) - 1)


def choose(table: Table, page: Page, words: Words, least: int) -> Chosen:
    """Return the columns that are asked for, or those that belong on every page, and what fits.

    The others leave `least` characters of the page free.
    """
    every = [*_cells(table, words, marked=page.explain or page.every)]
    if page.every:
        return _told_once(table, every)
    if page.columns:
        named = [c for c in every[1:] if is_named(table.columns[c.number], page.columns)]
        if named:
            return Chosen([every[0], *named], table.same)
    known = [one for one in every if not one.number or _is_known(one)]
    shown = [one for one in known if table.columns[one.number].shown == "always"]
    for one in known:
        more = sorted([*shown, one], key=lambda cells: cells.number)
        if table.columns[one.number].shown == "room" and _fits(more, page.width - least):
            shown = more
    return Chosen(shown, table.same)


def _cells(table: Table, words: Words, *, marked: bool) -> Iterator[Cells]:
    rows = table.texts(marked=marked)
    for number, column in enumerate(table.columns):
        say = words.line if column.wraps else words.cell
        texts = [say(row[number]) for row in rows]
        yield Cells(number, words.cell(column.title), texts, column.right, column.wraps)


def _fits(shown: Sequence[Cells], width: int) -> bool:
    return Chosen(shown, "").width <= width


def _is_known(cells: Cells) -> bool:
    """Whether some row has a figure."""
    return any(text != NONE for text in cells.texts)


def _told_once(table: Table, every: Sequence[Cells]) -> Chosen:
    """Leave out columns that are empty, or the same in all rows, which then are in words."""
    same = [
        one
        for one in every[1:]
        if table.columns[one.number].told_once and len(one.texts) > 1 and len({*one.texts}) == 1
    ]
    told = [f"{one.title} {one.texts[0]}" for one in same if _is_known(one)]
    left = [one for one in every if one not in same and (not one.number or _is_known(one))]
    return Chosen(left, ", ".join(filter(None, (table.same, *told))))


def is_named(column: Column[object], names: Iterable[str]) -> bool:
    """Whether one of the names is that of a column, or its title."""
    own = {column.name.casefold(), column.title.casefold()}
    return any(name.casefold() in own for name in names)


def names_of(document: Document) -> list[str]:
    """Return the names of all columns of a document but those that name its rows."""
    tables = [t for one in document.chapters for section in one.sections for t in section.tables]
    return [*dict.fromkeys(column.name for table in tables for column in table.columns[1:])]


def unknown(document: Document, names: Iterable[str]) -> list[str]:
    """Return the names that no column of a document has."""
    tables = [t for one in document.chapters for section in one.sections for t in section.tables]
    columns = [column for table in tables for column in table.columns]
    wanted = [name for name in names if name.casefold() != ALL]
    return [name for name in wanted if not any(is_named(one, [name]) for one in columns)]
