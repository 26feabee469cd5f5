"""What ran: the command, the machine, versions, what was set in lanes, and the plan."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from daskbench.document import Document
from daskbench.formats.webpage.groups import name_of
from daskbench.formats.webpage.text import heading, shown, whole
from daskbench.journal.run import Run
from daskbench.units import counted, format_bytes, format_seconds

_BYTES = "_bytes"
#: What stands in the place of a secret.
_SECRET = "(secret"
_CALLED = (
    "This was called from Python. The code of functions, cells and tests is not in the journal: "
    "call it where they are."
)


def what_ran(documents: Sequence[Document]) -> Iterator[str]:
    """Yield how to measure each run again, and everything that was around it."""
    for document in documents:
        if run := document.run:
            several = len(documents) > 1
            if several:
                yield heading(3, name_of(document, documents))
            yield from _again(document.commands, run.header.call, 3 + several)
            yield _pairs({**_facts(run), **_environment(run)})
            yield from _folded("What was set in lanes", _settings(run))
            yield from _folded("Plan", dict(_plan(run)))


def _again(commands: Iterable[str], call: str, level: int) -> Iterator[str]:
    """Yield commands to copy, a line each and never cut, and apart from them a call from Python."""
    lines = [whole(one) for one in commands]
    if not lines:
        yield "<p>The journal of this run has no command line: it was too long, or an earlier "
        yield "version of daskbench measured it. The plan below says what.</p>"
        return
    yield heading(level, "To measure this again")
    blocks = [lines[:-1], lines[-1:]] if call else [lines]
    yield from (f"<pre>{chr(10).join(one)}</pre>" for one in blocks if one)
    yield f"<p>{_CALLED}</p>" if call else ""
    if any(_SECRET in line for line in lines):
        yield "<p>What looked like a secret is not in the journal: supply it again.</p>"


def _facts(run: Run) -> dict[str, str]:
    suites = [suite.name for suite in run.plan.suites]
    return {
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
        if value in (None, "", [], {}):
            continue
        is_size = name.endswith(_BYTES) and isinstance(value, int)
        told = format_bytes(value) if is_size else _text(value)
        found[name.removesuffix(_BYTES).replace("_", " ")] = told
    return found


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _settings(run: Run) -> dict[str, str]:
    """Return what lanes found changed, by key; where they differ, in how many of them."""
    found: dict[str, dict[str, int]] = {}
    for identity in run.identities.values():
        for key, setting in identity.config.items():
            text = f"{setting.value} (default {setting.default}), from {setting.source}"
            _count(found.setdefault(key, {}), text)
        for values in (identity.variables, identity.switches, identity.at_run_time):
            for key, value in values.items():
                _count(found.setdefault(key, {}), value)
    every = len(run.identities)
    return {
        key: "; ".join(
            text if count == every else f"{text} in {count} of {every} rows"
            for text, count in texts.items()
        )
        for key, texts in found.items()
    }


def _count(texts: dict[str, int], text: str) -> None:
    texts[text] = texts.get(text, 0) + 1


def _plan(run: Run) -> Iterator[tuple[str, str]]:
    """Yield each case with how often it was to be measured."""
    for number, suite, case in run.cases:
        settings = suite.settings
        launches = f"{settings.launches} × " if settings.launches > 1 else ""
        more = " or more, until decided" if settings.decide or settings.precision else ""
        rounds = f"{launches}{counted(settings.rounds, 'round')}{more}"
        yield f"{number + 1}. {suite.name}", f"{case}: {case.skip or rounds}"


def _folded(what: str, pairs: Mapping[str, Any]) -> Iterator[str]:
    if pairs:
        yield f"<details><summary>{shown(what)}</summary>{_pairs(pairs)}</details>"


def _pairs(pairs: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<div><dt>{shown(name)}</dt><dd>{shown(text)}</dd></div>" for name, text in pairs.items()
    )
    return f"<dl>{rows}</dl>"
