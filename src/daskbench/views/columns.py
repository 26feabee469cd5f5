"""The columns that table, plain and Markdown share: one title and one way to write each cell."""

from collections.abc import Callable

from daskbench.model import Settings, what_differs
from daskbench.stats.estimate import Interval
from daskbench.stats.groups import Group
from daskbench.stats.ratio import Ratio
from daskbench.stats.results import Result
from daskbench.stats.verdict import MARGIN
from daskbench.units import counted, format_bytes, format_seconds
from daskbench.views import limits, thresholds
from daskbench.views.cells import NONE, Column, digits, mean, mean_std, why
from daskbench.views.report import published_for

VERDICTS = "equivalent: proved to be within {}; inconclusive: nothing is proved"
_MOST_FIGURES = 11
#: Building that takes a larger part of a sample than this has its column.
_BUILDS = 0.01
_PROPORTIONAL = "memory: peak of the lane's processes, pages that they share once (PSS)"
BEST = "*"


def timeit_sentence(result: Result) -> str:
    """Write a result as IPython's ``%timeit`` does, whole."""
    if result.summary is None:
        return why(result)
    runs, loops = result.summary.samples, result.loops or 1
    ending = "" if result.status == "ok" else f"; {why(result)}"
    return (
        f"{mean_std(result.summary.mean_s, result.summary.std_s)} per loop "
        f"(mean ± std. dev. of {counted(runs, 'run')}, {counted(loops, 'loop')} each){ending}"
    )


def _ratio(result: Result) -> str:
    if result.ratio is None:
        return NONE
    return "1" if result.case == result.baseline else ratio_text(result.ratio)


def ratio_text(ratio: Ratio) -> str:
    """Write ``0.52 [0.49, 0.56]``, or the figure alone where there is no interval."""
    if ratio.low is None or ratio.high is None:
        return digits(ratio.value)
    return f"{digits(ratio.value)} [{digits(ratio.low)}, {digits(ratio.high)}]"


def _verdict(row: Result) -> str:
    if row.verdict is None or row.ratio is None:
        return NONE
    return row.ratio.lacks or row.verdict


def _interval(interval: Interval | None) -> str:
    if interval is None:
        return NONE
    return f"[{format_seconds(max(interval.low, 0.0))}, {format_seconds(interval.high)}]"


def _tasks(result: Result) -> str:
    return NONE if result.tasks_expected is None else f"{result.tasks_run}/{result.tasks_expected}"


def _efficiency(result: Result) -> str:
    return NONE if result.efficiency is None else f"{result.efficiency:.0%}"


def _seconds(name: str) -> Callable[[Result], str]:
    return lambda result: format_seconds(getattr(result.summary, name)) if result.summary else NONE


LABEL = Column(
    "scheduler × workers",
    lambda row: row.label + (f" {BEST}" if row.best else ""),
    right=False,
)
MEAN = Column("mean ± std", mean)
SENTENCE = Column("mean ± std. dev.", timeit_sentence, right=False)
RATIO = Column("ratio [95 % CI]", _ratio)
VERDICT = Column("verdict", _verdict, right=False)
EFFICIENCY = Column("eff.", _efficiency)
TASKS = Column("tasks", _tasks)
MEDIAN = Column("median", _seconds("median_s"))
MIN = Column("min", _seconds("min_s"))
BUILD = Column("build", lambda row: NONE if row.build_s is None else format_seconds(row.build_s))
INTERVAL = Column(
    "mean 95 % CI", lambda row: _interval(row.summary.mean_interval if row.summary else None)
)
LOOPS = Column("loops", lambda row: NONE if row.loops is None else f"{row.loops:,}")
MEMORY = Column(
    "memory",
    lambda row: NONE if row.peak_pss_bytes is None else format_bytes(row.peak_pss_bytes),
)
HIGH_WATER = Column(
    "high water",
    lambda row: NONE if row.peak_rss_bytes is None else format_bytes(row.peak_rss_bytes),
)
STARTUP = Column(
    "start-up", lambda row: NONE if row.startup_s is None else format_seconds(row.startup_s)
)


FLOPS = Column(
    "GFLOP/s", lambda row: NONE if row.flops_per_s is None else digits(row.flops_per_s / 1e9)
)
SHARE = Column("% dgemm", lambda row: NONE if row.dgemm_share is None else f"{row.dgemm_share:.0%}")


def _figure(name: str) -> Column:
    return Column(name, lambda row: f"{row.figures[name]:.1e}" if name in row.figures else NONE)


def label_of(group: Group) -> Column:
    """Return the column that names the rows of a group."""
    if group.is_search:
        return limits.LABEL
    return thresholds.LABEL if group.is_thresholds else LABEL


