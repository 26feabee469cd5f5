"""A comparison as a section of a document, and as rows of plain values."""

from dataclasses import replace
from functools import partial

import msgspec

from daskbench.document import (
    Chapter,
    Column,
    Document,
    Outcome,
    Record,
    Records,
    Row,
    Section,
    Table,
    Tone,
)
from daskbench.document.chart import Bar, Forest, Interval
from daskbench.document.fields import Field, cells_of, columns_of
from daskbench.document.records import ordered
from daskbench.document.times import tone_of_verdict
from daskbench.document.writers import (
    fine_ratio_text,
    percent,
    short,
    shorter,
    timing_of,
    verdict_legend,
)
from daskbench.experiments.ab.findings import outcome, remarks, sentence
from daskbench.experiments.ab.rows import Comparison, Comparisons
from daskbench.stats.results import Result
from daskbench.stats.verdict import GateOutcome, Verdict

_Field = Field[Comparison]


def document_of(compared: Comparisons) -> Document:
    """Return a comparison as a document of its own."""
    return Document(
        [Chapter("", [section_of(compared)])],
        records=partial(records_of, compared),
        facts=partial(facts_of, compared),
    )


def section_of(compared: Comparisons) -> Section:
    """Return the table, followed by its legend and the result."""
    fields = _fields(compared)
    rows = [
        Row(
            cells_of(fields, row),
            _tone(row),
            telling=_is_telling(row),
            bar=_bar(row),
            wrong=[row.note] if row.has_failed and row.note else [],
        )
        for row in compared.rows
    ]
    return Section(
        _heading(compared),
        [Table(columns_of(fields), rows, "around one")],
        _legend(compared),
        lines=remarks(compared),
        outcome=Outcome(sentence(compared), outcome(compared)),
        forests=_forests(compared),
    )


def _forests(compared: Comparisons) -> list[Forest]:
    """Return the ratios B/A, if there are any."""
    rows = [
        Interval(row.label, ratio.value, ratio.low, ratio.high, row.verdict or "")
        for row in compared.rows
        if (ratio := row.ratio)
    ]
    title = f"A {compared.a}, B {compared.b}"
    return [Forest(title, "time of B / time of A", compared.margin, rows)] if rows else []


_GATES: dict[str, Tone] = {GateOutcome.OK: "good", GateOutcome.INCONCLUSIVE: "undecided"}
_GATE: _Field = Field(
    Column("gate", "gate", right=False, tone=lambda word: _GATES.get(word, "bad")),
    lambda row: row.gate,
)


def _fields(compared: Comparisons) -> tuple[_Field, ...]:
    """Return the columns; beside a gate the verdict is shown where there is room."""
    if compared.limit is None:
        return _FIELDS
    *others, verdict = _FIELDS
    return (*others, replace(verdict, column=replace(verdict.column, shown="room")), _GATE)


def _heading(compared: Comparisons) -> str:
    """Name what is compared."""
    how = "in the same rounds" if compared.paired else "not paired"
    what = f"{compared.shared}: " if compared.shared else ""
    return f"{what}A: {compared.a}; B: {compared.b} ({how})"


def _legend(compared: Comparisons) -> str:
    """Explain the columns."""
    parts = [
        "ratio B/A: above 1, B takes longer",
        verdict_legend(compared.margin),
    ]
    if compared.limit is not None:
        parts.append(f"gate ok: proved not to be slower by more than {percent(compared.limit)}")
    return "; ".join(parts)


def _verdict(row: Comparison) -> str | None:
    """Return the verdict, or in a few words why there is none: a line below says it in full."""
    lacks = row.ratio.lacks if row.ratio else None
    return lacks or row.verdict or (row.note or "").partition(": ")[0] or None


def _bar(row: Comparison) -> Bar | None:
    ratio = row.ratio
    return None if ratio is None else Bar(ratio.value, ratio.low, ratio.high)


