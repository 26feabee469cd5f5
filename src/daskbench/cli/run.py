"""``daskbench run``."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from daskbench import environment
from daskbench.cli import options
from daskbench.cli.plan import print_plan
from daskbench.cli.session import Wishes, measure
from daskbench.config import FILE, SuiteFile
from daskbench.journal.store import Store
from daskbench.model import Plan

EPILOG = """\b
Examples:
  daskbench run                                all suites of ./benchmarks.toml
  daskbench run lesson-schedulers --published  the lesson's table, beside its published figures
  daskbench run quick --rounds 15 --budget 2m
  daskbench run lesson --dry-run

Options given here go before those of the file. Without a benchmarks.toml in the working folder, the
one that comes with daskbench is used; 'daskbench init' writes it here for you to change."""


@click.command(epilog=EPILOG)
@click.argument("suites", nargs=-1, metavar="[SUITE]...")
@click.option(
    "--file",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help=f"Take the suites from this file instead of ./{FILE}.",
)
@click.option("--published", is_flag=True, help="Show published figures beside the measured.")
@options.key_options()
@options.measure_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    suites: tuple[str, ...],
    file: Path | None,
    published: bool,
    seed: int,
    dry_run: bool,
    no_progress: bool,
    view: str,
    csv: str | None,
    json: str | None,
    markdown: str | None,
    force: bool,
    store: Path,
    **values: Any,
) -> None:
    """Run suites of benchmarks.toml, all of them if none is named."""
    suite_file = SuiteFile.load(file) if file else find_suites()
    given = options.given(values)
    names = suite_file.expand(suites)
    plan = Plan(tuple(suite_file.make(name, given, environment.cores) for name in names), seed)
    if dry_run:
        print_plan(plan, Store(store))
        return
    outputs = {"csv": csv, "json": json, "markdown": markdown}
    wishes = Wishes(store, view, outputs, force, not no_progress, published)
    ctx.exit(measure(plan, "-".join(names) if len(names) == 1 else "run", wishes))


def find_suites() -> SuiteFile:
    """Return the suites of the working folder, or those that ship with the package."""
    here = Path(FILE)
    return SuiteFile.load(here) if here.exists() else shipped_suites()


def shipped_suites() -> SuiteFile:
    """Return the suites that ship with the package."""
    return SuiteFile(Path(FILE), (files("daskbench") / FILE).read_text(encoding="utf-8"))
