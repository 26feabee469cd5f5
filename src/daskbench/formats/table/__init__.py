"""Tables for a terminal: each a block, and below it the answer and what disturbed it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO

from rich.console import Console
from rich.text import Text

from daskbench.document import Document, Section
from daskbench.document.headings import parted
from daskbench.formats import Page
from daskbench.formats.drawing import drawing
from daskbench.formats.table.below import below_all, below_section
from daskbench.formats.table.block import block
from daskbench.formats.table.words import Words, wrapped

#: Only these are links: other addresses may be from names and messages.
_ADDRESS = re.compile(r"https://(?:docs|distributed)\.dask\.org/[a-z/-]*\.html", re.ASCII)


def render(document: Document, page: Page) -> str:
    """Return the sections of the document in order, then the findings."""
    words = Words(page.ascii)
    text = StringIO()
    console = Console(
        file=text,
        width=page.width,
        force_terminal=page.color,
        no_color=not page.color,
        highlight=False,
        force_jupyter=False,  # in a notebook rich would display the text itself
    )
    before = Text()
    for line in _lines(document, page, words):
        if not line.plain and not before.plain:
            continue
        before = line
        shown = _linked(line) if page.links else line
        console.print(shown, no_wrap=True, overflow="ignore", crop=False)
    lines = "\n".join(line.rstrip() for line in text.getvalue().splitlines())
    return lines.rstrip("\n") + "\n"


def _lines(document: Document, page: Page, words: Words) -> Iterator[Text]:
    alone = sum(len(chapter.sections) for chapter in document.chapters) == 1
    for chapter in document.chapters:
        if chapter.heading:
            yield from wrapped(words.line(chapter.heading), page.width, "bold underline")
            yield Text()
        told = legend = ""
        for section in chapter.sections:
            what, how = parted(words.line(section.heading))
            yield from wrapped(what, page.width, "bold")
            yield from wrapped(how, page.width, "dim") if how not in ("", told) else []
            shown = section if section.legend != legend else replace(section, legend="")
            yield from _section(shown, page, words, alone=alone)
            yield from [Text()] if page.explain or not alone else []
            told, legend = how, section.legend
    yield from below_all(document, page, words)


def _section(section: Section, page: Page, words: Words, *, alone: bool) -> Iterator[Text]:
    for number, table in enumerate(section.tables):
        yield from [Text()] if number else []
        yield from block(table, page, words)
    for line in drawing(section, page.width):
        yield from wrapped(words.line(line), page.width)
    yield Text()
    yield from below_section(section, page, words, alone=alone)


def _linked(line: Text) -> Text:
    """Return a line whose addresses are links, on terminals that know them."""
    for found in _ADDRESS.finditer(line.plain):
        line.stylize(f"link {found[0]}", *found.span())
    return line
