"""The result of a comparison in sentences: outcome, differences, and what it leaves open."""

from collections.abc import Iterator

from daskbench.document import Said
from daskbench.document.writers import digits, fine_ratio_text, percent
from daskbench.experiments.ab.paired import CONFIG, PYTHONS, commands, machines
from daskbench.experiments.ab.rows import Comparison, Comparisons
from daskbench.findings.attribution import attributed
from daskbench.findings.forecast import more, still_open
from daskbench.model import FEWEST, VERDICT
from daskbench.stats.accounts import accounts_of
from daskbench.stats.results import Result
from daskbench.stats.verdict import GateOutcome, Verdict
from daskbench.units import counted

_MOST_NAMED = 5
_MOST_NOTES = 10


def outcome(compared: Comparisons) -> GateOutcome | None:
    """Return the outcome of the gate for the whole table: the worst row, then failed cases."""
    if compared.limit is None:
        return None
    words = {row.gate for row in compared.compared if not row.has_failed}
    if GateOutcome.REGRESSION in words:
        return GateOutcome.REGRESSION
    if any(row.has_failed for row in compared.rows):
        return GateOutcome.FAILED
    return GateOutcome.OK if words == {GateOutcome.OK} else GateOutcome.INCONCLUSIVE


def sentence(compared: Comparisons) -> str:
    """Return the result of the comparison, or of its gate, in one sentence."""
    rows, limit = compared.compared, compared.limit
    if not rows:
        return "nothing was compared"
    if limit is None:
        return _verdicts(compared, rows)
    found = outcome(compared)
    beyond = f"slower by more than {percent(limit)}"
    failed = [row for row in rows if row.has_failed]
    after = f"; {_part(failed, rows)} failed: {_named(failed)}" if failed else ""
    if found is GateOutcome.REGRESSION:
        worse = [row for row in rows if row.gate is GateOutcome.REGRESSION]
        return f"{_part(worse, rows)} {_are(worse)} proved to be {beyond}: {_named(worse)}{after}"
    unsure = [row for row in rows if row.gate is GateOutcome.INCONCLUSIVE and not row.has_failed]
    if unsure:
        return (
            f"none is proved to be {beyond}, but {_part(unsure, rows)} may be: "
            f"{_named(unsure)}{after}"
        )
    fine = [row for row in rows if row.gate is GateOutcome.OK]
    if not fine:
        return f"nothing was judged{after}"
    return f"{_part(fine, rows)} {_are(fine)} proved not to be {beyond}{after}"


def _verdicts(compared: Comparisons, rows: list[Comparison]) -> str:
    if len(rows) == 1 and rows[0].verdict and rows[0].ratio:
        word = _word(compared, rows[0].verdict)
        return f"{word}: B takes {fine_ratio_text(rows[0].ratio)} times as long as A"
    counts = {word: sum(row.verdict is word for row in rows) for word in Verdict}
    parts = [f"{count:,} {_word(compared, word)}" for word, count in counts.items() if count]
    return f"of {counted(len(rows), 'case')} {', '.join(parts)}"


def _word(compared: Comparisons, verdict: Verdict) -> str:
    within = f" within {percent(compared.margin)}" if verdict is Verdict.EQUIVALENT else ""
    return f"{verdict}{within}"


def _part(some: list[Comparison], rows: list[Comparison]) -> str:
    if len(rows) == 1:
        return "the case"
    return f"{len(some):,} of {counted(len(rows), 'case')}"


def _are(some: list[Comparison]) -> str:
    return "is" if len(some) == 1 else "are"


def _named(rows: list[Comparison]) -> str:
    """Name the rows, the slowest first."""
    order = sorted(rows, key=lambda row: -row.ratio.value if row.ratio else 0.0)
    names = [
        f"{row.label} ({_times(row.ratio.value)} times A)" if row.ratio else row.label
        for row in order[:_MOST_NAMED]
    ]
    more = [f"and {len(rows) - _MOST_NAMED} more"] if len(rows) > _MOST_NAMED else []
    return ", ".join([*names, *more])


def _times(ratio: float) -> str:
    return f"{ratio:.3g}" if ratio < 999.5 else digits(ratio)


def remarks(compared: Comparisons) -> list[str | Said]:
    """Return how the environments differ, what is missing in rows, and how to learn more."""
    found = (
        _attributed(compared),
        _environments(compared),
        _runs(compared),
        _notes(compared),
        _undecided(compared),
        _unpaired(compared),
    )
    return [remark for part in found for remark in part]


def _attributed(compared: Comparisons) -> Iterator[str]:
    """Yield what the differences consist of, and where only one side has an account."""
    alone: dict[str, list[Comparison]] = {}
    for row in compared.rows:
        if not (row.a and row.b and row.a.summary and row.b.summary):
            continue
        a = accounts_of(compared.runs[0], [row.a])
        b = accounts_of(compared.runs[1], [row.b])
        if a and b:
            yield attributed(row.label, a[0], b[0], row.ratio)
        elif a or b:
            alone.setdefault("A" if a else "B", []).append(row)
    for side, rows in alone.items():
        yield f"only {side} has an account, so no difference is attributed: {_named(rows)}"


