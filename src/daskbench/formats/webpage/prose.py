"""The words of a page: its title, the answer, the findings, and what ran."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from daskbench import harmless
from daskbench.document import Document
from daskbench.document.writers import digits
from daskbench.formats.webpage.groups import named_tables
from daskbench.formats.webpage.text import shown
from daskbench.journal.run import Run
from daskbench.stats.ratio import Ratio
from daskbench.stats.results import Result
from daskbench.units import counted, format_bytes, format_seconds

_BYTES = "_bytes"


def title(documents: Sequence[Document]) -> str:
    """Return what the page is about."""
    runs = _runs(documents)
    commands = ", ".join(dict.fromkeys(run.header.command for run in runs))
    return f"daskbench: {commands or 'a comparison'}"


def subtitle(documents: Sequence[Document]) -> str:
    """Return which runs these are, and where they were measured."""
    runs = _runs(documents)
    names = ", ".join(run.run_id for run in runs)
    hosts = ", ".join(dict.fromkeys(_host(run) for run in runs))
    return f"{'run' if len(runs) == 1 else 'runs'} {names}, measured on {hosts}" if runs else ""


def _host(run: Run) -> str:
    found = run.environment
    cores = f"{found.get('cores')} cores" if found.get("cores") else ""
    return ", ".join(filter(None, (str(found.get("cpu") or "an unknown processor"), cores)))


def _runs(documents: Sequence[Document]) -> list[Run]:
    return [document.run for document in documents if document.run]


def answers(documents: Sequence[Document]) -> Iterator[str]:
    """Yield the answers: those that an experiment gives, and the fastest row of each table."""
    for document in documents:
        lines = [*answers_of(document)]
        if len(documents) > 1 and document.run:
            yield f"<h3>Run {shown(document.run.run_id)}</h3>"
        yield _list(lines) if lines else "<p>The tables below say what was found.</p>"


def answers_of(document: Document) -> Iterator[str]:
    """Yield the answer of a document in sentences."""
    sections = [section for chapter in document.chapters for section in chapter.sections]
    yield from (str(section.outcome) for section in sections if section.outcome)
    told = [note.text for note in document.notes if note.severity == "answer"]
    yield from told
    races = _races(document)
    for name, rows in races:
        if best := next((row for row in rows if row.comparison.best), None):
            yield (f"{name}: " if len(races) > 1 else "") + _fastest(best, rows)


def _races(document: Document) -> list[tuple[str, list[Result]]]:
    """Return the rows that share a baseline, with what they compute; two sides are no race."""
    found: dict[tuple[str, str], list[Result]] = {}
    for name, rows in named_tables(document).items():
        for row in rows:
            if not row.case.side.name:
                key = name, row.comparison.baseline_label or ""
                found.setdefault(key, []).append(row)
    return [(name, rows) for (name, _), rows in found.items()]


def _fastest(best: Result, rows: Sequence[Result]) -> str:
    """Return which row has the lowest median, and what its interval says of the baseline."""
    ratio, compared = best.comparison.ratio, best.comparison
    timed = sum(row.summary is not None for row in rows)
    if best.case == compared.baseline:
        return f"{best.label}, the baseline, is fastest of {timed}"
    if ratio is None or ratio.low is None or ratio.high is None:
        return f"{best.label} has the lowest median of {timed}; there is no interval yet"
    if compared.verdict != "faster":
        return (
            f"{best.label} has the lowest median of {timed}, but is not proved to be faster than "
            f"{compared.baseline_label}: {_speed(ratio)} times as fast"
        )
    return f"{best.label} is fastest of {timed}: {_speed(ratio)} times as fast as " + str(
        compared.baseline_label
    )


def _speed(ratio: Ratio) -> str:
    assert ratio.low
    assert ratio.high
    return f"{digits(1 / ratio.value)} [{digits(1 / ratio.high)}, {digits(1 / ratio.low)}]"


def findings(documents: Sequence[Document]) -> Iterator[str]:
    """Yield what disturbed each run or would surprise its reader."""
    for document in documents:
        lines = [note.text for note in document.notes if note.severity != "answer"]
        if len(documents) > 1 and document.run:
            yield f"<h3>Run {shown(document.run.run_id)}</h3>"
        yield _list(lines) if lines else "<p>Nothing disturbed this run.</p>"


def _list(lines: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{shown(line)}</li>' for line in lines)}</ul>"


def what_ran(documents: Sequence[Document]) -> Iterator[str]:
    """Yield plan, environment, configuration and versions of each run, and commands for it."""
    for document in documents:
        run = document.run
        if run is None:
            continue
        yield f"<h3>Run {shown(run.run_id)}</h3>"
        yield _pairs({**_facts(run), **_environment(run)})
        yield from _commands("To measure this again", document.commands)
        yield from _commands("To look at this run", [f"daskbench show {run.run_id}"])
        yield from _folded("Versions", run.environment.get("versions") or {})
        yield from _folded("Dask's configuration, where it is not the default", _settings(run))
        yield from _folded("Plan", dict(_plan(run)))


def _commands(heading: str, commands: Iterable[str]) -> Iterator[str]:
    """Yield commands to copy, a line each and never cut."""
    if lines := [escape(harmless.whole(one)) for one in commands]:
        yield f"<h4>{heading}</h4><pre>{chr(10).join(lines)}</pre>"


def _facts(run: Run) -> dict[str, str]:
    suites = [suite.name for suite in run.plan.suites]
    return {
        "command": f"daskbench {run.header.command}",
        "started": run.header.started,
        "took": format_seconds(run.elapsed_s),
        "status": run.status,
        "suites": ", ".join(suites),
        "cases": counted(len(run.cases), "case"),
        "random seed": str(run.plan.seed),
    }


def _environment(run: Run) -> dict[str, str]:
    found = {}
    for name, value in run.environment.items():
        if isinstance(value, Mapping) or value in (None, "", []):
            continue
        is_size = name.endswith(_BYTES) and isinstance(value, int)
        told = format_bytes(value) if is_size else _text(value)
        found[name.removesuffix(_BYTES).replace("_", " ")] = told
    return found


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _settings(run: Run) -> dict[str, str]:
    """Return each key of Dask's configuration that a lane found changed."""
    return {
        key: f"{setting.value} (default {setting.default}), from {setting.source}"
        for identity in run.identities.values()
        for key, setting in identity.config.items()
    }


def _plan(run: Run) -> Iterator[tuple[str, str]]:
    """Yield each case with how often it was to be measured."""
    for number, suite, case in run.cases:
        settings = suite.settings
        launches = f"{settings.launches} × " if settings.launches > 1 else ""
        yield (
            f"{number + 1}. {suite.name}",
            f"{case}: {launches}{counted(settings.rounds, 'round')}",
        )


def _folded(what: str, pairs: Mapping[str, Any]) -> Iterator[str]:
    if pairs:
        yield f"<details><summary>{shown(what)}</summary>{_pairs(pairs)}</details>"


def _pairs(pairs: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<div><dt>{shown(name)}</dt><dd>{shown(harmless.line(text))}</dd></div>"
        for name, text in pairs.items()
    )
    return f"<dl>{rows}</dl>"
