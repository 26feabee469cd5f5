"""Findings that benchmarks report about their own results."""

from collections.abc import Iterator

from daskbench import benchmarks
from daskbench.findings.rules import Rule
from daskbench.journal.run import Run
from daskbench.stats.result_tables import ResultTable


def notes(run: Run, tables: list[ResultTable]) -> Iterator[str]:
    """A method that was used instead of the requested one, and why."""
    for table in tables:
        for row in table.results:
            if not table.tells_failures:  # otherwise its note is in the table
                yield from (f"{row.label}: {note}" for note in row.notes)


def advice(run: Run, tables: list[ResultTable]) -> Iterator[str]:
    """A benchmark's advice when its results are inaccurate."""
    for table in tables:
        for row in table.results:
            found = benchmarks.advice(row.case.benchmark, row.case.parameters, row.figures)
            if found:
                yield f"{row.label}: {found}"


RULES = (Rule(notes), Rule(advice))
