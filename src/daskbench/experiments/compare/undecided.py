"""Rows without a verdict, and what it would take to give them one."""

from collections.abc import Iterator

from daskbench.document import Said
from daskbench.findings.forecast import more, still_open
from daskbench.journal.run import Run
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.results import Result
from daskbench.stats.verdict import Verdict, units_to_decide


def undecided(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """Rows whose interval leaves the verdict open, and how many more rounds would close it.

    On a terminal one line counts those of all tables.
    """
    every = [(t.name, known) for t in tables if (known := [*_known(run, t.unnamed)])]
    for number, (name, known) in enumerate(every):
        said = still_open(known, sum(len(one) for _, one in every) - 1, name)
        yield Said(said.text, None) if number else said


def _known(run: Run, table: ResultTable) -> Iterator[tuple[str, str]]:
    """Yield the undecided rows of a table, with what would decide them."""
    for row in table.results:
        if row.comparison.verdict is Verdict.UNDECIDED and (told := _more(run, table, row)):
            yield row.label, told


def _more(run: Run, table: ResultTable, row: Result) -> str | None:
    base, ratio = row.comparison.baseline, row.comparison.ratio
    number = next((one.number for one in table.results if one.case == base), row.number)
    interval = ratio.interval if ratio else None
    units = units_to_decide(interval, row.suite.settings) if interval else None
    return more(run, {row.number, number}, row.suite, units)
