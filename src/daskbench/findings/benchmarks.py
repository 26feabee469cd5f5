"""Findings that benchmarks report about their own results."""

from collections.abc import Iterator, Sequence

from daskbench import benchmarks
from daskbench.document import Said
from daskbench.findings.rules import Rule
from daskbench.journal.run import Run
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.results import Result
from daskbench.units import counted


def notes(run: Run, tables: list[ResultTable]) -> Iterator[str]:
    """What benchmarks report about samples: a method used instead, how answers were checked."""
    for table in tables:
        if not table.tells_failures:  # otherwise its note is in the table
            yield from _notes([row for row in table.results if not row.case.reference])


def _notes(rows: Sequence[Result]) -> Iterator[str]:
    """Yield each note once, with its rows unless it holds for all that were measured."""
    measured = [row for row in rows if row.summary]
    for note in dict.fromkeys(note for row in rows for note in row.notes):
        labels = [row.label for row in rows if note in row.notes]
        everywhere = len(labels) > 1 and all(note in row.notes for row in measured)
        yield note if everywhere else f"{', '.join(labels)}: {note}"


def advice(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """A benchmark's advice when its results are inaccurate; on a terminal, once for a table."""
    for table in tables:
        every = {row.label: _advice(row) for row in table.results}
        found = {label: text for label, text in every.items() if text}
        brief: str | None = None
        if found:
            rows = counted(len(found), "row") if len(found) > 1 else next(iter(found))
            brief = f"{rows}: inaccurate; {next(iter(found.values())).rpartition('; ')[2]}"
        for label, text in found.items():
            yield Said(f"{label}: {text}", brief)
            brief = None


def _advice(row: Result) -> str | None:
    return benchmarks.advice(row.case.benchmark, row.case.parameters, row.figures)


RULES = (Rule(notes), Rule(advice, urgent=True))
