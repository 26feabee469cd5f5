"""A report on a run, independent of its format: chapters of tables and charts, notes, an outcome.

A cell is a value, and its column knows how to write it, so that a format can show it, sort by it,
or draw it. No format knows which experiment a table belongs to.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal, TypeVar

from daskbench.document.chart import Axis, Bar, Chart, Curve, Forest
from daskbench.journal.run import Run
from daskbench.stats.results import Result

V = TypeVar("V")

#: Shown in place of a missing figure.
NONE = "-"
#: Marks the best row of a table.
BEST = "*"

#: The meaning of a row or a note, which formats turn into colours.
Tone = Literal["plain", "best", "good", "bad", "failed", "undecided", "dim"]
#: An answer is what the user asked for; a warning is a disturbance or a surprise.
Severity = Literal["answer", "warning"]
#: When a terminal shows a column: always, where there is room, or if asked for.
Shown = Literal["always", "room", "asked"]
Record = dict[str, Any]


@dataclass(frozen=True)
class Column(Generic[V]):
    """A column of values: its name for programs, its title, and how to write a value.

    Figures are aligned right; text may wrap. If there is room for words, a format may show the
    same values by `in_words` instead, and where there is little room, as `narrow` writes them,
    below a `short` title. `shown` says when a terminal shows the column, and `tone` what a value
    means. A column that is `told_once` is in a line above where all rows agree; one that is `drawn`
    is a picture of characters, which must be equally wide.
    """

    name: str
    title: str
    write: Callable[[V], str] = str
    right: bool = True
    wraps: bool = False
    in_words: "Column[V] | None" = None
    narrow: Callable[[V], str] | None = None
    short: str = ""
    shown: Shown = "always"
    told_once: bool = False
    drawn: bool = False
    tone: Callable[[V | str], Tone] | None = None

    def text(self, value: V | str | None, *, narrow: bool = False) -> str:
        """Return a cell as text, `narrow` if need be; it may hold words instead of a figure."""
        if value is None:
            return NONE
        write = self.narrow if narrow and self.narrow else self.write
        return value if isinstance(value, str) else write(value)


@dataclass(frozen=True)
class Row:
    """The cells of a row, one per column, None if there is no figure.

    `why` says why figures are missing. `sentence` is the whole row in words, for logs. A `telling`
    row needs attention, and is shown first if there are many. `bar` is its main figure, drawn.
    `wrong` are the things that are wrong with it although it has figures, a few words each. With
    `expected` whatever is wrong with it is a result, and no trouble.
    """

    cells: Sequence[Any]
    tone: Tone = "plain"
    why: str = ""
    sentence: str = ""
    telling: bool = False
    bar: Bar | None = None
    wrong: Sequence[str] = ()
    expected: bool = False

    @property
    def reasons(self) -> list[str]:
        """Why figures are missing, and everything that is wrong with the row."""
        return [*([self.why] if self.why else []), *self.wrong]

    @property
    def troubles(self) -> list[str]:
        """What is wrong with the row and should not be."""
        return [] if self.expected else self.reasons


@dataclass(frozen=True)
class Table:
    """Columns and rows; the first column names the rows.

    `axis` is that of the rows' bars, and `bars` what they are. `same` is what holds in all rows, in
    words.
    """

    columns: Sequence[Column[Any]]
    rows: Sequence[Row]
    axis: Axis = "from zero"
    same: str = ""
    bars: str = ""

    def texts(self, *, marked: bool = True, narrow: bool = False) -> list[list[str]]:
        """Return all cells as text; if `marked`, with the best row marked without colour."""
        return [self._texts(row, marked and row.tone == "best", narrow) for row in self.rows]

    def _texts(self, row: Row, is_marked: bool, narrow: bool) -> list[str]:
        cells = zip(self.columns, row.cells, strict=True)
        first, *others = [column.text(cell, narrow=narrow) for column, cell in cells]
        return [f"{first} {BEST}" if is_marked else first, *others]

    def in_words(self) -> "Table":
        """Return the table in words, as far as columns have them, and why figures are missing."""
        chosen = [column.in_words or column for column in self.columns]
        rows = [replace(row, cells=[*self._worded(row)]) for row in self.rows]
        return replace(self, columns=chosen, rows=rows)

    def _worded(self, row: Row) -> Iterator[Any]:
        for column, cell in zip(self.columns, row.cells, strict=True):
            missing = column.in_words and row.why and isinstance(cell, str)
            yield row.why if missing else cell


@dataclass(frozen=True)
class Outcome:
    """The result of a table: a word if there is a gate, and a sentence."""

    sentence: str
    word: str | None = None

    def __str__(self) -> str:
        return f"{self.word}: {self.sentence}" if self.word else self.sentence


@dataclass(frozen=True)
class Said:
    """A line in full, and as a terminal shows it at first: what it is, and what to do.

    Without a `brief` form it is cut there; if that is None, it is shown only on request.
    """

    text: str
    brief: str | None = ""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Section:
    """Tables under one heading, their legend, charts, and the lines below.

    The `chart_note` is shown only if charts are drawn. The `answer` is what its tables say, in a
    sentence, unless there is an outcome. `forests` and `curves` are for formats that draw them.
    """

    heading: str
    tables: Sequence[Table]
    legend: str = ""
    charts: Sequence[Chart] = ()
    chart_note: str = ""
    lines: Sequence[str | Said] = ()
    outcome: Outcome | None = None
    forests: Sequence[Forest] = ()
    curves: Sequence[Curve] = ()
    answer: str = ""


@dataclass(frozen=True)
class Chapter:
    """The sections of one suite. A single suite has no heading."""

    heading: str
    sections: Sequence[Section]


@dataclass(frozen=True)
class Note:
    """One finding: a line, its severity, and a code that identifies its kind to programs.

    `brief` is its form on a terminal, as in `Said`. What is `urgent` comes before the others there.
    `see` is the address of documentation on it.
    """

    text: str
    code: str
    severity: Severity = "warning"
    brief: str | None = ""
    urgent: bool = False
    see: str = ""


@dataclass(frozen=True)
class Records:
    """Rows of plain values under the names that CSV and JSON share; names include units."""

    names: Sequence[str]
    rows: Sequence[Record]


@dataclass(frozen=True)
class Document:
    """The report on a run, or on a comparison of runs.

    `records` are its rows and `facts` all of it as plain values; `tables` are further rows, by
    name. They are computed on demand, as there may be a million samples. `commands` measure the
    run again, the last of them in Python if that measured it. `timelines` are further sections with
    charts, for formats that draw every chart.
    """

    chapters: Sequence[Chapter]
    records: Callable[[], Records]
    facts: Callable[[], Record]
    notes: Sequence[Note] = ()
    run: Run | None = None
    results: Sequence[Result] = ()
    tables: Mapping[str, Callable[[], Records]] = field(default_factory=dict)
    commands: Sequence[str] = ()
    timelines: Sequence[Section] = ()
