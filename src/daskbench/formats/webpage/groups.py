"""Which results are drawn together: those that compute the same and have the same baseline."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from daskbench.document import Document, Section
from daskbench.journal.run import Run, Samples
from daskbench.stats.results import Result


@dataclass(frozen=True)
class Series:
    """A result with its samples, and the name of its run if there are several."""

    result: Result
    run: Run
    run_name: str = ""

    @property
    def label(self) -> str:
        """The name of its row, after that of its run."""
        return ": ".join(filter(None, (self.run_name, self.result.label)))

    @property
    def samples(self) -> Samples:
        """All samples of its case, in the order measured."""
        return self.run.samples[self.result.number]


def runs_of(documents: Sequence[Document]) -> list[Run]:
    """Return the runs of a page, in its order."""
    return [document.run for document in documents if document.run]


def short_name(run: Run | None, documents: Sequence[Document]) -> str:
    """Return ``run 2``, as names of runs are too long for plots; empty if there is only one."""
    runs = runs_of(documents)
    number = next((place for place, one in enumerate(runs, 1) if one is run), None)
    return f"run {number}" if number and len(runs) > 1 else ""


def name_of(document: Document, documents: Sequence[Document]) -> str:
    """Return what the page calls a document."""
    if document.run is None:
        return "Comparison"
    short = short_name(document.run, documents) or "run"
    return f"{short.capitalize()}: {document.run.run_id}"


def drawn_sections(document: Document) -> Iterator[Section]:
    """Yield all sections that may have something to draw."""
    for chapter in document.chapters:
        yield from chapter.sections
    yield from document.timelines


def groups_of(documents: Sequence[Document]) -> dict[str, list[Series]]:
    """Return the series of all runs by what they compute; those without samples are left out.

    The same case of several runs follows one after the other.
    """
    found: dict[str, dict[str, list[Series]]] = {}
    for document in documents:
        short = short_name(document.run, documents)
        for result in document.results:
            if not document.run or result.case.reference:
                continue
            series = Series(result, document.run, short)
            if len(series.samples):
                found.setdefault(title_of(result), {}).setdefault(result.label, []).append(series)
    return {title: [one for same in rows.values() for one in same] for title, rows in found.items()}


def title_of(result: Result) -> str:
    """Return what a result computes, as far as it shares that with its baseline."""
    base = result.comparison.baseline
    what = base.what if base else result.case.what
    return f"{result.suite.name}: {what}"
