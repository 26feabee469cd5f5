"""A comparison as a section of text, and as rows of plain values."""

import msgspec

from daskbench.findings.comparison import outcome, percent, remarks, sentence
from daskbench.stats.comparison import Comparison, Comparisons
from daskbench.stats.ratio import Ratio
from daskbench.stats.results import Result
from daskbench.stats.verdict import Passed, Verdict
from daskbench.views.cells import NONE, digits, mean
from daskbench.views.rows import Row
from daskbench.views.section import Section

#: Near to 1 it takes a digit more to tell ratios apart.
_NEAR = (0.8, 1.25)
_STYLES = {
    Verdict.SLOWER: "red",
    Verdict.FASTER: "green",
    Verdict.EQUIVALENT: "",
    Verdict.INCONCLUSIVE: "yellow",
    None: "dim",
}


def section_of(compared: Comparisons) -> Section:
    """Return the table, and below it how to read it and what came of it."""
    return Section(
        heading(compared),
        _titles(compared),
        [_cells(compared, row) for row in compared.rows],
        lines=[legend(compared), *remarks(compared), summary(compared)],
        styles=[_style(row) for row in compared.rows],
        left=_LEFT,
    )


def heading(compared: Comparisons) -> str:
    """Name what is compared."""
    how = "in the same rounds" if compared.paired else "not paired"
    what = f"{compared.shared}: " if compared.shared else ""
    return f"{what}A {compared.a}, B {compared.b} ({how})"


def summary(compared: Comparisons) -> str:
    """Return the outcome in a word, where there is a gate, and in a sentence."""
    word = outcome(compared)
    return f"{word}: {sentence(compared)}" if word else sentence(compared)


def legend(compared: Comparisons) -> str:
    """Say how to read the columns."""
    parts = [
        "ratio B/A: above 1 B takes longer",
        f"equivalent: proved to be within {percent(compared.margin)}",
        "inconclusive: nothing is proved",
    ]
    if compared.limit is not None:
        parts.append(f"gate: ok is proved not to be slower by more than {percent(compared.limit)}")
    return "; ".join(parts)


_LEFT = frozenset({"verdict", "gate"})


def _titles(compared: Comparisons) -> list[str]:
    gate = [] if compared.limit is None else ["gate"]
    return ["case", "A mean ± std", "B mean ± std", "B/A [95 % CI]", "verdict", *gate]


def _cells(compared: Comparisons, row: Comparison) -> list[str]:
    ratio = ratio_text(row.ratio) if row.ratio else NONE
    gate = [] if compared.limit is None else [row.gate or NONE]
    return [row.label, _mean(row.a), _mean(row.b), ratio, _verdict(row), *gate]


def _verdict(row: Comparison) -> str:
    lacks = row.ratio.lacks if row.ratio else None
    return lacks or row.verdict or row.note or NONE


def _mean(result: Result | None) -> str:
    return mean(result) if result else NONE


def ratio_text(ratio: Ratio) -> str:
    """Write ``1.023 [1.011, 1.034]``, with as many digits each; without an interval the first."""
    near = _NEAR[0] < ratio.value < _NEAR[1]
    values = [one for one in (ratio.value, ratio.low, ratio.high) if one is not None]
    value, *ends = (f"{one:.3f}" if near and one < 10 else digits(one) for one in values)
    return f"{value} [{', '.join(ends)}]" if ends else value


def _style(row: Comparison) -> str:
    if row.has_failed or row.gate is Passed.REGRESSION:
        return "bold red"
    return _STYLES[row.verdict]


def is_telling(row: Comparison) -> bool:
    """Whether a row is to be looked at: it is slower, or failed, or does not pass the gate."""
    return row.has_failed or row.verdict is Verdict.SLOWER or row.gate not in (None, Passed.OK)


def row_of(compared: Comparisons, row: Comparison) -> Row:
    """Return a comparison as one flat row, its parameters after the first four columns."""
    result, ratio = row.result, row.ratio
    case = result.case
    return {
        "benchmark": case.benchmark,
        "scheduler": case.scheduler,
        "workers": result.workers,
        "threads_per_worker": result.threads_per_worker,
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


def _of_side(name: str, result: Result | None) -> Row:
    summary = result.summary if result else None
    return {
        f"{name}_status": result.status if result else None,
        f"{name}_samples": result.samples if result else None,
        f"{name}_mean_s": summary and summary.mean_s,
        f"{name}_std_s": summary and summary.std_s,
        f"{name}_median_s": summary and summary.median_s,
        f"{name}_min_s": summary and summary.min_s,
    }


def document_of(compared: Comparisons) -> Row:
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
        "remarks": remarks(compared),
        "environment_a": _environment(compared, 0),
        "environment_b": _environment(compared, 1),
        "comparisons": [
            {**row_of(compared, row), "parameters": dict(row.result.case.parameters)}
            for row in compared.rows
        ],
    }


def _environment(compared: Comparisons, number: int) -> Row:
    """Return the environment of a side; a side with an interpreter of its own has its versions."""
    found: Row = msgspec.to_builtins(dict(compared.runs[number].environment))
    for row in compared.rows:
        side = (row.a, row.b)[number]
        own = dict(side.case.side.versions) if side else {}
        if own:
            python = own.pop("python", found.get("python"))
            return {**found, "python": python, "versions": {**found.get("versions", {}), **own}}
    return found
