"""``daskbench list``."""

from pathlib import Path

import click
from rich.cells import cell_len, set_cell_size

from daskbench.cli import options
from daskbench.cli.say import say
from daskbench.errors import JournalError
from daskbench.journal.read import read_status
from daskbench.journal.store import Store

EPILOG = """\b
Examples:
  daskbench list
  daskbench list --store /data/runs"""


@click.command(epilog=EPILOG)
@options.store_option
def command(store: Path) -> None:
    """List the runs in the store, latest last."""
    runs = Store(store)
    names = runs.run_ids
    if not names:
        say(f"no runs in {store}", err=True)
    for name, kind in runs.odd.items():
        say(f"{name}: not a run, but {kind}", err=True)
    width = max(map(cell_len, names), default=0)
    for name in names:
        shown = set_cell_size(name, width)
        try:
            header, status = read_status(runs.path(name))
        except JournalError as error:
            say(f"{shown}  damaged: {error}")
            continue
        suites = ", ".join(suite.name for suite in header.plan.suites)
        cases = len(header.plan.cases)
        count = f"{cases:>3} case{'s' if cases > 1 else ' '}"
        say(f"{shown}  {status:<18}  {count}  {suites}")
