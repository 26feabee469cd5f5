"""``daskbench overhead``."""

from typing import Any

import click

from daskbench.cli import benchmark_options, options
from daskbench.cli.here import HERE
from daskbench.cli.session import carry_out
from daskbench.experiments.overhead import EXPERIMENT
from daskbench.experiments.overhead.plan import DEFAULTS, GRAPHS

EPILOG = """\b
Examples:
  daskbench overhead                             five schedulers, about a minute
  daskbench overhead --schedulers threads,distributed --budget 20s
  daskbench overhead --tasks 1e2,1e3,1e4,1e5 --budget 10m    do costs grow with the graph?
  daskbench overhead --benchmark calc_mean --n 1e4            are its tasks large enough?
  daskbench overhead --benchmark pipeline.py:build --chunks 500
  daskbench overhead --efficiency 95% --workers 1,2,4
  daskbench overhead --address tcp://10.0.0.5:8786            an existing cluster
  daskbench overhead --dry-run

'daskbench doctor' also shows the result."""


@click.command(cls=benchmark_options.BenchmarkCommand, defaults=DEFAULTS, epilog=EPILOG)
@benchmark_options.benchmark_option(GRAPHS)
@options.key_options(EXPERIMENT.keys)
@options.measure_options
def command(run_options: options.RunOptions, benchmark: str, **values: Any) -> None:
    """Measure what a task costs on each scheduler, and how large tasks should be.

    Times graphs of known shape, whose tasks do nothing, use a known CPU time, or return a known
    number of bytes. Fits the cost of a graph, a task, a dependency, a step of a chain and a byte to
    these times, and shows how well that explains each graph. Reports the smallest task that is 90 %
    work and, with --benchmark, how much larger its tasks should be.
    """
    suite = EXPERIMENT.make("overhead", benchmark, options.given(values), HERE)
    click.get_current_context().exit(carry_out((suite,), "overhead", run_options))
