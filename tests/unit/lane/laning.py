"""What several tests of lane share."""

from types import SimpleNamespace

from daskbench.lane.probes.watch import TaskWatch
from daskbench.lane.protocol import Message

SMALL = {"n": 100, "tasks": 10}
OPEN: Message = {
    "op": "open",
    "benchmark": "calc_mean",
    "scheduler": "numpy",
    "parameters": SMALL | {"rng": "generator"},
    "seed": 1,
    "blas_threads": 1,
    "cluster": {},
}


def watched(*tasks: str) -> tuple[TaskWatch, SimpleNamespace]:
    """A watch, and a scheduler that knows these tasks."""
    watch = TaskWatch("ours")
    return watch, SimpleNamespace(plugins={watch.name: watch}, tasks=dict.fromkeys(tasks))
