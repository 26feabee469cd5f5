"""Why one scheduler is slower than another, if the samples show the reason.

Where there are accounts of core-seconds, these say more, and measured it.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import msgspec
import numpy as np

from daskbench.benchmarks import known
from daskbench.benchmarks.base import Lock
from daskbench.document import Said
from daskbench.findings.rules import SCHEDULING, Rule
from daskbench.journal.run import Run, Samples
from daskbench.model import Case, Scalar
from daskbench.stats.ratio import Ratio, paired_ratio
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.results import Result
from daskbench.stats.tables import is_numpy, is_serial
from daskbench.units import counted, format_seconds

#: Threads count as no speedup if the ratio to one thread is above the first, and proved to be
#: above the second: a noisy machine seldom proves the first, and idle cores show the rest.
_NO_SPEED_UP, _CERTAINLY = 0.9, 0.5
_DOMINATES = 0.5
#: Overhead per task shows in tasks so many times as large.
_LARGER = 10
_MOSTLY_WORK = 0.5
_ONE_CORE = 1.5
#: Schedulers with a persistent pool, so that their overhead is per task.
_LASTING = ("threads", "processes-warm", "distributed", "distributed-inproc")


def shared_lock(run: Run, tables: list[ResultTable]) -> Iterator[str | Said]:
    """Threads that wait for a lock that their tasks share.

    Reported if they are no faster than one thread (or than the baseline, if that was not measured),
    cores are idle, and most of the time is spent in the work. If published figures show the wait,
    it is reported whether it occurs here.
    """
    for table in _unaccounted(run, tables):
        rows = {row.lane.workers: row for row in table.results if row.case.scheduler == "threads"}
        base = _serial(table)
        single = rows.get(1) or base
        lock = _lock_of(single.case) if single else None
        if not (lock and single and base and single.summary and base.summary):
            continue
        stuck = [
            row
            for row in rows.values()
            if _is_mostly_work(base, row if single is base else single)
            and _is_stuck(run, row, single)
        ]
        if stuck:
            widest = max(stuck, key=lambda row: row.lane.workers or 0)
            cores = f"{_cores_used(run.samples[widest.number]):.1f} cores busy"
            yield Said(
                f"threads gave no speedup: {widest.lane.workers} of them kept {cores}"
                f"{_why(run, widest.case, lock)}",
                f"threads gave no speedup ({cores}): try {_without(lock)}, without a lock",
            )
        else:
            yield from _not_as_published(run, table, rows, single, lock)


def _unaccounted(run: Run, tables: list[ResultTable]) -> Iterator[ResultTable]:
    """Yield the tables without accounts."""
    for table in tables:
        if not any(row.number in run.accounts for row in table.results):
            yield table


def _lock_of(case: Case) -> Lock | None:
    lock = known(case.benchmark).lock
    return lock if lock and case.parameters.get(lock.parameter) == lock.held_with else None


def _is_mostly_work(base: Result, row: Result) -> bool:
    """Whether the baseline takes most of the time that a row takes."""
    if not (base.summary and row.summary):
        return False
    return base.summary.median_s > _MOSTLY_WORK * row.summary.median_s


def _why(run: Run, many: Case, lock: Lock) -> str:
    """Return what is known of the lock: a cause only if the case was measured without it."""
    ratio, option = _without_lock(run, many, lock), _without(lock)
    holds = f"{lock.holder} takes a process-wide lock"
    if ratio is None or ratio.high is None:
        return f"; {holds}: try {option}, which has none, to see whether that is the cause"
    without = f"with {option} they took {ratio.value:.2f} times as long as one"
    if ratio.high < _NO_SPEED_UP:
        return f", because {holds}: {without}"
    return f"; {holds}, but that is not shown to be the cause: {without}"


def _without(lock: Lock) -> str:
    """Return the option that does without a lock."""
    return f"--{lock.parameter} {lock.free_with}"


def _without_lock(run: Run, many: Case, lock: Lock) -> Ratio | None:
    """Return the ratio of the same threads to one without the lock, if both are in the run."""
    single = msgspec.structs.replace(many, workers=1)
    wanted = [_identity(case, {lock.parameter: lock.free_with}) for case in (many, single)]
    found = {}
    for number, suite, case in run.cases:
        if (identity := _identity(case)) in wanted:
            found[wanted.index(identity)] = number, suite
    if len(found) < len(wanted):
        return None
    (a, suite), (b, _) = found[0], found[1]
    return paired_ratio(run.samples[a], run.samples[b], suite.settings)


def _identity(
    case: Case, others: Mapping[str, Scalar] = MappingProxyType({})
) -> tuple[object, ...]:
    parameters = {**case.parameters, **others}
    return case.benchmark, case.scheduler, parameters, case.workers, case.threads_per_worker


def _not_as_published(
    run: Run, table: ResultTable, rows: Mapping[int | None, Result], single: Result, lock: Lock
) -> Iterator[str]:
    """Report that the published wait was not seen here, or can be neither shown nor ruled out."""
    published = {(one.scheduler, one.workers): one.mean_s for one in table.suite.published}
    one_s = published.get((single.case.scheduler, single.case.workers))
    for workers in sorted((count for count in rows if count and count > 1), reverse=True):
        many, many_s = rows[workers], published.get(("threads", workers))
        ratio = _paired(run, many, single)
        if one_s and many_s and ratio and many_s > _NO_SPEED_UP * one_s:
            cores = _cores_used(run.samples[many.number])
            found = (
                "was not seen here"
                if (ratio.high or _NO_SPEED_UP) < _NO_SPEED_UP and cores >= _ONE_CORE
                else "is neither shown nor ruled out here"
            )
            yield (
                f"{many.label}: {ratio.value:.2f} times the time of {single.label}, with "
                f"{cores:.1f} cores busy; published: {many_s / one_s:.2f}. Contention for the lock "
                f"of {lock.holder} {found}"
            )
            return


def _serial(table: ResultTable) -> Result | None:
    """Return the baseline, if it runs one task at a time: NumPy, or synchronous."""
    base = table.baseline
    return next((row for row in table.results if row.case == base and is_serial(base)), None)


def _paired(run: Run, a: Result, b: Result) -> Ratio | None:
    return paired_ratio(run.samples[a.number], run.samples[b.number], a.suite.settings)


def _is_stuck(run: Run, many: Result, single: Result) -> bool:
    workers, cores = many.lane.workers or 0, run.environment.get("cores", 0)
    ratio = _paired(run, many, single)
    if not 1 < workers <= cores or ratio is None:
        return False
    if ratio.value <= _NO_SPEED_UP or (ratio.low or 0.0) <= _CERTAINLY:
        return False
    return _cores_used(run.samples[many.number]) < _ONE_CORE


def _cores_used(samples: Samples) -> float:
    counted = samples.counted
    return float(np.nansum(samples["cpu_s"][counted]) / samples["wall_s"][counted].sum())


def pool_start(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """The process scheduler, if most of its time passes before its first task can end.

    The start of its pool is named as the cause only if a warm pool took that much less.
    """
    for table in _unaccounted(run, tables):
        base = _serial(table)
        rows = [row for row in table.results if row.case.scheduler == "processes" and row.summary]
        if not base or not base.summary or not base.proof.tasks_run:
            continue
        task_s = base.summary.mean_s * base.samples * (base.loops or 1) / base.proof.tasks_run
        shares = [(*_before_work(run, row, task_s), row) for row in rows]
        if shares:
            before, whole, row = max(shares, key=lambda share: share[0] / share[1])
            if before / whole > _DOMINATES:
                first = f"{format_seconds(before + task_s)} of {format_seconds(whole)}"
                part = f"{(before + task_s) / whole:.0%}"
                yield Said(
                    f"{row.label}: its first result came after {first} ({part})"
                    f"{_pool(run, table, row, before)}",
                    f"{row.label}: no result in its first {first}; see processes-warm",
                )


def _pool(run: Run, table: ResultTable, row: Result, before_s: float) -> str:
    """Return whether the start of the pool is the cause, judged by the row with a warm pool."""
    warm = next(
        (
            one
            for one in table.results
            if one.case.scheduler == "processes-warm"
            and one.lane.workers == row.lane.workers
            and one.summary
        ),
        None,
    )
    ratio = _paired(run, row, warm) if warm else None
    if ratio is None:
        return "; add processes-warm, which keeps its pool, to see whether starting it is the cause"
    seen = f"processes-warm, which keeps its pool, took {1 / ratio.value:.2g} times as long"
    if ratio.low is None or ratio.high is None:
        return f"; too few rounds to tell whether starting the pool is the cause ({seen})"
    whole_s = row.summary.median_s if row.summary else 0.0
    if whole_s * (1 - 1 / ratio.low) > _DOMINATES * before_s:
        return (
            ": Dask starts a new pool for each compute, whose processes import everything again "
            f"({seen}); dask.config.set(pool=...) keeps one"
        )
    return f"; starting the pool is not shown to be the cause ({seen})"


def _before_work(run: Run, row: Result, task_s: float) -> tuple[float, float]:
    """Return the median seconds before the first task began, and of the whole sample."""
    samples = run.samples[row.number]
    counted = samples.counted
    first = float(np.nan_to_num(np.median(samples["first_task_s"][counted])))
    return max(first - task_s, 0.0), float(np.median(samples["wall_s"][counted]))


def overhead(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """A scheduler that takes more than twice as long as the baseline for the same work.

    Only if NumPy is known to make the same number of calls of the same functions (elsewhere its
    calls may do other work), or if the synchronous scheduler runs the same tasks. Where the time
    goes is not measured, so no cause is named, only how to find it.
    """
    for table in _unaccounted(run, tables):
        base = _serial(table)
        if not base or not base.summary or not base.proof.tasks_run or base.case.blas_threads:
            continue  # with more threads than the others it is faster for that reason alone
        for row in table.results:
            if not _is_same_work(row, base) or row.threads != 1:
                continue
            if row.case.scheduler not in _LASTING or not row.summary:
                continue
            added = row.summary.median_s - base.summary.median_s
            tasks, ratio = row.loop_tasks, row.comparison.ratio
            certain = ratio is not None and (ratio.low or 0.0) > 1 / _DOMINATES
            if certain and tasks:
                yield _overhead(row, base, added, tasks)


def _is_same_work(row: Result, base: Result) -> bool:
    if is_numpy(base.case):
        return known(row.case.benchmark).same_calls
    return row.case.parameters == base.case.parameters


def _overhead(row: Result, base: Result, added_s: float, tasks: float) -> Said:
    """Return how much longer a row takes, and how to find out whether that is per task."""
    work = counted(round(tasks), "call" if is_numpy(base.case) else "task")
    added, each = format_seconds(added_s), f"{format_seconds(added_s / tasks)} per task"
    options = known(row.case.benchmark).larger_tasks(row.case.parameters, _LARGER)
    why = f"; try {options} to see whether the overhead is per task" if options else ""
    return Said(
        f"{row.label}: {added} more than {base.label} for the same {work}, {each}{why}",
        f"{row.label}: {each} more than {base.label}{f'; try {options}' if options else ''}",
    )


RULES = (
    Rule(shared_lock, per_table=True),
    Rule(pool_start, see=SCHEDULING),
    Rule(overhead, see=SCHEDULING),
)
