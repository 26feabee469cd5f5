"""``daskbench show``."""

from pathlib import Path

import click

from daskbench.cli import options
from daskbench.cli.output import print_document, print_failures
from daskbench.errors import UsageError
from daskbench.experiments.report import build
from daskbench.journal.read import read_run
from daskbench.journal.store import LATEST, Store

EPILOG = """\b
Examples:
  daskbench show
  daskbench show 20261123 --format plain
  daskbench show latest --published
  daskbench show --failures

RUN is 'latest', 'latest~1' for the one before it, the name of a run or a prefix of one, or the path
of a journal."""


@click.command(epilog=EPILOG)
@click.argument("run", default=LATEST)
@click.option("--published", is_flag=True, help="Show published figures beside the measured ones.")
@click.option("--failures", is_flag=True, help="Show the full tracebacks of failed rows.")
@options.format_option
@options.store_option
def command(run: str, published: bool, failures: bool, view: str, store: Path) -> None:
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
    print_document(build(found, published=published).document, view)
