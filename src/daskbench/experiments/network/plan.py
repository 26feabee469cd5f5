"""Turn values into a suite of messages of some sizes between the workers of a cluster."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from daskbench.benchmarks.network.network import ECHOED, MOST_WORKERS, read_size
from daskbench.config import HOW, WHERE, Key, make_suite
from daskbench.config.kinds import Here
from daskbench.config.values import list_of, read_few
from daskbench.errors import UsageError
from daskbench.lane.deploy import is_queue
from daskbench.model import Case, Experiment, Suite
from daskbench.stats.tables import lanes_of
from daskbench.units import parse_bytes

KIND = "network"
BENCHMARK = "network"
_ROUNDS, _SMALL, _LARGE = 10, "1B", "8MiB"
_FEWEST = 2

KEYS = {
    "sizes": Key(
        list_of(read_size),
        "SIZE,...",
        "Sizes of the messages: the smallest (at most 1KiB) gives the latency, the largest "
        f"the bandwidth. [{_SMALL},{_LARGE}]",
    ),
    **{name: key for name, key in WHERE.items() if name != "schedulers"},
    "workers": replace(
        WHERE["workers"],
        help="Number of workers. [all of an existing cluster; otherwise 2, or one per core if that "
        "is more]",
    ),
    "rounds": Key(
        read_few, "N", f"Rounds, each of which visits every pair once with each size. [{_ROUNDS}]"
    ),
    "launches": HOW["launches"],
    "budget": replace(HOW["budget"], help="Stop after the round that exceeds this time. [none]"),
    "warmup": HOW["warmup"],
    "timeout": HOW["timeout"],
    "wait-for-workers": HOW["wait-for-workers"],
    "queue-timeout": HOW["queue-timeout"],
}


def make(name: str, benchmark: str, values: Mapping[str, Any], here: Here) -> Suite:
    """Return the suite, which has a case for each size. Raises UsageError without pairs."""
    chosen: dict[str, Any] = {"rounds": _ROUNDS, "min-time": 1e-3, "hardware": False, **values}
    chosen["size"] = _sizes(chosen.pop("sizes", (_SMALL, _LARGE)))
    chosen["schedulers"] = ("distributed",)
    suite = make_suite(name, benchmark, chosen, here.cores, KIND)
    if "workers" not in values and (count := _default_workers(suite, here.cores())):
        suite = make_suite(name, benchmark, {**chosen, "workers": (count,)}, here.cores, KIND)
    _check_workers([case.workers for case in suite.cases if case.workers])
    suite = msgspec.structs.replace(suite, shares_lanes=True, race=False)
    single = len(lanes_of(suite, suite.cases)) == 1
    return msgspec.structs.replace(
        suite,
        in_turns=None if single else suite.in_turns,
        experiment=Experiment(KIND),
    )


def _check_workers(counts: Sequence[int]) -> None:
    """Raise UsageError for numbers of workers that have no pair, or too many."""
    for count in counts:
        if count < _FEWEST:
            raise UsageError(f"--workers {count} has no pair of workers; use {_FEWEST} or more")
        if count > MOST_WORKERS:
            raise UsageError(f"--workers {count} has {count**2:,} pairs; use up to {MOST_WORKERS}")


def _sizes(sizes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sizes in order, with one that tells the latency."""
    ordered = sorted(sizes, key=parse_bytes)
    return tuple(ordered) if parse_bytes(ordered[0]) <= ECHOED else (_SMALL, *ordered)


def _default_workers(suite: Suite, cores: int) -> int | None:
    """Return how many workers to start; None where all that are there are used."""
    cluster = suite.cluster
    if not cluster.name:
        return min(max(_FEWEST, cores), MOST_WORKERS)
    return _FEWEST if is_queue(cluster.kind) else None


def size_of(case: Case) -> int:
    """Return the size of the messages of a case, in bytes."""
    return parse_bytes(str(case.parameters["size"]))
