"""What is said below the tables: the answer first, then what disturbs, in a few lines.

A page that explains shows every line whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rich.text import Text

from daskbench.document import Document, Note, Said, Section
from daskbench.formats import EXPLAIN, Page
from daskbench.formats.table.words import Words, wrapped

#: The most lines below a table on a page of 80 characters, with its answer first and the name of
#: the run last. On a narrower page each of them may be folded.
MOST_LINES = 5
_USUAL_WIDTH = 80
#: What two lines may have less than twice the characters of one.
_UNEVEN = 20
#: A longer answer, such as one with long names, is cut.
_MOST_ANSWER = 210
#: The most lines below the answer of a table that is followed by another.
_MOST_BETWEEN = 3
#: Troubles of rows that share a reason are one line, which names this many of them.
_MOST_NAMED = 3
_POINT = "- "


@dataclass(frozen=True)
class Item:
    """One thing to say: in full, and briefly, unless it is shown only on request (None).

    `about` are the rows and the reason that it names, `mark` is before it, and `see` is the address
    of documentation on it.
    """

    text: str
    brief: str | None = ""
    style: str = ""
    about: tuple[str, ...] = ()
    mark: str = _POINT
    see: str = ""


def answer_of(section: Section) -> str:
    """Return what a section says first: its outcome, or its answer."""
    return str(section.outcome) if section.outcome else section.answer


def items_of(section: Section, *, every: bool = False) -> list[Item]:
    """Return what else a section says: what is wrong with its rows, then its other lines.

    With `every` also what was expected.
    """
    troubles = [*_troubles(section, every)]
    lines = [of_line(line) for line in section.lines]
    return [*troubles, *(item for item in lines if not _is_repeated(item, troubles))]


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
        what = trouble.removeprefix("invalid: ")  # the reason says so again
        brief = f"{_listed(rows[:_MOST_NAMED])}{more}: {what}"
        yield Item(f"{_listed(rows)}: {trouble}", brief, "red", (*rows, _reason(trouble)))


def _listed(rows: Sequence[str]) -> str:
    """Return names of rows, of which some may have commas of their own, as a list.

    >>> _listed(["threads × 2", "distributed × 2, gram"])
    'threads × 2; distributed × 2, gram'
    """
    return ("; " if any(", " in row for row in rows) else ", ").join(rows)


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


def of_line(line: str | Said | Note) -> Item:
    """Return a line, or a finding, as something to say."""
    if isinstance(line, str):
        return Item(line)
    if isinstance(line, Said):
        return Item(line.text, line.brief)
    is_answer = line.severity == "answer"
    style, mark = ("bold", "") if is_answer else ("", _POINT)
    return Item(line.text, line.brief, style, mark=mark, see=line.see)


def below_section(section: Section, page: Page, words: Words, *, alone: bool) -> Iterator[Text]:
    """Yield the answer of a section, and what is wrong with its rows, or all if the page explains.

    What the section of a document with a single one says comes with the findings.
    """
    yield from _answer(section, page, words)
    if page.explain:
        for item in items_of(section, every=True):
            yield from _whole(item, page, words)
        if legend := "; ".join(filter(None, (_bars(section), section.legend))):
            yield from wrapped(words.line(legend), page.width, "dim")
    elif not alone:
        for item in _brief_items(section)[:_MOST_BETWEEN]:
            yield from _briefly(item, page, words)


def _bars(section: Section) -> str:
    """Say what the bars are, if there is a legend, which tables have that are explained."""
    drawn = [one for one in section.tables if sum(row.bar is not None for row in one.rows) > 1]
    if not drawn or not section.legend:
        return ""
    whiskers = any(row.bar and row.bar.low is not None for one in drawn for row in one.rows)
    return f"bar: {drawn[0].bars or 'the ratio'}{', with its interval' if whiskers else ''}"


def _brief_items(section: Section) -> list[Item]:
    return [item for item in items_of(section) if item.brief is not None]


def _answer(section: Section, page: Page, words: Words) -> Iterator[Text]:
    if answer := answer_of(section):
        text = words.line(answer) if page.explain else words.brief(answer, _MOST_ANSWER)
        yield from wrapped(text, page.width, "bold")


def below_all(document: Document, page: Page, words: Words) -> Iterator[Text]:
    """Yield the findings, and the name of the run, with how to read what there was no room for."""
    sections = [section for chapter in document.chapters for section in chapter.sections]
    urgent, others = _notes(document, sections)
    if page.explain:
        for item in [*urgent, *others]:
            yield from _whole(item, page, words)
        yield from _last(document, page, words, 0)
        return
    own = [_brief_items(section) for section in sections]
    alone = own.pop() if len(own) == 1 else []
    items = [item for item in [*urgent, *alone, *others] if item.brief is not None]
    lines, left = _fitted(items, _room(sections, page, words), page, words)
    yield from lines
    above = sum(len(one[_MOST_BETWEEN:]) for one in own)
    yield from _last(document, page, words, len(left) + above)


def _fitted(
    items: Sequence[Item], room: int, page: Page, words: Words
) -> tuple[list[Text], Sequence[Item]]:
    """Return the lines of the items for which there is room, and the items that are left.

    What is wrong with rows may take two lines, others if all have room.
    """
    usual, lines = replace(page, width=max(page.width, _USUAL_WIDTH)), list[Text]()
    for number, item in enumerate(items):
        if room < 1:
            return lines, items[number:]
        two = room > 1 and (item.about or room > len(items) - number)
        most = 2 * usual.width - _UNEVEN if two else usual.width - len(item.mark)
        text = words.brief(item.brief or item.text, most)
        room -= len([*_said(item, text, usual)])
        lines += _said(item, text, page)
    return lines, ()


def _room(sections: Sequence[Section], page: Page, words: Words) -> int:
    """Return how many lines there may be after those of the last section, but for the very last."""
    if not sections:
        return MOST_LINES - 1
    usual = replace(page, width=max(page.width, _USUAL_WIDTH))
    taken = below_section(sections[-1], usual, words, alone=len(sections) == 1)
    return max(MOST_LINES - 1 - sum(1 for _ in taken), 0)


def _notes(document: Document, sections: Sequence[Section]) -> tuple[list[Item], list[Item]]:
    """Return the findings that come first, and those that no section has said of its rows."""
    told = [item for section in sections for item in items_of(section)]
    answers = [note for note in document.notes if note.severity == "answer"]
    others = [note for note in document.notes if note.severity != "answer"]
    urgent = [note for note in others if note.urgent]
    rest = [of_line(note) for note in others if not note.urgent]
    first = [*map(of_line, (*answers, *urgent))]
    return first, [item for item in rest if not _is_repeated(item, told)]


def _briefly(item: Item, page: Page, words: Words) -> Iterator[Text]:
    """Yield an item in one line, or on a narrow page as much as a line of 80 characters has."""
    most = max(page.width, _USUAL_WIDTH) - len(item.mark)
    yield from _said(item, words.brief(item.brief or item.text, most), page)


def _whole(item: Item, page: Page, words: Words) -> Iterator[Text]:
    yield from _said(item, words.line(item.text), page)


def _said(item: Item, text: str, page: Page) -> Iterator[Text]:
    """Yield an item in lines, which are links to its documentation on terminals that know them."""
    link = f"link {item.see}" if item.see and page.links else ""
    yield from wrapped(item.mark + text, page.width, f"{item.style} {link}".strip())


def _last(document: Document, page: Page, words: Words, left: int) -> Iterator[Text]:
    """Yield the name of the run, and what explains the table and shows what is `left`."""
    parts = [f"run {document.run.run_id}"] if document.run else []
    what = f"{left} more" if left else "legend"
    if page.how and not page.explain:
        room = max(page.width, _USUAL_WIDTH) - len("; ".join([*parts, f"{what}: "]))
        parts.append(f"{what}: {page.how if len(page.how) <= room else EXPLAIN}")
    elif left:
        parts.append(what)
    if parts:
        yield from wrapped(words.line("; ".join(parts)), page.width, "dim")
