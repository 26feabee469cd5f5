"""``daskbench show``."""

from dataclasses import replace
from pathlib import Path

import click

from daskbench.cli import options
from daskbench.cli.output import print_document, print_failures
from daskbench.cli.views import View, check_shown, how_of, make_view, view_options
from daskbench.errors import UsageError
from daskbench.experiments.report import build
from daskbench.formats import EXPLAIN
from daskbench.journal.read import read_run
from daskbench.journal.store import LATEST, Store

EPILOG = """\b
Examples:
  daskbench show
  daskbench show 20261123 --format plain
  daskbench show latest --published
  daskbench show --columns median_s,peak_pss_bytes
  daskbench show --wide --explain | less -S
  daskbench show --failures

RUN is 'latest', 'latest~1' for the one before it, the name of a run or a prefix of one, or the path
of a journal."""


@click.command(epilog=EPILOG)
@click.argument("run", default=LATEST)
@click.option("--published", is_flag=True, help="Show published figures beside the measured ones.")
@click.option("--failures", is_flag=True, help="Show the full tracebacks of failed rows.")
@click.option("--wide", is_flag=True, help="Show all columns, one line per row, as for less -S.")
@view_options
@options.store_option
def command(run: str, published: bool, failures: bool, wide: bool, view: View, store: Path) -> None:
    """Show the results of a run, as they were shown when it ended."""
    found = read_run(Store(store).find_or_file(run))
    if failures:
        print_failures(found)
        return
    if published and not any(suite.published for suite in found.plan.suites):
        raise UsageError(
            f"run {found.run_id} has no published figures; "
            "'daskbench run lesson-schedulers' has them"
        )
    document = build(found, published=published).document
    view = make_view(view.name, view.columns, view.explain, wide)
    view = replace(view, how=how_of(store) if run == LATEST else EXPLAIN)
    check_shown(document, view, found.plan)
    print_document(document, view)
