"""Turn values, as parsed by their keys, into a suite of cases."""

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from daskbench.asking import subject
from daskbench.benchmarks.base import Traits
from daskbench.benchmarks.linalg.hardware import PROBES
from daskbench.config import clusters, comms
from daskbench.config.keys import HOW, THRESHOLDS, option_name
from daskbench.config.names import usable_parameters
from daskbench.config.placement import ALONE, check_where, placed
from daskbench.config.rows import default_schedulers, default_workers
from daskbench.config.work import work_of
from daskbench.errors import UsageError
from daskbench.lane.deploy import is_queue
from daskbench.lane.schedulers import SCHEDULERS, USUAL, Kind
from daskbench.model import FEWEST, Case, Cluster, Experiment, Settings, Suite, Thresholds
from daskbench.stats.tables import tables_of

Values = Mapping[str, Any]
#: More workers per core than this are a typing error, which would bring the machine down.
_MOST_PER_CORE = 64
#: Nobody reads a longer table, and each case is checked before it is measured.
_MOST_CASES = 10_000
PRECISION_BUDGET_S = 300.0
#: What sets the number of samples, or another rule for when there are enough.
ENOUGH = frozenset({"rounds", "launches", "precision"})
#: Keys whose fields have a unit in their names.
_TIMES = (
    *("budget", "timeout", "min-time", "memory-interval", "recent-to-old"),
    *("wait-for-workers", "queue-timeout"),
)


def make_suite(
    name: str,
    benchmark: str,
    values: Values,
    cores: Callable[[], int],
    kind: str = "",
    *,
    decide: Settings | None = None,
) -> Suite:
    """Return the suite for these values, as parsed by their keys.

    Its experiment is `kind`, or the one that the benchmark is made for. Unless the values set how
    long, it goes on until every row has a verdict, with the settings `decide`.

    Raises UsageError if the values contradict each other.
    """
    cluster = clusters.cluster_of(values)
    asked = subject(benchmark)
    parameters = usable_parameters(benchmark)
    if asked.traits.placed:
        check_where(benchmark, values.get("schedulers", USUAL), cluster)
    made = _cases(benchmark, values, cluster, cores)
    cases = [*itertools.islice(made, _MOST_CASES + 1)]
    if len(cases) > _MOST_CASES:
        raise UsageError(f"these lists make more than {_MOST_CASES:,} cases; choose fewer")
    if asked.traits.numpy_takes_all_cores and "blas-threads" not in values:
        cases = _with_all_cores(cases, cores)
    variants = tuple(name for name, parameter in parameters.items() if parameter.variant)
    if asked.traits.placed or ENOUGH & values.keys():
        decide = None
    settings = settings_for(values, decide and _deciding(decide, cases, variants))
    if asked.traits.near_hardware and settings.hardware and not cluster.name:
        cases += _hardware(cores())
    return Suite(
        name=name,
        cases=tuple(cases),
        settings=settings,
        cluster=cluster,
        published=values.get("published", ()),
        variants=variants,
        in_turns=ALONE if asked.traits.placed else clusters.in_turns(cluster, cases, settings),
        experiment=Experiment(_kind(asked.traits, kind)),
        race=not asked.traits.placed,
    )


def _kind(traits: Traits, asked: str) -> str:
    """Return the experiment; benchmarks with their own workers are made for just one."""
    return traits.experiment if traits.placed or not asked else asked


def _with_all_cores(cases: list[Case], cores: Callable[[], int]) -> list[Case]:
    """Give NumPy as many BLAS threads as the largest of the other cases has cores."""
    widths = [width for case in cases if (width := _width(case, cores))]
    threads = min(max(widths, default=cores()), cores())
    return [
        msgspec.structs.replace(case, blas_threads=threads)
        if SCHEDULERS[case.scheduler].is_plain
        else case
        for case in cases
    ]


def _width(case: Case, cores: Callable[[], int]) -> int | None:
    """Return on how many cores a case runs; None if that is unknown, and for NumPy."""
    kind = SCHEDULERS[case.scheduler]
    if kind.own_workers:
        return cores()
    if kind.is_plain or (kind.counts_workers and not case.workers):
        return None
    return (case.workers or 1) * (case.threads_per_worker or 1)


def _hardware(cores: int) -> list[Case]:
    """Return the cases that measure the speed of one core, and of all of them."""
    return [
        Case(
            "hardware",
            "numpy",
            {"probe": probe, "threads": threads},
            blas_threads=threads,
            reference=True,
        )
        for probe in PROBES
        for threads in dict.fromkeys((1, cores))
    ]


def _deciding(decide: Settings, cases: list[Case], variants: tuple[str, ...]) -> Settings | None:
    """Return the settings for these cases; None if one of them has no other to be compared with.

    A table with a single row to compare has no interval before round 5, so that is when a budget
    may end it (`daskbench.stats.sequence.least_units`).
    """
    suite = Suite("", tuple(cases), variants=variants)
    tables = tables_of((number, suite, case) for number, case in enumerate(cases))
    smallest = min((sum(not case.skip for _, _, case in table) for table in tables), default=0)
    if smallest < 2:
        return None
    rounds = max(decide.rounds, FEWEST if smallest == 2 else 0)
    return msgspec.structs.replace(decide, rounds=rounds)


def settings_for(values: Values, decide: Settings | None = None) -> Settings:
    """Return the settings that the values make, on top of `decide`."""
    given = _fields(HOW, values)
    settings = msgspec.structs.replace(decide or Settings(), **given)
    if settings.precision and not settings.budget_s:  # on a noisy machine it may never be reached
        settings = msgspec.structs.replace(settings, budget_s=PRECISION_BUDGET_S)
    return settings


