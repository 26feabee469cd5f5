"""Values to a suite that passes each threshold of a worker's memory on purpose."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from daskbench.config import KEYS as EVERY
from daskbench.config import THRESHOLDS, make_suite
from daskbench.config.kinds import Here
from daskbench.model import Suite

KIND = "thresholds"
#: What holds where nothing else is asked for.
DEFAULTS: Mapping[str, Any] = {
    "schedulers": ("distributed",),
    "rounds": 1,
    "warmup": 0,
    "timeout": 60.0,
    "memory": True,
}
_HELP = {
    "memory-limit": "Memory of each worker, at least about 300MiB. [512MiB]",
    "rounds": "Times that each threshold is passed. [1]",
    "timeout": "End the passing of a threshold when it takes longer. [1m]",
}
#: The options of the command; a suite of benchmarks.toml takes all keys.
KEYS = {name: THRESHOLDS[name] for name in ("target", "spill", "pause", "terminate")}
KEYS |= {name: replace(EVERY[name], help=text) for name, text in _HELP.items()}
KEYS |= {"wait-for-workers": EVERY["wait-for-workers"].with_default("10s")}


def make(name: str, benchmark: str, values: Mapping[str, Any], here: Here) -> Suite:
    """Return the suite; raises UsageError where the values contradict each other."""
    return make_suite(name, benchmark, {**DEFAULTS, **values}, here.cores, KIND)
