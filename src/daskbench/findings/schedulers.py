"""Why one scheduler is slower than another, where its samples show the reason."""

from collections.abc import Iterator

import numpy as np

from daskbench.benchmarks.calc_mean import LEGACY
from daskbench.journal.run import Run, Samples
from daskbench.lane.schedulers import is_baseline
from daskbench.stats.groups import Group
from daskbench.stats.ratio import paired_ratio
from daskbench.stats.results import Result
from daskbench.units import format_seconds

#: Threads have not sped it up where this part of one thread's time is left, and for certain not
#: less than the second: a noisy machine seldom proves the first, and the idle cores tell the rest.
_NO_SPEED_UP, _CERTAINLY = 0.9, 0.7
_DOMINATES = 0.5
_MOSTLY_WORK = 0.5
_ONE_CORE = 1.5
#: Schedulers whose pool lives, so that what they add comes with each task.
_LASTING = ("threads", "processes-warm", "distributed")


def shared_lock(run: Run, groups: list[Group]) -> Iterator[str]:
    """Threads that wait for the lock inside NumPy's legacy generator.

    They have to be no faster than one, with cores to spare, and most of the time has to be work.
    """
    for group in groups:
        rows = {row.workers: row for row in group.results if row.case.scheduler == "threads"}
        single, base = rows.get(1), _numpy(group)
        if not (single and base and single.summary and base.summary):
            continue
        works = base.summary.median_s > _MOSTLY_WORK * single.summary.median_s
        if works and single.case.parameters.get("rng") == LEGACY:
            stuck = [row for row in rows.values() if _is_stuck(run, row, single)]
            for widest in sorted(stuck, key=lambda row: row.workers or 0)[-1:]:
                cores = _cores_used(run.samples[widest.number])
                yield (
                    f"threads did not speed up: {widest.workers} of them kept {cores:.1f} cores "
                    "busy, because np.random.normal holds one lock for the whole process; "
                    "try --rng generator"
                )


def _numpy(group: Group) -> Result | None:
    return next((row for row in group.results if is_baseline(row.case.scheduler)), None)


def _is_stuck(run: Run, many: Result, single: Result) -> bool:
    workers, cores = many.workers or 0, run.environment.get("cores", 0)
    ratio = paired_ratio(run.samples[many.number], run.samples[single.number], many.suite.settings)
    if not 1 < workers <= cores or ratio is None:
        return False
    if ratio.value <= _NO_SPEED_UP or (ratio.low or 0.0) <= _CERTAINLY:
        return False
    return _cores_used(run.samples[many.number]) < _ONE_CORE


def _cores_used(samples: Samples) -> float:
    counted = samples.counted
    return float(np.nansum(samples["cpu_s"][counted]) / samples["wall_s"][counted].sum())


def pool_start(run: Run, groups: list[Group]) -> Iterator[str]:
    """The process scheduler, where more than half of its time is the start of its pool."""
    for group in groups:
        base = _numpy(group)
        rows = [row for row in group.results if row.case.scheduler == "processes" and row.summary]
        if not base or not base.summary or not base.tasks_run:
            continue
        task_s = base.summary.mean_s * base.samples * (base.loops or 1) / base.tasks_run
        shares = [(*_before_work(run, row, task_s), row) for row in rows]
        if shares:
            before, whole, row = max(shares, key=lambda share: share[0] / share[1])
            if before / whole > _DOMINATES:
                yield (
                    f"{row.label}: {format_seconds(before)} of {format_seconds(whole)} "
                    f"({before / whole:.0%}) pass before its first task can end: Dask starts a "
                    "new pool at each compute; see processes-warm, or dask.config.set(pool=...)"
                )


def _before_work(run: Run, row: Result, task_s: float) -> tuple[float, float]:
    """Return the median seconds before the first task began, and of the whole sample."""
    samples = run.samples[row.number]
    counted = samples.counted
    first = float(np.nan_to_num(np.median(samples["first_task_s"][counted])))
    return max(first - task_s, 0.0), float(np.median(samples["wall_s"][counted]))


def overhead(run: Run, groups: list[Group]) -> Iterator[str]:
    """A scheduler that spends most of its time on itself: its tasks are too small for it."""
    for group in groups:
        base = _numpy(group)
        if not base or not base.summary or not base.tasks_run or base.case.blas_threads:
            continue  # with more threads than the others NumPy is quicker for that alone
        for row in group.results:
            if row.workers != 1 or row.case.scheduler not in _LASTING or not row.summary:
                continue
            added = row.summary.median_s - base.summary.median_s
            tasks = (row.tasks_run or 0) / row.samples / (row.loops or 1)
            certain = row.ratio is not None and (row.ratio.low or 0.0) > 1 / _DOMINATES
            if certain and tasks:
                yield (
                    f"{row.label}: {added / row.summary.median_s:.0%} of its time is Dask's own, "
                    f"about {format_seconds(added / tasks)} for each of {tasks:.0f} tasks: "
                    "fewer and larger tasks would hide it"
                )


RULES = (shared_lock, pool_start, overhead)