def _fields(keys: Iterable[str], values: Values) -> dict[str, Any]:
    """Return the values of these keys under the names of a struct's fields."""
    return {
        key.replace("-", "_") + ("_s" if key in _TIMES else ""): values[key]
        for key in keys
        if key in values
    }


def _cases(
    benchmark: str, values: Values, cluster: Cluster, cores: Callable[[], int]
) -> Iterable[Case]:
    asked, declared = subject(benchmark), usable_parameters(benchmark)
    work = work_of(benchmark, values)
    sweeps = [
        values.get(option_name(name), parameter.defaults) for name, parameter in declared.items()
    ]
    schedulers = _schedulers(benchmark, values, cluster, cores)
    if (count := math.prod(map(len, sweeps)) * len(schedulers)) > _MOST_CASES:
        raise UsageError(f"these lists make {count:,} cases; choose up to {_MOST_CASES:,}")
    thresholds = Thresholds(**_fields(THRESHOLDS, values))
    # The variants do not affect NumPy: it is measured once, under the first of them.
    first = {name: values[0] for name, values in zip(declared, sweeps, strict=True)}
    derived = [n for n, p in declared.items() if p.derive and option_name(n) not in values]
    variants = {n: first[n] for n, p in declared.items() if p.variant and n not in derived}
    seen = set()
    for chosen in itertools.product(*sweeps):
        parameters = dict(zip(declared, chosen, strict=True))
        for derivable in derived:
            derive = declared[derivable].derive
            assert derive
            parameters[derivable] = derive(parameters)
        asked.check(parameters)  # raises UsageError if they contradict each other
        if asked.traits.placed:
            for limit in values.get("memory-limit", (None,)):
                yield placed(asked, Case(benchmark, "distributed", parameters), limit, thresholds)
            continue
        for name in schedulers:
            for size in _sizes(benchmark, name, values, cluster, cores):
                own = parameters | (variants if SCHEDULERS[name].is_plain else {})
                same = (name, tuple(own.items()), size)
                if same not in seen:
                    seen.add(same)
                    limits = _thresholds(name, values)
                    yield Case(benchmark, name, own, *size, thresholds=limits, work=work)


def _schedulers(
    benchmark: str, values: Values, cluster: Cluster, cores: Callable[[], int]
) -> tuple[str, ...]:
    """Return where to run; raises UsageError if other values do not apply there."""
    schedulers = values.get("schedulers") or default_schedulers(benchmark, values, cores)
    if cluster.name and not any(SCHEDULERS[name].takes_cluster for name in schedulers):
        raise UsageError(f"{cluster.name} is only used by distributed; add that to --schedulers")
    kinds = [SCHEDULERS[name] for name in schedulers]
    for key in (
        *("memory-limit", "memory", "memory-interval", "wait-for-workers"),
        *THRESHOLDS,
        *comms.KEYS,
    ):
        if values.get(key, False) is False or any(_applies(key, kind) for kind in kinds):
            continue  # 0 is a threshold that is off
        raise UsageError(f"--{key} applies only to distributed; add that to --schedulers")
    if "memory-interval" in values and not values.get("memory"):
        raise UsageError("--memory-interval needs --memory; add that")
    return schedulers


def _applies(key: str, kind: Kind) -> bool:
    """Whether an option about workers applies to a scheduler."""
    if key in THRESHOLDS:
        return kind.takes(key)
    if key in comms.KEYS:
        return kind.takes_cluster
    return kind.takes_limit if key == "memory-limit" else kind.spills


def _thresholds(name: str, values: Values) -> Thresholds:
    """Return the thresholds that were given, of those that a scheduler's workers have."""
    return Thresholds(**_fields(filter(SCHEDULERS[name].takes, THRESHOLDS), values))


def _sizes(
    benchmark: str, name: str, values: Values, cluster: Cluster, cores: Callable[[], int]
) -> Iterable[tuple[int | None, int | None, int | None]]:
    """Return the workers, threads and bytes per worker to measure a scheduler with."""
    kind = SCHEDULERS[name]
    if not kind.counts_workers:
        return [(None, None, None)]
    if cluster.name and kind.takes_cluster:
        return _sizes_elsewhere(values, cluster)
    alone = kind.shares_process and "workers" not in values
    workers = values.get("workers") or ((1,) if alone else default_workers(benchmark, cores()))
    if max(workers) > _MOST_PER_CORE * cores():
        raise UsageError(
            f"{max(workers)} workers are too many for {cores()} cores; "
            f"choose up to {_MOST_PER_CORE * cores()}"
        )
    each = values.get("threads-per-worker", (cores() if alone else 1,))
    threads = each if kind.takes_threads else (None,)
    limits = values.get("memory-limit", (None,)) if kind.takes_limit else (None,)
    return itertools.product(workers, threads, limits)


def _sizes_elsewhere(
    values: Values, cluster: Cluster
) -> Iterable[tuple[int | None, int | None, int | None]]:
    """Return the same for a cluster elsewhere: all its workers, or those that it starts itself."""
    one = (1,) if is_queue(cluster.kind) else (None,)
    workers = values.get("workers", one)
    if not cluster.kind:
        return [(count, None, None) for count in workers]
    each = values.get("threads-per-worker", (None,)), values.get("memory-limit", (None,))
    return itertools.product(workers, *each)
