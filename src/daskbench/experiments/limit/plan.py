"""Turn values into a search: the memory limits to try, and the benchmark to try them with."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from daskbench.config import BASE_BYTES, HOW, THRESHOLDS, WORK, Key, make_suite
from daskbench.config.kinds import Here
from daskbench.config.values import list_of, percent_from, read_bytes, read_few, read_seconds
from daskbench.errors import UsageError
from daskbench.experiments.limit.search import most_trials
from daskbench.model import Suite
from daskbench.units import format_size

KIND = "limit"
#: The default benchmark: large enough to spill, small enough to take minutes.
DEFAULTS: Mapping[str, Mapping[str, Any]] = {"svd": {"shape": "200000x100", "compute": "usv"}}
#: Only this ends a trial in which a worker stays paused.
_TIMEOUT_S = 120.0
_STEP = 0.1
#: Limits closer together than this differ less than repeated runs at one limit.
_FINEST = 0.01
_MIB = 1 << 20
_ROUNDING = 1e-9
KEYS = {
    "from": Key(
        read_bytes, "SIZE", "Smallest limit to try. [120MiB, about what an empty worker takes]"
    ),
    "to": Key(read_bytes, "SIZE", "Largest limit to try. [a worker's share of the job's memory]"),
    "precision": Key(
        percent_from(_FINEST, "10%"), "PERCENT", "Step from one limit to the next. [10%]"
    ),
    "workers": Key(list_of(read_few), "N", "Workers of the cluster. [the number of usable cores]"),
    "threads-per-worker": Key(list_of(read_few), "N", "Threads of each. [1]"),
    **THRESHOLDS,
    "rounds": Key(read_few, "N", "Samples per limit; the worst one counts. [1]"),
    "timeout": Key(
        read_seconds,
        "TIME",
        "End a trial if a sample takes longer, for example because its workers stay paused. [2m]",
    ),
    "wait-for-workers": HOW["wait-for-workers"].with_default("10s"),
    "blas-threads": HOW["blas-threads"],
    **WORK,
}


def make(name: str, benchmark: str, values: Mapping[str, Any], here: Here) -> Suite:
    """Return the search for the smallest limit between ``from`` and ``to``.

    Raises UsageError if the values contradict each other, or the range is empty.
    """
    cores = here.cores()
    given: dict[str, Any] = {name: (value,) for name, value in DEFAULTS.get(benchmark, {}).items()}
    given |= values
    low, high, precision = (given.pop(name, None) for name in ("from", "to", "precision"))
    workers, threads = given.get("workers", (cores,)), given.get("threads-per-worker", (1,))
    share = share_of_a_worker(here.memory_bytes(), workers[0], threads[0], cores)
    low = low or BASE_BYTES
    if high is None and share <= low:
        raise UsageError(
            f"a worker's share of the job's memory is {format_size(share)}, not above --from "
            f"{format_size(low)}; use fewer --workers, or give --to"
        )
    limits = limits_between(low, high or share, precision or _STEP)
    return make_search(name, benchmark, given, limits, cores)


def make_search(
    name: str, benchmark: str, values: Mapping[str, Any], limits: Sequence[int], cores: int
) -> Suite:
    """Return the search for the smallest of these memory limits, from small to large.

    All other values must be single. Raises UsageError if they contradict each other.
    """
    fixed = {"schedulers": ("distributed",), "hardware": False, "memory": True, "warmup": 0}
    alone = {"workers": (cores,), "rounds": 1, "timeout": _TIMEOUT_S}
    chosen = alone | dict(values) | fixed | {"memory-limit": tuple(limits)}
    for key, value in values.items():
        if isinstance(value, tuple) and len(value) > 1:
            raise UsageError(f"--{key} has {len(value)} values; a search takes only one")
    suite = make_suite(name, benchmark, chosen, lambda: cores, KIND)
    return msgspec.structs.replace(suite, race=False, trial=True)


def limits_between(low: int, high: int, precision: float) -> list[int]:
    """Return memory limits from `low` to `high`, each at most `precision` above the previous one.

    Those in between are whole MiB, so that displayed limits can be requested again. Raises
    UsageError.
    """
    if low >= high:
        raise UsageError(f"--from {format_size(low)} must be below --to {format_size(high)}")
    steps = math.ceil(math.log(high / low) / math.log1p(precision) - _ROUNDING)
    between = (low * (high / low) ** (step / steps) for step in range(1, steps))
    whole = {round(limit / _MIB) * _MIB for limit in between}
    return [low, *sorted(limit for limit in whole if low < limit < high), high]


def share_of_a_worker(memory_bytes: int, workers: int, threads: int, cores: int) -> int:
    """Return the largest limit of a worker: Dask's default, but never more than the machine has.

    It is whole MiB, so that the displayed limit can be requested again.

    Source: ``distributed.worker_memory.parse_memory_limit``.
    """
    share = int(memory_bytes * min(1, threads / cores, 1 / workers))
    return share // _MIB * _MIB or share


def extent(suite: Suite) -> str:
    """Describe the range of limits and the number of trials."""
    low, high = (format_size(suite.cases[i].memory_limit_bytes or 0) for i in (0, -1))
    count = len(suite.cases)
    return f"at most {most_trials(count)} trials of {count} limits, {low} to {high} per worker"
