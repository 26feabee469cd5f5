"""The rows of a suite whose schedulers, or numbers of workers, are not named."""

from collections.abc import Callable, Mapping
from typing import Any

from daskbench.asking import subject
from daskbench.config.keys import THRESHOLDS
from daskbench.lane.schedulers import SCHEDULERS, USUAL, processes_of_cluster

#: Where a work is measured, with one worker per core. Dask's own defaults are among them.
_FEW = (
    "numpy",
    "synchronous",
    "default",
    "threads",
    "processes",
    "distributed",
    "distributed-inproc",
    "default-cluster",
)
#: With any of these, `distributed` differs from ``LocalCluster()`` as it comes.
_OF_WORKERS = {
    *("address", "scheduler-file", "cluster", "threads-per-worker", "memory-limit"),
    *THRESHOLDS,
}


def default_schedulers(
    benchmark: str, values: Mapping[str, Any], cores: Callable[[], int]
) -> tuple[str, ...]:
    """Return the schedulers to measure if none are named: NumPy only with a plain version."""
    traits = subject(benchmark).traits
    if values.get("as-is"):  # then it chooses itself
        return ("default",)
    left_out = set() if traits.scaling else _repeated(values, cores())
    if not (traits.plain or "plain" in values):
        left_out |= {name for name, kind in SCHEDULERS.items() if kind.is_plain}
    return tuple(name for name in (USUAL if traits.scaling else _FEW) if name not in left_out)


def default_workers(benchmark: str, cores: int) -> tuple[int, ...]:
    """Return the numbers of workers if none are given."""
    return (*dict.fromkeys((1, cores)),) if subject(benchmark).traits.scaling else (cores,)


def _repeated(values: Mapping[str, Any], cores: int) -> set[str]:
    """Return the schedulers whose rows would repeat another.

    With a worker per core, Dask's default for a collection is `threads` or `processes`, and up to
    four cores ``LocalCluster()`` is `distributed`. The default is the row, unless ``--workers``
    makes it one of a series.
    """
    is_cluster = processes_of_cluster(cores) == cores and not _OF_WORKERS & values.keys()
    if "workers" not in values:
        return {"threads", *(["distributed"] if is_cluster else [])}
    if cores not in values["workers"]:
        return set()
    return {"default", *(["default-cluster"] if is_cluster else [])}
