"""A run to text: one file a view, and one line here to register it."""

from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from daskbench.stats.comparison import Comparisons
from daskbench.views.report import Report

VIEWS = {
    "table": "daskbench.views.table",
    "plain": "daskbench.views.plain",
    "markdown": "daskbench.views.markdown",
    "csv": "daskbench.views.csv",
    "json": "daskbench.views.json",
}
#: What other tools read, each in the form of its own files; nothing to look at.
INTEROP = {
    "pyperf": "daskbench.views.pyperf",
    "pytest_benchmark": "daskbench.views.pytest_benchmark",
    "hyperfine": "daskbench.views.hyperfine",
}
#: What is only for files: the readings of workers' memory, and what happened to them.
TABLES = {"timeline": "render_timeline", "events": "render_events"}


@dataclass(frozen=True)
class Page:
    """Where text will stand: how wide, whether in colour."""

    width: int = 80
    color: bool = False


class View(Protocol):
    """A module of this package."""

    def render(self, report: Report, page: Page) -> str:
        """Return the whole report as text that ends with a line end."""
        ...

    def compared(self, comparisons: Comparisons, page: Page) -> str:
        """Return a comparison alike; those for other tools know none."""
        ...


def render(view: str, report: Report, page: Page | None = None) -> str:
    """Return the report as the view of that name shows it."""
    module: View = import_module((VIEWS | INTEROP)[view])
    return module.render(report, page or Page())


def render_comparison(view: str, comparisons: Comparisons, page: Page | None = None) -> str:
    """Return a comparison as the view of that name shows it."""
    module: View = import_module(VIEWS[view])
    return module.compared(comparisons, page or Page())


def render_file(name: str, report: Report) -> str:
    """Return what stands in a file: the report in a view, or one of the `TABLES` as CSV."""
    return _table(TABLES[name], report) if name in TABLES else render(name, report)


def render_samples(report: Report) -> str:
    """Return each sample as a row of CSV."""
    return _table("render_samples", report)


def _table(function: str, report: Report) -> str:
    text: str = getattr(import_module(VIEWS["csv"]), function)(report)
    return text
