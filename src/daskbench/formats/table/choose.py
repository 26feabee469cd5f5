"""Which columns of a table a page shows, and what is the same in all rows and so told once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from daskbench.document import NONE, Column, Table
from daskbench.document.columns import is_named
from daskbench.document.names import nested, without_shared
from daskbench.formats import Page
from daskbench.formats.table.words import GAP, Words, width_of

#: The title of names without their first parts.
_CASE = "case"


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
    every[0], shared = _without_shared(every[0])
    same = "; ".join(filter(None, (shared, table.same)))
    if page.every:
        return _told_once(table, every, same)
    if page.columns:
        named = [c for c in every[1:] if _is_asked(table.columns[c.number], page.columns)]
        if named:
            return Chosen([every[0], *named], same)
    known = [one for one in every if not one.number or _is_known(one)]
    shown = [one for one in known if table.columns[one.number].shown == "always"]
    if least and not _fits(shown, page.width - least):
        shown = _with_nested_names(shown, page.width - least)
    for one in known:
        more = sorted([*shown, one], key=lambda cells: cells.number)
        if table.columns[one.number].shown == "room" and _fits(more, page.width - least):
            shown = more
    return Chosen(shown, same)


def _cells(table: Table, words: Words, *, marked: bool) -> Iterator[Cells]:
    rows = table.texts(marked=marked)
    for number, column in enumerate(table.columns):
        say = words.line if column.wraps else words.cell
        texts = [say(row[number]) for row in rows]
        yield Cells(number, words.cell(column.title), texts, column.right, column.wraps)


def _is_asked(column: Column[Any], names: Iterable[str]) -> bool:
    return any(is_named(column, name) for name in names)


def _fits(shown: Sequence[Cells], width: int) -> bool:
    return Chosen(shown, "").width <= width


def _with_nested_names(shown: Sequence[Cells], width: int) -> list[Cells]:
    """Return columns whose names are nested, if these fit then."""
    names, *others = shown
    nesting = [replace(names, texts=nested(names.texts)), *others]
    return nesting if _fits(nesting, width) else [*shown]


def _is_known(cells: Cells) -> bool:
    """Whether some row has a figure."""
    return any(text != NONE for text in cells.texts)


def _without_shared(names: Cells) -> tuple[Cells, str]:
    """Return names without the parts that all of them begin with, and those parts."""
    texts, shared = without_shared(names.texts)
    return (replace(names, title=_CASE, texts=texts) if shared else names), shared


def _told_once(table: Table, every: Sequence[Cells], alike: str) -> Chosen:
    """Leave out columns that are empty, or the same in all rows, which then are in words."""
    same = [
        one
        for one in every[1:]
        if table.columns[one.number].told_once and len(one.texts) > 1 and len({*one.texts}) == 1
    ]
    told = [f"{one.title} {one.texts[0]}" for one in same if _is_known(one)]
    left = [one for one in every if one not in same and (not one.number or _is_known(one))]
    return Chosen(left, "; ".join(filter(None, (alike, ", ".join(told)))))
