"""The columns of a search for the smallest memory limit: what came of each limit that was tried."""

from collections.abc import Callable, Iterator

import msgspec

from daskbench.search import Outcome
from daskbench.stats.groups import Group
from daskbench.stats.limits import Trial
from daskbench.units import counted, format_bytes, format_seconds, format_size
from daskbench.views.cells import NONE, Column, digits, mean

LABEL = Column(
    "limit a worker", lambda row: format_size(row.case.memory_limit_bytes or 0), right=False
)


def _of_trial(title: str, write: Callable[[Trial], str], *, right: bool = True) -> Column:
    return Column(title, lambda row: write(row.trial) if row.trial else NONE, right)


def _some(write: Callable[[float], str], value: float | None) -> str:
    return write(value) if value else NONE


def outcome_text(trial: Trial) -> str:
    """Say what came of a limit."""
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


OUTCOME = Column(
    "outcome", lambda row: outcome_text(row.trial) if row.trial else "not tried", right=False
)
TIME = Column("time", lambda row: mean(row) if row.summary else NONE)
_TRIAL = (
    _of_trial("price", lambda trial: f"× {digits(trial.price)}" if trial.price else NONE),
    _of_trial("on disk", lambda trial: _some(format_bytes, trial.spilled_bytes)),
    _of_trial("written", lambda trial: _some(format_bytes, trial.written_bytes)),
    _of_trial("spill time", lambda trial: _some(format_seconds, trial.spill_s)),
    _of_trial("shuffled", lambda trial: _some(format_bytes, trial.shuffled_bytes)),
    _of_trial("paused", lambda trial: _some(format_seconds, trial.paused_s)),
    _of_trial("ended", lambda trial: _some(str, trial.workers_ended)),
    _of_trial("held", lambda trial: _some(format_bytes, trial.held_bytes)),
)


def columns(group: Group, time: Column | None) -> tuple[Column, ...]:
    """Return the columns of the table, without those that are empty."""
    wanted = (OUTCOME, time or TIME, *_TRIAL)
    return tuple(c for c in wanted if any(c.cell(row) != NONE for row in group.results))


def heading(group: Group, blas: str) -> str:
    """Say what was searched for, and where."""
    where = msgspec.structs.replace(group.results[0].case, memory_limit_bytes=None).place
    each = counted(group.suite.settings.rounds, "sample")
    return f"{group.what} on {where}: the smallest memory limit ({each} each, {blas})"


def legend(group: Group) -> str:
    """Say how to read the columns."""
    parts = []
    if any(row.trial and row.trial.price for row in group.results):
        base = format_size(group.baseline.memory_limit_bytes or 0) if group.baseline else NONE
        parts.append(
            f"price: time / time with {base}, the largest without spilling (a direction: trials "
            "come one after the other, each on a new cluster)"
        )
    if any(row.trial and row.trial.spilled_bytes for row in group.results):
        parts.append("on disk: the most at once; written, spill time: all to and from disk")
    if any(row.trial and row.trial.shuffled_bytes for row in group.results):
        parts.append("shuffled: to disk by shuffles, which is no spilling")
    if any(row.trial and row.trial.held_bytes for row in group.results):
        parts.append("held: the most that one worker held; all else is summed over workers")
    return "; ".join(parts)


def lines(group: Group) -> Iterator[str]:
    """Yield a line for each limit tried: what came of it, then each figure with its name."""
    width = max(len(LABEL.cell(row)) for row in group.results)
    for row in group.results:
        facts = [OUTCOME.cell(row)]
        cells = ((column.title, column.cell(row)) for column in (TIME, *_TRIAL))
        facts += [f"{title} {cell}" for title, cell in cells if cell != NONE]
        facts += [f"because {row.reason}"] if row.status != "ok" and row.reason else []
        yield f"{LABEL.cell(row):<{width}}  {', '.join(facts)}"
