"""Turn values into a suite that crosses each memory threshold of a worker on purpose."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from daskbench.config import KEYS as EVERY
from daskbench.config import THRESHOLDS, make_suite
from daskbench.config.kinds import Here
from daskbench.model import Suite

KIND = "thresholds"
#: The defaults.
DEFAULTS: Mapping[str, Any] = {
    "schedulers": ("distributed",),
    "rounds": 1,
    "warmup": 0,
    "timeout": 60.0,
    "memory": True,
}
_HELP = {
    "memory-limit": "Memory limit of each worker, at least about 300MiB. [512MiB]",
    "rounds": "How often to cross each threshold. [1]",
    "timeout": "Fail a threshold check if it takes longer. [1m]",
}
#: The options of the command; a suite of benchmarks.toml accepts all keys.
KEYS = {name: THRESHOLDS[name] for name in ("target", "spill", "pause", "terminate")}
KEYS |= {name: replace(EVERY[name], help=text) for name, text in _HELP.items()}
KEYS |= {"wait-for-workers": EVERY["wait-for-workers"].with_default("10s")}


def make(name: str, benchmark: str, values: Mapping[str, Any], here: Here) -> Suite:
    """Return the suite; raises UsageError if the values contradict each other."""
    return make_suite(name, benchmark, {**DEFAULTS, **values}, here.cores, KIND)
