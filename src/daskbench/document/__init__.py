"""What is said of a run, without a format: chapters of tables and charts, notes, an outcome.

A cell is a value, and its column knows how it is written: so a format can show it, sort by it, or
draw it. No format knows which experiment a table is of.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal, TypeVar

from daskbench.document.chart import Chart
from daskbench.journal.run import Run
from daskbench.stats.results import Result

V = TypeVar("V")

#: What stands where there is no figure.
NONE = "-"
#: What marks the best of a table's rows.
BEST = "*"

#: What a row or a note means; formats make colours of it.
Tone = Literal["plain", "best", "good", "bad", "failed", "undecided", "dim"]
#: An answer is what was asked for; a warning tells what disturbs, or would surprise.
Severity = Literal["answer", "warning"]
Record = dict[str, Any]


@dataclass(frozen=True)
class Column(Generic[V]):
    """A column of values: the name that programs know it by, its title, how a value is written.

    Figures stand to the right; text may wrap. Where there is room for words, a format may show
    `in_words` instead, of the same values.
    """

    name: str
    title: str
    write: Callable[[V], str] = str
    right: bool = True
    wraps: bool = False
    in_words: "Column[V] | None" = None

    def text(self, value: V | str | None) -> str:
        """Write a cell; words may stand in the place of a figure."""
        if value is None:
            return NONE
        return value if isinstance(value, str) else self.write(value)


@dataclass(frozen=True)
class Row:
    """The cells of a row, one a column, None where there is no figure.

    `why` says why figures are missing. `sentence` is the whole row in words, for logs. A `telling`
    row is to be looked at first, where there are many.
    """

    cells: Sequence[Any]
    tone: Tone = "plain"
    why: str = ""
    sentence: str = ""
    telling: bool = False


@dataclass(frozen=True)
class Table:
    """Columns and rows; the first column names the rows."""

    columns: Sequence[Column[Any]]
    rows: Sequence[Row]

    def texts(self) -> list[list[str]]:
        """Return all cells as they are written, the best row marked without a colour."""
        return [self._texts(row) for row in self.rows]

    def _texts(self, row: Row) -> list[str]:
        first, *others = [c.text(cell) for c, cell in zip(self.columns, row.cells, strict=True)]
        return [f"{first} {BEST}" if row.tone == "best" else first, *others]

    def in_words(self) -> "Table":
        """Return the table with words where a column has them, and why figures are missing."""
        chosen = [column.in_words or column for column in self.columns]
        rows = [replace(row, cells=[*self._worded(row)]) for row in self.rows]
        return Table(chosen, rows)

    def _worded(self, row: Row) -> Iterator[Any]:
        for column, cell in zip(self.columns, row.cells, strict=True):
            missing = column.in_words and row.why and isinstance(cell, str)
            yield row.why if missing else cell


@dataclass(frozen=True)
class Outcome:
    """What a table comes to: in a word where a gate asked for one, and in a sentence."""

    sentence: str
    word: str | None = None

    def __str__(self) -> str:
        return f"{self.word}: {self.sentence}" if self.word else self.sentence


@dataclass(frozen=True)
class Section:
    """Tables under one heading, how to read them, charts, and what is said below.

    The `chart_note` is only for where charts are drawn.
    """

    heading: str
    tables: Sequence[Table]
    legend: str = ""
    charts: Sequence[Chart] = ()
    chart_note: str = ""
    lines: Sequence[str] = ()
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Chapter:
    """What is shown of one suite. One that is alone has no heading."""

    heading: str
    sections: Sequence[Section]


@dataclass(frozen=True)
class Note:
    """One finding: a line, how much it matters, and a name by which programs know its kind."""

    text: str
    code: str
    severity: Severity = "warning"


@dataclass(frozen=True)
class Records:
    """Rows of plain values under the names that CSV and JSON share; names carry units."""

    names: Sequence[str]
    rows: Sequence[Record]


@dataclass(frozen=True)
class Document:
    """All that is said of a run, or of a comparison of runs.

    `records` are its rows and `facts` is all of it as plain values; `tables` are further rows, by
    name. They are made when they are asked for: samples may be a million.
    """

    chapters: Sequence[Chapter]
    records: Callable[[], Records]
    facts: Callable[[], Record]
    notes: Sequence[Note] = ()
    run: Run | None = None
    results: Sequence[Result] = ()
    tables: Mapping[str, Callable[[], Records]] = field(default_factory=dict)
