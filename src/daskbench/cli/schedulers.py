"""``daskbench schedulers``."""

from pathlib import Path
from typing import Any

import click
import msgspec

from daskbench import environment
from daskbench.cli import options
from daskbench.cli.plan import print_plan
from daskbench.cli.run import shipped_suites
from daskbench.cli.session import Wishes, measure
from daskbench.config import make_suite
from daskbench.journal.store import Store
from daskbench.model import Plan

EPILOG = """\b
Examples:
  daskbench schedulers --n 100000 --tasks 100
  daskbench schedulers --schedulers numpy,threads --workers 1,2,4 --rng generator
  daskbench schedulers --n 1e4,1e5,1e6 --schedulers numpy,distributed --csv sizes.csv
  daskbench schedulers --address tcp://127.0.0.1:8786 --schedulers numpy,distributed

Lists sweep. Every ratio is to numpy, from rounds that measured both."""


@click.command(epilog=EPILOG)
@options.parameter_options("calc_mean")
@options.key_options()
@options.measure_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
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
    """Compare NumPy and Dask's schedulers on calc_mean.

    calc_mean takes the mean of N normally distributed random numbers, TASKS times: in a plain
    NumPy loop, and on each of Dask's schedulers.
    """
    suite = make_suite("schedulers", "calc_mean", options.given(values), environment.cores)
    if len({case.what for case in suite.cases}) == 1:
        published = shipped_suites().published("calc_mean", suite.cases[0].parameters)
        suite = msgspec.structs.replace(suite, published=published)
    plan = Plan((suite,), seed)
    if dry_run:
        print_plan(plan, Store(store))
        return
    files = {"csv": csv, "json": json, "markdown": markdown}
    wishes = Wishes(store, view, files, force, progress=not no_progress)
    ctx.exit(measure(plan, "schedulers", wishes))
