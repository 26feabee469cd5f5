"""What `daskbench.bench` returns: a run, with its tables in the forms that Python uses."""

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from daskbench.errors import UsageError, nearest
from daskbench.formats import Page, missing, render_file
from daskbench.journal.read import read_run
from daskbench.journal.store import FOLDER, LATEST, Store
from daskbench.paths import usable
from daskbench.stats.names import names_of

if TYPE_CHECKING:
    import pandas as pd

    from daskbench.api.page import ReportPage
    from daskbench.experiments.report import Report
    from daskbench.journal.run import Run

_WIDTH = 80
#: What can be saved, by the suffix of the file.
_FORMATS = {".csv": "csv", ".json": "json", ".md": "markdown", ".html": "html", ".txt": "table"}


def store_of(store: str | Path | None) -> Path:
    """Return the folder of recorded runs: the given one, DASKBENCH_STORE, or ``.daskbench``."""
    return usable(str(store or os.environ.get("DASKBENCH_STORE") or FOLDER))


class Bench:
    """The results of one run, as its journal holds them.

    In a notebook it shows itself as a table, and elsewhere as text.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @classmethod
    def load(cls, run: str = LATEST, store: str | Path | None = None) -> Self:
        """Return an earlier run: ``latest``, ``latest~1``, its name, or the path of its journal.

        Raises UsageError if there is none.
        """
        return cls(Store(store_of(store)).find_or_file(run))

    @cached_property
    def _run(self) -> "Run":
        return read_run(self.path)

    @cached_property
    def _report(self) -> "Report":
        from daskbench.experiments.report import build

        return build(self._run)

    @property
    def run_id(self) -> str:
        """The name of the run, as `daskbench show` and `daskbench compare` take it."""
        return self._run.run_id

    @property
    def status(self) -> str:
        """``complete``, ``budget`` if that was spent first, or ``interrupted``."""
        return self._run.status

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C, or the kernel's interrupt, ended the run; what was measured is kept."""
        return self.status == "interrupted"

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdict of each row but the baseline, by its name, such as ``threads × 2``.

        It is ``faster``, ``slower``, ``equivalent`` or ``undecided``, or says what an interval
        takes that there is not, such as ``needs 5 rounds``.
        """
        found, names = {}, self._names
        for row in self._report.results:
            compared = row.comparison
            if compared.verdict and row.case != compared.baseline:
                lacks = compared.ratio.lacks if compared.ratio else None
                found[names[row.number]] = str(lacks or compared.verdict)
        return found

    @property
    def failures(self) -> dict[str, str]:
        """Why rows failed, or have no valid sample, by name; empty if all went well."""
        names, rows = self._names, self._report.results
        failed = (row for row in rows if row.status in ("failed", "invalid"))
        return {names[row.number]: row.reason or row.status for row in failed}

    @property
    def _names(self) -> Mapping[int, str]:
        """Names by the number of the case; they tell all rows apart, in whichever table."""
        return names_of(self._run.cases)

    @property
    def findings(self) -> list[str]:
        """The lines below the table: what disturbed the run, or would surprise its reader."""
        return self._report.findings

    def table(self, width: int = _WIDTH, *, explain: bool = False) -> str:
        """Return the table and its findings as text, as the command prints it.

        With `explain`, all findings in full, and what the columns mean.
        """
        from daskbench.formats import render

        page = Page(width, explain=explain, how="table(explain=True)")
        return render("table", self._report.document, page)

    def frame(self) -> "pd.DataFrame":
        """Return a DataFrame with one row a case, in the columns of the CSV; times in seconds."""
        import pandas as pd

        records = self._report.document.records()
        return pd.DataFrame(records.rows, columns=list(records.names)).convert_dtypes()

    def samples(self) -> "pd.DataFrame":
        """Return a DataFrame with one row a sample, including warm-up and invalid ones."""
        return self._run.frame()

    def save(self, path: str | Path, *, force: bool = False) -> None:
        """Write the results to a .csv, .json, .md, .html or .txt file.

        Raises UsageError for another suffix, if the file exists and not `force`, or if it can't be
        written.
        """
        from daskbench.cli.files import write_text

        suffix = Path(path).suffix.lower()
        if suffix not in _FORMATS:
            raise UsageError(f"cannot save {path}: {nearest(suffix, _FORMATS)}")
        if lacks := missing(_FORMATS[suffix]):
            raise UsageError(f"cannot save {path}: it {lacks}")
        document = self._report.document
        whole = suffix == ".txt"
        text = self.table(explain=True) if whole else render_file(_FORMATS[suffix], document)
        write_text(str(path), text, force=force, quiet=True)

    def report(self) -> "ReportPage":
        """Return the report with plots, which a notebook shows in place; it is about 2 MB.

        Raises UsageError without Bokeh.
        """
        from daskbench.api.page import ReportPage

        if lacks := missing("html"):
            raise UsageError(f"a report {lacks}")
        return ReportPage(render_file("html", self._report.document))

    def _repr_html_(self) -> str:
        """Return the tables as escaped HTML, for notebooks."""
        from daskbench.formats.html import render

        return render(self._report.document, Page())

    def __repr__(self) -> str:
        return self.table().rstrip("\n")
