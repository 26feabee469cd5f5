"""A report as one HTML page: answer, tables, findings, plots, what ran, and the samples to save.

Everything is in the file, so that it opens from a disk and asks nothing of any network. Plots are
Bokeh's; all else is readable without JavaScript.
"""

from collections.abc import Sequence

from daskbench.document import Document
from daskbench.formats import Page
from daskbench.formats.webpage import frame, plots, prose, ran, saved, tables
from daskbench.formats.webpage.plots.base import Plot


def render(document: Document, page: Page) -> str:
    """Return the report on one run, or on a comparison."""
    return page_of([document])


def page_of(documents: Sequence[Document]) -> str:
    """Return one page about all of these runs, whose plots are overlaid."""
    drawn = [*plots.of(documents)]
    sections = [
        frame.section("answer", "Answer", prose.answers(documents)),
        frame.section("results", "Results", tables.results(documents)),
        frame.section("findings", "Findings", prose.findings(documents)),
        frame.section("plots", "Plots", frame.figures(drawn)),
        frame.section("ran", "What ran", ran.what_ran(documents)),
        frame.section("samples", "Samples", saved.samples(documents)),
    ]
    return frame.page(prose.title(documents), prose.subtitle(documents), sections, drawn)


def main_chart(documents: Sequence[Document]) -> tuple[str, int] | None:
    """Return a page that shows the first plot alone, and its height in pixels, for a picture.

    None if there is no plot.
    """
    first: Plot | None = next(plots.of(documents), None)
    return frame.bare(first) if first else None
