"""What stands below the tables of times, the same in every view."""

from daskbench.views import calibration, memory
from daskbench.views.report import Report
from daskbench.views.section import Section


def sections_of(report: Report, width: int) -> list[Section]:
    """Return the sections of a report for a page of that width."""
    found = [section for one in report.calibrations for section in calibration.sections_of(one)]
    return found + [memory.section_of(case, width) for case in report.shown_memory]
