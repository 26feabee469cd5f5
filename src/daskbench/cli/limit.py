"""``daskbench limit``."""

from collections.abc import Callable
from typing import Any

import click

from daskbench import environment
from daskbench.cli import options
from daskbench.cli.session import carry_out
from daskbench.config import (
    BASE_BYTES,
    SEARCH,
    limits_between,
    make_search,
    share_of_a_worker,
)
from daskbench.errors import UsageError
from daskbench.units import format_size

#: What is searched with unless told otherwise: large enough to spill, small enough for minutes.
DEFAULTS = {"svd": {"shape": "200000x100", "compute": "usv"}}
_PRECISION = 0.1
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
@options.key_options(SEARCH)
@options.measure_options
@_refused
def command(wishes: options.Wishes, benchmark: str, **values: Any) -> None:
    """Find the smallest memory limit per worker at which a benchmark still runs.

    Three of them: without spilling to disk, without a worker being paused, and at all, by
    bisection on real runs, each on a cluster of its own. The table tells the time at each limit
    tried: the price of spilling.
    """
    cores = environment.cores()
    given: dict[str, Any] = {name: (value,) for name, value in DEFAULTS.get(benchmark, {}).items()}
    given |= options.given(values)
    low, high, precision = (given.pop(name, None) for name in ("from", "to", "precision"))
    workers, threads = given.get("workers", (cores,)), given.get("threads-per-worker", (1,))
    share = share_of_a_worker(environment.memory_bytes(), workers[0], threads[0], cores)
    low = low or BASE_BYTES
    if high is None and share <= low:
        raise UsageError(
            f"a worker's share of the machine is {format_size(share)}, not above --from "
            f"{format_size(low)}; use fewer --workers, or name --to"
        )
    limits = limits_between(low, high or share, precision or _PRECISION)
    suite = make_search("limit", benchmark, given, limits, cores)
    click.get_current_context().exit(carry_out((suite,), "limit", wishes))
