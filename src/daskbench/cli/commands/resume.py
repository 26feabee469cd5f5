"""``daskbench resume``."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from daskbench import environment, interpreters, trust
from daskbench.asking import subject
from daskbench.cli import clusters, joining, options
from daskbench.cli.files import check_targets
from daskbench.cli.gate import Gate, gate_options
from daskbench.cli.sameness import changes_since, check_trust
from daskbench.cli.session import check_memory, resume
from daskbench.cli.views import View, view_options
from daskbench.config import supply
from daskbench.config.clusters import check_known
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
  daskbench resume latest --html report.html
  daskbench resume latest --fail-if slower:5%    a run of 'daskbench ab'

A journal names interpreters, code files and clusters. They are used only if you wrote the journal
on this machine, or with --trust."""


def _secret_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for kind in ("config", "env"):
        for side in "BA":
            function = click.option(
                f"--{kind}-{side.lower()}",
                multiple=True,
                metavar="KEY=VALUE",
                help=f"Supply again a value of {side} that looked secret: only a digest was kept.",
            )(function)
    return function


@click.command(epilog=EPILOG)
@click.argument("run", default=LATEST)
@gate_options
@click.option(
    "--trust",
    "trusted",
    is_flag=True,
    help="Use the interpreters, code files and clusters that a journal from elsewhere names.",
)
@_secret_options
@click.option("--no-progress", is_flag=True, help="Show no progress on stderr.")
@view_options
@options.file_options()
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
    view: View,
    force: bool,
    store: Path,
    **files: str | None,
) -> None:
    """Continue a run that was stopped: measure the samples that are missing.

    Lanes are restarted and warmed up again. If the machine, versions, configuration, environment
    variables or the benchmark's code have changed, the run is left as it is, because samples of
    different work must not be mixed.
    """
    check_targets(files, force=force)
    found = read_run(Store(store).find_or_file(run))
    if not trusted:
        check_trust(found)
    check_known(found.plan)
    joining.join(found.plan.suites)
    if found.live:
        raise UsageError(f"{found.run_id} is being measured right now")
    if unknown := {case.scheduler for _, _, case in found.cases} - SCHEDULERS.keys():
        raise UsageError(f"{found.run_id} uses an unknown scheduler: {min(unknown)}")
    again = [n for n, suite, _ in found.cases if n in found.failures and not suite.trial]
    if found.status == "complete" and not again:
        raise UsageError(f"{found.run_id} is complete; see 'daskbench show'")
    if gate != Gate() and not found.plan.sides:
        raise UsageError(
            f"{found.run_id} does not have two sides to compare; resume it, then use "
            "'daskbench compare'"
        )
    for benchmark in dict.fromkeys(case.benchmark for _, _, case in found.cases):
        subject(benchmark)  # raises UsageError if there is none
    elsewhere = environment.differences(found.environment, environment.describe())
    _refuse(found, elsewhere, "was measured in another environment")
    digest = keyed(trust.digest_key())
    supply(found.plan.sides, (env_a, env_b), (config_a, config_b), digest)
    _refuse(found, [line for side in found.plan.sides for line in interpreters.changes(side)])
    _refuse(found, changes_since(found))
    clusters.check(found.plan)
    check_memory(found.plan, files)
    progress = not no_progress
    ctx.exit(resume(found, options.RunOptions(store, view, files, force, progress, gate=gate)))


def _refuse(run: Run, changed: list[str], what: str = "can't be continued") -> None:
    """Raise UsageError if something has changed."""
    if changed:
        raise UsageError(f"{run.run_id} {what}: {'; '.join(changed)}; start a new run instead")
