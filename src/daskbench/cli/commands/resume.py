"""``daskbench resume``."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from daskbench import environment, interpreters, trust
from daskbench.asking import subject
from daskbench.cli import options
from daskbench.cli.gate import Gate, gate_options
from daskbench.cli.sameness import changes_since, check_trust
from daskbench.cli.session import resume
from daskbench.config import supply
from daskbench.errors import UsageError
from daskbench.journal.read import read_run
from daskbench.journal.run import Run
from daskbench.journal.store import LATEST, Store
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.secrecy import keyed

EPILOG = """\b
Examples:
  daskbench resume
  daskbench resume 20261123-101500
  daskbench resume latest --fail-if slower:5%    a run of 'daskbench ab'

A journal names interpreters, files with code, and clusters. These are used only if the journal was
written by you on this machine, or with --trust."""


def _secret_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for kind in ("config", "env"):
        for side in "BA":
            function = click.option(
                f"--{kind}-{side.lower()}",
                multiple=True,
                metavar="KEY=VALUE",
                help=f"Give {side} a value again that looked secret: the journal has its digest.",
            )(function)
    return function


@click.command(epilog=EPILOG)
@click.argument("run", default=LATEST)
@gate_options
@click.option(
    "--trust",
    "trusted",
    is_flag=True,
    help="Start what a journal from elsewhere names: interpreters, files with code, clusters.",
)
@_secret_options
@click.option("--no-progress", is_flag=True, help="Draw no progress on stderr.")
@options.format_option
@options.store_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    run: str,
    gate: Gate,
    trusted: bool,
    env_a: tuple[str, ...],
    env_b: tuple[str, ...],
    config_a: tuple[str, ...],
    config_b: tuple[str, ...],
    no_progress: bool,
    view: str,
    store: Path,
) -> None:
    """Go on with a run that was stopped: measure the samples that are missing.

    Lanes are started and warmed up anew. Where the machine, the versions, the configuration, the
    variables or the benchmark's code are not the same any more, the run is left as it is: samples
    of different works don't mix.
    """
    found = read_run(Store(store).find_or_file(run))
    if found.live:
        raise UsageError(f"{found.run_id} is being measured right now")
    if unknown := {case.scheduler for _, _, case in found.cases} - SCHEDULERS.keys():
        raise UsageError(f"{found.run_id} has a scheduler that is not known: {min(unknown)}")
    again = [n for n, suite, _ in found.cases if n in found.failures and not suite.trial]
    if found.status == "complete" and not again:
        raise UsageError(f"nothing is missing in {found.run_id}; see 'daskbench show'")
    if gate != Gate() and not found.plan.sides:
        raise UsageError(
            f"{found.run_id} has no sides to judge; resume it, then use 'daskbench compare'"
        )
    if not trusted:
        check_trust(found)
    for benchmark in dict.fromkeys(case.benchmark for _, _, case in found.cases):
        subject(benchmark)  # it raises UsageError where there is none
    elsewhere = environment.differences(found.environment, environment.describe())
    _refuse(found, elsewhere, "was measured elsewhere")
    digest = keyed(trust.digest_key())
    supply(found.plan.sides, (env_a, env_b), (config_a, config_b), digest)
    _refuse(found, [line for side in found.plan.sides for line in interpreters.changes(side)])
    _refuse(found, changes_since(found))
    ctx.exit(resume(found, options.RunOptions(store, view, progress=not no_progress, gate=gate)))


def _refuse(run: Run, changed: list[str], what: str = "is of something that has changed") -> None:
    """Raise UsageError where something is not as it was."""
    if changed:
        raise UsageError(f"{run.run_id} {what}: {'; '.join(changed)}; start a new run instead")
