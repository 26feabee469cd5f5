"""CSV for spreadsheets (RFC 4180): one row a case, or one row a sample.

Source: https://www.rfc-editor.org/rfc/rfc4180
"""

from collections.abc import Callable, Sequence

import pandas as pd

from daskbench import harmless
from daskbench.journal.run import Run
from daskbench.stats.comparison import Comparisons
from daskbench.views import Page, comparison
from daskbench.views.report import Report
from daskbench.views.rows import EVENTS, TIMELINE, Row, event_rows, row_of, timeline_rows

_BEFORE_PARAMETERS = 4


def render(report: Report, page: Page) -> str:
    """Return one row a case; a cell is empty where there is no figure.

    Where all that the run measured are two sides, a row is a comparison.
    """
    if report.comparison and not report.tables:
        return compared(report.comparison, page)
    rows = [row_of(result, report.run.run_id) for result in report.results]
    parameters = [name for result in report.results for name in result.case.parameters]
    return _to_csv(pd.DataFrame(rows, columns=_columns(rows, parameters)).convert_dtypes())


def compared(comparisons: Comparisons, page: Page) -> str:
    """Return one row a comparison."""
    rows = [comparison.row_of(comparisons, row) for row in comparisons.rows]
    parameters = [name for row in comparisons.rows for name in row.result.case.parameters]
    return _to_csv(pd.DataFrame(rows, columns=_columns(rows, parameters)).convert_dtypes())


def render_samples(report: Report) -> str:
    """Return one row a sample, warm-up and invalid ones included."""
    return _to_csv(report.run.frame())


def render_timeline(report: Report) -> str:
    """Return one row a reading of a worker; the case stands last, as its place in the run."""
    return _of_cases(report, TIMELINE, timeline_rows)


def render_events(report: Report) -> str:
    """Return one row for each thing that happened to a worker."""
    return _of_cases(report, EVENTS, event_rows)


def _of_cases(
    report: Report, names: Sequence[str], rows_of: Callable[[Run, int], list[Row]]
) -> str:
    columns = [*names, "case", "case_number"]
    rows = [
        {**row, "case": case.label, "case_number": case.number}
        for case in report.memory
        for row in rows_of(report.run, case.number)
    ]
    return _to_csv(pd.DataFrame(rows, columns=columns).convert_dtypes())


def _columns(rows: list[Row], parameters: list[str]) -> list[str]:
    """Return the union of the rows' columns; the parameters of all benchmarks stand together."""
    fixed = list(rows[0])[:_BEFORE_PARAMETERS]
    every = dict.fromkeys(name for row in rows for name in row)
    own = dict.fromkeys([*fixed, *parameters])
    *figures, suite, run_id = [name for name in rows[0] if name not in own]
    more = [name for name in every if name not in own and name not in rows[0]]
    return [*own, *figures, *more, suite, run_id]


def _to_csv(frame: pd.DataFrame) -> str:
    """Write a frame so that no spreadsheet runs a cell or a heading of it."""
    shown = frame.map(harmless.csv).rename(columns=harmless.csv)
    return str(shown.to_csv(index=False, lineterminator="\r\n"))
