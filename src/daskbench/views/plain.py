"""Plain lines in timeit's own words, for logs and for grep."""

from collections.abc import Iterator, Sequence

from daskbench.stats.groups import Group
from daskbench.views import Page, limits, thresholds
from daskbench.views.columns import EFFICIENCY, RATIO, TASKS, VERDICT, heading, timeit_sentence
from daskbench.views.report import Report
from daskbench.views.sections import sections_of


def render(report: Report, page: Page) -> str:
    """Return a line for each case, under a heading for each group."""
    lines = [line for group in report.tables for line in _group(group)]
    for section in sections_of(report, page.width):
        lines += [section.heading, *_aligned([section.titles, *section.rows]), *section.lines, ""]
    lines += [f"- {finding}" for finding in report.findings]
    return "\n".join([*lines, f"run {report.run.run_id}", ""])


def _group(group: Group) -> list[str]:
    if group.is_thresholds:
        return [heading(group), *map(thresholds.line, group.results), ""]
    if group.is_search:
        return [heading(group), *limits.lines(group), ""]
    width = max(len(row.label) for row in group.results)
    lines = [heading(group)]
    for row in group.results:
        facts = [timeit_sentence(row)]
        if row.summary:
            facts += [f"{RATIO.cell(row)} × {row.baseline_label}"] if row.baseline else []
            facts += [VERDICT.cell(row)] if row.verdict else []
            facts += [f"efficiency {EFFICIENCY.cell(row)}"] if row.efficiency else []
            facts += [f"{TASKS.cell(row)} tasks"]
        lines.append(f"{row.label:<{width}}  {', '.join(facts)}{'  *' if row.best else ''}")
    return [*lines, ""]


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *cells in rows:
        others = (f"{cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=True))
        yield "  ".join([f"{first:<{widths[0]}}", *others])
