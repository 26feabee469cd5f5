"""How a lane is told to open its case, and how long it may take."""

from typing import Any

import msgspec

from daskbench.keywords import merged
from daskbench.lane.deploy import is_queue
from daskbench.lane.protocol import Open
from daskbench.model import Case, Settings, Suite
from daskbench.processes.talk import TIMEOUT
from daskbench.stats.tables import has_shared_lanes, held_workers

#: A lane has at least this many seconds to start, whatever the timeout of a sample.
_LEAST_START_S = 60.0
#: How long jobs may wait in a queue by default.
QUEUE_S = 1800.0


def blas_threads(case: Case, settings: Settings) -> int | None:
    """Return the BLAS threads of a case; None leaves the library's default."""
    return case.blas_threads or settings.blas_threads


def command_of(
    case: Case, suite: Suite, seed: int, digest_key: str | None, number: int | None = None
) -> Open:
    """Return the command that opens a case, of that number if its lane has several."""
    settings = suite.settings
    return Open(
        number=number if has_shared_lanes(suite) else None,
        held=held_workers(suite),
        benchmark=case.benchmark,
        scheduler=case.scheduler,
        parameters=dict(case.parameters),
        seed=seed,
        workers=case.workers,
        threads_per_worker=case.threads_per_worker,
        memory_limit_bytes=case.memory_limit_bytes,
        thresholds=case.thresholds.given,
        blas_threads=blas_threads(case, settings),
        cluster=_cluster_of(case, suite),
        memory=settings.memory,
        memory_interval_s=settings.memory_interval_s,
        timeout_s=settings.timeout_s,
        wait_for_workers_s=settings.wait_for_workers_s,
        queue_timeout_s=_queue_s(suite) or None,
        slowdown=case.side.slowdown,
        hardware=settings.hardware,
        digest_key=digest_key,
        work=msgspec.to_builtins(case.work),
    )


def _cluster_of(case: Case, suite: Suite) -> dict[str, Any]:
    """Return the cluster of a case, with the options of its side."""
    cluster: dict[str, Any] = msgspec.to_builtins(suite.cluster)
    if not case.side.cluster:
        return cluster
    options = merged(suite.cluster.options, case.side.cluster)
    return {**cluster, "kind": suite.cluster.kind or "local", "options": options}


def _queue_s(suite: Suite) -> float:
    """Return how long the workers of a suite's cluster may wait in a queue; 0 without one."""
    return (suite.settings.queue_timeout_s or QUEUE_S) if is_queue(suite.cluster.kind) else 0.0


def start_limit(suite: Suite) -> tuple[float, str]:
    """Return how many seconds a start may take, and what that limit is called."""
    settings = suite.settings
    least_s = _LEAST_START_S + (settings.wait_for_workers_s or 0.0) + _queue_s(suite)
    if settings.timeout_s >= least_s:
        return settings.timeout_s, TIMEOUT
    return least_s, f"which every start has, also with a shorter {TIMEOUT}"
