"""A table of times: each case, with its ratio to the baseline if there is one."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from daskbench.document import BEST, NONE, Column, Row, Section, Shown, Table, Tone
from daskbench.document.answer import answer_of
from daskbench.document.chart import Bar
from daskbench.document.fields import Field, cells_of, columns_of
from daskbench.document.forest import forests_of
from daskbench.document.headings import heading_of
from daskbench.document.sides import what_differs
from daskbench.document.writers import (
    digits,
    mean_std,
    ratio_text,
    short,
    shorter,
    timeit_sentence,
    timing_of,
    verdict_legend,
    whole_percent,
    why,
)
from daskbench.stats.ratio import Ratio
from daskbench.stats.result_tables import ResultTable, published_for
from daskbench.stats.results import Result
from daskbench.stats.verdict import MARGIN, Verdict
from daskbench.units import counted, format_bytes, format_seconds

_MOST_FIGURES = 11
#: Accuracies below this are rounding, and the same to a reader.
_ROUNDING = 1e-9
#: In place of the verdict of the row that the others are compared with.
BASELINE = "baseline"
#: Building has its own column if it takes a larger fraction of a sample than this.
_BUILDS = 0.01
_Field = Field[Result]
VERDICT_TONES: dict[Verdict | str, Tone] = {
    Verdict.SLOWER: "bad",
    Verdict.FASTER: "good",
    Verdict.EQUIVALENT: "plain",
    Verdict.UNDECIDED: "undecided",
    BASELINE: "dim",
}

_WORDS: Column[Any] = Column("mean_s", "mean ± std. dev.", timeit_sentence, right=False)
MEAN = Field(Column("mean_s", "mean ± std", short, in_words=_WORDS, narrow=shorter), timing_of)
_PLACE: Column[Any] = Column("case", "scheduler × workers", right=False, short="case")
LABEL: _Field = Field(_PLACE, attrgetter("label"))


def _column(path: str, title: str, write: Callable[[Any], str] = str) -> _Field:
    """Return a column for the attribute of a result, such as ``lane.startup_s``."""
    name = path.rpartition(".")[2]
    return Field(Column(name, title, write, shown="asked", told_once=True), attrgetter(path))


def _of_summary(name: str, title: str, write: Callable[[Any], str] = format_seconds) -> _Field:
    column: Column[Any] = Column(name, title, write, shown="asked")
    return Field(column, lambda row: getattr(row.summary, name, None))


def _ratio(row: Result) -> Ratio | str | None:
    compared = row.comparison
    return "1" if compared.ratio and row.is_baseline else compared.ratio


def _verdict(row: Result) -> str | None:
    if row.comparison.ratio and row.is_baseline:
        return BASELINE
    ratio, verdict = row.comparison.ratio, row.comparison.verdict
    return None if verdict is None or ratio is None else ratio.lacks or verdict


def tone_of_verdict(word: Verdict | str) -> Tone:
    """Return the tone of a verdict, or of what stands in its place."""
    return VERDICT_TONES.get(word, "undecided")


def _tasks(row: Result) -> str | None:
    proof = row.proof
    return None if proof.tasks_expected is None else f"{proof.tasks_run}/{proof.tasks_expected}"


RATIO: _Field = Field(Column("ratio", "ratio [95 % CI]", ratio_text), _ratio)
VERDICT: _Field = Field(
    Column("verdict", "verdict", right=False, tone=tone_of_verdict),
    _verdict,
)
EFFICIENCY = _column("efficiency", "eff.", whole_percent)
TASKS: _Field = Field(Column("tasks", "tasks", shown="asked", told_once=True), _tasks)
_MEDIAN, _MIN = _of_summary("median_s", "median"), _of_summary("min_s", "min")
_BUILD = _column("build_s", "build", format_seconds)
_PER_TASK: _Field = Field(Column("task_s", "per task", format_seconds), attrgetter("task_s"))
_LOOPS = _column("loops", "loops", lambda loops: f"{loops:,}")
_MEMORY = _column("memory.peak_pss_bytes", "memory", format_bytes)
_HIGH_WATER = _column("memory.peak_rss_bytes", "high water", format_bytes)
_WORKERS = _column("memory.workers_rss_bytes", "workers hold", format_bytes)
_STARTUP = _column("lane.startup_s", "start-up", format_seconds)
_QUEUED: _Field = Field(Column("queued_s", "queued", format_seconds), attrgetter("lane.queued_s"))
_FLOPS = _column("rates.flops_per_s", "GFLOP/s", lambda rate: digits(rate / 1e9))
_SHARE = _column("rates.dgemm_share", "% dgemm", whole_percent)


#: Every column that a table of times may have, but for the figures of benchmarks.
COLUMNS = columns_of(
    [
        *(LABEL, MEAN, _PER_TASK, RATIO, VERDICT, _FLOPS, _SHARE, EFFICIENCY, TASKS, _LOOPS),
        *(_BUILD, _MEDIAN, _MIN, _MEMORY, _WORKERS, _HIGH_WATER, _QUEUED, _STARTUP),
    ]
)


def _figure(name: str, rows: Sequence[Result]) -> _Field:
    """Return the column of a figure; a benchmark's first is always shown unless it is rounding."""
    first = {next(iter(row.figures), None) for row in rows}
    beyond = any(abs(row.figures.get(name, 0.0)) > _ROUNDING for row in rows)
    shown: Shown = "always" if name in first and beyond else "asked"
    column: Column[Any] = Column(
        name, name, "{:.1e}".format, shown=shown, told_once=True, narrow=_power
    )
    return Field(column, lambda row: row.figures.get(name))


