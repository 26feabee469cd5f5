"""What findings on schedulers share: the row to compare with, and rows with and without account."""

from collections.abc import Iterator

from daskbench.journal.run import Run
from daskbench.stats.accounts import CaseAccount, accounts_of
from daskbench.stats.ratio import Ratio, paired_ratio
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.results import Result
from daskbench.stats.tables import is_serial

#: A cause dominates if it takes more than this part of a row's time.
DOMINATES = 0.5
#: What measures where time goes.
MEASURE = "--why measures it"


def accounts_in(run: Run, table: ResultTable) -> list[CaseAccount]:
    """Return the accounts of a table's rows."""
    return accounts_of(run, table.results)


def unaccounted(run: Run, table: ResultTable) -> Iterator[Result]:
    """Yield the rows without an account."""
    known = {one.result.number for one in accounts_in(run, table)}
    yield from (row for row in table.results if row.number not in known)


def serial_row(table: ResultTable) -> Result | None:
    """Return the baseline, if it runs one task at a time: NumPy, or synchronous."""
    base = table.baseline
    return next((row for row in table.results if row.case == base and is_serial(base)), None)


def paired(run: Run, a: Result, b: Result) -> Ratio | None:
    """Return the ratio of two rows."""
    return paired_ratio(run.samples[a.number], run.samples[b.number], a.suite.settings)