def _tone(row: Comparison) -> Tone:
    if row.has_failed or row.gate is GateOutcome.REGRESSION:
        return "failed"
    if row.gate is GateOutcome.OK:
        return "plain"
    return tone_of_verdict(row.verdict) if row.verdict else "dim"


def _is_telling(row: Comparison) -> bool:
    """Whether a row needs attention: it is slower, failed, or does not pass the gate."""
    return row.has_failed or row.verdict is Verdict.SLOWER or row.gate not in (None, GateOutcome.OK)


_FIELDS: tuple[_Field, ...] = (
    Field(Column("case", "case", right=False), lambda row: row.label),
    Field(
        Column("a_mean_s", "A mean ± std", short, narrow=shorter),
        lambda row: row.a and timing_of(row.a),
    ),
    Field(
        Column("b_mean_s", "B mean ± std", short, narrow=shorter),
        lambda row: row.b and timing_of(row.b),
    ),
    Field(Column("ratio", "B/A [95 % CI]", fine_ratio_text), lambda row: row.ratio),
    Field(Column("verdict", "verdict", right=False, tone=tone_of_verdict), _verdict),
)
#: Every column that a comparison may have.
COLUMNS = columns_of((*_FIELDS, _GATE))


def records_of(compared: Comparisons) -> Records:
    """Return one row per comparison."""
    rows = [record_of(compared, row) for row in compared.rows]
    return ordered(rows, (row.result.case.parameters for row in compared.rows))


def record_of(compared: Comparisons, row: Comparison) -> Record:
    """Return a comparison as one flat row, its parameters after the first four columns."""
    result, ratio = row.result, row.ratio
    case = result.case
    return {
        "benchmark": case.benchmark,
        "scheduler": case.scheduler,
        "workers": result.lane.workers,
        "threads_per_worker": result.lane.threads_per_worker,
        **case.parameters,
        "memory_limit_bytes": case.memory_limit_bytes,
        **_of_side("a", row.a),
        **_of_side("b", row.b),
        "ratio": ratio and ratio.value,
        "ratio_low": ratio and ratio.low,
        "ratio_high": ratio and ratio.high,
        "paired": compared.paired,
        "rounds": ratio and ratio.rounds,
        "launches": ratio and ratio.launches,
        "verdict": row.verdict,
        "gate": row.gate,
        "reason": row.note,
        "suite": result.suite.name,
        "a": compared.a,
        "b": compared.b,
    }


def _of_side(name: str, result: Result | None) -> Record:
    summary = result.summary if result else None
    return {
        f"{name}_status": result.status if result else None,
        f"{name}_samples": result.samples if result else None,
        f"{name}_mean_s": summary and summary.mean_s,
        f"{name}_std_s": summary and summary.std_s,
        f"{name}_median_s": summary and summary.median_s,
        f"{name}_min_s": summary and summary.min_s,
    }


def facts_of(compared: Comparisons) -> Record:
    """Return a comparison as one object for JSON."""
    return {
        "a": compared.a,
        "b": compared.b,
        "run_a": compared.runs[0].run_id,
        "run_b": compared.runs[1].run_id,
        "paired": compared.paired,
        "margin": compared.margin,
        "limit": compared.limit,
        "gate": outcome(compared),
        "summary": sentence(compared),
        "differences": list(compared.differs),
        "remarks": [*map(str, remarks(compared))],
        "environment_a": _environment(compared, 0),
        "environment_b": _environment(compared, 1),
        "comparisons": [
            {**record_of(compared, row), "parameters": dict(row.result.case.parameters)}
            for row in compared.rows
        ],
    }


def _environment(compared: Comparisons, number: int) -> Record:
    """Return the environment of a side, with the versions of the side's own interpreter if any."""
    found: Record = msgspec.to_builtins(dict(compared.runs[number].environment))
    for row in compared.rows:
        side = (row.a, row.b)[number]
        own = dict(side.case.side.versions) if side else {}
        if own:
            python = own.pop("python", found.get("python"))
            return {**found, "python": python, "versions": {**found.get("versions", {}), **own}}
    return found
