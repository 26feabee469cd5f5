"""Schedulers that are mostly overhead: by accounts, or else beside a row of the same work."""

from collections.abc import Iterator

from daskbench.account import Cause
from daskbench.benchmarks import known
from daskbench.document import Said
from daskbench.document.accounts import NAMES
from daskbench.document.writers import whole_percent
from daskbench.experiments.compare.shared import (
    DOMINATES,
    MEASURE,
    accounts_in,
    serial_row,
    unaccounted,
)
from daskbench.findings.advice import is_of_tasks
from daskbench.journal.run import Run
from daskbench.stats.accounts import CaseAccount
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.results import Result
from daskbench.stats.tables import is_numpy
from daskbench.units import counted, format_seconds

#: Overhead per task shows in tasks so many times as large.
_LARGER = 10
#: Schedulers with a persistent pool, so that their overhead is per task.
_LASTING = ("threads", "processes-warm", "distributed", "distributed-inproc")
#: What Dask does for tasks, rather than tasks themselves.
_OF_DASK: tuple[Cause, ...] = ("graph", "submitting", "scheduling", "moving", "gathering")
#: A part that is less of the whole is not named.
_WORTH = 0.05


def overhead(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """A scheduler that takes most of a row's core-seconds, or twice as long for the same work.

    The first by its account. Of a row without one only the times are known: it is reported if NumPy
    is known to make the same number of calls of the same functions (elsewhere its calls may do
    other work), or if the synchronous scheduler runs the same tasks. Then no cause is named, only
    how to find it.
    """
    for table in tables:
        yield from (_of_account(one) for one in accounts_in(run, table) if _dominates(one))
        base = serial_row(table)
        if not base or not base.summary or not base.proof.tasks_run or base.case.blas_threads:
            continue  # with more threads than the others it is faster for that reason alone
        for row in unaccounted(run, table):
            if not _is_same_work(row, base) or row.threads != 1:
                continue
            if row.case.scheduler not in _LASTING or not row.summary:
                continue
            added = row.summary.median_s - base.summary.median_s
            tasks, ratio = row.loop_tasks, row.comparison.ratio
            certain = ratio is not None and (ratio.low or 0.0) > 1 / DOMINATES
            if certain and tasks:
                yield _of_times(row, base, added, tasks)


def _dominates(one: CaseAccount) -> bool:
    """Whether the tasks are known, and Dask takes most of their core-seconds."""
    return bool(one.tasks) and sum(map(one.share, _OF_DASK)) > DOMINATES


def _of_account(one: CaseAccount) -> Said:
    """Return how much of a row is Dask's, in which parts, and for each task."""
    share = whole_percent(sum(map(one.share, _OF_DASK)))
    parts = sorted(_OF_DASK, key=one.share, reverse=True)
    told = [f"{NAMES[c]} {whole_percent(one.share(c))}" for c in parts if one.share(c) > _WORTH]
    each_s = sum(one.causes[cause] for cause in _OF_DASK) / one.tasks
    by_tasks = is_of_tasks(one, parts[0])
    options = _larger(one.result) if by_tasks else ""
    try_it = f"; {options} makes tasks {_LARGER} times as large" if options else ""
    each = f", {format_seconds(each_s)} of a core per task" if by_tasks else ""
    return Said(
        f"{one.label}: {share} of its core-seconds is overhead ({', '.join(told)}){each}{try_it}",
        f"{one.label}: {share} is overhead{f'; try {options}' if options else ''}",
    )


def _is_same_work(row: Result, base: Result) -> bool:
    if is_numpy(base.case):
        return known(row.case.benchmark).same_calls
    return row.case.parameters == base.case.parameters


def _of_times(row: Result, base: Result, added_s: float, tasks: float) -> Said:
    """Return how much longer a row takes, and how to find out whether that is per task."""
    work = counted(round(tasks), "call" if is_numpy(base.case) else "task")
    added, each = format_seconds(added_s), f"{format_seconds(added_s / tasks)} per task"
    options = _larger(row)
    why = f"; try {options} to see whether the overhead is per task" if options else ""
    return Said(
        f"{row.label}: {added} more than {base.label} for the same {work}, {each}{why}; {MEASURE}",
        f"{row.label}: {each} more than {base.label}{f'; try {options}' if options else ''}",
    )


def _larger(row: Result) -> str:
    return known(row.case.benchmark).larger_tasks(row.case.parameters, _LARGER)
