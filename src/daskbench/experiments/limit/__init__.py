"""How little memory is enough: the smallest limit of a worker, by bisection on real runs."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from daskbench.conductor.policy import Policy
from daskbench.conductor.ports import Progress
from daskbench.experiments.base import Experiment, Part
from daskbench.experiments.limit import plan
from daskbench.experiments.limit.document import section_of
from daskbench.experiments.limit.findings import RULES
from daskbench.experiments.limit.next import Bisection
from daskbench.experiments.limit.rows import bound_record, outcome_of, record_of, search_of
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
    make = staticmethod(plan.make)

    def extent(self, suite: Suite) -> str:
        """Say between which limits is searched, and in how many trials."""
        return plan.extent(suite)

    def foretold(self, suite: Suite) -> list[str]:
        """Say between which limits is searched, and how long that may become."""
        timeout = format_seconds(suite.settings.timeout_s)
        return [f"{plan.extent(suite)}; a sample ends after {timeout} (--timeout)"]

    def most_cases(self, suite: Suite) -> int:
        """Return how many limits are tried at most, where outcomes make sense."""
        return most_trials(len(suite.cases))

    def policy(
        self,
        suite: Suite,
        cases: Mapping[int, Case],
        before: Progress,
        seed: int,
        start_s: float,
    ) -> Policy:
        """Try a limit, look what came of it, and go on with the one that it leads to."""
        return Bisection(suite, cases, before)

    def read(self, run: Run, suite: Suite, numbered: Sequence[Numbered], published: bool) -> Part:
        """Return one row a limit tried. That small ones fail is what is searched for."""
        search = search_of(run, suite, numbered)
        return Part(
            suite,
            (search,),
            (section_of(search),),
            failed=any(bound.found is None for bound in search.bounds),
            figures={row.number: record_of(trial) for row, trial in search.tried if trial},
            facts={"limits": [bound_record(suite, bound) for bound in search.bounds]},
            tells_memory=True,
        )

    def outcomes(self, run: Run) -> Mapping[int, int]:
        """Return what came of the limits that were tried, or begun."""
        own = [n for n, suite, _ in run.cases if suite.experiment.kind == plan.KIND]
        found = {number: outcome_of(run, number) for number in own}
        return {number: outcome for number, outcome in found.items() if outcome is not None}


EXPERIMENT = Limit()
