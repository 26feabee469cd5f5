"""``daskbench ab``."""

import dataclasses
from collections.abc import Callable
from typing import Any

import click
import msgspec

from daskbench import environment, interpreters
from daskbench.cli import options
from daskbench.cli.gate import Gate, gate_options
from daskbench.cli.say import say
from daskbench.cli.session import carry_out
from daskbench.cli.svd import DEFAULT, DISTRIBUTED
from daskbench.config import (
    check_shared,
    make_sides,
    make_suite,
    on_both,
)
from daskbench.errors import UsageError
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import VERDICT, Plan, Side, Suite, what_differs
from daskbench.stats.matching import comparable

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

_ELSEWHERE = ("address", "scheduler-file", "tls-ca", "tls-cert", "tls-key")
#: What the machine itself can do is the same on both sides.
KEYS = {name: key for name, key in DISTRIBUTED.items() if name not in (*_ELSEWHERE, "hardware")} | {
    "workers": DISTRIBUTED["workers"].with_default("the number of usable cores"),
    "launches": DISTRIBUTED["launches"].with_default(str(VERDICT.launches)),
    "rounds": DISTRIBUTED["rounds"].with_default(str(VERDICT.rounds)),
}


def _refuse(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is not None:
        raise UsageError(
            f"{param.opts[0]}: the workers of a cluster that is there have an environment of "
            "their own, so nothing would differ between A and B but the client"
        )


def _elsewhere_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Know the options of a cluster that is there, to say why they can't be had."""
    for name in _ELSEWHERE:
        more: dict[str, Any] = {"hidden": True, "expose_value": False, "callback": _refuse}
        function = click.option(f"--{name}", help=DISTRIBUTED[name].help, **more)(function)
    return function


def _side_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for kind, what in (
        ("config", "A value of Dask's configuration for the lanes and workers of"),
        ("env", "A variable of the environment of the lanes and workers of"),
    ):
        for side in "BA":
            function = click.option(
                f"--{kind}-{side.lower()}",
                multiple=True,
                metavar="KEY=VALUE",
                help=f"{what} {side}; may be repeated.",
            )(function)
    return click.option(
        "--python",
        "pythons",
        multiple=True,
        metavar="PATH",
        help="Interpreter of A, then of B; a single one is B's, and A has that of daskbench.",
    )(function)


@click.command(cls=options.BenchmarkCommand, epilog=EPILOG)
@_side_options
@options.benchmark_option("calc_mean")
@gate_options
@options.key_options(KEYS)
@_elsewhere_options
@options.measure_options
def command(
    benchmark: str,
    wishes: options.Wishes,
    gate: Gate,
    pythons: tuple[str, ...],
    env_a: tuple[str, ...],
    env_b: tuple[str, ...],
    config_a: tuple[str, ...],
    config_b: tuple[str, ...],
    **values: Any,
) -> None:
    """Measure two environments side by side, in the same rounds.

    Two interpreters, say with two versions of Dask, or two sets of variables or of Dask's
    configuration: A and B. Each case has a lane in both, and the ratio is that of B to A.
    """
    given = options.given(values)
    sides = make_sides(pythons, (env_a, env_b), (config_a, config_b))
    check_shared(sides, given)
    defaults = {
        "schedulers": DEFAULT,
        "workers": (environment.cores(),),
        "launches": VERDICT.launches,
        "rounds": VERDICT.rounds,
        "hardware": False,
    }
    suite = make_suite("ab", benchmark, defaults | given, environment.cores)
    suite = on_both(suite, [_looked_into(side, suite) for side in sides])
    if not comparable(Plan((suite,)).cases):
        raise UsageError(f"{benchmark} is no race, so there is nothing to compare between A and B")
    for line in what_differs(suite.sides):
        say(line, err=True)
    wishes = dataclasses.replace(wishes, gate=gate)
    click.get_current_context().exit(carry_out((suite,), "ab", wishes))


def _looked_into(side: Side, suite: Suite) -> Side:
    """Return a side with the versions that it has; raises UsageError where lanes can't run."""
    found = interpreters.look(side)
    clusters = any(SCHEDULERS[case.scheduler].takes_cluster for case in suite.cases)
    interpreters.check(side, found, needs_distributed=clusters)
    return msgspec.structs.replace(side, versions=found.versions)
