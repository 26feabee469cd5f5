"""``daskbench thresholds``."""

from typing import Any

import click

from daskbench.cli import options
from daskbench.cli.here import HERE
from daskbench.cli.session import carry_out
from daskbench.experiments.thresholds import EXPERIMENT
from daskbench.experiments.thresholds.plan import KEYS

NAME = "thresholds"

EPILOG = """\b
Examples:
  daskbench thresholds
  daskbench thresholds --threshold pause,terminate --memory-limit 1GiB
  daskbench thresholds --threshold spill --spill 60% --target 50%
  daskbench thresholds --csv thresholds.csv

Exit code 1 where a threshold differs from what is documented, or is not reached."""


@click.command(epilog=EPILOG)
@options.parameter_options(NAME)
@options.key_options(KEYS)
@options.measure_options
def command(run_options: options.RunOptions, **values: Any) -> None:
    """Pass each threshold of a worker's memory, and see what follows.

    Dask's page on worker memory as an experiment: tasks drive a worker over target, spill, pause
    and terminate, one after the other with the other thresholds off, and watch from inside at
    what part of its memory limit it acts, how long after, and what follows; documented and
    observed stand side by side.
    """
    suite = EXPERIMENT.make(NAME, NAME, options.given(values), HERE)
    click.get_current_context().exit(carry_out((suite,), NAME, run_options))
