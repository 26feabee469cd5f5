"""The base of all experiments: from option values to the document about the samples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from daskbench.benchmarks import graph_of
from daskbench.conductor.policy import Policy
from daskbench.conductor.ports import Progress
from daskbench.conductor.rounds import Rounds
from daskbench.config import ANY, Key, make_suite
from daskbench.config.kinds import Here
from daskbench.document import Column, Record, Section
from daskbench.document.times import COLUMNS, section_of
from daskbench.findings.rules import Rule
from daskbench.journal.run import Run
from daskbench.model import Case, Settings, Suite
from daskbench.stats.result_tables import ResultTable, result_tables_of
from daskbench.stats.results import Result
from daskbench.stats.tables import Numbered


@dataclass(frozen=True)
class Part:
    """The results of an experiment for one suite of a run: its tables, and how they are shown.

    `figures` are the additional figures of a row, by the number of its case, and `facts` the
    additional lists beside rows. `records` are rows of CSV in place of one for each case. With
    `tells_memory` its own tables show worker memory.
    """

    suite: Suite
    tables: Sequence[ResultTable]
    sections: Sequence[Section]
    failed: bool
    figures: Mapping[int, Record] = field(default_factory=dict)
    facts: Mapping[str, Sequence[Record]] = field(default_factory=dict)
    records: Sequence[Record] = ()
    tells_memory: bool = False

    @property
    def results(self) -> list[Result]:
        """All rows, in the order of the tables."""
        return [result for table in self.tables for result in table.results]


class Experiment:
    """A kind of experiment. Each has its own folder, whose `EXPERIMENT` is an instance of this.

    `rules` make the findings of its suites. `facts` are the lists that it adds to JSON. `keys` are
    its options, in benchmarks.toml and on the command line alike. Its suites begin
    with `decides` and go on until every row has a verdict, unless they set how long. `columns` are
    all that its tables may have, but for figures of benchmarks. `benchmark` is the one that it
    measures if none is named. `kind` is the name under which it is registered.
    """

    rules: ClassVar[tuple[Rule, ...]] = ()
    facts: ClassVar[tuple[str, ...]] = ()
    keys: ClassVar[Mapping[str, Key]] = ANY
    decides: ClassVar[Settings | None] = None
    columns: ClassVar[Sequence[Column[Any]]] = COLUMNS
    benchmark: ClassVar[str] = ""
    kind = ""

    def make(self, name: str, benchmark: str, values: Mapping[str, Any], here: Here) -> Suite:
        """Return the suite for these values; raises UsageError."""
        return make_suite(name, benchmark, values, here.cores, self.kind, decide=self.decides)

    def foretold(self, suite: Suite) -> list[str]:
        """Return what the user should know before a suite is measured, one line each."""
        return []

    def extent(self, suite: Suite) -> str:
        """Describe the cases to try, if not all of them are measured."""
        return f"{len(suite.cases)} cases"

    def most_cases(self, suite: Suite) -> int | None:
        """Return the largest number of cases that are measured; None if all of them are."""
        return None

    def policy(
        self,
        suite: Suite,
        cases: Mapping[int, Case],
        before: Progress,
        seed: int,
        start_s: float,
    ) -> Policy:
        """Return the policy that decides which case is measured next: rounds by default."""
        return Rounds(suite, cases, before, seed, start_s)

    def read(self, run: Run, suite: Suite, numbered: Sequence[Numbered], published: bool) -> Part:
        """Return the results of a suite: tables of times by default."""
        tables = result_tables_of(run, numbered)
        sections = [
            section_of(one, published=published, per_task=_is_overhead(one))
            for one in tables
            if not one.reference
        ]
        each = {row.number: {"task_s": row.task_s} for row in _rows_of_overhead(tables)}
        return Part(suite, tables, sections, has_failed(tables), each)

    def outcomes(self, run: Run) -> Mapping[int, int]:
        """Return the outcomes so far, by the number of the case, to resume from."""
        return {}


def _is_overhead(table: ResultTable) -> bool:
    """Whether the tasks of a table do nothing, so that its times are overhead."""
    case = table.results[0].case
    graph = graph_of(case.benchmark, case.parameters)
    return graph is not None and not (graph.work_s or graph.handed_bytes)


def _rows_of_overhead(tables: Sequence[ResultTable]) -> list[Result]:
    return [row for table in tables if _is_overhead(table) for row in table.results]


def has_failed(tables: Sequence[ResultTable]) -> bool:
    """Whether a case failed, or has no valid sample."""
    rows = (result for table in tables for result in table.results)
    return any(result.status in ("failed", "invalid") for result in rows)
