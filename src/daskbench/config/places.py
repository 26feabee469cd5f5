"""Benchmarks that say where they run: on workers of their own, which they take to their limit."""

from collections.abc import Collection

import msgspec

from daskbench.asking import Subject, subject
from daskbench.errors import UsageError
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import Case, Cluster, Suite, Thresholds
from daskbench.units import format_bytes

#: Why lanes of such a suite are never open together.
ALONE = "lanes open one at a time, as each drives workers to their memory limit"
#: What the lane itself takes, which is client and scheduler.
_LANE_BYTES = 150 << 20


def check_where(benchmark: str, schedulers: Collection[str], cluster: Cluster) -> None:
    """Refuse to run it anywhere but on workers that daskbench starts."""
    if cluster.name:
        raise UsageError(
            f"{benchmark} drives workers to their memory limit, so it starts its own: "
            f"it can't be run on {cluster.name}"
        )
    if not any(SCHEDULERS[name].takes_limit for name in schedulers):
        raise UsageError(f"{benchmark} runs on distributed alone; add it to --schedulers")


def placed(asked_of: Subject, case: Case, limit: int | None, asked: Thresholds) -> Case:
    """Return the case on the workers that its benchmark wants, whatever others run on."""
    place = asked_of.place(case.parameters, limit, asked.given)
    return msgspec.structs.replace(
        case,
        workers=place.workers,
        threads_per_worker=place.threads_per_worker,
        memory_limit_bytes=place.memory_limit_bytes,
        thresholds=msgspec.structs.replace(asked, **place.thresholds),
    )


def check_room(suite: Suite, available_bytes: int) -> None:
    """Refuse a suite whose workers are taken to their limits where the memory is not there."""
    for case in suite.cases:
        if not subject(case.benchmark).traits.placed:
            continue
        workers, limit = case.workers or 1, case.memory_limit_bytes or 0
        if (needed := workers * limit + _LANE_BYTES) > available_bytes:
            raise UsageError(
                f"{case.what} takes up to {format_bytes(needed)} of memory "
                f"({workers} × {format_bytes(limit)} and what drives them), and "
                f"{format_bytes(available_bytes)} are free here: lower --memory-limit, or close "
                "other programs"
            )
