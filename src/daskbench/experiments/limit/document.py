"""The table of a search for the smallest memory limit: the outcome of each limit tried."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from daskbench.document import NONE, Column, Row, Section, Shown, Table
from daskbench.document.chart import Bar, Curve, Level, Point
from daskbench.document.fields import Field, cells_of, columns_of
from daskbench.document.headings import blas_text
from daskbench.document.times import MEAN, tone_of
from daskbench.document.writers import digits, timing_of, why
from daskbench.experiments.limit.findings import GOAL_NAMES, answer_of
from daskbench.experiments.limit.rows import Search, Trial
from daskbench.experiments.limit.search import Outcome
from daskbench.stats.results import Result
from daskbench.units import counted, format_bytes, format_seconds, format_size

Tried = tuple[Result, Trial | None]
_Field = Field[Tried]


def outcome_text(trial: Trial) -> str:
    """Return the outcome of a limit in words."""
    match trial.outcome:
        case None:
            return "cut short"
        case Outcome.FINISHED if trial.workers_ended:
            return f"{counted(trial.workers_ended, 'worker')} ended"
        case Outcome.FINISHED:
            return "paused"
        case Outcome.UNPAUSED:
            return "spilled"
        case Outcome.UNSPILLED:
            return "no spill"
        case _:
            return "failed"


def _of_trial(name: str, title: str, write: Callable[[Any], str], shown: Shown = "room") -> _Field:
    """Return the column of an attribute of a trial; 0 is no figure."""
    column: Column[Any] = Column(name, title, write, shown=shown)
    return Field(column, lambda tried: getattr(tried[1], name) or None if tried[1] else None)


def _price(price: float) -> str:
    return f"× {digits(price)}"


def _outcome(tried: Tried) -> str:
    return outcome_text(tried[1]) if tried[1] else "not tried"


_LABEL: _Field = Field(
    Column("memory_limit_bytes", "limit per worker", format_size, right=False),
    lambda tried: tried[0].case.memory_limit_bytes or 0,
)
_OUTCOME: _Field = Field(Column("outcome", "outcome", right=False), _outcome)
_TIME: _Field = Field(
    replace(MEAN.column, title="time"),
    lambda tried: timing_of(tried[0]) if tried[0].summary else None,
)
_FIGURES = (
    _TIME,
    _of_trial("price", "price", _price, "always"),
    _of_trial("spilled_bytes", "on disk", format_bytes, "always"),
    _of_trial("written_bytes", "written", format_bytes),
    _of_trial("spill_s", "spill time", format_seconds),
    _of_trial("shuffled_bytes", "shuffled", format_bytes),
    _of_trial("paused_s", "paused", format_seconds),
    _of_trial("workers_ended", "ended", str),
    _of_trial("held_bytes", "held", format_bytes),
)


COLUMNS = columns_of((_LABEL, _OUTCOME, *_FIGURES))


def section_of(search: Search) -> Section:
    """Return the table of a search, without empty columns."""
    tried = search.tried
    shown = [one for one in _FIGURES if any(one.value(row) is not None for row in tried)]
    fields = [_LABEL, _OUTCOME, *shown]
    found = any(bound.found for bound in search.bounds)
    rows = [_row(fields, row, found) for row in tried]
    table = Table(columns_of(fields), rows, bars="price")
    return Section(
        _heading(search),
        [table],
        _legend(search),
        answer=answer_of(search),
        curves=_curves(search),
    )


def _curves(search: Search) -> list[Curve]:
    """Return the time at each limit that a trial finished: the price of spilling."""
    points = [
        Point(trial.limit_bytes, result.summary.mean_s, outcome_text(trial))
        for result, trial in search.tried
        if trial and result.summary
    ]
    if not points:
        return []
    title = f"The price of less memory: {search.what}"
    points.sort(key=lambda point: point.x)
    found = [(one.goal, one.found.limit_bytes) for one in search.bounds if one.found]
    return [
        Curve(
            title,
            "memory limit per worker",
            "mean time (s)",
            points,
            [Level(GOAL_NAMES[goal], limit) for goal, limit in found],
            in_bytes=True,
            x_text=lambda size: format_size(int(size)),
        )
    ]


def _row(fields: list[_Field], tried: Tried, found: bool) -> Row:
    """Return the row of a limit; if some limit was enough, that others fail is expected."""
    result = tried[0]
    reason = "" if result.status == "ok" else why(result)
    price = tried[1].price if tried[1] else None
    bar = Bar(price) if price else None
    return Row(
        cells_of(fields, tried),
        tone_of(result),
        reason,
        _sentence(tried),
        bar=bar,
        expected=found and tried[1] is not None,
    )


def _sentence(tried: Tried) -> str:
    """Return the outcome of a limit, followed by each figure with its name."""
    result, facts = tried[0], [_outcome(tried)]
    cells = ((field.column.title, field.text(tried)) for field in _FIGURES)
    facts += [f"{title} {cell}" for title, cell in cells if cell != NONE]
    facts += [f"because {result.reason}"] if result.status != "ok" and result.reason else []
    return ", ".join(facts)


def _heading(search: Search) -> str:
    """Return what was searched for, and where."""
    where = msgspec.structs.replace(search.results[0].case, memory_limit_bytes=None).place
    each = counted(search.suite.settings.rounds, "sample")
    return f"{search.what} on {where}: the smallest memory limit ({each} each, {blas_text(search)})"


def _legend(search: Search) -> str:
    """Explain the columns."""
    parts, trials = [], [trial for trial in search.trials if trial]
    if any(trial.price for trial in trials):
        base = format_size(search.baseline.memory_limit_bytes or 0) if search.baseline else NONE
        parts.append(
            f"price: time / time with {base}, the largest limit without spilling (approximate, as "
            "trials run one after another, each on a new cluster)"
        )
    if any(trial.spilled_bytes for trial in trials):
        parts.append("on disk: peak; written, spill time: total to and from disk")
    if any(trial.shuffled_bytes for trial in trials):
        parts.append("shuffled: written to disk by shuffles, which is not spilling")
    if any(trial.held_bytes for trial in trials):
        parts.append("held: peak of one worker; other columns are summed over workers")
    return "; ".join(parts)
