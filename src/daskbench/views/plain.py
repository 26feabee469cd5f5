"""Plain lines in timeit's own words, for logs and for grep."""

from collections.abc import Iterator, Sequence

from daskbench.stats.results import Group
from daskbench.views import Page
from daskbench.views.columns import (
    EFFICIENCY,
    NONE,
    RATIO,
    TASKS,
    heading,
    label_column,
    main_columns,
    timeit_sentence,
)
from daskbench.views.memory import section_of
from daskbench.views.report import Report


def render(report: Report, page: Page) -> str:
    """Return a line for each case, under a heading for each group."""
    lines = [line for group in report.tables for line in _group(group)]
    for case in report.shown_memory:
        section = section_of(case, page.width)
        lines += [section.heading, *_aligned([section.titles, *section.rows]), *section.lines, ""]
    lines += [f"- {finding}" for finding in report.findings]
    return "\n".join([*lines, f"run {report.run.run_id}", ""])


def _group(group: Group) -> list[str]:
    if group.is_search:
        return _search(group)
    width = max(len(row.label) for row in group.results)
    lines = [heading(group)]
    for row in group.results:
        facts = [timeit_sentence(row)]
        if row.summary:
            facts += [f"{RATIO.cell(row)} × {row.baseline_label}"] if row.baseline else []
            facts += [f"efficiency {EFFICIENCY.cell(row)}"] if row.efficiency else []
            facts += [f"{TASKS.cell(row)} tasks"]
        lines.append(f"{row.label:<{width}}  {', '.join(facts)}{'  *' if row.best else ''}")
    return [*lines, ""]


def _search(group: Group) -> list[str]:
    """Return a line for each limit tried: what came of it, then each figure with its name."""
    label, (outcome, *columns) = label_column(group), main_columns(group)
    width = max(len(label.cell(row)) for row in group.results)
    lines = [heading(group)]
    for row in group.results:
        facts = [outcome.cell(row)]
        cells = ((column.title, column.cell(row)) for column in columns)
        facts += [f"{title} {cell}" for title, cell in cells if cell != NONE]
        why = [f"because {row.reason}"] if row.status != "ok" and row.reason else []
        lines.append(f"{label.cell(row):<{width}}  {', '.join(facts + why)}")
    return [*lines, ""]


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *cells in rows:
        others = (f"{cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=True))
        yield "  ".join([f"{first:<{widths[0]}}", *others])
