"""Which results are drawn together: those that compute the same and have the same baseline."""

from collections.abc import Sequence
from dataclasses import dataclass

from daskbench.document import Document
from daskbench.journal.run import Run, Samples
from daskbench.stats.results import Result


@dataclass(frozen=True)
class Series:
    """A result with its samples; of several runs its label names the run."""

    label: str
    result: Result
    run: Run

    @property
    def samples(self) -> Samples:
        """All samples of its case, in the order measured."""
        return self.run.samples[self.result.number]


def named_tables(document: Document) -> dict[str, list[Result]]:
    """Return the rows of each table of a document, by what they compute."""
    found: dict[str, list[Result]] = {}
    for result in document.results:
        if not result.case.reference:
            found.setdefault(_title(result), []).append(result)
    return found


def groups_of(documents: Sequence[Document]) -> dict[str, list[Series]]:
    """Return the series of all runs by what they compute; those without samples are left out."""
    found: dict[str, list[Series]] = {}
    for document in documents:
        for title, results in named_tables(document).items():
            for result in results:
                if document.run and len(document.run.samples[result.number]):
                    label = _label(result, document.run, len(documents) > 1)
                    found.setdefault(title, []).append(Series(label, result, document.run))
    return found


def _title(result: Result) -> str:
    base = result.comparison.baseline
    what = base.what if base else result.case.what
    return f"{result.suite.name}: {what}"


def _label(result: Result, run: Run, several: bool) -> str:
    return f"{result.label} ({run.run_id})" if several else result.label
