"""What is said below the tables: the answer first, then what disturbs, in a few lines.

A page that explains shows every line whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from daskbench.document import Document, Note, Section
from daskbench.formats import Page
from daskbench.formats.table.words import Words, wrapped

#: The most lines below a table, with its answer first and the name of the run last.
MOST_LINES = 5
#: Troubles of rows that share a reason are one line, which names this many of them.
_MOST_NAMED = 3
_POINT = "- "


@dataclass(frozen=True)
class Item:
    """One thing to say: in full, and briefly. `about` are the rows and the reason it names."""

    text: str
    brief: str = ""
    style: str = ""
    about: tuple[str, ...] = ()


def answer_of(section: Section) -> str:
    """Return what a section says first: its outcome, or its answer."""
    return str(section.outcome) if section.outcome else section.answer


def items_of(section: Section, *, every: bool = False) -> list[Item]:
    """Return what else a section says: what is wrong with its rows, then its other lines.

    With `every` also what was expected.
    """
    troubles = [*_troubles(section, every)]
    lines = [Item(line) for line in section.lines[_first_line(section) :]]
    return [*troubles, *(item for item in lines if not _is_repeated(item, troubles))]


def _first_line(section: Section) -> int:
    """Return where lines begin that are not the answer, which the first is if there is no other."""
    return 0 if answer_of(section) else 1


def _troubles(section: Section, every: bool) -> Iterator[Item]:
    """Yield why rows have no figures, or what is wrong with them, one line per reason."""
    found: dict[str, dict[str, None]] = {}
    for table in section.tables:
        for row in table.rows:
            name = table.columns[0].text(row.cells[0])
            for trouble in row.reasons if every else row.troubles:
                found.setdefault(trouble, {})[name] = None
    for trouble, names in found.items():
        rows = [*names]
        more = f" and {len(rows) - _MOST_NAMED} more" if len(rows) > _MOST_NAMED else ""
        brief = f"{', '.join(rows[:_MOST_NAMED])}{more}: {trouble}"
        yield Item(f"{', '.join(rows)}: {trouble}", brief, "red", (*rows, _reason(trouble)))


def _reason(trouble: str) -> str:
    """Return a reason without the status before it."""
    return trouble.partition(": ")[2] or trouble


def _is_repeated(item: Item, troubles: Sequence[Item]) -> bool:
    """Whether a line says again what is wrong with a row."""
    return any(
        one.about[-1] in item.text and any(row in item.text for row in one.about[:-1])
        for one in troubles
        if one.about
    )


def of_note(note: Note) -> Item:
    """Return a finding as something to say."""
    return Item(note.text, note.brief)


def below_section(section: Section, page: Page, words: Words) -> Iterator[Text]:
    """Yield the answer of a section, and all it says if the page explains."""
    if answer := answer_of(section):
        yield from wrapped(words.line(answer), page.width, "bold")
    for line in section.lines[: _first_line(section)]:
        yield from wrapped(words.line(line), page.width)
    if not page.explain:
        return
    for item in items_of(section, every=True):
        yield from _whole(item, page, words)
    if section.legend:
        yield from wrapped(words.line(section.legend), page.width, "dim")


def below_all(document: Document, page: Page, words: Words) -> Iterator[Text]:
    """Yield the findings, and the name of the run, with how to read what there was no room for."""
    sections = [section for chapter in document.chapters for section in chapter.sections]
    items = [item for section in sections for item in items_of(section)]
    answers = [of_note(note) for note in document.notes if note.severity == "answer"]
    warnings = [note for note in document.notes if note.severity != "answer"]
    urgent = [of_note(note) for note in warnings if note.urgent]
    others = [of_note(note) for note in warnings if not note.urgent]
    others = [item for item in others if not _is_repeated(item, items)]
    for item in answers:
        yield from wrapped(words.line(item.text), page.width, "bold")
    if page.explain:
        for item in [*urgent, *others]:
            yield from _whole(item, page, words)
        yield from _last(document, page, words, 0)
        return
    for item in urgent:
        yield from _whole(item, page, words)  # its command can't be cut
    every = [*items, *others]
    room = max(MOST_LINES - 1 - len(urgent) - _answered(sections, answers, page), 1)
    for item in every[:room]:
        yield from _briefly(item, page, words)
    yield from _last(document, page, words, len(every[room:]))


def _answered(sections: Sequence[Section], answers: Sequence[Item], page: Page) -> int:
    """Return how many lines of 80 characters answers take; of several tables, the last only."""
    told = [answer_of(one) or "".join(one.lines[:1]) for one in sections[-1:]]
    texts = [*filter(None, told), *(item.text for item in answers)]
    return sum(len([*wrapped(text, max(page.width, 80))]) for text in texts)


def _briefly(item: Item, page: Page, words: Words) -> Iterator[Text]:
    """Yield an item in one line, or on a narrow page as much as one line of 80 characters has."""
    most = max(page.width, 80) - len(_POINT)
    yield from wrapped(_POINT + words.brief(item.brief or item.text, most), page.width, item.style)


def _whole(item: Item, page: Page, words: Words) -> Iterator[Text]:
    yield from wrapped(_POINT + words.line(item.text), page.width, item.style)


def _last(document: Document, page: Page, words: Words, left: int) -> Iterator[Text]:
    """Yield the name of the run, and what explains the table and shows what is `left`."""
    parts = [f"run {document.run.run_id}"] if document.run else []
    if not page.explain:
        how = "daskbench show --explain" if document.run else "--explain"
        parts.append(f"{f'{left} more' if left else 'legend'}: {how}")
    if parts:
        yield from wrapped(words.line("; ".join(parts)), page.width, "dim")
