"""``daskbench init``."""

from importlib.resources import files

import click

from daskbench.cli.files import write_text
from daskbench.cli.say import say
from daskbench.config import FILE


@click.command()
@click.option("--force", is_flag=True, help="Overwrite a benchmarks.toml that exists.")
def command(force: bool) -> None:
    """Write a benchmarks.toml to start from into the working folder."""
    write_text(FILE, (files("daskbench") / FILE).read_text(encoding="utf-8"), force=force)
    say(f"wrote {FILE}; see 'daskbench run --dry-run'")
