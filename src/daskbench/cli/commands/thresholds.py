"""``daskbench thresholds``."""

from typing import Any

import click

from daskbench.cli import benchmark_options, options
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

Exit code 1 if a threshold does not act as documented, or is not reached."""


@click.command(epilog=EPILOG)
@benchmark_options.parameter_options(NAME)
@options.key_options(KEYS)
@options.measure_options
def command(run_options: options.RunOptions, **values: Any) -> None:
    """Cross each memory threshold of a worker on purpose, and check what it does.

    Tests Dask's documentation on worker memory: tasks drive a worker over target, spill, pause
    and terminate, one at a time with the other thresholds off. They observe from inside at what
    fraction of its memory limit the worker acts, how long after crossing, and what happens then.
    Documented and observed behaviour are shown side by side.
    """
    suite = EXPERIMENT.make(NAME, NAME, options.given(values), HERE)
    click.get_current_context().exit(carry_out((suite,), NAME, run_options))
