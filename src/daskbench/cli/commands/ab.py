"""``daskbench ab``."""

import dataclasses
from collections.abc import Callable
from typing import Any

import click

from daskbench.cli import options
from daskbench.cli.gate import Gate, gate_options
from daskbench.cli.here import HERE
from daskbench.cli.session import carry_out
from daskbench.config.keys import KEYS as EVERY
from daskbench.errors import UsageError
from daskbench.experiments.ab import EXPERIMENT
from daskbench.experiments.ab.plan import ELSEWHERE, KEYS, SIDES

EPILOG = """\b
Examples:
  daskbench ab --python old/bin/python --python new/bin/python
  daskbench ab --python new/bin/python --schedulers threads,distributed --fail-if slower:5%
  daskbench ab --config-a distributed.scheduler.worker-saturation=1.1 \\
      --config-b distributed.scheduler.worker-saturation=inf --benchmark svd --shape 5e5x100
  daskbench ab --env-b MALLOC_ARENA_MAX=2 --benchmark svd --shape 2e5x100
  daskbench ab --python other/bin/python --benchmark mine.py:Mine

Every ratio is that of B to A, from rounds that measured both. The other interpreter needs dask,
NumPy and, for distributed, that; not daskbench, whose lanes take their code along."""


def _refuse(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is not None:
        raise UsageError(
            f"{param.opts[0]}: the workers of a cluster that is there have an environment of "
            "their own, so nothing would differ between A and B but the client"
        )


def _elsewhere_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Know the options of a cluster that is there, to say why they can't be had."""
    for name in ELSEWHERE:
        more: dict[str, Any] = {"hidden": True, "expose_value": False, "callback": _refuse}
        function = click.option(f"--{name}", help=EVERY[name].help, **more)(function)
    return function


def _side_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for name, key in reversed(SIDES.items()):
        more: dict[str, Any] = {"multiple": True, "metavar": key.metavar, "help": key.help}
        function = click.option(f"--{name}", **more)(function)
    return function


@click.command(cls=options.BenchmarkCommand, epilog=EPILOG)
@_side_options
@options.benchmark_option("calc_mean")
@gate_options
@options.key_options(KEYS)
@_elsewhere_options
@options.measure_options
def command(benchmark: str, run_options: options.RunOptions, gate: Gate, **values: Any) -> None:
    """Measure two environments side by side, in the same rounds.

    Two interpreters, say with two versions of Dask, or two sets of variables or of Dask's
    configuration: A and B. Each case has a lane in both, and the ratio is that of B to A.
    """
    suite = EXPERIMENT.make("ab", benchmark, options.given(values), HERE)
    run_options = dataclasses.replace(run_options, gate=gate)
    click.get_current_context().exit(carry_out((suite,), "ab", run_options))