def _power(value: float) -> str:
    """Return ``2.8e-1``."""
    return f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e+")


def fields_of(table: ResultTable, *, per_task: bool = False) -> tuple[_Field, ...]:
    """Return the columns of a table, most important first, without empty ones."""
    rows = table.results
    loops = (_LOOPS,) if any(row.loops not in (None, 1) for row in rows) else ()
    efficiency = (EFFICIENCY,) if any(row.efficiency is not None for row in rows) else ()
    rates: tuple[_Field, ...] = (_FLOPS,) if any(row.rates.flops_per_s for row in rows) else ()
    rates += (_SHARE,) if any(row.rates.dgemm_share for row in rows) else ()
    names = [*{name: 0 for row in rows for name in row.figures}]
    figures = [_figure(name, rows) for name in names[:_MOST_FIGURES]]
    verdict = (VERDICT,) if any(row.comparison.verdict for row in rows) else ()
    each = (_PER_TASK,) if per_task else ()
    ratio = (RATIO,) if len(rows) > 1 else ()
    first = (LABEL, MEAN, *each, *ratio, *verdict, *figures[:1], *rates, *efficiency, TASKS)
    memory: tuple[_Field, ...] = (
        (_MEMORY,) if any(row.memory.peak_pss_bytes for row in rows) else ()
    )
    memory += (_WORKERS,) if any(row.memory.workers_rss_bytes for row in rows) else ()
    memory += (_HIGH_WATER,) if _sees_lanes(table) else ()
    build = (_BUILD,) if _builds(table) else ()
    queued = (_QUEUED,) if any(row.lane.queued_s is not None for row in rows) else ()
    return (*first, *loops, *build, _MEDIAN, _MIN, *memory, *queued, _STARTUP, *figures[1:])


def _builds(table: ResultTable) -> bool:
    """Whether building takes enough of some sample to have its own column."""
    return any(
        row.summary and row.build_s and row.build_s > _BUILDS * row.summary.mean_s
        for row in table.results
    )


def _sees_lanes(table: ResultTable) -> bool:
    """Whether in some row the lane's own processes compute."""
    rows = table.results
    return any(row.memory.peak_rss_bytes for row in rows) or not any(
        row.memory.workers_rss_bytes for row in rows
    )


def section_of(table: ResultTable, *, published: bool = False, per_task: bool = False) -> Section:
    """Return the section of a table; with `published` also its published figures.

    `per_task` adds a column for the time per task.
    """
    shown = [_table(fields_of(table, per_task=per_task), table.results)]
    if published and table.suite.published:
        shown.append(_table(_published_fields(table), table.results, bare=True))
    per = "per task: median / number of tasks; " if per_task else ""
    return Section(
        heading_of(table),
        shown,
        per + _legend(table),
        answer=answer_of(table),
        forests=forests_of(table),
    )


def _table(fields: Sequence[_Field], results: Sequence[Result], *, bare: bool = False) -> Table:
    rows = [_row(fields, result, bare=bare) for result in results]
    same = "" if bare else _proved(results)
    return Table(columns_of(fields), rows, same=same, bars="relative time")