def main_columns(group: Group, time: Column = MEAN) -> tuple[Column, ...]:
    """Return the columns of a group's table, most wanted first, without those that are empty."""
    if group.is_thresholds:
        return (*thresholds.FIGURES, *thresholds.TEXTS)
    if group.is_search:
        return limits.columns(group, None if time is MEAN else time)
    rows = group.results
    loops = (LOOPS,) if any(row.loops not in (None, 1) for row in rows) else ()
    efficiency = (EFFICIENCY,) if any(row.efficiency is not None for row in rows) else ()
    rates: tuple[Column, ...] = (FLOPS,) if any(row.flops_per_s for row in rows) else ()
    rates += (SHARE,) if any(row.dgemm_share for row in rows) else ()
    names = [*{name: 0 for row in rows for name in row.figures}]
    figures = [_figure(name) for name in names[:_MOST_FIGURES]]
    verdict = (VERDICT,) if any(row.verdict for row in rows) else ()
    first = (time, RATIO, *verdict, *figures[:1], *rates, *efficiency, TASKS)
    memory = (MEMORY,) if any(row.peak_pss_bytes for row in rows) else ()
    build = (BUILD,) if _builds(group) else ()
    sure = any(row.summary and row.summary.mean_interval for row in rows)
    times = (*build, MEDIAN, MIN, *((INTERVAL,) if sure else ()))
    return (*first, *loops, *times, *memory, HIGH_WATER, STARTUP, *figures[1:])


def _builds(group: Group) -> bool:
    """Whether building takes a part of some sample that is worth a column."""
    return any(
        row.summary and row.build_s and row.build_s > _BUILDS * row.summary.mean_s
        for row in group.results
    )


def published_columns(group: Group) -> tuple[Column, ...]:
    """Return measured and published figures side by side, each with its ratio to the baseline."""
    base = published_for(group, group.baseline) if group.baseline else None

    def figure(result: Result) -> str:
        found = published_for(group, result.case)
        return mean_std(found.mean_s, found.std_s) if found else NONE

    def ratio(result: Result) -> str:
        found = published_for(group, result.case)
        return digits(found.mean_s / base.mean_s) if found and base else NONE

    return (MEAN, RATIO, Column("published", figure), Column("its ratio", ratio))


def heading(group: Group) -> str:
    """Say what a group computes and how often."""
    if group.is_thresholds:
        return thresholds.heading(group)
    settings = group.suite.settings
    found = sorted({row.blas_threads for row in group.results if row.blas_threads is not None})
    blas = f"BLAS threads {'/'.join(map(str, found)) or 'unknown'}"
    if group.is_search:
        return limits.heading(group, blas)
    place = f", cluster {group.suite.cluster.name}" if group.suite.cluster.name else ""
    each = " each" if settings.launches > 1 and settings.warmup else ""
    warmup = f"{settings.warmup} warm-up{each}"
    return f"{group.what} ({rounds_text(settings)}, {warmup}, {blas}{place})"


def rounds_text(settings: Settings) -> str:
    """Write ``7 rounds`` or ``5 launches × 7 rounds``, and the precision if one is asked for."""
    rounds = counted(settings.rounds, "round")
    if settings.launches > 1:
        rounds = f"{counted(settings.launches, 'launch', 'launches')} × {rounds}"
    if settings.precision is None:
        return rounds
    return f"{rounds} or more for a precision of {100 * settings.precision:g}%"


def legend(group: Group) -> str:
    """Say how to read the columns."""
    if group.is_thresholds:
        return thresholds.legend(group)
    if group.is_search:
        return limits.legend(group)
    rows = group.results
    base = f"ratio: time / time of {rows[0].baseline_label} in the same rounds, below 1 is faster"
    told = {
        base: len(rows) > 1,
        VERDICTS.format(f"{MARGIN * 100:g} %"): any(row.verdict for row in rows),
        "build: the part of the mean that built the collections, or the calls": _builds(group),
        "eff.: speed-up / workers": any(row.efficiency is not None for row in rows),
        "GFLOP/s: by the textbook's count of operations": any(row.flops_per_s for row in rows),
        "% dgemm: of what all cores reach in dgemm": any(row.dgemm_share for row in rows),
        _PROPORTIONAL: any(row.peak_pss_bytes for row in rows),
        "high water: the kernel's peak of each of its processes (RSS), added up": True,
        f"{BEST} lowest median": len(rows) > 1,
    }
    differs = what_differs(group.suite.sides)
    return "; ".join([*differs, *(text for text, holds in told.items() if holds)])
