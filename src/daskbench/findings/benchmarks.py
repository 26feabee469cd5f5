"""Findings that benchmarks report about their own results."""

from collections.abc import Iterator

from daskbench import benchmarks
from daskbench.findings.rules import Rule
from daskbench.journal.run import Run
from daskbench.stats.groups import Group


def notes(run: Run, groups: list[Group]) -> Iterator[str]:
    """A method that was used instead of the requested one, and why."""
    for group in groups:
        for row in group.results:
            if not group.tells_failures:  # otherwise its note is in the table
                yield from (f"{row.label}: {note}" for note in row.notes)


def advice(run: Run, groups: list[Group]) -> Iterator[str]:
    """A benchmark's advice when its results are inaccurate."""
    for group in groups:
        for row in group.results:
            found = benchmarks.advice(row.case.benchmark, row.case.parameters, row.figures)
            if found:
                yield f"{row.label}: {found}"


RULES = (Rule(notes), Rule(advice))
