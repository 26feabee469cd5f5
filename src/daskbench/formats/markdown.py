"""Markdown tables, for issues and pull requests."""

from collections.abc import Iterator
from dataclasses import replace

from daskbench.document import Document, Section, Table
from daskbench.formats import Page
from daskbench.harmless import MOST_CELL, code, markdown

#: A comment with more rows is folded; up to this many rows that need attention come first.
_MOST_ROWS, _MOST_TELLING = 20, 50


def render(document: Document, page: Page) -> str:
    """Return a table for each section, below its answer; sections with an outcome come first."""
    sections = [section for chapter in document.chapters for section in chapter.sections]
    parts = [part for one in sections if one.outcome for part in _comment(one)]
    for chapter in document.chapters:
        parts += [f"## {markdown(chapter.heading)}"] if chapter.heading else []
        parts += [part for one in chapter.sections if not one.outcome for part in _section(one)]
    if document.notes:
        parts.append("\n".join(f"- {markdown(note.text)}" for note in document.notes))
    parts += [f"run {code(document.run.run_id)}"] if document.run else []
    return "\n\n".join(parts) + "\n"


def _section(section: Section) -> list[str]:
    answer = [f"**{markdown(section.answer)}**"] if section.answer else []
    wrong = [one for table in section.tables for one in _wrong(table)]
    below = [section.legend] if section.legend else []
    return [
        f"### {markdown(section.heading)}",
        *answer,
        *(_table(table) for table in section.tables),
        *(["\n".join(wrong)] if wrong else []),
        *map(markdown, [*below, *map(str, section.lines)]),
    ]


def _wrong(table: Table) -> Iterator[str]:
    """Yield what is wrong with rows although they have figures."""
    for row in table.rows:
        for trouble in row.wrong:
            yield f"- {markdown(f'{table.columns[0].text(row.cells[0])}: {trouble}')}"


def _comment(section: Section) -> list[str]:
    """Return a section as a comment on a pull request, with the outcome first.

    Of a long table, the rows that need attention come first.
    """
    outcome = section.outcome
    word = markdown(outcome.word) if outcome and outcome.word else ""
    sentence = markdown(outcome.sentence) if outcome else ""
    parts = [f"**{word}**: {sentence}" if word else f"**{sentence}**"]
    parts.append(f"### {markdown(section.heading)}")
    told = "\n".join(
        f"- {markdown(line)}" for line in filter(None, (section.legend, *map(str, section.lines)))
    )
    (table,) = section.tables
    if len(table.rows) <= _MOST_ROWS:
        return [*parts, _table(table), told]
    telling = [row for row in table.rows if row.telling][:_MOST_TELLING]
    parts += [_table(replace(table, rows=telling))] if telling else []
    every = f"<details><summary>all {len(table.rows)} cases</summary>"
    return [*parts, told, every, _table(table), "</details>"]


def _table(table: Table) -> str:
    worded = table.in_words()
    rule = ["---:" if column.right else ":---" for column in worded.columns]
    titles = [column.title for column in worded.columns]
    first, *others = [
        [markdown(cell, MOST_CELL) for cell in row] for row in (titles, *worded.texts())
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [first, rule, *others])
