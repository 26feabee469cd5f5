"""``daskbench limit``."""

from collections.abc import Callable
from typing import Any

import click

from daskbench.cli import options
from daskbench.cli.here import HERE
from daskbench.cli.session import carry_out
from daskbench.errors import UsageError
from daskbench.experiments.limit import EXPERIMENT
from daskbench.experiments.limit.plan import DEFAULTS

_THERE = (
    "the workers of a cluster that is already there have their limits already; "
    "'daskbench limit' starts its own"
)
#: Options of the other commands that make no sense here, and why.
_REFUSED = {
    "schedulers": "a memory limit is only for distributed, which 'daskbench limit' always runs on",
    "memory-limit": "the limits to try lie between --from and --to",
    "address": _THERE,
    "scheduler-file": _THERE,
}

EPILOG = """\b
Examples:
  daskbench limit                                svd of 200000x100 with vectors, 10% steps
  daskbench limit --from 150MiB --to 1GiB --precision 20%
  daskbench limit --shape 1e6x100 --method cholesky-qr2 --workers 2 --rounds 3
  daskbench limit --benchmark calc_mean --n 1e7 --tasks 20
  daskbench limit --benchmark mine.py:Total --help
  daskbench limit --spill off --target off       what it takes without spilling
  daskbench limit --dry-run

Exit codes: 0 all three limits were found, 1 one of them is above --to or the benchmark failed for
another reason than memory or time, which ends the search, 130 interrupted: 'daskbench
resume' goes on with the search."""


def _refused(function: Callable[..., Any]) -> Callable[..., Any]:
    """Take options that are not for this command, to say why in a line; no help shows them."""

    def refuse(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
        name = str(param.name).replace("_", "-")
        if value is not None and (name, value) != ("schedulers", "distributed"):
            raise UsageError(f"--{name} is not for this command: {_REFUSED[name]}")

    for name, why in _REFUSED.items():
        function = click.option(
            f"--{name}",
            hidden=True,
            expose_value=False,
            callback=refuse,
            help=f"Refused: {why}.",
        )(function)
    return function


@click.command(cls=options.BenchmarkCommand, defaults=DEFAULTS, epilog=EPILOG)
@options.benchmark_option("svd")
@options.key_options(EXPERIMENT.keys)
@options.measure_options
@_refused
def command(run_options: options.RunOptions, benchmark: str, **values: Any) -> None:
    """Find the smallest memory limit per worker at which a benchmark still runs.

    Three of them: without spilling to disk, without a worker being paused, and at all, by
    bisection on real runs, each on a cluster of its own. The table tells the time at each limit
    tried: the price of spilling.
    """
    suite = EXPERIMENT.make("limit", benchmark, options.given(values), HERE)
    click.get_current_context().exit(carry_out((suite,), "limit", run_options))
