"""What benchmarks tell of their own work."""

from collections.abc import Iterator

from daskbench import benchmarks
from daskbench.findings.rules import Rule
from daskbench.journal.run import Run
from daskbench.stats.groups import Group


def notes(run: Run, groups: list[Group]) -> Iterator[str]:
    """A way of computing that was not the one asked for, and why."""
    for group in groups:
        for row in group.results:
            if not group.tells_failures:  # else its note is in the table
                yield from (f"{row.label}: {note}" for note in row.notes)


def advice(run: Run, groups: list[Group]) -> Iterator[str]:
    """What a benchmark advises where its figures are poor."""
    for group in groups:
        for row in group.results:
            found = benchmarks.advice(row.case.benchmark, row.case.parameters, row.figures)
            if found:
                yield f"{row.label}: {found}"


RULES = (Rule(notes), Rule(advice))