def _proved(results: Sequence[Result]) -> str:
    """Return what was checked in all rows, if that is so."""
    rows = [row for row in results if row.status != "skipped"]
    if not rows or not all(row.proof.answer_ok and row.status == "ok" for row in rows):
        return ""
    right = "every answer right" if len(rows) > 1 else "the answer is right"
    return "" if any(map(_wrong, rows)) else f"every task ran, {right}"


def _wrong(result: Result) -> list[str]:
    """Return what is wrong with a row although it has figures, apart from its status."""
    proof = result.proof
    if result.status != "ok" or not result.samples:
        return []
    found = [proof.invalid_reason] if proof.invalid_reason else []
    if not found and proof.tasks_run != proof.tasks_expected:
        found.append(f"not proved: {TASKS.text(result)} tasks ran")
    if lost := result.workers_lost:
        found.append(f"{counted(lost, 'worker')} left while samples ran")
    return found


def _bar(result: Result) -> Bar | None:
    """Return the relative time of a row."""
    ratio = result.comparison.ratio
    if ratio is None or result.summary is None:
        return None
    return Bar(1.0) if result.is_baseline else Bar(ratio.value, ratio.low, ratio.high)


def _row(fields: Sequence[_Field], result: Result, *, bare: bool) -> Row:
    reason = "" if bare or result.status == "ok" else why(result)
    return Row(
        cells_of(fields, result),
        tone_of(result),
        reason,
        "" if bare else _sentence(result),
        bar=None if bare else _bar(result),
        wrong=() if bare else _wrong(result),
    )


def tone_of(result: Result) -> Tone:
    """Return the tone of a row of times."""
    if result.comparison.best:
        return "best"
    return {"ok": "plain", "skipped": "dim"}.get(result.status, "bad")  # type: ignore[return-value]


def _sentence(result: Result) -> str:
    """Return a row in words."""
    timing = timing_of(result)
    if result.summary is None or isinstance(timing, str):
        return why(result)
    facts = [timeit_sentence(timing)]
    compared = result.comparison
    if compared.ratio and not result.is_baseline:
        facts.append(f"{RATIO.text(result)} × {compared.baseline_label}")
    facts += [VERDICT.text(result)] if compared.verdict else []
    facts += [f"efficiency {EFFICIENCY.text(result)}"] if result.efficiency else []
    return ", ".join([*facts, f"{TASKS.text(result)} tasks"])


def _published_fields(table: ResultTable) -> tuple[_Field, ...]:
    """Return measured and published ratios to the baseline, and the published times.

    The measured times are in the table above.
    """
    base = published_for(table, table.baseline) if table.baseline else None

    def figure(row: Result) -> str:
        found = published_for(table, row.case)
        return mean_std(found.mean_s, found.std_s) if found else NONE

    def ratio(row: Result) -> str:
        found = published_for(table, row.case)
        return digits(found.mean_s / base.mean_s) if found and base else NONE

    more = Field(Column("published", "published"), figure), Field(Column("its", "its ratio"), ratio)
    return (LABEL, RATIO, *more)


def _legend(table: ResultTable) -> str:
    """Explain the columns."""
    rows = table.results
    label = rows[0].comparison.baseline_label
    base = f"ratio: time / time of {label} in the same rounds; below 1 is faster"
    told = {
        base: len(rows) > 1,
        verdict_legend(MARGIN): any(row.comparison.verdict for row in rows),
        "build: time in the mean for building collections or calls": _builds(table),
        "eff.: speedup / workers": any(row.efficiency is not None for row in rows),
        "GFLOP/s: by the textbook operation count": any(row.rates.flops_per_s for row in rows),
        "% dgemm: relative to the fastest dgemm": any(row.rates.dgemm_share for row in rows),
        "memory: peak of the lane's processes, shared pages counted once (PSS)": any(
            row.memory.peak_pss_bytes for row in rows
        ),
        "workers hold: all workers together after the sample, at their last heartbeats": any(
            row.memory.workers_rss_bytes for row in rows
        ),
        "high water: sum of the kernel's peak of each of its processes (RSS)": _sees_lanes(table),
        f"{BEST} lowest median": len(rows) > 1,
    }
    differs = what_differs(table.suite.sides)
    return "; ".join([*differs, *(text for text, holds in told.items() if holds)])
