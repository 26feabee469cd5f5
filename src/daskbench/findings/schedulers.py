"""Why one scheduler is slower than another, where its samples show the reason."""

from collections.abc import Iterator

import numpy as np

from daskbench.benchmarks.calc_mean import LEGACY
from daskbench.journal.run import Run, Samples
from daskbench.stats.ratio import paired_ratio
from daskbench.stats.results import Group, Result
from daskbench.units import format_seconds

#: Twice the threads that leave more than this part of the time have not sped it up.
_NO_SPEED_UP = 0.9
_DOMINATES = 0.5


def shared_lock(run: Run, groups: list[Group]) -> Iterator[str]:
    """Threads that wait for the lock inside NumPy's legacy generator (FACTS: numpy.random)."""
    for group in groups:
        rows = [row for row in group.results if row.case.scheduler == "threads" and row.summary]
        single = next((row for row in rows if row.workers == 1), None)
        if single is None or single.case.parameters.get("rng") != LEGACY:
            continue
        stuck = [row for row in rows if row is not single and _no_faster(run, row, single)]
        if stuck:
            widest = max(stuck, key=lambda row: row.workers or 0)
            cores = _cores_used(run.samples[widest.number])
            yield (
                f"threads did not speed up: {widest.workers} of them kept {cores:.1f} cores busy, "
                "because np.random.normal holds one lock for the whole process; "
                "try --rng generator"
            )


def _no_faster(run: Run, many: Result, single: Result) -> bool:
    ratio = paired_ratio(run.samples[many.number], run.samples[single.number])
    return ratio is not None and ratio.low > _NO_SPEED_UP


def _cores_used(samples: Samples) -> float:
    counted = samples.counted
    return float(np.nansum(samples["cpu_s"][counted]) / samples["wall_s"][counted].sum())


def pool_start(run: Run, groups: list[Group]) -> Iterator[str]:
    """The process scheduler, whose time is mostly the start of its pool."""
    for group in groups:
        rows = [row for row in group.results if row.case.scheduler == "processes" and row.summary]
        shares = [(_time_before_work(run, row), row) for row in rows]
        started = [(part, row) for part, row in shares if part[0] / part[1] > _DOMINATES]
        if started:
            (before, whole), row = max(started, key=lambda item: item[0][0] / item[0][1])
            yield (
                f"{row.place}: {format_seconds(before)} of {format_seconds(whole)} "
                f"({before / whole:.0%}) pass before its first task ends: Dask starts a new pool "
                "at each compute; see processes-warm, or dask.config.set(pool=...)"
            )


def _time_before_work(run: Run, row: Result) -> tuple[float, float]:
    """Return the median seconds until the first task ended, and of the whole sample."""
    samples = run.samples[row.number]
    counted = samples.counted
    whole = float(np.median(samples["wall_s"][counted]))
    return float(np.nan_to_num(np.median(samples["first_task_s"][counted]))), whole


RULES = (shared_lock, pool_start)
