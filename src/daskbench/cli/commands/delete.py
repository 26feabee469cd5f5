"""``daskbench delete``."""

from pathlib import Path

import click

from daskbench.cli import options
from daskbench.cli.say import say
from daskbench.journal.store import Store

EPILOG = """\b
Examples:
  daskbench delete latest
  daskbench delete 20261123-101500 20261124"""


@click.command(epilog=EPILOG)
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@options.store_option
def command(runs: tuple[str, ...], store: Path) -> None:
    """Delete runs from the store, given as 'latest', names, or prefixes of names."""
    found = Store(store)
    for path in dict.fromkeys(found.find(run) for run in runs):
        found.delete(path)
        say(f"deleted {path.stem}")
