"""``daskbench compare``."""

from pathlib import Path

import click

from daskbench.cli import options
from daskbench.cli.files import STDOUT, check_targets
from daskbench.cli.gate import Gate, gate_options, judge
from daskbench.cli.output import print_document, tell, write_files
from daskbench.cli.run_refs import RunRef, RunRefs
from daskbench.cli.views import View, check_shown, view_options
from daskbench.document import Document
from daskbench.errors import UsageError
from daskbench.experiments.ab.document import document_of
from daskbench.experiments.ab.rows import Comparisons, compare_cases, compare_runs
from daskbench.experiments.report import build
from daskbench.formats import render
from daskbench.journal.store import Store

EPILOG = """\b
Examples:
  daskbench compare latest~1 latest
  daskbench compare 20261122 20261123 --margin 5%
  daskbench compare latest:1 latest:threads-2
  daskbench compare latest --fail-if slower:5% --markdown summary.md

Name runs as for 'daskbench show'; latest~1 is the one before the latest. RUN:CASE is one case, by
its number in the plan or by its scheduler and workers. A run of 'daskbench ab' contains both sides.
Ratios are B/A: above 1, B takes longer. Exit codes with --fail-if: 0 nothing is slower; 3 a
regression is proved; otherwise 1 if a case failed; otherwise 4 if the result is inconclusive."""

#: The file formats of a comparison.
FILES = {
    "csv": "the comparison as CSV",
    "json": "the comparison as JSON",
    "markdown": "the comparison as Markdown",
    "html": "the comparison with plots as one HTML page",
}


@click.command(epilog=EPILOG)
@click.argument("a", metavar="A")
@click.argument("b", metavar="[B]", required=False)
@gate_options
@view_options
@options.file_options(FILES)
@options.store_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    a: str,
    b: str | None,
    gate: Gate,
    view: View,
    force: bool,
    store: Path,
    **files: str | None,
) -> None:
    """Compare two runs, two cases, or the two sides of a run.

    Matching cases are compared one by one: the ratio B/A with its interval, and the verdict.
    """
    check_targets(files, force=force)
    refs = RunRefs(Store(store))
    compared = compare(refs.find(a), refs.find(b) if b else None, gate)
    document = document_of(compared)
    check_shown(document, view)
    unwritten = write_files(files, lambda form: _text(form, document, compared), force=force)
    if STDOUT not in files.values():
        print_document(document, view)
    ctx.exit(judge(compared, gate) or tell(unwritten))


def _text(form: str, document: Document, compared: Comparisons) -> str:
    """Return the comparison in a format; its page also has the runs themselves."""
    if form != "html":
        return render(form, document)
    from daskbench.formats.webpage import page_of

    runs = compared.runs[:1] if compared.is_one_run else compared.runs
    return page_of([document, *(build(run).document for run in runs)])


def compare(a: RunRef, b: RunRef | None, gate: Gate) -> Comparisons:
    """Compare what was named; raises UsageError if it can't be compared."""
    if b is None:
        return _sides(a, gate)
    if (a.number is None) is not (b.number is None):
        raise UsageError("one side is a run, the other a case; name two runs, or two cases")
    if a == b:
        raise UsageError("A and B are the same; name two runs, or two cases")
    if a.number is not None and b.number is not None:
        return compare_cases((a.run, a.number), (b.run, b.number), gate.margin, gate.limit)
    compared = compare_runs(a.run, b.run, gate.margin, gate.limit)
    if not any(row.a and row.b for row in compared.rows):
        raise UsageError(
            f"{a.run.run_id} and {b.run.run_id} have no case in common; to compare different "
            f"cases, name them as RUN:1{''.join(f'; {why}' for why in compared.apart)}"
        )
    return compared


def _sides(ref: RunRef, gate: Gate) -> Comparisons:
    compared = None if ref.number is not None else gate.compare(ref.run)
    if compared is None:
        raise UsageError(
            f"{ref.run.run_id} does not have two sides; name a second run, as in "
            "'daskbench compare latest~1 latest', or measure two sides with 'daskbench ab'"
        )
    return compared
