"""What the costs of a task mean, and where they are no sum of what a graph consists of."""

from collections.abc import Iterator

from daskbench.document import Said
from daskbench.document.writers import digits
from daskbench.experiments.overhead.document import label_of, too_few_rounds
from daskbench.experiments.overhead.graphs import is_large
from daskbench.experiments.overhead.rows import FAR, WORK, Costs, CostTable, Measured
from daskbench.experiments.overhead.sizes import sentence_of
from daskbench.experiments.overhead.writing import (
    cost_text,
    factor_text,
    percent_text,
    share_text,
)
from daskbench.findings.rules import Rule
from daskbench.journal.run import Run
from daskbench.model import FEWEST
from daskbench.stats.result_tables import ResultTable
from daskbench.units import format_seconds

#: A size is uncertain if it may be larger by this part: its tasks were 85 % work rather than 90 %.
_UNSURE = 0.6
_IDLE = (
    "no work can be told from the overhead of its tasks, so it is not known how much larger they "
    "should be: make them much larger"
)


def _costs(tables: list[ResultTable]) -> Iterator[Costs]:
    for table in tables:
        if isinstance(table, CostTable):
            yield from table.costs


def smallest_task(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """The smallest task that is worth it at each place, or how to change those of a benchmark.

    A terminal has the first in the answer.
    """
    for table in tables:
        if isinstance(table, CostTable):
            share = share_text(table.costs[0].efficiency)
            known = [(c.smallest, c.place) for c in table.costs if c.smallest]
            found = [f"{cost_text(size)} on {place}" for size, place in known if float(size) > 0]
            if found:
                told = f"{', '.join(found)}{too_few_rounds(table.costs)}"
                yield Said(f"smallest task that is {share} work: {told}", None)
            yield from (Said(sentence_of(size, share), None) for size in table.sizes)


def idle_tasks(run: Run, tables: list[ResultTable]) -> Iterator[str]:
    """Benchmarks whose tasks do nothing that can be told from what they cost."""
    for table in tables:
        if isinstance(table, CostTable):
            yield from (f"{what}: {_IDLE}" for what in table.idle)


def cost_grows(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """Large graphs whose tasks cost more, or less, than those of small ones."""
    for costs in _costs(tables):
        for one in costs.misfits:
            if not one.used:
                more = "more" if one.excess.value > 0 else "less"
                told = f"{label_of(one)} took {percent_text(one.excess)} {more} time"
                yield Said(
                    f"{costs.place}: the cost of a task depends on the size of the graph: {told} "
                    f"than the fit to smaller graphs predicts ({_each(one)} per task)",
                    f"{costs.place}: a task costs {more} in a large graph: {told}",
                )


def _each(one: Measured) -> str:
    return format_seconds(one.seconds / one.graph.tasks)


def misfit(run: Run, tables: list[ResultTable]) -> Iterator[str]:
    """Graphs that the fit does not explain."""
    for costs in _costs(tables):
        if found := [one for one in costs.misfits if one.used]:
            each = ", ".join(f"{label_of(one)} {one.excess.value:+.0%}" for one in found)
            yield f"{costs.place}: the fit is off by more than {FAR:.0%} for {each}"


def work_stretched(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """Work that takes longer than alone, so that no size of task is as efficient as asked for."""
    works = ((costs.place, costs.by_term[WORK]) for costs in _costs(tables))
    found = [
        f"{factor_text(work)} times its CPU time on {place}"
        for place, work in works
        if work and work.interval and work.interval.low > 1 + FAR
    ]
    if found:
        yield Said(
            f"work took {', '.join(found)}, even in long tasks, as cores are shared with other "
            "programs or Dask itself; sizes of tasks are about overhead alone",
            "work took longer than its CPU time: close other programs, or use fewer workers",
        )


def uncertain(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """Sizes whose interval is so wide that their tasks may be far less efficient than asked for."""
    for costs in _costs(tables):
        size, share = costs.smallest, share_text(costs.efficiency)
        brief = f"{costs.place}: the smallest task is uncertain: raise --budget"
        if size and size.value <= 0:
            yield Said(
                f"{costs.place}: noise hides the smallest task that is {share} work: raise "
                "--budget, or close other programs",
                brief,
            )
        elif size and size.interval and size.interval.high > (1 + _UNSURE) * size.value:
            factor = digits(size.interval.high / size.value)
            yield Said(
                f"{costs.place}: the smallest task that is {share} work may be "
                f"{factor} times as large as reported: raise --budget, or close other programs",
                brief,
            )


def few_rounds(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """Costs without intervals, as too few rounds were measured."""
    found = [costs for costs in _costs(tables) if costs.is_rough]
    if found:
        rounds = min(costs.fit.rounds for costs in found if costs.fit)
        places = ", ".join(costs.place for costs in found)
        brief = f"too few rounds ({rounds} of {FEWEST}) to tell how certain costs are"
        yield Said(
            f"{brief}: those on {places} have no intervals; raise --budget or --rounds", brief
        )


def not_measured(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """Large graphs for which the budget was too small."""
    rows = [row for table in tables for row in table.results if is_large(row.case)]
    if left := [row.case.place for row in rows if row.status == "incomplete"]:
        places = ", ".join(dict.fromkeys(left))
        yield Said(
            f"the budget was too small for the large graphs on {places}: a larger --budget shows "
            "whether the cost of a task grows with the graph",
            "large graphs were left out: a larger --budget shows whether costs grow",
        )


RULES = (
    Rule(smallest_task, severity="answer"),
    Rule(few_rounds),
    Rule(idle_tasks),
    Rule(cost_grows),
    Rule(misfit),
    Rule(work_stretched),
    Rule(uncertain),
    Rule(not_measured),
)
