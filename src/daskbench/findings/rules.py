"""The rules behind findings: a function over the tables of a run, and how to show its lines."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from daskbench.document import Note, Severity
from daskbench.journal.run import Run
from daskbench.stats.result_tables import ResultTable


@dataclass(frozen=True)
class Said:
    """A finding in full, and in one line: what it is, and what to do."""

    text: str
    brief: str


Find = Callable[[Run, list[Any]], Iterator[str | Said]]


@dataclass(frozen=True)
class Rule:
    """Looks for one thing in a run and its tables, and yields a line per occurrence.

    With `per_table` its lines name no row, so they are made for each table separately. Lines of
    rules that are `urgent` are read before others: without them a reader takes the table for whole.
    """

    find: Find
    severity: Severity = "warning"
    per_table: bool = False
    urgent: bool = False

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
            for line in self.find(run, [table]):
                yield self._note(line, f"{title}: " if title else "")

    def _note(self, line: str | Said, title: str = "") -> Note:
        if isinstance(line, str):
            return Note(title + line, self.code, self.severity, urgent=self.urgent)
        text, brief = title + line.text, title + line.brief
        return Note(text, self.code, self.severity, brief, self.urgent)
