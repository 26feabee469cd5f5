"""What every view shows: built once from a run, so that all views agree."""

from dataclasses import dataclass

from daskbench.findings import findings_of
from daskbench.journal.run import Run
from daskbench.model import Case, Published
from daskbench.stats.calibration import Calibration, calibrations_of
from daskbench.stats.comparison import Comparisons, compare_sides
from daskbench.stats.groups import Group, groups_of
from daskbench.stats.memory import CaseMemory, memory_of
from daskbench.stats.results import Result


@dataclass(frozen=True)
class Report:
    """A run, its results, what its workers held, and what was found in all that.

    `comparison` is that of the run's two sides, or with another run.
    """

    run: Run
    groups: list[Group]
    findings: list[str]
    memory: list[CaseMemory]
    calibrations: list[Calibration]
    published: bool = False
    comparison: Comparisons | None = None

    @property
    def tables(self) -> list[Group]:
        """The groups that make a table: what the machine can do is told in a line.

        What a calibration tells stands for its table, once it has a whole comparison; and two sides
        stand in the comparison.
        """
        failed = {self.run.cases[number][1].name for number in self.run.failures}
        told = [c.suite.name for c in self.calibrations if c.suite.name not in failed]
        own = [g for g in self.groups if not g.is_hardware and g.suite.name not in told]
        return [group for group in own if not (self.comparison and _is_sided(group))]

    @property
    def shown_memory(self) -> list[CaseMemory]:
        """What is shown of the workers' memory: some groups tell of it in their own tables."""
        own = {
            result.number
            for group in self.groups
            if group.is_search or group.is_thresholds
            for result in group.results
        }
        return [case for case in self.memory if case.number not in own]

    @property
    def results(self) -> list[Result]:
        """All results, in the order of the tables."""
        return [result for group in self.groups for result in group.results]


def build(run: Run, *, published: bool = False, comparison: Comparisons | None = None) -> Report:
    """Return the report of a run, with published figures beside the measured if asked.

    Without a `comparison` the run's own sides are compared, if it has any.
    """
    comparison = comparison or compare_sides(run)
    groups = groups_of(run)
    results = [result for group in groups for result in group.results]
    return Report(
        run,
        groups,
        findings_of(run, groups),
        memory_of(run, results),
        calibrations_of(run),
        published,
        comparison,
    )


def _is_sided(group: Group) -> bool:
    return any(result.case.side.name for result in group.results)


def published_for(group: Group, case: Case) -> Published | None:
    """Return the figure that was published for this case, if there is one."""
    return next(
        (
            figure
            for figure in group.suite.published
            if (figure.scheduler, figure.workers) == (case.scheduler, case.workers)
            and case.threads_per_worker in (None, 1)
        ),
        None,
    )
