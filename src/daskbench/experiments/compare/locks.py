"""Threads that wait for a lock that their tasks share: by accounts, or else as a hint."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import msgspec
import numpy as np

from daskbench.benchmarks import known
from daskbench.benchmarks.base import Lock
from daskbench.document import Said
from daskbench.document.writers import whole_percent
from daskbench.experiments.compare.shared import MEASURE, accounts_in, paired, serial_row
from daskbench.findings.seen import without_lock
from daskbench.journal.run import Run, Samples
from daskbench.model import Case, Scalar
from daskbench.stats.accounts import CaseAccount, accounts_of
from daskbench.stats.ratio import Ratio, paired_ratio
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.results import Result, result_of

#: Threads count as no speedup if the ratio to one thread is above the first, and proved to be
#: above the second: a noisy machine seldom proves the first, and idle cores show the rest.
_NO_SPEED_UP, _CERTAINLY = 0.9, 0.5
_MOSTLY_WORK = 0.5
_ONE_CORE = 1.5
#: Waiting in tasks is told if it is this part of a row's core-seconds; a lock is its cause if
#: without it that is less than half of it.
_WAITS, _WITHOUT = 0.2, 0.5


def shared_lock(run: Run, tables: list[ResultTable]) -> Iterator[str | Said]:
    """Threads that wait in tasks which share a lock.

    An account says how much they wait, and another whether that is less without the lock. A row
    without an account is reported if it is no faster than one thread (or than the baseline, if that
    was not measured), cores are idle, and most of the time is spent in the work. If published
    figures show the wait, it is reported whether it occurs here.
    """
    for table in tables:
        rows = {row.lane.workers: row for row in table.results if row.case.scheduler == "threads"}
        base = serial_row(table)
        single = rows.get(1) or base
        if waiting := _waiting(run, table):
            yield waiting
        lock = _lock_of(single.case) if single else None
        if waiting or not (lock and single and base and single.summary and base.summary):
            continue
        accounts = {one.result.number: one for one in accounts_in(run, table)}
        stuck = [
            row
            for row in rows.values()
            if row.number not in accounts
            and _is_mostly_work(base, row if single is base else single)
            and _is_stuck(run, row, single)
        ]
        if stuck:
            yield _no_speedup(run, max(stuck, key=lambda row: row.lane.workers or 0), lock)
        else:
            yield from _not_as_published(run, table, rows, single, lock, accounts)


def _waiting(run: Run, table: ResultTable) -> Said | None:
    """Return how much the widest row waits in its tasks, by its account; None if that is little."""
    rows = [one for one in accounts_in(run, table) if one.result.case.scheduler == "threads"]
    if not (one := max(rows, key=lambda row: row.threads, default=None)):
        return None
    lock = _lock_of(one.result.case)
    if not lock or one.threads < 2 or one.share("waiting") < _WAITS:
        return None
    share = whole_percent(one.share("waiting"))
    place = one.result.place
    return Said(
        f"{place}: {share} of its core-seconds is waiting in tasks{_whether(run, one, lock)}",
        f"{place}: {share} is waiting in tasks: try {_without(lock)}, without a lock",
    )


def _whether(run: Run, one: CaseAccount, lock: Lock) -> str:
    """Return whether the lock is the cause, by the account of the same case without it."""
    holds, option = f"{lock.holder} takes a process-wide lock", _without(lock)
    every = accounts_of(run, (result_of(run, *case) for case in run.cases))
    if (free := next(without_lock(one, every), None)) is None:
        return f"; {holds}: try {option}, which has none, to see whether that is the cause"
    left = f"with {option} it is {whole_percent(free.share('waiting'))}"
    if free.causes["waiting"] < _WITHOUT * one.causes["waiting"]:
        return f", because {holds}: {left}"
    return f"; {holds}, but that is not the cause: {left}"


def _lock_of(case: Case) -> Lock | None:
    lock = known(case.benchmark).lock
    return lock if lock and case.parameters.get(lock.parameter) == lock.held_with else None


def _is_mostly_work(base: Result, row: Result) -> bool:
    """Whether the baseline takes most of the time that a row takes."""
    if not (base.summary and row.summary):
        return False
    return base.summary.median_s > _MOSTLY_WORK * row.summary.median_s


def _no_speedup(run: Run, row: Result, lock: Lock) -> Said:
    cores = f"{_cores_used(run.samples[row.number]):.1f} cores busy"
    return Said(
        f"threads gave no speedup: {row.lane.workers} of them kept {cores}"
        f"{_hint(run, row.case, lock)}",
        f"threads gave no speedup ({cores}): try {_without(lock)}, without a lock",
    )


def _hint(run: Run, many: Case, lock: Lock) -> str:
    """Return what could be the reason, and what the run shows of the same without the lock."""
    ratio, option = _ratio_without(run, many, lock), _without(lock)
    holds = f"{lock.holder} takes a process-wide lock"
    if ratio is None or ratio.high is None:
        return f"; {holds}: try {option}, which has none, to see whether that is the cause"
    without = f"with {option} they took {ratio.value:.2f} times as long as one"
    if ratio.high < _NO_SPEED_UP:
        return f"; {holds}, which may be the cause: {without}; {MEASURE}"
    return f"; {holds}, but that is not shown to be the cause: {without}"


def _without(lock: Lock) -> str:
    """Return the option that does without a lock."""
    return f"--{lock.parameter} {lock.free_with}"


def _ratio_without(run: Run, many: Case, lock: Lock) -> Ratio | None:
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
    run: Run,
    table: ResultTable,
    rows: Mapping[int | None, Result],
    single: Result,
    lock: Lock,
    accounts: Mapping[int, CaseAccount],
) -> Iterator[str]:
    """Report that the published wait was not seen here, or can be neither shown nor ruled out."""
    published = {(one.scheduler, one.workers): one.mean_s for one in table.suite.published}
    one_s = published.get((single.case.scheduler, single.case.workers))
    for workers in sorted((count for count in rows if count and count > 1), reverse=True):
        many, many_s = rows[workers], published.get(("threads", workers))
        ratio = paired(run, many, single)
        if one_s and many_s and ratio and many_s > _NO_SPEED_UP * one_s:
            cores = _cores_used(run.samples[many.number])
            yield (
                f"{many.label}: {ratio.value:.2f} times the time of {single.label}, with "
                f"{cores:.1f} cores busy; published: {many_s / one_s:.2f}. "
                f"{_seen_here(ratio, cores, lock, accounts.get(many.number))}"
            )
            return


def _seen_here(ratio: Ratio, cores: float, lock: Lock, account: CaseAccount | None) -> str:
    """Return whether the published wait was seen; by the account, tasks did not wait much."""
    if account:
        return f"Waiting in tasks is {whole_percent(account.share('waiting'))} of its core-seconds"
    is_fast = (ratio.high or _NO_SPEED_UP) < _NO_SPEED_UP and cores >= _ONE_CORE
    found = "was not seen here" if is_fast else "is neither shown nor ruled out here"
    return f"Contention for the lock of {lock.holder} {found}"


def _is_stuck(run: Run, many: Result, single: Result) -> bool:
    workers, cores = many.lane.workers or 0, run.environment.get("cores", 0)
    ratio = paired(run, many, single)
    if not 1 < workers <= cores or ratio is None:
        return False
    if ratio.value <= _NO_SPEED_UP or (ratio.low or 0.0) <= _CERTAINLY:
        return False
    return _cores_used(run.samples[many.number]) < _ONE_CORE


def _cores_used(samples: Samples) -> float:
    counted = samples.counted
    return float(np.nansum(samples["cpu_s"][counted]) / samples["wall_s"][counted].sum())
