"""Rows without a verdict, and what it would take to give them one."""

from collections.abc import Iterator

from daskbench.document import Said
from daskbench.findings.forecast import UNDECIDED, more
from daskbench.journal.run import Run
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.results import Result
from daskbench.stats.verdict import Verdict, units_to_decide
from daskbench.units import counted


def undecided(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """Rows whose interval leaves the verdict open, and how many more rounds would close it."""
    for table in tables:
        rows = [row for row in table.results if row.comparison.verdict is Verdict.UNDECIDED]
        known = [(row, told) for row in rows if (told := _more(run, table, row))]
        if known:
            (first, told), more = known[0], len(known) - 1
            also = f" and {counted(more, 'more row')}" if more else ""
            yield Said(
                f"{UNDECIDED}: {', '.join(f'{row.label} ({told})' for row, told in known)}",
                f"undecided: {first.label} ({told}){also}; measure longer",
            )


def _more(run: Run, table: ResultTable, row: Result) -> str | None:
    base, ratio = row.comparison.baseline, row.comparison.ratio
    number = next((one.number for one in table.results if one.case == base), row.number)
    settings = row.suite.settings
    units = units_to_decide(ratio.interval, settings) if ratio and ratio.interval else None
    return more(run, {row.number, number}, settings, units)
