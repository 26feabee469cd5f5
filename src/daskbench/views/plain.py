"""Plain lines in timeit's own words, for logs and for grep."""

from daskbench.stats.results import Group
from daskbench.views import Page, thresholds
from daskbench.views.columns import EFFICIENCY, RATIO, TASKS, heading, timeit_sentence
from daskbench.views.report import Report


def render(report: Report, page: Page) -> str:
    """Return a line for each case, under a heading for each group."""
    lines = [line for group in report.tables for line in _group(group)]
    lines += [f"- {finding}" for finding in report.findings]
    return "\n".join([*lines, f"run {report.run.run_id}", ""])


def _group(group: Group) -> list[str]:
    if group.is_thresholds:
        return [heading(group), *map(thresholds.line, group.results), ""]
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
