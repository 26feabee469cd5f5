"""The costs of a task at each place, and how well they explain the time of each graph."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from daskbench.document import Column, Record, Row, Said, Section, Shown, Table
from daskbench.document.chart import Bar
from daskbench.document.fields import Field, cells_of, columns_of
from daskbench.experiments.overhead import rows
from daskbench.experiments.overhead.graphs import FITTED
from daskbench.experiments.overhead.rows import Cost, Costs, Measured, is_far
from daskbench.experiments.overhead.writing import (
    cost_text,
    excess_text,
    factor_text,
    share_text,
    size_text,
)
from daskbench.model import FEWEST
from daskbench.units import counted, format_seconds

_MB = 1e6
_Field = Field[Costs]


def _of(
    term: str,
    title: str,
    scale: float = 1.0,
    write: Callable[[Any], str] = cost_text,
    shown: Shown = "always",
) -> _Field:
    def value(costs: Costs) -> Cost | None:
        found = costs.by_term[term]
        return found and found.times(scale)

    return Field(Column(term, title, write, shown=shown), value)


_PLACE: _Field = Field(Column("place", "place", right=False), lambda costs: costs.place)
_TASKS: tuple[_Field, ...] = (
    _of(rows.TASK, "per empty task"),
    Field(Column("lost", "overhead per task", cost_text, shown="room"), lambda costs: costs.lost),
    _of(rows.WORK, "work ×", write=factor_text, shown="room"),
)
_OTHERS: tuple[_Field, ...] = (
    _of(rows.DEPENDENCY, "per dependency"),
    _of(rows.BYTE, "per MB", _MB),
    _of(rows.STEP, "per step", shown="room"),
    _of(rows.FIXED, "per graph", shown="room"),
)


def sections_of(found: Sequence[Costs]) -> list[Section]:
    """Return the costs with the smallest tasks, and the fit behind them."""
    return [_costs(found), _fit(found)] if found else []


def _costs(found: Sequence[Costs]) -> Section:
    title = f"{share_text(found[0].efficiency)} work from"
    smallest: _Field = Field(Column("smallest", title, cost_text), lambda costs: costs.smallest)
    tables = [_table((_PLACE, smallest, *_TASKS), found, title)]
    tables += [_table((_PLACE, *_OTHERS), found)]
    count = max(costs.fit.rounds if costs.fit else 0 for costs in found)
    return Section(
        f"the cost of a task (fitted to {counted(count, 'round')} of {_counted(found)} graphs)",
        tables,
        f"{title}: the shortest task with that share of work; overhead per task: what a thread "
        "spends on a task besides its work; per empty task: wall time / tasks, where they do "
        "nothing; per dependency: on one or a few other tasks; per step: of a chain, besides its "
        "tasks; per MB: "
        "passed from task to task; work ×: the time that work takes, relative to its CPU time; "
        "[ ]: 95 % CI; <: not distinguishable from 0"
        + ("" if count >= FEWEST else f"; intervals need {FEWEST} rounds"),
        answer=answer_of(found),
    )


def _table(fields: Sequence[_Field], found: Sequence[Costs], bars: str = "") -> Table:
    """Return a table without empty columns; its bars are the smallest tasks."""
    first, *others = fields
    told = [one for one in others if any(one.value(costs) is not None for costs in found)]
    lines = [Row(cells_of((first, *told), costs), bar=_bar(costs, bars)) for costs in found]
    return Table(columns_of((first, *told)), lines, bars=bars)


def _bar(costs: Costs, bars: str) -> Bar | None:
    smallest = costs.smallest if bars else None
    if smallest is None or smallest.value <= 0:
        return None
    ends = smallest.interval
    return Bar(smallest.value, max(ends.low, 0.0), ends.high) if ends else Bar(smallest.value)


def answer_of(found: Sequence[Costs]) -> str:
    """Return how large tasks should be at each place, in one sentence; empty if that is unknown."""
    known = [(one.smallest, one.place) for one in found if one.smallest]
    told = [f"{size_text(size)} on {place}" for size, place in known if float(size) > 0]
    share = share_text(found[0].efficiency) if found else ""
    least = f"at least {', '.join(told)}{too_few_rounds(found)}"
    return f"tasks are {share} work or more if they take {least}" if told else ""


def too_few_rounds(found: Sequence[Costs]) -> str:
    """Return that sizes are rough where they have no interval; empty if all have one."""
    fewest = [one.fit.rounds for one in found if one.fit and one.smallest and one.is_rough]
    return f" (rough: {min(fewest)} of the {FEWEST} rounds that intervals need)" if fewest else ""


def _counted(found: Sequence[Costs]) -> int:
    return max(sum(graph.used for graph in costs.graphs) for costs in found)


def _fit(found: Sequence[Costs]) -> Section:
    """Return the time of each graph, and how far it is from the fit."""
    labels = dict.fromkeys(label_of(one) for costs in found for one in costs.graphs)
    columns: list[Column[Any]] = [Column("graph", "graph", right=False)]
    columns += [Column(costs.place, costs.place, _measured_text, shown="room") for costs in found]
    by_place = [{label_of(one): one for one in costs.graphs} for costs in found]
    table = [Row([label, *(graphs.get(label) for graphs in by_place)]) for label in labels]
    return Section(
        "the fit: median time of each graph, and its deviation from the fit",
        [Table(columns, table)],
        f"!: off by more than {rows.FAR:.0%}, which chance does not explain; graphs of more than "
        f"{FITTED:,} tasks are not fitted: they show whether costs grow with the graph",
        lines=[Said(line, None) for costs in found if (line := _seen(costs))],
    )


def _seen(costs: Costs) -> str:
    """Return how much of the time was work in the graphs of busy tasks; empty without any."""
    shares = ((one, costs.seen(one)) for one in costs.graphs)
    told = [f"{share:.0%} work in tasks of {_busy(one)}" for one, share in shares if share]
    return f"{costs.place}: {', '.join(told)}" if told else ""


def _busy(one: Measured) -> str:
    return format_seconds(one.graph.work_s / (one.graph.tasks - 1))


def _measured_text(one: Measured) -> str:
    mark = " !" if is_far(one.excess) else ""
    return f"{format_seconds(one.seconds)} {excess_text(one.excess)}{mark}"


def label_of(one: Measured) -> str:
    """Name a graph: ``1,000 wide``, ``101 wide of 2ms``, ``31 wide of 1MB``."""
    parameters = one.result.case.parameters
    name = f"{one.graph.tasks:,} {parameters.get('shape', '')}"
    more = " and ".join(str(parameters[key]) for key in ("busy", "returns") if parameters.get(key))
    return f"{name} of {more}" if more else name


def record_of(costs: Costs, suite: str) -> Record:
    """Return the costs at a place as plain values, in seconds."""
    found = {
        "smallest_task": costs.smallest,
        "busy_task": costs.lost,
        "empty_task": costs.by_term[rows.TASK],
        "dependency": costs.by_term[rows.DEPENDENCY],
        "step": costs.by_term[rows.STEP],
        "byte": costs.by_term[rows.BYTE],
        "graph": costs.by_term[rows.FIXED],
    }
    return {
        "suite": suite,
        "place": costs.place,
        "threads": costs.threads,
        "efficiency": costs.efficiency,
        "rounds": costs.fit.rounds if costs.fit else 0,
        **{name: value for term, cost in found.items() for name, value in _spread(term, cost)},
        "work_factor": _value(costs.by_term[rows.WORK]),
        "graphs": [_graph(one, costs.seen(one)) for one in costs.graphs],
    }


def _spread(term: str, cost: Cost | None) -> list[tuple[str, float | None]]:
    ends = cost.interval if cost else None
    return [
        (f"{term}_s", _value(cost)),
        (f"{term}_low_s", ends.low if ends else None),
        (f"{term}_high_s", ends.high if ends else None),
    ]


def _value(cost: Cost | None) -> float | None:
    return cost.value if cost else None


def _graph(one: Measured, work_share: float | None) -> Record:
    ends = one.excess.interval
    return {
        "number": one.result.number,
        "graph": label_of(one),
        **asdict(one.graph),
        "median_s": one.seconds,
        "fitted_s": one.fitted,
        "excess": one.excess.value,
        "excess_low": ends.low if ends else None,
        "excess_high": ends.high if ends else None,
        "is_fitted": one.used,
        "work_share": work_share,
    }
