"""How long the tasks of a benchmark work, beside the smallest that are worth it at each place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from daskbench.document import Column, Row, Section, Table
from daskbench.document.fields import Field, cells_of, columns_of
from daskbench.document.writers import digits, whole_percent
from daskbench.experiments.overhead import rows
from daskbench.experiments.overhead.larger import larger_tasks
from daskbench.experiments.overhead.rows import Cost, Costs
from daskbench.experiments.overhead.writing import cost_text, factor_text
from daskbench.journal.run import Column as Seconds
from daskbench.journal.run import Run
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.results import Result
from daskbench.stats.tables import is_serial, share_a_lane
from daskbench.units import format_seconds

#: To prepare a graph, Dask takes no longer for each of its tasks. Longer is the first task itself.
_LONGEST_TO_PREPARE_S = 1e-3


@dataclass(frozen=True)
class Size:
    """The tasks of a benchmark at a place: how long one works, and by what factor to change that.

    `share` is the part of work in the time of a thread, as costs say it.
    """

    result: Result
    tasks: float
    work_s: float
    smallest: Cost
    share: float
    factor: Cost

    @property
    def options(self) -> str:
        """Options with which tasks work so long; empty if they are not known."""
        return larger_tasks(self.result.case, float(self.factor))


def sizes_of(run: Run, table: ResultTable, found: Sequence[Costs]) -> list[Size]:
    """Return the sizes of a benchmark's tasks, if it was measured one task at a time."""
    work_s = _work_of(run, table, found)
    return [*_sizes(table, found, work_s)] if work_s else []


def is_idle(run: Run, table: ResultTable, found: Sequence[Costs]) -> bool:
    """Whether what tasks do can't be told from what they cost."""
    return _work_of(run, table, found) == 0


def _work_of(run: Run, table: ResultTable, found: Sequence[Costs]) -> float | None:
    """Return the seconds of work of a task, 0 if noise hides them; None if nothing tells."""
    serial = next((row for row in table.results if is_serial(row.case) and row.summary), None)
    costs = _costs_at(serial, found) if serial else None
    if serial is None or costs is None or not serial.loop_tasks:
        return None
    return _work_s(run, serial, costs)


def _sizes(table: ResultTable, found: Sequence[Costs], work_s: float) -> Iterator[Size]:
    for row in table.results:
        costs = _costs_at(row, found)
        if costs is None or costs.smallest is None or not row.loop_tasks:
            continue
        if costs.smallest.value <= 0:  # noise hides it
            continue
        needed = costs.smallest
        yield Size(
            row, row.loop_tasks, work_s, needed, costs.share(work_s), needed.times(1 / work_s)
        )


def _costs_at(row: Result, found: Sequence[Costs]) -> Costs | None:
    cases = ((costs, costs.graphs[0].result.case) for costs in found)
    return next((one for one, case in cases if share_a_lane(row.suite, row.case, case)), None)


def _work_s(run: Run, row: Result, costs: Costs) -> float:
    """Return the seconds of work of a task: the time one after the other, without overhead.

    0 if that is no more than the overhead may be. The graph's own cost is at least that until its
    first task began: that of many objects takes longer to prepare than those that costs are of.
    """
    samples, tasks = run.samples[row.number], row.loop_tasks or 1.0
    counted = samples.counted
    every_s = samples["wall_s"][counted] / samples["loops"][counted]
    assert costs.fit
    fixed, each = (
        rows.cost_of(costs.fit.at({term: amount}), costs.fit.rounds)
        for term, amount in ((rows.FIXED, 1.0), (rows.TASK, tasks))
    )
    graph_s = max(fixed.value, _prepared_s(every_s, samples["first_task_s"][counted], tasks))
    left_s = float(np.median(every_s)) - graph_s
    most_s = each.interval.high if each.interval else each.value
    return (left_s - each.value) / tasks if left_s > most_s else 0.0


def _prepared_s(every_s: Seconds, first_s: Seconds, tasks: float) -> float:
    """Return the seconds until the first task began, which is taken to be as long as the others.

    At most it is what Dask may need for so many tasks.
    """
    if tasks < 2:
        return 0.0
    first = float(np.nan_to_num(np.median(first_s)))
    each_s = (float(np.median(every_s)) - first) / (tasks - 1)
    return min(first - each_s, _LONGEST_TO_PREPARE_S * tasks)


def section_of(table: ResultTable, sizes: Sequence[Size]) -> Section:
    """Return the table of a benchmark's tasks at each place."""
    one = sizes[0]
    fields: list[Field[Size]] = [
        Field(Column("place", "place", right=False), lambda size: size.result.place),
        Field(Column("share", "work", whole_percent), lambda size: size.share),
        Field(Column("efficiency", "measured", whole_percent), lambda size: size.result.efficiency),
        Field(
            Column("smallest", "task needed", cost_text, shown="room"), lambda size: size.smallest
        ),
        Field(Column("factor", "times as large", factor_text), lambda size: size.factor),
        Field(Column("options", "for example", right=False), lambda size: size.options or None),
    ]
    work = f"{one.tasks:.0f} with {format_seconds(one.work_s)} of work each"
    return Section(
        f"the tasks of {table.what}: {work}",
        [Table(columns_of(fields), [Row(cells_of(fields, size)) for size in sizes])],
        "work: its share of a thread's time, by the costs above; measured: speedup over "
        "synchronous / threads, which includes whatever else tasks wait for; times as large: as "
        "they are now",
    )


def sentence_of(size: Size, efficiency: str) -> str:
    """Say in a line what is needed at a place."""
    options = f", for example with {size.options}" if size.options else ""
    factor = f"{digits(float(size.factor))} times as large{options}"
    mend = f"make tasks {factor}" if float(size.factor) > 1 else f"tasks could be {factor}"
    return (
        f"{size.result.place}: a task of {size.result.case.what} has "
        f"{format_seconds(size.work_s)} of work, {efficiency} work takes "
        f"{cost_text(size.smallest)}: {mend}"
    )
