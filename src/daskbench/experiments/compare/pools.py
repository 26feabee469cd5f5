"""Schedulers that start a pool at each compute: by accounts, or else as a hint."""

from collections.abc import Iterator

import numpy as np

from daskbench.document import Said
from daskbench.document.writers import digits, whole_percent
from daskbench.experiments.compare.shared import (
    DOMINATES,
    MEASURE,
    accounts_in,
    paired,
    serial_row,
    unaccounted,
)
from daskbench.findings.seen import seen
from daskbench.journal.run import Run
from daskbench.stats.accounts import CaseAccount
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.results import Result
from daskbench.units import format_seconds

#: Starting is told if it is this part of a row's core-seconds.
_STARTS = 0.25


def pool_start(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """Rows that start processes at each compute.

    An account says how much of the core-seconds that took. A row of the process scheduler without
    one is reported if most of its time passes before its first task can end.
    """
    for table in tables:
        accounts = accounts_in(run, table)
        starting = [one for one in accounts if one.share("starting") > _STARTS]
        if starting:
            yield _starting(max(starting, key=lambda one: one.share("starting")), accounts)
            continue
        base = serial_row(table)
        rows = [row for row in unaccounted(run, table) if row.case.scheduler == "processes"]
        if not base or not base.summary or not base.proof.tasks_run:
            continue
        task_s = base.summary.mean_s * base.samples * (base.loops or 1) / base.proof.tasks_run
        shares = [(*_before_work(run, row, task_s), row) for row in rows if row.summary]
        if shares:
            before, whole, row = max(shares, key=lambda share: share[0] / share[1])
            if before / whole > DOMINATES:
                yield _late(run, table, row, task_s)


def _starting(one: CaseAccount, accounts: list[CaseAccount]) -> Said:
    """Return how much of a row is the start of its processes, and what a row without took."""
    share, core_s = whole_percent(one.share("starting")), digits(one.causes["starting"])
    change = seen(one, "starting", accounts, accounts)
    told = f"{one.label}: {share} of its core-seconds is starting processes ({core_s} core-s)"
    return Said(
        f"{told}: Dask starts a new pool for each compute, and dask.config.set(pool=...) keeps one"
        + (f". {change}" if change else ""),
        f"{one.label}: {share} is starting processes; see processes-warm",
    )


def _late(run: Run, table: ResultTable, row: Result, task_s: float) -> Said:
    before, whole = _before_work(run, row, task_s)
    first = f"{format_seconds(before + task_s)} of {format_seconds(whole)}"
    part = f"{(before + task_s) / whole:.0%}"
    hint = _hint(run, table, row, before)
    return Said(
        f"{row.label}: its first result came after {first} ({part}){hint}",
        f"{row.label}: no result in its first {first}; see processes-warm",
    )


def _hint(run: Run, table: ResultTable, row: Result, before_s: float) -> str:
    """Return whether the start of the pool may be the cause, by the row with a warm pool."""
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
    ratio = paired(run, row, warm) if warm else None
    if ratio is None:
        return "; add processes-warm, which keeps its pool, to see whether starting it is the cause"
    took = f"processes-warm, which keeps its pool, took {1 / ratio.value:.2g} times as long"
    if ratio.low is None or ratio.high is None:
        return f"; too few rounds to tell whether starting the pool is the cause ({took})"
    whole_s = row.summary.median_s if row.summary else 0.0
    if whole_s * (1 - 1 / ratio.low) > DOMINATES * before_s:
        return (
            "; Dask starts a new pool for each compute, which may be the cause "
            f"({took}): dask.config.set(pool=...) keeps one; {MEASURE}"
        )
    return f"; starting the pool is not shown to be the cause ({took})"


def _before_work(run: Run, row: Result, task_s: float) -> tuple[float, float]:
    """Return the median seconds before the first task began, and of the whole sample."""
    samples = run.samples[row.number]
    counted = samples.counted
    first = float(np.nan_to_num(np.median(samples["first_task_s"][counted])))
    return max(first - task_s, 0.0), float(np.median(samples["wall_s"][counted]))
