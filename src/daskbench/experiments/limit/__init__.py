"""How little memory is enough: the smallest limit of a worker, by bisection over real runs."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from daskbench.conductor.policy import Policy
from daskbench.conductor.ports import Progress
from daskbench.experiments.base import Experiment, Part
from daskbench.experiments.limit import plan
from daskbench.experiments.limit.document import COLUMNS, section_of
from daskbench.experiments.limit.findings import RULES
from daskbench.experiments.limit.next import Bisection
from daskbench.experiments.limit.rows import (
    bound_record,
    is_broken,
    outcome_of,
    record_of,
    search_of,
)
from daskbench.experiments.limit.search import most_trials
from daskbench.journal.run import Run
from daskbench.model import Case, Suite
from daskbench.stats.tables import Numbered
from daskbench.units import format_seconds


class Limit(Experiment):
    """Searches for the smallest memory limits without spilling, without a pause, and at all."""

    rules = RULES
    facts = ("limits",)
    keys: ClassVar = plan.KEYS
    columns: ClassVar = COLUMNS
    make = staticmethod(plan.make)

    def extent(self, suite: Suite) -> str:
        """Describe the range of limits and the number of trials."""
        return plan.extent(suite)

    def foretold(self, suite: Suite) -> list[str]:
        """Describe the range of limits, the number of trials and the longest time of a sample."""
        timeout = format_seconds(suite.settings.timeout_s)
        return [f"{plan.extent(suite)}; a sample ends after {timeout} (--timeout)"]

    def most_cases(self, suite: Suite) -> int:
        """Return the largest number of trials, if outcomes are monotone."""
        return most_trials(len(suite.cases))

    def policy(
        self,
        suite: Suite,
        cases: Mapping[int, Case],
        before: Progress,
        seed: int,
        start_s: float,
    ) -> Policy:
        """Return bisection: each trial's outcome decides the next limit."""
        return Bisection(suite, cases, before)

    def read(self, run: Run, suite: Suite, numbered: Sequence[Numbered], published: bool) -> Part:
        """Return one row per limit tried. Failures of small limits are expected."""
        search = search_of(run, suite, numbered)
        return Part(
            suite,
            (search,),
            (section_of(search),),
            failed=is_broken(search) or any(bound.found is None for bound in search.bounds),
            figures={row.number: record_of(trial) for row, trial in search.tried if trial},
            facts={"limits": [bound_record(suite, bound) for bound in search.bounds]},
            tells_memory=True,
        )

    def outcomes(self, run: Run) -> Mapping[int, int]:
        """Return the outcomes of the limits that were tried, or begun."""
        own = [n for n, suite, _ in run.cases if suite.experiment.kind == plan.KIND]
        found = {number: outcome_of(run, number) for number in own}
        return {number: outcome for number, outcome in found.items() if outcome is not None}


EXPERIMENT = Limit()
