"""``daskbench memory``."""

from typing import Any

import click

from daskbench import environment
from daskbench.cli import options
from daskbench.cli.session import carry_out
from daskbench.cli.svd import DISTRIBUTED
from daskbench.config import make_suite

EPILOG = """\b
Examples:
  daskbench memory --memory-limit 1GiB
  daskbench memory --shape 5e5x100 --memory-limit 400MiB --timeline timeline.csv --events events.csv
  daskbench memory --memory-limit 1GiB --target off --spill 0.5 --pause 0.9
  daskbench memory --benchmark svd-compressed --shape 5000x5000 --chunks 1000x1000
  daskbench memory --benchmark calc_mean --help"""


#: What this command has other defaults for, and how its help tells them.
KEYS = {
    name: DISTRIBUTED[name].with_default(default)
    for name, default in (
        ("workers", "the number of usable cores"),
        ("rounds", "1"),
        ("warmup", "0; none at all"),
        ("hardware", "off"),
    )
}
DEFAULTS = {name: {"compute": "usv"} for name in ("svd", "svd_compressed")}


@click.command(cls=options.BenchmarkCommand, defaults=DEFAULTS, epilog=EPILOG)
@options.benchmark_option("svd")
@options.key_options(DISTRIBUTED | KEYS)
@options.measure_options
def command(benchmark: str, wishes: options.Wishes, **values: Any) -> None:
    """Show what each worker holds over time, against the four thresholds of its limit.

    One sample, without warm-up, of the lesson's SVD with u, s and v, unless told otherwise. Each
    heartbeat of a worker gives a reading: process, managed, unmanaged, unmanaged recent, spilled.
    """
    defaults: dict[str, Any] = {
        **{name: (value,) for name, value in DEFAULTS.get(benchmark, {}).items()},
        "schedulers": ("distributed",),
        "workers": (environment.cores(),),
        "rounds": 1,
        "warmup": 0,
        "hardware": False,
        "memory": True,
    }
    given = options.given(values)
    if "address" in given or "scheduler-file" in given:
        del defaults["workers"]  # that cluster is used whole
    suite = make_suite("memory", benchmark, defaults | given, environment.cores)
    click.get_current_context().exit(carry_out((suite,), "memory", wishes))
