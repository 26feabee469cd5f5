"""``daskbench schedulers``."""

from typing import Any

import click
import msgspec

from daskbench import environment
from daskbench.cli import benchmark_options, options
from daskbench.cli.commands.run import shipped_suites
from daskbench.cli.session import carry_out
from daskbench.config import make_suite
from daskbench.model import DECIDE

EPILOG = """\b
Examples:
  daskbench schedulers --n 100000 --tasks 100
  daskbench schedulers --schedulers numpy,threads --workers 1,2,4 --rng generator
  daskbench schedulers --n 1e4,1e5,1e6 --schedulers numpy,distributed --csv sizes.csv
  daskbench schedulers --schedulers synchronous,default,default-cluster,distributed-inproc
  daskbench schedulers --address tcp://127.0.0.1:8786 --schedulers numpy,distributed

A list of values measures every combination. Ratios are to numpy, or else to
synchronous, from rounds that measured both."""


@click.command(epilog=EPILOG)
@benchmark_options.parameter_options("calc_mean")
@options.key_options()
@options.measure_options
def command(run_options: options.RunOptions, **values: Any) -> None:
    """Compare NumPy and Dask's schedulers on calc_mean.

    calc_mean computes the mean of N normally distributed random numbers, TASKS times: in a plain
    NumPy loop, and on each of Dask's schedulers.
    """
    suite = make_suite(
        "schedulers", "calc_mean", options.given(values), environment.cores, decide=DECIDE
    )
    if len({case.what for case in suite.cases}) == 1:
        published = shipped_suites().published("calc_mean", suite.cases[0].parameters)
        suite = msgspec.structs.replace(suite, published=published)
    click.get_current_context().exit(carry_out((suite,), "schedulers", run_options))
