"""``daskbench report``."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from daskbench.cli import browser, options
from daskbench.cli.file_options import file_option
from daskbench.cli.files import check_targets, write_bytes, write_text
from daskbench.document import Document
from daskbench.errors import UsageError
from daskbench.experiments.ab.document import document_of
from daskbench.experiments.ab.rows import compare_runs
from daskbench.experiments.report import build
from daskbench.journal.read import read_run
from daskbench.journal.run import Run
from daskbench.journal.store import LATEST, Store

EPILOG = """\b
Examples:
  daskbench report
  daskbench report latest -o lesson.html
  daskbench report latest~1 latest -o both.html
  daskbench report latest --png chart.png

RUN is named as for 'daskbench show'. The page needs no network and no server: open it from disk, or
send it. With several runs, their samples are drawn side by side, and each run is compared with the
first."""


@click.command(epilog=EPILOG)
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@file_option("-o", "--output", default="report.html", help="File of the page (-: stdout).")
@file_option("--png", help="Also write the main chart as a picture (needs Chromium or Chrome).")
@click.option("--force", is_flag=True, help="Overwrite existing files.")
@options.store_option
def command(runs: tuple[str, ...], output: str, png: str | None, force: bool, store: Path) -> None:
    """Write a report with plots as one HTML page.

    The page has the answer in words, tables, findings, plots, what ran, and the samples.
    """
    check_targets({"html": output, "png": png}, force=force)
    program = browser.find() if png else ""
    found = Store(store)
    paths = dict.fromkeys(found.find_or_file(run).resolve() for run in runs or (LATEST,))
    measured = [read_run(path) for path in paths]
    documents = [*_comparisons(measured), *(build(run).document for run in measured)]
    from daskbench.formats.webpage import page_of

    chart = _main_chart(documents) if png else None
    write_text(output, page_of(documents), force=force)
    if png and chart:
        write_bytes(png, browser.picture(program, *chart), force=force)


def _comparisons(runs: Sequence[Run]) -> Iterator[Document]:
    """Yield a comparison of each later run with the first, where they have cases in common."""
    for run in runs[1:]:
        compared = compare_runs(runs[0], run)
        if any(row.a and row.b for row in compared.rows):
            yield document_of(compared)


def _main_chart(documents: list[Document]) -> tuple[str, int]:
    """Return a page of the main chart alone, and its height; raises UsageError if there is none."""
    from daskbench.formats.webpage import main_chart

    chart = main_chart(documents)
    if chart is None:
        raise UsageError("--png: these runs have no samples to draw")
    return chart
