"""Reports of cases with made-up accounts."""

from pathlib import Path

from daskbench.events import Event
from daskbench.experiments.report import Report
from daskbench.model import Case
from tests.unit.builders import make_accounted, make_plan, make_report, make_suite, timed

#: A case, the seconds of its samples, and the core-seconds of the causes in its account.
Row = tuple[Case, float, dict[str, float]]


def reported(folder: Path, *rows: Row, name: str = "suite") -> Report:
    """A report of rows, each with six samples and three accounts; without causes it has none."""
    events: list[Event] = []
    for number, (case, seconds, causes) in enumerate(rows):
        threads = (case.workers or 1) * (case.threads_per_worker or 1)
        noise = (1.0, 1.01, 0.99, 1.0, 1.01, 0.99)
        events += timed(number, [seconds * one for one in noise], cpu_s=seconds)
        if causes:
            events += [make_accounted(number, seconds, threads, **causes) for _ in range(3)]
    return make_report(folder, events, make_plan(make_suite(*(case for case, _, _ in rows))))


def lines_of(report: Report) -> list[str]:
    """What is said below the bars of its tables."""
    return [
        str(line)
        for chapter in report.document.chapters
        for section in chapter.sections
        if section.heading.startswith("core-seconds")
        for line in section.lines
    ]


def noted(report: Report, code: str) -> list[str]:
    """Its findings of a kind."""
    return [note.text for note in report.notes if note.code == code]
