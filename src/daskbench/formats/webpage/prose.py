"""The words of a page: its title, the answer, and the findings."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from daskbench.document import Document, Note, Section
from daskbench.document.headings import parted
from daskbench.formats.webpage.groups import name_of, runs_of
from daskbench.formats.webpage.text import attribute, heading, shown
from daskbench.journal.run import Run


def title(documents: Sequence[Document]) -> str:
    """Return what the page is about."""
    commands = ", ".join(dict.fromkeys(run.header.command for run in runs_of(documents)))
    return f"daskbench: {commands or 'a comparison'}"


def subtitle(documents: Sequence[Document]) -> Iterator[str]:
    """Yield which runs these are, and where and when they were measured."""
    for document in documents:
        if run := document.run:
            yield f"{name_of(document, documents)}, {run.header.started}, on {_host(run)}"


def _host(run: Run) -> str:
    found = run.environment
    cores = f"{found.get('cores')} cores" if found.get("cores") else ""
    return ", ".join(filter(None, (str(found.get("cpu") or "an unknown processor"), cores)))


def answers(documents: Sequence[Document]) -> Iterator[str]:
    """Yield the answers of each document."""
    for document in documents:
        if len(documents) > 1:
            yield heading(3, name_of(document, documents))
        lines = [*answers_of(document)]
        yield _list(map(shown, lines)) if lines else "<p>Nothing was compared.</p>"


def answers_of(document: Document) -> Iterator[str]:
    """Yield what each section of a document says first, then the findings that are answers."""
    sections = _named(document)
    said = [(name, str(section.outcome or section.answer)) for name, section in sections]
    if not any(answer for _, answer in said):  # then the first line of each says most
        said = [(name, "".join(map(str, section.lines[:1]))) for name, section in sections]
    answers = [(name, answer) for name, answer in said if answer]
    for name, answer in answers:
        yield f"{name}: {answer}" if len(answers) > 1 else answer
    yield from (note.text for note in document.notes if note.severity == "answer")


def _named(document: Document) -> list[tuple[str, Section]]:
    """Return all sections by what they measured, after their suite where others did the same."""
    every = [(chapter, one) for chapter in document.chapters for one in chapter.sections]
    often = Counter(parted(section.heading)[0] for _, section in every)
    return [
        (what if often[what] == 1 else ": ".join(filter(None, (chapter.heading, what))), section)
        for chapter, section in every
        for what, _ in (parted(section.heading),)
    ]


def findings(documents: Sequence[Document]) -> Iterator[str]:
    """Yield what disturbed each run or would surprise its reader."""
    for document in documents:
        if document.run is None:
            continue
        if len(documents) > 1:
            yield heading(3, name_of(document, documents))
        warnings = [note for note in document.notes if note.severity != "answer"]
        lines = [_finding(note) for note in sorted(warnings, key=lambda note: not note.urgent)]
        yield _list(lines) if lines else "<p>Nothing disturbed this run.</p>"


def _finding(note: Note) -> str:
    """Return a finding with a link to documentation on it, which is followed only by a click."""
    link = (
        f' <a href="{attribute(note.see)}" rel="noreferrer">documentation</a>' if note.see else ""
    )
    return shown(note.text) + link


def _list(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>"
