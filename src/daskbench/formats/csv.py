"""CSV for spreadsheets (RFC 4180).

Source: https://www.rfc-editor.org/rfc/rfc4180
"""

import pandas as pd

from daskbench import harmless
from daskbench.document import Document, Records
from daskbench.formats import Page


def render(document: Document, page: Page) -> str:
    """Return one row per record; a cell without a figure is empty."""
    return render_records(document.records())


def render_records(records: Records) -> str:
    """Return records as CSV in which no spreadsheet takes a cell or heading for a formula."""
    frame = pd.DataFrame(records.rows, columns=list(records.names)).convert_dtypes()
    shown = frame.map(harmless.csv).rename(columns=harmless.csv)
    return str(shown.to_csv(index=False, lineterminator="\r\n"))
