"""Markdown tables, for issues and pull requests."""

from daskbench.stats.results import Group
from daskbench.views import Page
from daskbench.views.cells import Column
from daskbench.views.columns import (
    LABEL,
    SENTENCE,
    heading,
    label_of,
    legend,
    main_columns,
    published_columns,
)
from daskbench.views.report import Report


def render(report: Report, page: Page) -> str:
    """Return a table for each group, then the findings as a list."""
    parts = [part for group in report.tables for part in _group(group, report.published)]
    if report.findings:
        parts.append("\n".join(f"- {_escape(finding)}" for finding in report.findings))
    return "\n\n".join([*parts, f"run `{report.run.run_id}`"]) + "\n"


def _group(group: Group, published: bool) -> list[str]:
    parts = [
        f"### {_escape(heading(group))}",
        _table(group, (label_of(group), *main_columns(group, SENTENCE))),
    ]
    if published and group.suite.published:
        parts.append(_table(group, (LABEL, *published_columns(group))))
    return [*parts, _escape(legend(group))]


def _table(group: Group, columns: tuple[Column, ...]) -> str:
    rows = [[_escape(column.cell(row)) for column in columns] for row in group.results]
    head = [column.title for column in columns]
    rule = ["---:" if column.right else ":---" for column in columns]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rule, *rows])


def _escape(text: str) -> str:
    return text.replace("|", r"\|").replace("*", r"\*").replace("\n", " ").replace("<", "&lt;")
