"""Which columns of a table a page shows, and what is the same in all rows and so told once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from daskbench.document import NONE, Column, Table
from daskbench.document.columns import is_named
from daskbench.document.names import grouped, nested, without_shared
from daskbench.formats import Page
from daskbench.formats.table.words import GAP, Words, width_of

#: The title of names without their first parts.
_CASE = "case"
#: A name is folded rather than made narrower than this; below, figures go into lines of their own.
LEAST_NAME = 12
_LONG_WORD = 20


@dataclass(frozen=True)
class Cells:
    """A column as a page shows it: its cells as text, and how wide the widest of them is.

    `narrow` are the same cells in fewer characters, and `short` a shorter title. `heads` are what
    stands in a line above the first of the rows that share it. A column that `folds` may have cells
    of several lines.
    """

    number: int
    title: str
    texts: Sequence[str]
    right: bool
    wraps: bool
    narrow: Sequence[str] = ()
    short: str = ""
    heads: Sequence[str] = ()
    folds: bool = False

    @property
    def width(self) -> int:
        """The width of the column."""
        return max(map(width_of, (self.title, *self.texts)))

    @property
    def least(self) -> int:
        """The least width of the column, in which no word is broken unless it is very long."""
        if not self.folds:
            return self.width
        words = (width_of(word) for text in self.texts for word in text.split())
        widest = max(width_of(self.title), min(max(words, default=0), _LONG_WORD))
        return min(self.width, max(widest, LEAST_NAME))


@dataclass(frozen=True)
class Chosen:
    """The columns to show; the first names the rows. `same` is told once, above them."""

    columns: Sequence[Cells]
    same: str

    @property
    def least(self) -> int:
        """The least width of a line with all columns that do not wrap."""
        shown = [one.least for one in self.columns if not one.wraps]
        return sum(shown) + GAP * (len(shown) - 1)


def choose(table: Table, page: Page, words: Words, least: int) -> Chosen:
    """Return the columns that are asked for, or those that belong on every page, and what fits.

    They leave `least` characters of the page free, if that is possible.
    """
    every = [*_cells(table, words, marked=page.explain or page.every)]
    every[0], shared = _without_shared(every[0])
    same = "; ".join(filter(None, (shared, table.same)))
    if page.every:
        return _told_once(table, every, same)
    if page.columns:
        named = [c for c in every[1:] if _is_asked(table.columns[c.number], page.columns)]
        if named:
            return Chosen(_fitted([every[0], *named], page.width, least), same)
    known = [one for one in every if not one.number or _is_known(one)]
    always = [one for one in known if table.columns[one.number].shown == "always"]
    shown = _fitted(always, page.width, least)
    for one in known:
        more = sorted([*shown, one], key=lambda cells: cells.number)
        if table.columns[one.number].shown == "room" and _fits(more, page.width - least):
            shown = more
    return Chosen(shown, same)


def _cells(table: Table, words: Words, *, marked: bool) -> Iterator[Cells]:
    rows, narrow = table.texts(marked=marked), table.texts(marked=marked, narrow=True)
    for number, column in enumerate(table.columns):
        say = words.line if column.wraps else words.cell
        texts, brief = ([say(row[number]) for row in some] for some in (rows, narrow))
        title, short = words.cell(column.title), words.cell(column.short)
        yield Cells(number, title, texts, column.right, column.wraps, brief, short)


def _is_asked(column: Column[Any], names: Iterable[str]) -> bool:
    return any(is_named(column, name) for name in names)


def _fits(shown: Sequence[Cells], width: int) -> bool:
    return Chosen(shown, "").least <= width


def _fitted(columns: Sequence[Cells], width: int, least: int) -> list[Cells]:
    """Return columns in the first form that leaves `least` of the width free, or that fits."""
    forms = [*_forms(columns)]
    rooms = [width - least, width] if least else [width]
    return next((form for room in rooms for form in forms if _fits(form, room)), [*columns])


def _forms(columns: Sequence[Cells]) -> Iterator[list[Cells]]:
    """Yield columns as they are, then in forms that take less and less room."""
    names, *others = columns
    brief = [replace(one, texts=one.narrow, title=one.short or one.title) for one in others]
    below, heads = grouped(names.texts)
    called = replace(names, title=names.short or names.title)
    yield [*columns]
    yield [replace(names, texts=nested(names.texts)), *others]
    yield [called, *brief]
    yield [replace(called, texts=nested(names.texts)), *brief]
    yield [replace(called, texts=below, heads=heads), *brief]
    yield [replace(called, texts=below, heads=heads, folds=True), *brief]


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
