"""``daskbench run``."""

import dataclasses
import os
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from daskbench.cli import options
from daskbench.cli.file_options import file_option
from daskbench.cli.gate import Gate, gate_options
from daskbench.cli.here import HERE
from daskbench.cli.say import say
from daskbench.cli.session import carry_out
from daskbench.config import ANY, FILE, SuiteFile
from daskbench.errors import UsageError
from daskbench.experiments import experiment
from daskbench.journal.read import read_run
from daskbench.journal.store import Store
from daskbench.model import FEWEST, Plan, Suite
from daskbench.stats.matching import comparable, match

EPILOG = """\b
Examples:
  daskbench run                                all suites of ./benchmarks.toml
  daskbench run lesson-schedulers --published  the lesson's table, beside its published figures
  daskbench run quick --rounds 15 --budget 2m
  daskbench run lesson --dry-run
  daskbench run quick --launches 10 --against latest --fail-if slower:5%

Options given here override those in the file. Without a benchmarks.toml in the working directory,
the one shipped with daskbench is used; 'daskbench init' copies it here for you to edit."""


@click.command(epilog=EPILOG)
@click.argument("suites", nargs=-1, metavar="[SUITE]...")
@file_option(
    "--file",
    kind=click.Path(dir_okay=False, path_type=Path),
    help=f"Read the suites from this file instead of ./{FILE}.",
)
@click.option("--published", is_flag=True, help="Show published figures beside the measured ones.")
@click.option(
    "--against",
    metavar="RUN",
    help="Afterwards compare with this run, as 'daskbench compare RUN latest' does.",
)
@gate_options
@options.key_options(ANY)
@options.measure_options
def command(
    suites: tuple[str, ...],
    file: Path | None,
    published: bool,
    against: str | None,
    gate: Gate,
    run_options: options.RunOptions,
    **values: Any,
) -> None:
    """Run suites of benchmarks.toml, or all of them if none is named."""
    suite_file = SuiteFile.load(file, experiment) if file else find_suites()
    names = suite_file.expand(suites)
    given = options.given(values)
    chosen = tuple(suite_file.make(name, given, HERE) for name in names)
    run_options = dataclasses.replace(
        run_options,
        published=published,
        gate=_against(against, gate, chosen, Store(run_options.store)),
    )
    command = names[0] if len(names) == 1 else "run"
    click.get_current_context().exit(carry_out(chosen, command, run_options))


def _against(name: str | None, gate: Gate, suites: tuple[Suite, ...], store: Store) -> Gate | None:
    """Return the gate with the run to compare with; raises UsageError before anything is run."""
    if name is None:
        if gate != Gate():
            raise UsageError(
                "--margin, --fail-if and --inconclusive-ok need --against RUN; add that"
            )
        return None
    found = read_run(store.find_or_file(name))
    planned = comparable(Plan(suites).cases)
    if not any(a and b for a, b in match(comparable(found.cases), planned)):
        raise UsageError(f"--against {found.run_id}: it has no case in common with this run")
    if any(suite.settings.launches < FEWEST for suite in (*found.plan.suites, *suites)):
        say(
            f"a verdict needs at least {FEWEST} launches in both runs: measure both with "
            "--launches 10",
            err=True,
        )
    return dataclasses.replace(gate, against=found)


def find_suites() -> SuiteFile:
    """Return the suites of the working directory, or those shipped with the package."""
    here = Path(FILE)
    return SuiteFile.load(here, experiment) if os.path.lexists(here) else shipped_suites()


def shipped_suites() -> SuiteFile:
    """Return the suites shipped with the package."""
    return SuiteFile(Path(FILE), (files("daskbench") / FILE).read_text("utf-8"), experiment)
