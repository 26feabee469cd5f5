"""``daskbench limit``."""

from collections.abc import Callable
from typing import Any

import click

from daskbench.cli import benchmark_options, options
from daskbench.cli.here import HERE
from daskbench.cli.session import carry_out
from daskbench.errors import UsageError
from daskbench.experiments.limit import EXPERIMENT
from daskbench.experiments.limit.plan import DEFAULTS

_THERE = (
    "the workers of an existing cluster already have their limits; 'daskbench limit' starts its own"
)
#: Options of other commands that make no sense here, and why.
_REFUSED = {
    "schedulers": "only distributed has memory limits, so 'daskbench limit' always runs on it",
    "memory-limit": "set the limits to try with --from and --to",
    "address": _THERE,
    "scheduler-file": _THERE,
    "cluster": "it starts local clusters, whose memory limits it can choose",
}

EPILOG = """\b
Examples:
  daskbench limit                                svd of 200000x100 with vectors, 10% steps
  daskbench limit --from 150MiB --to 1GiB --precision 20%
  daskbench limit --shape 1e6x100 --method cholesky-qr2 --workers 2 --rounds 3
  daskbench limit --benchmark calc_mean --n 1e7 --tasks 20
  daskbench limit --benchmark mine.py:Total --help
  daskbench limit --spill off --target off       the memory it needs without spilling
  daskbench limit --dry-run

Exit codes: 0 all three limits were found; 1 one of them is above --to, or the benchmark failed for
a reason other than memory or time, which ends the search; 130 interrupted: 'daskbench resume'
continues the search."""


def _refused(function: Callable[..., Any]) -> Callable[..., Any]:
    """Accept options that this command does not have, to say why; they are hidden in the help."""

    def refuse(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
        name = str(param.name).replace("_", "-")
        if value is not None and (name, value) != ("schedulers", "distributed"):
            raise UsageError(f"--{name} is not an option of this command: {_REFUSED[name]}")

    for name, why in _REFUSED.items():
        function = click.option(
            f"--{name}",
            hidden=True,
            expose_value=False,
            callback=refuse,
            help=f"Refused: {why}.",
        )(function)
    return function


@click.command(cls=benchmark_options.BenchmarkCommand, defaults=DEFAULTS, epilog=EPILOG)
@benchmark_options.benchmark_option("svd")
@options.key_options(EXPERIMENT.keys)
@options.measure_options
@_refused
def command(run_options: options.RunOptions, benchmark: str, **values: Any) -> None:
    """Find the smallest memory limit per worker at which a benchmark still runs.

    Finds three limits by bisection over real runs, each on a new cluster: the smallest at which
    nothing spills to disk, at which no worker pauses, and at which the benchmark finishes. The
    table shows the time at each limit tried, which is the price of spilling.
    """
    suite = EXPERIMENT.make("limit", benchmark, options.given(values), HERE)
    click.get_current_context().exit(carry_out((suite,), "limit", run_options))
