"""Markdown tables, for issues and pull requests."""

from collections.abc import Sequence

from daskbench.stats.groups import Group
from daskbench.views import Page
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
from daskbench.views.sections import sections_of


def render(report: Report, page: Page) -> str:
    """Return a table for each group, then the findings as a list."""
    parts = [part for group in report.tables for part in _group(group, report.published)]
    for section in sections_of(report, page.width):
        right = [False, *(True for _ in section.titles[1:])]
        parts += [f"### {_escape(section.heading)}", _lines(section.titles, section.rows, right)]
        parts += map(_escape, section.lines)
    if report.findings:
        parts.append("\n".join(f"- {_escape(finding)}" for finding in report.findings))
    return "\n\n".join([*parts, f"run `{report.run.run_id}`"]) + "\n"


def _group(group: Group, published: bool) -> list[str]:
    parts = [
        f"### {_escape(heading(group))}",
        _table(group, (label_of(group), *main_columns(group, SENTENCE))),
    ]
    if published and group.suite.published:
        parts.append(_table(group, (label_of(group), *published_columns(group))))
    return [*parts, _escape(legend(group))]


def _table(group: Group, columns: tuple[Column, ...]) -> str:
    rows = [[column.cell(row) for column in columns] for row in group.results]
    return _lines([column.title for column in columns], rows, [c.right for c in columns])


def _lines(titles: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> str:
    rule = ["---:" if side else ":---" for side in right]
    escaped = [[_escape(cell) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [titles, rule, *escaped])


def _escape(text: str) -> str:
    return text.replace("|", r"\|").replace("*", r"\*").replace("\n", " ").replace("<", "&lt;")
