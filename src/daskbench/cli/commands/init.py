"""``daskbench init``."""

from importlib.resources import files

import click

from daskbench.cli.files import write_text
from daskbench.cli.say import say
from daskbench.config import FILE

EPILOG = """\b
Examples:
  daskbench init
  daskbench init --force"""


@click.command(epilog=EPILOG)
@click.option("--force", is_flag=True, help="Overwrite an existing benchmarks.toml.")
def command(force: bool) -> None:
    """Create a starter benchmarks.toml in the working directory."""
    text = (files("daskbench") / FILE).read_text(encoding="utf-8")
    write_text(FILE, text, force=force, quiet=True)
    say(f"wrote {FILE}; see 'daskbench run --dry-run'")