def _environments(compared: Comparisons) -> Iterator[str | Said]:
    if compared.differs:
        yield f"from A to B: {'; '.join(compared.differs)}"
    elif compared.runs[0] is not compared.runs[1]:
        inside = "" if compared.untold else ", configuration, variables and sources"
        same = f"the environments are the same: machine, limits, Python and versions{inside}"
        yield Said(same, None)
    if compared.untold:
        yield (
            f"configuration, variables and sources of {' and '.join(compared.untold)} are unknown: "
            "the lanes failed, or an earlier daskbench measured them"
        )
    yield from compared.apart


def _runs(compared: Comparisons) -> Iterator[str]:
    """Yield which runs are incomplete, and which samples are excluded from the results."""
    for name, run in dict(zip("AB", compared.runs, strict=True)).items():
        if run.status in ("interrupted", "running") and (name == "A" or not compared.is_one_run):
            which = "the run" if compared.is_one_run else f"the run of {name}"
            yield f"{which} is {run.status}: only the samples so far are compared"
    for name in "ab":
        for row in compared.rows:
            side: Result | None = getattr(row, name)
            if side and side.proof.invalid_reason:
                yield f"{row.label} of {name.upper()}: {side.proof.invalid_reason}"


def _notes(compared: Comparisons) -> Iterator[str]:
    """Yield why rows have no ratio, one line per reason."""
    reasons: dict[str, list[Comparison]] = {}
    for row in compared.rows:
        if row.note and not (compared.lacks_launches and row.note.startswith("launches:")):
            reasons.setdefault(row.note, []).append(row)
    for note, rows in [*reasons.items()][:_MOST_NOTES]:
        yield f"{note}: {_named(rows)}"
    if len(reasons) > _MOST_NOTES:
        yield f"and {len(reasons) - _MOST_NOTES} more reasons why rows have no ratio"


def _undecided(compared: Comparisons) -> Iterator[Said]:
    """Yield what it would take to decide rows that were measured in pairs."""
    known = [(row.label, told) for row in compared.compared if (told := _more(compared, row))]
    if known:
        yield still_open(known, len(known) - 1)


def _more(compared: Comparisons, row: Comparison) -> str | None:
    if row.a is None or row.b is None or row.ratio is None or row.ratio.interval is None:
        return None
    interval, limit = row.ratio.interval, compared.limit
    if limit is None:
        units = interval.units_to_decide(compared.margin)
    else:
        units = interval.units_to_judge(limit)
    return more(compared.runs[1], {row.a.number, row.b.number}, row.b.suite, units)


def _unpaired(compared: Comparisons) -> Iterator[str | Said]:
    """Yield what is better than two runs at different times, and how to do it."""
    if compared.paired and compared.from_one_launch:
        yield Said(
            "from a single launch of each lane, so the interval does not include "
            f"launch-to-launch variation: use --launches {VERDICT.launches}",
            f"from a single launch, which may have been a lucky one: --launches {VERDICT.launches}",
        )
    if compared.paired or not compared.compared:
        return
    if compared.lacks_launches:
        yield Said(
            f"no interval: fewer than {FEWEST} launches of a side cannot show launch-to-launch "
            "variation; measure both with --launches 10, or better, in pairs",
            f"no interval: fewer than {FEWEST} launches of a side; measure both with --launches 10",
        )
    else:
        yield Said(
            "not paired: the intervals come from launch-to-launch variation, and any change of the "
            "machine between the two runs is part of the ratio",
            "not paired: a change of the machine between the runs is part of the ratio",
        )
    if not _are_the_same(compared):
        yield "to measure them in the same rounds, put both in one suite"
        return
    if machines(compared):
        yield "two machines can't be measured in the same rounds; measure both sides on one of them"
        return
    if any(side and side.suite.cluster.name for row in compared.rows for side in (row.a, row.b)):
        return
    yield Said(
        "measuring both sides in the same rounds is more precise:",
        "more precise in the same rounds, by 'daskbench ab': --explain has the command",
    )
    yield from (Said(command, None) for command in commands(compared))
    how = f"(for two interpreters: {PYTHONS}; otherwise {CONFIG}, or --env-a and --env-b)"
    yield Said(how, None)


def _are_the_same(compared: Comparisons) -> bool:
    """Whether both sides computed the same case in two runs."""
    pairs = [(row.a.case, row.b.case) for row in compared.compared if row.a and row.b]
    same = all(
        (a.what, a.scheduler, a.workers) == (b.what, b.scheduler, b.workers) for a, b in pairs
    )
    return same and compared.runs[0] is not compared.runs[1]
