"""``daskbench thresholds``."""

from dataclasses import replace
from typing import Any

import click

from daskbench import environment
from daskbench.cli import options
from daskbench.cli.session import carry_out
from daskbench.config import KEYS, THRESHOLDS, make_suite

NAME = "thresholds"
_HELP = {
    "memory-limit": "Memory of each worker, at least about 300MiB. [512MiB]",
    "rounds": "Times that each threshold is passed. [1]",
    "timeout": "End the passing of a threshold when it takes longer. [1m]",
}
_THRESHOLDS = {name: THRESHOLDS[name] for name in ("target", "spill", "pause", "terminate")}
_KEYS = _THRESHOLDS | {name: replace(KEYS[name], help=text) for name, text in _HELP.items()}
_KEYS |= {"wait-for-workers": KEYS["wait-for-workers"].with_default("10s")}
#: What holds here where nothing else is asked for; the suite lesson-thresholds has it too.
DEFAULTS = {"rounds": 1, "warmup": 0, "timeout": 60.0, "memory": True}

EPILOG = """\b
Examples:
  daskbench thresholds
  daskbench thresholds --threshold pause,terminate --memory-limit 1GiB
  daskbench thresholds --threshold spill --spill 60% --target 50%
  daskbench thresholds --csv thresholds.csv

Exit code 1 where a threshold differs from what is documented, or is not reached."""


@click.command(epilog=EPILOG)
@options.parameter_options(NAME)
@options.key_options(_KEYS)
@options.measure_options
def command(wishes: options.Wishes, **values: Any) -> None:
    """Pass each threshold of a worker's memory, and see what follows.

    Dask's page on worker memory as an experiment: tasks drive a worker over target, spill, pause
    and terminate, one after the other with the other thresholds off, and watch from inside at
    what part of its memory limit it acts, how long after, and what follows; documented and
    observed stand side by side.
    """
    given = DEFAULTS | {"schedulers": ("distributed",)} | options.given(values)
    suite = make_suite(NAME, NAME, given, environment.cores)
    click.get_current_context().exit(carry_out((suite,), NAME, wishes))
