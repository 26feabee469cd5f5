"""``daskbench resume``."""

from pathlib import Path

import click

from daskbench import environment, interpreters
from daskbench.cli import options
from daskbench.cli.gate import Gate, gate_options
from daskbench.cli.session import resume
from daskbench.errors import UsageError
from daskbench.journal.read import read_run
from daskbench.journal.store import LATEST, Store
from daskbench.lane.schedulers import SCHEDULERS

EPILOG = """\b
Examples:
  daskbench resume
  daskbench resume 20261123-101500
  daskbench resume latest --fail-if slower:5%    a run of 'daskbench ab'"""


@click.command(epilog=EPILOG)
@click.argument("run", default=LATEST)
@gate_options
@click.option("--no-progress", is_flag=True, help="Draw no progress on stderr.")
@options.format_option
@options.store_option
@click.pass_context
def command(
    ctx: click.Context, /, run: str, gate: Gate, no_progress: bool, view: str, store: Path
) -> None:
    """Go on with a run that was stopped: measure the samples that are missing.

    Lanes are started and warmed up anew. Where the machine or the versions are not the same any
    more, the run is left as it is: samples from different places don't mix.
    """
    found = read_run(Store(store).find_or_file(run))
    if found.live:
        raise UsageError(f"{found.run_id} is being measured right now")
    if unknown := {case.scheduler for _, _, case in found.cases} - SCHEDULERS.keys():
        raise UsageError(f"{found.run_id} has a scheduler that is not known: {min(unknown)}")
    again = [n for n, suite, _ in found.cases if n in found.failures and not suite.search]
    if found.status == "complete" and not again:
        raise UsageError(f"nothing is missing in {found.run_id}; see 'daskbench show'")
    changed = environment.differences(found.environment, environment.describe())
    changed += [change for side in found.plan.sides for change in interpreters.changes(side)]
    if changed:
        raise UsageError(
            f"{found.run_id} was measured elsewhere: {'; '.join(changed)}; start a new run instead"
        )
    if gate != Gate() and not found.plan.sides:
        raise UsageError(
            f"{found.run_id} has no sides to judge; resume it, then use 'daskbench compare'"
        )
    ctx.exit(resume(found, options.Wishes(store, view, progress=not no_progress, gate=gate)))
