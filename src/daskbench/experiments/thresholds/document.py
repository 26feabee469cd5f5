"""The table of memory thresholds: documented and observed behaviour instead of times."""

from collections.abc import Callable
from typing import Any

from daskbench.document import Column, Row, Section, Table, Tone
from daskbench.document.fields import Field, cells_of, columns_of
from daskbench.document.times import tone_of
from daskbench.document.writers import why
from daskbench.experiments.thresholds.rows import Checks, ThresholdCheck
from daskbench.findings.rules import WORKER_MEMORY
from daskbench.stats.results import Result
from daskbench.units import counted, format_seconds, format_size

Checked = tuple[Result, ThresholdCheck | None]
_Field = Field[Checked]
_TONES: dict[str, Tone] = {"agrees": "good", "differs": "bad"}
#: How often tasks look at their worker, in seconds: the resolution of delays.
_LOOK_S = 0.002


def _figure(name: str, title: str, write: Callable[[Any], str]) -> _Field:
    """Return the column of a figure of checks."""
    return Field(Column(name, title, write), lambda checked: getattr(checked[1], name, None))


def _effect(name: str, title: str) -> _Field:
    """Return the column of a sentence on checks."""
    column: Column[Any] = Column(name, title, right=False, wraps=True, shown="asked")
    return Field(column, lambda checked: getattr(checked[1], name, None))


def _in_force(checked: Checked) -> float | str | None:
    check = checked[1]
    return None if check is None else check.documented_fraction or "off"


def _after_text(delay_s: float) -> str:
    return format_seconds(delay_s) if delay_s >= _LOOK_S else "at once"


def _name(checked: Checked) -> str:
    row = checked[0]
    name, limit = str(row.case.parameters["threshold"]), row.case.memory_limit_bytes
    limits = {case.memory_limit_bytes for case in row.suite.cases}
    return f"{name} of {format_size(limit)}" if limit and len(limits) > 1 else name


def _verdict(checked: Checked) -> str:
    return checked[1].verdict if checked[1] else checked[0].status


_LABEL: _Field = Field(Column("threshold", "threshold", right=False), _name)
_IN_FORCE: _Field = Field(
    Column("documented_fraction", "documented", lambda part: f"{part * 100:g}%"), _in_force
)
_ACTED = _figure("observed_fraction", "observed", "{:.1%}".format)
_AFTER = _figure("delay_s", "after", _after_text)
_VERDICT: _Field = Field(
    Column("verdict", "verdict", tone=lambda word: _TONES.get(word, "undecided")), _verdict
)
_FIELDS = (
    _LABEL,
    _IN_FORCE,
    _ACTED,
    _AFTER,
    _VERDICT,
    _effect("documented", "documented effect"),
    _effect("observed", "observed effect"),
)


COLUMNS = columns_of(_FIELDS)


def section_of(checks: Checks) -> Section:
    """Return the table of threshold checks."""
    table = Table(columns_of(_FIELDS), [_row(one) for one in checks.checked])
    return Section(_heading(checks), [table], _legend(), answer=_answer(checks))


def _answer(checks: Checks) -> str:
    """Return how many thresholds act as documented, and which don't."""
    found = [(one[1].verdict if one[1] else one[0].status, _name(one)) for one in checks.checked]
    others = [f"{name} ({word})" for word, name in found if word != "agrees"]
    if not others:
        return f"all {counted(len(found), 'threshold')} act as documented"
    fine = len(found) - len(others)
    return f"{fine} of {counted(len(found), 'threshold')} act as documented; {', '.join(others)}"


def _row(checked: Checked) -> Row:
    result, check = checked
    tone = "bad" if check and check.verdict != "agrees" else tone_of(result)
    reason = "" if result.status == "ok" else why(result)
    return Row(cells_of(_FIELDS, checked), tone, reason, _sentence(checked))


def _sentence(checked: Checked) -> str:
    result, check = checked
    if check is None:
        return why(result)
    after = f" ({_AFTER.text(checked)} after)" if check.delay_s else ""
    return (
        f"{check.verdict}: documented {_IN_FORCE.text(checked)}, observed "
        f"{_ACTED.text(checked)}{after}; documented: {check.documented}; observed: {check.observed}"
    )


def _heading(checks: Checks) -> str:
    """Return the heading, with the sizes of the workers."""
    limits = sorted({row.case.memory_limit_bytes or 0 for row in checks.results})
    sizes = " and ".join(map(format_size, limits))
    return f"worker memory thresholds, each crossed alone on workers of {sizes}"


def _legend() -> str:
    """Explain the columns."""
    return (
        "documented: fraction of the limit above which a worker acts; observed: the most it held "
        "before it acted (target: managed data, otherwise process memory); after: from crossing "
        f"to acting; documentation: {WORKER_MEMORY}"
    )
