"""What is shown of each suite, in the order in which they were measured: the same in every view."""

from collections.abc import Iterator
from dataclasses import dataclass

from daskbench.stats.groups import Group
from daskbench.views import calibration, memory
from daskbench.views.report import Report
from daskbench.views.section import Section


@dataclass(frozen=True)
class Chapter:
    """A suite: its name and what it is, its tables of times, and what stands below them."""

    heading: str
    groups: list[Group]
    sections: list[Section]


def chapters_of(report: Report, width: int) -> Iterator[Chapter]:
    """Yield what is shown of each suite on a page of that width.

    One that is alone, and that no file describes, has no heading.
    """
    suites = report.run.plan.suites
    for suite in suites:
        groups = [group for group in report.tables if group.suite.name == suite.name]
        sections = _sections(report, suite.name, width)
        heading = ": ".join(part for part in (suite.name, suite.description) if part)
        if groups or sections:
            named = len(suites) > 1 or bool(suite.description)
            yield Chapter(heading if named else "", groups, sections)


def _sections(report: Report, suite: str, width: int) -> list[Section]:
    calibrations = [one for one in report.calibrations if one.suite.name == suite]
    cases = report.run.cases
    held = [case for case in report.shown_memory if cases[case.number][1].name == suite]
    found = [section for one in calibrations for section in calibration.sections_of(one)]
    return found + [memory.section_of(case, width) for case in held]
