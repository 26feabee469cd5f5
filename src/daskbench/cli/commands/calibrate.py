"""``daskbench calibrate``."""

from typing import Any

import click

from daskbench.cli import benchmark_options, options
from daskbench.cli.here import HERE
from daskbench.cli.session import carry_out
from daskbench.experiments.calibration import EXPERIMENT
from daskbench.experiments.calibration.plan import DEFAULTS

EPILOG = """\b
Examples:
  daskbench calibrate                            calc_mean on threads, about 12 minutes
  daskbench calibrate --comparisons 5            a first look
  daskbench calibrate --schedulers distributed --slowdown 2%,5%
  daskbench calibrate --benchmark svd --shape 2e5x50 --chunks 5e4x50 --launches 10
  daskbench calibrate --dry-run

'daskbench doctor' also shows the result."""


@click.command(cls=benchmark_options.BenchmarkCommand, defaults=DEFAULTS, epilog=EPILOG)
@benchmark_options.benchmark_option("calc_mean")
@options.key_options(EXPERIMENT.keys)
@options.measure_options
def command(run_options: options.RunOptions, benchmark: str, **values: Any) -> None:
    """Measure how reliable verdicts are on this machine.

    Compares one case with itself repeatedly, as 'daskbench ab' does, to count false alarms; and
    with itself slowed down by a known amount, to count how often that is detected. Also estimates
    the smallest slowdown that can be detected in a given time. Each result has its interval.
    """
    suite = EXPERIMENT.make("calibrate", benchmark, options.given(values), HERE)
    click.get_current_context().exit(carry_out((suite,), "calibrate", run_options))
