"""What a finding is made by: a function over the tables of a run, and how its lines are told."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from daskbench.document import Note, Severity
from daskbench.journal.run import Run
from daskbench.stats.groups import Group

Find = Callable[[Run, list[Any]], Iterator[str]]


@dataclass(frozen=True)
class Rule:
    """Looks for one thing in a run and its tables, and tells each time that it is there.

    With `per_table` its lines name no row, so that they are told of each table by itself.
    """

    find: Find
    severity: Severity = "warning"
    per_table: bool = False

    @property
    def code(self) -> str:
        """The name by which programs know the kind of finding."""
        return self.find.__name__.replace("_", "-")

    def notes(self, run: Run, named: Sequence[tuple[str, Group]]) -> Iterator[Note]:
        """Yield what it finds in tables, each of which has a title where there are several."""
        if not self.per_table:
            yield from map(self._note, self.find(run, [group for _, group in named]))
            return
        for title, group in named:
            for line in self.find(run, [group]):
                yield self._note(f"{title}: {line}" if title else line)

    def _note(self, line: str) -> Note:
        return Note(line, self.code, self.severity)
