"""Turn values into a suite that reads worker memory: one sample without warm-up, on distributed."""

from collections.abc import Mapping
from typing import Any

from daskbench.config import ANY as EVERY
from daskbench.config import make_suite
from daskbench.config.clusters import cluster_of
from daskbench.config.kinds import Here
from daskbench.model import Suite

KIND = "memory"
#: The default benchmark.
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    name: {"compute": "usv"} for name in ("svd", "svd_compressed")
}
#: Keys with other defaults here, and how the help describes these.
KEYS = EVERY | {
    name: EVERY[name].with_default(default)
    for name, default in (
        ("schedulers", "distributed"),
        ("workers", "the number of usable cores"),
        ("rounds", "1"),
        ("warmup", "0"),
        ("hardware", "off"),
    )
}


def make(name: str, benchmark: str, values: Mapping[str, Any], here: Here) -> Suite:
    """Return the suite; raises UsageError if the values contradict each other."""
    defaults: dict[str, Any] = {
        **{name: (value,) for name, value in DEFAULTS.get(benchmark, {}).items()},
        "schedulers": ("distributed",),
        "workers": (here.cores(),),
        "rounds": 1,
        "warmup": 0,
        "hardware": False,
        "memory": True,
    }
    if cluster_of(values).name:
        del defaults["workers"]  # all workers of a cluster elsewhere are used
    return make_suite(name, benchmark, {**defaults, **values}, here.cores, KIND)
