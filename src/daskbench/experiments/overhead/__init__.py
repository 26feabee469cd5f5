"""What a task costs: graphs of known shape on each scheduler, and the size that is worth it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from daskbench.conductor.policy import Policy
from daskbench.conductor.ports import Progress
from daskbench.experiments.base import Experiment, Part
from daskbench.experiments.overhead import plan
from daskbench.experiments.overhead.document import record_of, sections_of
from daskbench.experiments.overhead.findings import RULES, smallest_task
from daskbench.experiments.overhead.graphs import FITTED, graph_of
from daskbench.experiments.overhead.next import Affordable
from daskbench.experiments.overhead.rows import Costs, CostTable, costs_of
from daskbench.experiments.overhead.sizes import is_idle, section_of, sizes_of
from daskbench.journal.run import Run
from daskbench.model import Case, Suite
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.tables import Numbered
from daskbench.units import format_seconds


class Overhead(Experiment):
    """Fits the costs of a task, a dependency and a byte to the times of graphs of known shape."""

    rules = RULES
    facts = ("overheads",)
    keys: ClassVar = plan.KEYS
    make = staticmethod(plan.make)

    def foretold(self, suite: Suite) -> list[str]:
        """Say when it ends, and what is measured only then."""
        budget = format_seconds(suite.settings.budget_s or 0.0)
        return [f"about {budget} (--budget); graphs of more than {FITTED:,} tasks if time allows"]

    def policy(
        self,
        suite: Suite,
        cases: Mapping[int, Case],
        before: Progress,
        seed: int,
        start_s: float,
    ) -> Policy:
        """Return the policy: what the budget allows."""
        return Affordable(suite, cases, before, seed, start_s)

    def read(self, run: Run, suite: Suite, numbered: Sequence[Numbered], published: bool) -> Part:
        """Return the costs at each place; times alone until every term has a sample."""
        part = super().read(run, suite, numbered, published)
        known = [replace(one, race=False) for one in part.tables if _is_known(one)]
        others = [one for one in part.tables if not _is_known(one)]
        costs = costs_of(run, known)
        if not costs:
            return replace(part, tables=(*known, *others))
        sizes = [(table, sizes_of(run, table, costs)) for table in others]
        first = CostTable(
            **vars(known[0]),
            costs=tuple(costs),
            sizes=tuple(size for _, found in sizes for size in found),
            idle=tuple(table.what for table in others if is_idle(run, table, costs)),
        )
        failed = run.failures.keys() & {number for number, _, _ in numbered}
        return replace(
            part,
            tables=(first, *known[1:], *others),
            sections=(
                *(part.sections if failed else ()),
                *sections_of(costs),
                *(section_of(table, found) for table, found in sizes if found),
            ),
            facts={"overheads": [record_of(one, suite.name) for one in costs]},
        )


EXPERIMENT = Overhead()


def _is_known(table: ResultTable) -> bool:
    return graph_of(table.results[0].case) is not None


def told_by(run: Run) -> list[str]:
    """Return a one-line summary of each such suite of a run."""
    told = []
    for suite in run.plan.suites:
        if suite.experiment.kind == plan.KIND:
            numbered = [one for one in run.cases if one[1] is suite]
            tables = EXPERIMENT.read(run, suite, numbered, False).tables
            told += [one.text for one in smallest_task(run, [*tables])][:1]
    return told


__all__ = ["EXPERIMENT", "Costs", "told_by"]
