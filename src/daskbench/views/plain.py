"""Plain lines in timeit's own words, for logs and for grep."""

from collections.abc import Iterable, Iterator, Sequence

from daskbench import harmless
from daskbench.stats.comparison import Comparisons
from daskbench.stats.groups import Group
from daskbench.views import Page, comparison, limits, thresholds
from daskbench.views.columns import EFFICIENCY, RATIO, TASKS, VERDICT, heading, timeit_sentence
from daskbench.views.report import Report
from daskbench.views.section import Section
from daskbench.views.sections import chapters_of


def render(report: Report, page: Page) -> str:
    """Return a line for each case, under a heading for each group."""
    lines: list[str] = []
    for chapter in chapters_of(report, page.width):
        lines += [chapter.heading, ""] if chapter.heading else []
        lines += [line for group in chapter.groups for line in _group(group)]
        lines += [line for section in chapter.sections for line in _section(section)]
    if report.comparison:
        lines += _section(comparison.section_of(report.comparison))
    lines += [f"- {finding}" for finding in report.findings]
    return _text([*lines, f"run {report.run.run_id}", ""])


def compared(comparisons: Comparisons, page: Page) -> str:
    """Return the lines of a comparison."""
    return _text(_section(comparison.section_of(comparisons)))


def _text(lines: Iterable[str]) -> str:
    return "\n".join(map(harmless.line, lines))


def _section(section: Section) -> list[str]:
    cells = [[*map(harmless.cell, row)] for row in (section.titles, *section.rows)]
    rows = _aligned(cells, section.right)
    return [section.heading, *rows, *section.lines, ""]


def _group(group: Group) -> list[str]:
    if group.is_thresholds:
        return [heading(group), *map(thresholds.line, group.results), ""]
    if group.is_search:
        return [heading(group), *limits.lines(group), ""]
    labels = [harmless.cell(row.label) for row in group.results]
    width = max(map(len, labels))
    lines = [heading(group)]
    for label, row in zip(labels, group.results, strict=True):
        facts = [timeit_sentence(row)]
        if row.summary:
            facts += [f"{RATIO.cell(row)} × {row.baseline_label}"] if row.baseline else []
            facts += [VERDICT.cell(row)] if row.verdict else []
            facts += [f"efficiency {EFFICIENCY.cell(row)}"] if row.efficiency else []
            facts += [f"{TASKS.cell(row)} tasks"]
        lines.append(f"{label:<{width}}  {', '.join(facts)}{'  *' if row.best else ''}")
    return [*lines, ""]


def _aligned(rows: Sequence[Sequence[str]], right: Sequence[bool]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = zip(row, widths, right, strict=True)
        yield "  ".join(f"{c:>{width}}" if side else f"{c:<{width}}" for c, width, side in cells)
