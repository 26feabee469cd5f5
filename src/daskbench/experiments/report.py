"""Turn a run into a document: each suite by its experiment, then notes on the whole run."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import msgspec

from daskbench import findings
from daskbench.document import Chapter, Column, Document, Note, Record, Records, Section, accounts
from daskbench.document import memory as worker_memory
from daskbench.document.records import (
    case_facts,
    events_of,
    records_of,
    samples_of,
    timeline_of,
    with_rows,
)
from daskbench.experiments import EXPERIMENTS, experiment, experiment_of
from daskbench.experiments.ab import document as ab
from daskbench.experiments.ab.rows import Comparisons, compare_sides
from daskbench.experiments.base import Part
from daskbench.findings.accounts import lines_of, missing
from daskbench.findings.rules import Rule
from daskbench.journal.run import Run
from daskbench.model import Plan
from daskbench.stats.accounts import CaseAccount, accounts_of
from daskbench.stats.memory import CaseMemory, memory_of
from daskbench.stats.names import titles_of
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.results import Result


@dataclass(frozen=True)
class Report:
    """A run, and the results of its suites by their experiments.

    `comparison` is of the run's two sides, or with another run.
    """

    run: Run
    parts: Sequence[Part]
    comparison: Comparisons | None = None

    @cached_property
    def tables(self) -> list[ResultTable]:
        """All tables, including those without a section of their own."""
        return [table for part in self.parts for table in part.tables]

    @cached_property
    def results(self) -> list[Result]:
        """All results, in the order of the tables."""
        return [result for part in self.parts for result in part.results]

    @cached_property
    def memory(self) -> list[CaseMemory]:
        """The worker memory of each case for which it was read."""
        return memory_of(self.run, self.results)

    @cached_property
    def notes(self) -> list[Note]:
        """The findings: answers first, then the most informative."""
        named = _named(self.tables)
        own = [note for kind in EXPERIMENTS for note in self._of_kind(kind, named)]
        answers = [note for note in own if note.severity == "answer"]
        warnings = [note for note in own if note.severity != "answer"]
        notes = [*answers, *warnings, *_notes(findings.RULES, self.run, named)]
        return [*dict.fromkeys(notes)]  # what several tables say alike is said once

    def _of_kind(self, kind: str, named: Sequence[tuple[str, ResultTable]]) -> Iterator[Note]:
        tables = [(title, one) for title, one in named if one.suite.experiment.kind == kind]
        return _notes(experiment(kind).rules, self.run, tables) if tables else iter(())

    @property
    def findings(self) -> list[str]:
        """The lines of the notes."""
        return [note.text for note in self.notes]

    @property
    def failed(self) -> bool:
        """Whether a suite failed."""
        return any(part.failed for part in self.parts)

    @cached_property
    def document(self) -> Document:
        """The document about the run."""
        return Document(
            [*self._chapters()],
            records=self._records,
            facts=self._facts,
            notes=self.notes,
            run=self.run,
            results=self.results,
            tables={
                "samples": partial(samples_of, self.run),
                "timeline": partial(timeline_of, self.run, self.memory),
                "events": partial(events_of, self.run, self.memory),
            },
            commands=[*self._commands()],
            timelines=[*self._timelines()],
        )

    def _commands(self) -> Iterator[str]:
        """Yield what measured the run, after a command that installs the same versions."""
        header, versions = self.run.header, self.run.environment.get("versions")
        if not (header.words or header.call):
            return
        if isinstance(versions, Mapping):
            pinned = [f"{name}=={version}" for name, version in versions.items()]
            yield shlex.join(["python", "-m", "pip", "install", *pinned])
        yield header.call or shlex.join(["daskbench", *header.words])

    def _chapters(self) -> Iterator[Chapter]:
        """Yield a chapter per suite, in the order in which they were measured.

        A single suite without a description in a file has no heading.
        """
        for part in self.parts:
            suite = part.suite
            heading = ": ".join(filter(None, (suite.name, suite.description)))
            more = [*self._account_sections(part), *self._memory_sections(part)]
            if sections := [*part.sections, *more]:
                named = len(self.parts) > 1 or bool(suite.description)
                yield Chapter(heading if named else "", sections)
        if self.comparison:
            yield Chapter("", [ab.section_of(self.comparison)])

    @cached_property
    def accounts(self) -> list[CaseAccount]:
        """The accounts of all results that have some."""
        return accounts_of(self.run, self.results)

    def _account_sections(self, part: Part) -> Iterator[Section]:
        for table in part.tables:
            own = {result.number for result in table.results if not table.reference}
            found = [one for one in self.accounts if one.result.number in own]
            lines = [*lines_of(found, self.accounts), *self._unaccounted(table)]
            if lines:
                yield accounts.section_of(found, lines)

    def _unaccounted(self, table: ResultTable) -> Iterator[str]:
        return iter(()) if table.reference else missing(self.run, table.results)

    def _memory_sections(self, part: Part) -> Iterator[Section]:
        own = {result.number for result in part.results} if not part.tells_memory else set()
        yield from (worker_memory.section_of(one) for one in self.memory if one.number in own)

    def _timelines(self) -> Iterator[Section]:
        """Yield the worker memory of experiments whose own tables tell of it, but draw none."""
        own = {row.number for part in self.parts if part.tells_memory for row in part.results}
        yield from (worker_memory.section_of(one, 1) for one in self.memory if one.number in own)

    @property
    def _figures(self) -> Mapping[int, Record]:
        figures = {number: more for part in self.parts for number, more in part.figures.items()}
        for one in self.accounts:
            number = one.result.number
            figures[number] = {**figures.get(number, {}), **accounts.row_of(one)}
        return figures

    def _records(self) -> Records:
        """Return one row per case, or per comparison if the run consists of two sides."""
        if self.comparison and not any(part.sections for part in self.parts):
            return ab.records_of(self.comparison)
        results = [result for part in self.parts for result in part.results if not part.records]
        own = [{**row, "run_id": self.run.run_id} for part in self.parts for row in part.records]
        return with_rows(records_of(results, self.run.run_id, self._figures), own)

    def _facts(self) -> Record:
        run, figures = self.run, self._figures
        return {
            "run_id": run.run_id,
            "command": run.header.command,
            "started": run.header.started,
            "status": run.status,
            "elapsed_s": run.elapsed_s,
            "environment": run.environment,
            "plan": run.plan.as_json(),
            "cases": [
                case_facts(run, result, figures.get(result.number, {})) for result in self.results
            ],
            **self._own_facts(),
            "comparison": ab.facts_of(self.comparison) if self.comparison else None,
            "findings": self.findings,
            "suites": msgspec.to_builtins(list(run.ended_suites.values())),
        }

    def _own_facts(self) -> Record:
        """Return the lists that experiments add, empty if they have no entries."""
        names = [name for kind in EXPERIMENTS for name in experiment(kind).facts]
        return {
            name: [fact for part in self.parts for fact in part.facts.get(name, ())]
            for name in names
        }


def build(run: Run, *, published: bool = False, comparison: Comparisons | None = None) -> Report:
    """Return the report of a run, with published figures beside the measured ones if `published`.

    Without a `comparison` the run's own sides are compared, if it has any.
    """
    parts = []
    for suite in run.plan.suites:
        numbered = [one for one in run.cases if one[1] is suite]
        parts.append(experiment_of(suite).read(run, suite, numbered, published))
    return Report(run, parts, comparison or compare_sides(run))


def columns_of(plan: Plan, *, compared: bool = False) -> list[Column[Any]]:
    """Return every column that tables of a plan may have, but for the figures of benchmarks.

    With `compared` it is compared with an earlier run.
    """
    found = [column for suite in plan.suites for column in experiment_of(suite).columns]
    if any(suite.settings.memory for suite in plan.suites):
        found += worker_memory.COLUMNS
    return [*found, *(ab.COLUMNS if compared or plan.sides else ())]


def _notes(
    rules: Sequence[Rule], run: Run, named: Sequence[tuple[str, ResultTable]]
) -> Iterator[Note]:
    for rule in rules:
        yield from rule.notes(run, named)


def _named(tables: Sequence[ResultTable]) -> list[tuple[str, ResultTable]]:
    """Return the tables with their titles, which are also part of their row labels."""
    cases = [[(row.number, row.suite, row.case) for row in table.results] for table in tables]
    return [
        (title, replace(table, results=tuple(replace(r, table=title) for r in table.results)))
        for title, table in zip(titles_of(cases), tables, strict=True)
    ]
