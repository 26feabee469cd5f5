"""Markdown tables, for issues and pull requests."""

from collections.abc import Sequence

from daskbench.harmless import MOST_CELL, code, markdown
from daskbench.stats.comparison import Comparisons
from daskbench.stats.groups import Group
from daskbench.views import Page, comparison
from daskbench.views.cells import Column
from daskbench.views.columns import (
    SENTENCE,
    heading,
    label_of,
    legend,
    main_columns,
    published_columns,
)
from daskbench.views.report import Report
from daskbench.views.sections import chapters_of

#: A comment with more rows is folded; first stand those that tell something, up to so many.
_MOST_ROWS, _MOST_TELLING = 20, 50


def render(report: Report, page: Page) -> str:
    """Return a table for each group, then the findings as a list."""
    parts = _comparison(report.comparison) if report.comparison else []
    for chapter in chapters_of(report, page.width):
        parts += [f"## {markdown(chapter.heading)}"] if chapter.heading else []
        parts += [part for group in chapter.groups for part in _group(group, report.published)]
        for section in chapter.sections:
            table = _lines(section.titles, section.rows, section.right)
            parts += [f"### {markdown(section.heading)}", table, *map(markdown, section.lines)]
    if report.findings:
        parts.append("\n".join(f"- {markdown(finding)}" for finding in report.findings))
    return "\n\n".join([*parts, f"run {code(report.run.run_id)}"]) + "\n"


def compared(comparisons: Comparisons, page: Page) -> str:
    """Return a comparison as a comment of a pull request: first what it comes to."""
    return "\n\n".join(_comparison(comparisons)) + "\n"


def _comparison(comparisons: Comparisons) -> list[str]:
    """Return the outcome and the table; of a long one first what needs to be looked at."""
    section = comparison.section_of(comparisons)
    *told, _ = [markdown(line) for line in section.lines]  # the last is the outcome
    word, _, rest = comparison.summary(comparisons).partition(": ")
    parts = [f"**{markdown(word)}**" + (f": {markdown(rest)}" if rest else "")]
    parts.append(f"### {markdown(section.heading)}")
    table = _lines(section.titles, section.rows, section.right)
    if len(section.rows) <= _MOST_ROWS:
        return [*parts, table, "\n".join(f"- {line}" for line in told)]
    telling = [
        cells
        for cells, row in zip(section.rows, comparisons.rows, strict=True)
        if comparison.is_telling(row)
    ]
    if telling:
        parts.append(_lines(section.titles, telling[:_MOST_TELLING], section.right))
    every = f"<details><summary>all {len(section.rows)} cases</summary>"
    return [*parts, "\n".join(f"- {line}" for line in told), every, table, "</details>"]


def _group(group: Group, published: bool) -> list[str]:
    parts = [
        f"### {markdown(heading(group))}",
        _table(group, (label_of(group), *main_columns(group, SENTENCE))),
    ]
    if published and group.suite.published:
        parts.append(_table(group, (label_of(group), *published_columns(group))))
    return [*parts, markdown(legend(group))]


def _table(group: Group, columns: tuple[Column, ...]) -> str:
    rows = [[column.cell(row) for column in columns] for row in group.results]
    return _lines([column.title for column in columns], rows, [c.right for c in columns])


def _lines(titles: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> str:
    rule = ["---:" if side else ":---" for side in right]
    first, *others = [[markdown(cell, MOST_CELL) for cell in row] for row in (titles, *rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [first, rule, *others])
