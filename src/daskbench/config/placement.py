"""Benchmarks that define where they run: on their own workers, driven to their memory limit."""

from collections.abc import Collection

import msgspec

from daskbench.asking import Subject, subject
from daskbench.errors import UsageError
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import Case, Cluster, Suite, Thresholds
from daskbench.units import format_bytes

#: Why lanes of such a suite are never open at the same time.
ALONE = "lanes run one at a time, as each drives workers to their memory limit"
#: Memory of the lane itself, which is client and scheduler.
_LANE_BYTES = 150 << 20


def check_where(benchmark: str, schedulers: Collection[str], cluster: Cluster) -> None:
    """Raise UsageError unless it runs on workers that daskbench starts."""
    if cluster.name:
        raise UsageError(
            f"{benchmark} drives workers to their memory limit, so it starts its own and can't run "
            f"on {cluster.name}"
        )
    if not any(SCHEDULERS[name].takes_limit for name in schedulers):
        raise UsageError(f"{benchmark} runs only on distributed; add that to --schedulers")


def placed(asked_of: Subject, case: Case, limit: int | None, asked: Thresholds) -> Case:
    """Return the case on the workers that its benchmark requires, if it does."""
    place = asked_of.place(case.parameters, limit, asked.given)
    return msgspec.structs.replace(
        case,
        workers=place.workers,
        threads_per_worker=place.threads_per_worker,
        memory_limit_bytes=place.memory_limit_bytes,
        thresholds=msgspec.structs.replace(asked, **place.thresholds),
    )


def check_room(suite: Suite, available_bytes: int) -> None:
    """Raise UsageError if there is not enough memory to drive a suite's workers to their limits."""
    for case in suite.cases:
        if not subject(case.benchmark).traits.placed:
            continue
        workers, limit = case.workers or 1, case.memory_limit_bytes or 0
        if (needed := workers * limit + _LANE_BYTES) > available_bytes:
            raise UsageError(
                f"{case.what} needs up to {format_bytes(needed)} of memory "
                f"({workers} × {format_bytes(limit)}, client and scheduler), but only "
                f"{format_bytes(available_bytes)} is free: lower --memory-limit, or close other "
                "programs"
            )
