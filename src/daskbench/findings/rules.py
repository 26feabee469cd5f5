"""The rules behind findings: a function over the tables of a run, and how to show its lines."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from daskbench.document import Note, Said, Severity
from daskbench.journal.run import Run
from daskbench.stats.result_tables import ResultTable

#: Dask's documentation, to which terminals link what is found.
SCHEDULING = "https://docs.dask.org/en/stable/scheduling.html"
CONFIGURATION = "https://docs.dask.org/en/stable/configuration.html"
WORKER_MEMORY = "https://distributed.dask.org/en/stable/worker-memory.html"

Find = Callable[[Run, list[Any]], Iterator[str | Said]]


@dataclass(frozen=True)
class Rule:
    """Looks for one thing in a run and its tables, and yields a line per occurrence.

    With `per_table` its lines name no row, so they are made for each table separately. Lines of
    rules that are `urgent` are read before others: the table is not whole, or its times disturbed.
    `see` is the address of Dask's documentation on that.
    """

    find: Find
    severity: Severity = "warning"
    per_table: bool = False
    urgent: bool = False
    see: str = ""

    @property
    def code(self) -> str:
        """The name that identifies this kind of finding to programs."""
        return self.find.__name__.replace("_", "-")

    def notes(self, run: Run, named: Sequence[tuple[str, ResultTable]]) -> Iterator[Note]:
        """Yield its findings in the tables, which have titles if there are several."""
        if not self.per_table:
            yield from map(self._note, self.find(run, [table for _, table in named]))
            return
        for title, table in named:
            for line in self.find(run, [table.unnamed if title else table]):
                yield self._note(line, f"{title}: " if title else "")

    def _note(self, line: str | Said, title: str = "") -> Note:
        said = Said(line) if isinstance(line, str) else line
        brief = title + said.brief if said.brief else said.brief
        return Note(title + said.text, self.code, self.severity, brief, self.urgent, self.see)
