"""``daskbench ab``."""

import dataclasses
from collections.abc import Callable
from typing import Any

import click
import msgspec

from daskbench.cli import benchmark_options, options
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
  daskbench ab --cluster-option-a protocol=tcp --cluster-option-b protocol=tls \\
      --benchmark svd --shape 2e5x100
  daskbench ab --cluster ssh --cluster-option hosts=head,node1,node2 \\
      --cluster-option-a interface=eth0 --cluster-option-b interface=ib0

Ratios are B/A, from rounds that measured both. The other interpreter needs dask and NumPy, and
distributed if that is measured; daskbench need not be installed there."""


def _refuse(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is not None:
        raise UsageError(
            f"{param.opts[0]}: the workers of an existing cluster have their own environment, "
            "so only the client would differ between A and B"
        )


def _elsewhere_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Accept the options for an existing cluster, to say why they are refused."""
    for name in ELSEWHERE:
        more: dict[str, Any] = {"hidden": True, "expose_value": False, "callback": _refuse}
        function = click.option(f"--{name}", help=EVERY[name].help, **more)(function)
    return function


def _side_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for name, key in reversed(SIDES.items()):
        more: dict[str, Any] = {"multiple": True, "metavar": key.metavar, "help": key.help}
        function = click.option(f"--{name}", **more)(function)
    return function


@click.command(cls=benchmark_options.BenchmarkCommand, epilog=EPILOG)
@_side_options
@benchmark_options.benchmark_option("calc_mean")
@gate_options
@options.key_options(KEYS)
@_elsewhere_options
@options.measure_options
def command(benchmark: str, run_options: options.RunOptions, gate: Gate, **values: Any) -> None:
    """Measure two environments side by side, in the same rounds.

    The environments A and B are two interpreters, for example with two versions of Dask, or two
    sets of environment variables, Dask configuration values, or options of a cluster. Each case
    runs in both, and the ratio is B/A.
    """
    suite = EXPERIMENT.make("ab", benchmark, options.given(values), HERE)
    settings = msgspec.structs.replace(suite.settings, margin=gate.margin, gate=gate.limit)
    suite = msgspec.structs.replace(suite, settings=settings)
    run_options = dataclasses.replace(run_options, gate=gate)
    click.get_current_context().exit(carry_out((suite,), "ab", run_options))
