"""The samples of a run as CSV inside the page, compressed, to be saved from there."""

import base64
import gzip
from collections.abc import Iterator, Sequence

from daskbench.document import Document, Record, Records
from daskbench.formats.csv import render_records
from daskbench.formats.webpage.text import attribute, shown
from daskbench.journal.run import Run
from daskbench.units import counted

#: More characters of samples than this are left to ``daskbench export``: a page is under 5 MB.
MOST_CHARACTERS = 2_200_000
_NANOSECONDS = 9
#: What is kept if all columns are too much.
_TIMES = (
    *("benchmark", "scheduler", "workers", "round", "launch", "session", "wall_s", "build_s"),
    *("loops", "warmup", "valid", "reason", "suite", "run_id"),
)


def samples(documents: Sequence[Document]) -> Iterator[str]:
    """Yield a button and the data for each run, or say where they are."""
    runs = [document for document in documents if document.run and "samples" in document.tables]
    most = MOST_CHARACTERS // max(len(runs), 1)
    for document in runs:
        assert document.run
        yield from _of_run(document.run, document.tables["samples"](), most)


def _of_run(run: Run, records: Records, most: int) -> Iterator[str]:
    data, columns = packed(records, most)
    command = f"<code>{shown(f'daskbench export {run.run_id} --samples --csv samples.csv')}</code>"
    if not data:
        many = f"{len(records.rows):,} samples"
        yield f"<p>{many} are too many for a page; {command} writes them.</p>"
        return
    name = f"{run.run_id}-samples.csv"
    some = "the columns of times and their proof" if columns == "times" else "all columns"
    yield (
        f'<p><button type="button" class="save" hidden data-name="{attribute(name)}">'
        f"Save {shown(name)}</button> "
        f"{counted(len(records.rows), 'sample')}, {some}, seconds to the nanosecond. "
        f"{command} writes the same, and more, from the journal.</p>"
        f'<script type="application/octet-stream" class="saved">{data}</script>'
    )


def packed(records: Records, most: int) -> tuple[str, str]:
    """Return the CSV compressed by gzip, in base64, and which columns it has.

    All columns if they fit in `most` characters, or those of times; otherwise it is empty.
    """
    for columns, names in (("all", records.names), ("times", _TIMES)):
        kept = [name for name in records.names if name in names]
        rows = [{name: _short(row, name) for name in kept} for row in records.rows]
        text = render_records(Records(kept, rows))
        data = base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
        if len(data) <= most:
            return data, columns
    return "", ""


def _short(row: Record, name: str) -> object:
    value = row.get(name)
    return round(value, _NANOSECONDS) if isinstance(value, float) and name.endswith("_s") else value
