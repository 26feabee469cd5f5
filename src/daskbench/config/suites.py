"""Values, as their keys read them, to a suite of cases."""

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from daskbench.benchmarks import find_benchmark, make_benchmark
from daskbench.config.keys import HOW
from daskbench.errors import UsageError
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import Case, Cluster, Settings, Suite

Values = Mapping[str, Any]
#: More workers than this a core are a slip of the finger, which would bring the machine down.
_MOST_PER_CORE = 64


def make_suite(name: str, benchmark: str, values: Values, cores: Callable[[], int]) -> Suite:
    """Return the suite that these values, as read by their keys, ask for.

    Raises UsageError where they contradict each other.
    """
    cluster = _cluster(values)
    return Suite(
        name=name,
        cases=tuple(_cases(benchmark, values, cluster, cores)),
        settings=_settings(values),
        cluster=cluster,
        published=values.get("published", ()),
    )


def _settings(values: Values) -> Settings:
    fields = {"budget": "budget_s", "timeout": "timeout_s", "min-time": "min_time_s"}
    named = {fields.get(key, key.replace("-", "_")): values[key] for key in HOW if key in values}
    return Settings(**named)


def _cluster(values: Values) -> Cluster:
    keys = ("address", "scheduler-file", "tls-ca", "tls-cert", "tls-key")
    cluster = Cluster(**{key.replace("-", "_"): values[key] for key in keys if key in values})
    if cluster.address and cluster.scheduler_file:
        raise UsageError("--address and --scheduler-file both name a cluster; give one of them")
    if not cluster.name and (cluster.tls_ca or cluster.tls_cert or cluster.tls_key):
        raise UsageError("--tls-ca, --tls-cert and --tls-key need --address or --scheduler-file")
    return cluster


def _cases(
    benchmark: str, values: Values, cluster: Cluster, cores: Callable[[], int]
) -> Iterable[Case]:
    declared = find_benchmark(benchmark).parameters
    sweeps = [values.get(name, (parameter.default,)) for name, parameter in declared.items()]
    schedulers = values.get("schedulers", tuple(SCHEDULERS))
    if cluster.name and not any(SCHEDULERS[name].takes_cluster for name in schedulers):
        raise UsageError(f"{cluster.name} is only used by distributed; add it to --schedulers")
    for chosen in itertools.product(*sweeps):
        parameters = dict(zip(declared, chosen, strict=True))
        make_benchmark(benchmark, parameters, seed=0)  # it knows what does not go together
        for name in schedulers:
            for workers, threads in _sizes(name, values, cluster, cores):
                yield Case(benchmark, name, parameters, workers, threads)


def _sizes(
    name: str, values: Values, cluster: Cluster, cores: Callable[[], int]
) -> Iterable[tuple[int | None, int | None]]:
    """Return the workers and threads per worker with which a scheduler is measured."""
    kind = SCHEDULERS[name]
    if not kind.counts_workers:
        return [(None, None)]
    if cluster.name and kind.takes_cluster:
        return [(workers, None) for workers in values.get("workers", (None,))]
    workers = values.get("workers") or tuple(dict.fromkeys((1, cores())))
    if max(workers) > _MOST_PER_CORE * cores():
        raise UsageError(
            f"{max(workers)} workers are too many for {cores()} cores; "
            f"choose up to {_MOST_PER_CORE * cores()}"
        )
    threads = values.get("threads-per-worker", (1,)) if kind.takes_threads else (None,)
    return itertools.product(workers, threads)
