"""``daskbench memory``."""

from typing import Any

import click

from daskbench.cli import benchmark_options, options
from daskbench.cli.here import HERE
from daskbench.cli.session import carry_out
from daskbench.experiments.memory import EXPERIMENT
from daskbench.experiments.memory.plan import DEFAULTS

EPILOG = """\b
Examples:
  daskbench memory --memory-limit 1GiB
  daskbench memory --shape 5e5x100 --memory-limit 400MiB --timeline timeline.csv --events events.csv
  daskbench memory --memory-limit 1GiB --target off --spill 0.5 --pause 0.9
  daskbench memory --benchmark svd-compressed --shape 5000x5000 --chunks 1000x1000
  daskbench memory --benchmark calc_mean --help"""


@click.command(cls=benchmark_options.BenchmarkCommand, defaults=DEFAULTS, epilog=EPILOG)
@benchmark_options.benchmark_option("svd")
@options.key_options(EXPERIMENT.keys)
@options.measure_options
def command(benchmark: str, run_options: options.RunOptions, **values: Any) -> None:
    """Show each worker's memory over time, against its four memory thresholds.

    By default takes one sample, without warm-up, of the lesson's SVD with u, s and v. Each
    heartbeat of a worker gives a reading: process, managed, unmanaged, unmanaged recent, spilled.
    """
    suite = EXPERIMENT.make("memory", benchmark, options.given(values), HERE)
    click.get_current_context().exit(carry_out((suite,), "memory", run_options))
