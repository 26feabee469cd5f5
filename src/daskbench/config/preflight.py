"""Forecast the memory of a suite before it is run: what fits, what spills, what cannot run."""

from dataclasses import dataclass, replace

import msgspec

from daskbench.asking import subject
from daskbench.benchmarks.base import SHIPPED, Needs
from daskbench.lane.schedulers import SCHEDULERS, Kind
from daskbench.model import Case, Suite
from daskbench.units import format_bytes, format_limit

#: Memory of a process with Dask and NumPy before it has data: 95-130 MiB observed.
BASE_BYTES = 120 << 20
#: A machine counts as full at the fraction at which a nanny would end its worker.
_FULL = SHIPPED["terminate"]
#: Lanes together may hold this fraction of the machine's memory.
_TOGETHER = 0.8

FITS, SPILLS = "fits", "will spill to disk"
ABOVE = "above its limit, with spilling off"


@dataclass(frozen=True)
class Forecast:
    """The expected memory of one case, and the consequence.

    `number` is the case's index in its suite; `worker_bytes` is the expected peak of a worker, or
    of the lane if it has none; `limit_bytes` is its limit, None if unknown. `processes` are those
    of its lane.
    """

    number: int
    case: Case
    needs: Needs
    worker_bytes: int
    limit_bytes: int | None
    verdict: str
    skip: str | None = None
    processes: int = 1
    is_here: bool = True

    @property
    def on_workers(self) -> bool:
        """Whether Dask's workers hold the data."""
        return SCHEDULERS[self.case.scheduler].spills

    @property
    def fullness(self) -> float:
        """The fraction of its limit that a worker needs."""
        return self.worker_bytes / self.limit_bytes if self.limit_bytes else 0.0


def forecasts_of(suite: Suite, cores: int, memory_bytes: int) -> list[Forecast]:
    """Return a forecast for each case whose benchmark declares its needs."""
    found = []
    for number, case in enumerate(suite.cases):
        if needs := _needs_of(case, cores):
            known = not (suite.cluster.name and SCHEDULERS[case.scheduler].takes_cluster)
            memory = memory_bytes if known else None
            one = _forecast(number, case, needs, cores, memory)
            found.append(replace(one, processes=_processes(case, cores), is_here=known))
    return found


def _needs_of(case: Case, cores: int) -> Needs | None:
    kind = SCHEDULERS[case.scheduler]
    in_numpy = kind.is_plain
    threads = cores if kind.own_workers else (case.workers or 1) * (case.threads_per_worker or 1)
    return subject(case.benchmark).needs(case.parameters, in_numpy=in_numpy, threads=threads)


def _forecast(number: int, case: Case, needs: Needs, cores: int, memory: int | None) -> Forecast:
    kind = SCHEDULERS[case.scheduler]
    if not kind.spills:  # all processes of a lane share the machine's memory
        expected = BASE_BYTES + needs.peak_bytes
        if memory is not None and expected > _FULL * memory:
            reason = (
                f"would need {format_bytes(expected)}, but the machine has {format_bytes(memory)}"
            )
            return Forecast(number, case, needs, expected, memory, "cannot hold it", reason)
        return Forecast(number, case, needs, expected, memory, FITS)
    workers, threads = _workers(kind, case, cores)
    together = workers if kind.shares_process else 1  # each of them sees the memory of all
    expected = BASE_BYTES + needs.peak_bytes * together // workers
    limit = case.memory_limit_bytes
    if memory is not None and not limit:
        # distributed.worker_memory.parse_memory_limit: "auto" is the threads' share of the machine
        limit = round(memory * min(1, threads / cores))
    if not limit:
        return Forecast(number, case, needs, expected, None, "the cluster's limit is unknown")
    least = BASE_BYTES + together * threads * needs.task_bytes
    most = (case.thresholds.terminate or SHIPPED["terminate"]) * limit
    if least > (_FULL * memory if kind.shares_process and memory else most):
        reason = (
            f"a worker of {format_bytes(limit)} cannot hold one task per thread, which takes about "
            f"{format_bytes(least)}; use smaller chunks or a larger --memory-limit"
        )
        return Forecast(number, case, needs, expected, limit, "cannot hold one task", reason)
    return Forecast(number, case, needs, expected, limit, _verdict(case, expected, limit))


def _processes(case: Case, cores: int) -> int:
    kind = SCHEDULERS[case.scheduler]
    chosen = kind.own_workers(cores) if kind.own_workers else 0
    return 1 + (case.workers or chosen) if kind.starts_processes else 1


def _workers(kind: Kind, case: Case, cores: int) -> tuple[int, int]:
    """Return the workers of a case, and the threads of each."""
    if not kind.own_workers:
        return case.workers or 1, case.threads_per_worker or 1
    workers = kind.own_workers(cores)
    return workers, cores // workers


def _verdict(case: Case, expected: int, limit: int) -> str:
    """Return what will happen to a worker that is expected to hold this much."""
    parts = SHIPPED | case.thresholds.given
    target, spill = parts["target"], parts["spill"]
    managed = expected - BASE_BYTES
    if (spill and expected > spill * limit) or (target and managed > target * limit):
        return SPILLS
    return FITS if expected <= limit else ABOVE


def fit(suite: Suite, forecasts: list[Forecast], memory_bytes: int, *, force: bool) -> Suite:
    """Return the suite with cases that cannot run marked as skipped, in turns if it must be.

    With `force` nothing is skipped; nor is it in a search, which tries limits that may fail, one
    lane at a time.
    """
    if suite.trial:
        return suite
    skips = {} if force else {found.number: found.skip for found in forecasts if found.skip}
    cases = tuple(
        msgspec.structs.replace(case, skip=skips.get(number))
        for number, case in enumerate(suite.cases)
    )
    running = [
        found
        for found in forecasts
        if found.is_here and found.number not in skips and found.limit_bytes
    ]
    kept = sum(found.needs.kept_bytes for found in running)
    worst = max((found.needs.peak_bytes - found.needs.kept_bytes for found in running), default=0)
    together = kept + worst + BASE_BYTES * sum(found.processes for found in running)
    in_turns = suite.in_turns
    if kept and len(running) > 1 and together > _TOGETHER * memory_bytes:
        in_turns = (
            f"lanes run one at a time: together they would hold {format_bytes(together)} of "
            f"{format_bytes(memory_bytes)}"
        )
    return msgspec.structs.replace(suite, cases=cases, in_turns=in_turns)


def describe(found: Forecast) -> str:
    """Describe a forecast in one line."""
    needs = found.needs
    parts = [f"X is {format_bytes(needs.data_bytes)}"]
    if not SCHEDULERS[found.case.scheduler].is_plain:
        parts[0] += f" in chunks of {format_bytes(needs.chunk_bytes)}"
        tasks = subject(found.case.benchmark).tasks(found.case.parameters)
        parts += [f"{tasks:,} tasks"] if tasks is not None else []
    limit = f" of {format_limit(found.limit_bytes)}" if found.limit_bytes else ""
    each = " per worker" if found.on_workers else ""
    parts.append(f"about {format_bytes(found.worker_bytes)}{limit}{each}: {found.verdict}")
    return ", ".join(parts)
