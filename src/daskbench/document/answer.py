"""The answer of a table of times in one sentence, which claims no more than its intervals prove.

All intervals of a table hold at the same time. So if the whole interval of one row is below that of
another, their order is proved at the same level, whichever rows are looked at.
"""

from collections.abc import Sequence
from typing import NamedTuple

from daskbench.document.names import without_shared
from daskbench.document.writers import percent, ratio_text
from daskbench.stats.ratio import Ratio
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.results import Result
from daskbench.stats.verdict import Verdict
from daskbench.units import counted

#: More rows are counted rather than named.
_MOST_NAMED = 2
#: What is said of a baseline with no figures, by its status.
_BECAME = {
    "failed": "failed",
    "incomplete": "was not measured",
    "invalid": "has no valid sample",
    "skipped": "was skipped",
}


class _Timed(NamedTuple):
    """A row with its ratio to the baseline, which has exactly 1, and what to call it."""

    row: Result
    ratio: Ratio
    name: str

    @property
    def low(self) -> float:
        return self.ratio.value if self.ratio.low is None else self.ratio.low

    @property
    def high(self) -> float:
        return self.ratio.value if self.ratio.high is None else self.ratio.high


def answer_of(table: ResultTable) -> str:
    """Return which row is fastest, or why that is not decided; empty if there is no comparison."""
    if not table.race or len(table.results) < 2:
        return ""
    sentence, missing = _sentence(table), _missing(table)
    return f"{sentence}; {missing}" if missing else sentence


def _sentence(table: ResultTable) -> str:
    measured = [row for row in table.results if _is_measured(row)]
    names, _ = without_shared([row.label for row in table.results])
    timed = [
        _Timed(row, row.comparison.ratio, name)
        for row, name in zip(table.results, names, strict=True)
        if (_is_measured(row) or row.is_baseline)  # one that failed later still compares
        and row.comparison.ratio
        and (row.is_baseline or row.comparison.ratio.low is not None)
    ]
    base = next((one for one in timed if one.row.is_baseline), None)
    if not measured:
        return "nothing was measured"
    if base is None or len(timed) < 2:
        return _undecidable(table, measured)
    of = counted(len(timed), "row") if len(timed) < len(table.results) else str(len(timed))
    return _compared(base, [one for one in timed if one is not base], of)


def _is_measured(row: Result) -> bool:
    return row.summary is not None and row.status == "ok"


def _compared(base: _Timed, others: Sequence[_Timed], of: str) -> str:
    """Return what the verdicts say; where none is decided, the lowest ratio."""
    first = min(others, key=lambda one: one.ratio.value)
    verdicts = {one.row.comparison.verdict for one in others}
    if Verdict.FASTER in verdicts:
        return _faster(base, others, of)
    if verdicts == {Verdict.SLOWER}:
        takes = ratio_text(first.ratio)
        return f"{base.name} is fastest of {of}: {first.name} takes {takes} times as long"
    if verdicts == {Verdict.UNDECIDED}:
        return (
            f"nothing is decided: {first.name} may be {_speed(first.ratio)} times as fast as "
            f"{base.name}"
        )
    rivals = [one for one in others if one.row.comparison.verdict is not Verdict.SLOWER]
    slower = len(others) - len(rivals)
    also = f"; {slower} {'is' if slower == 1 else 'are'} slower" if slower else ""
    return f"none is proved faster than {base.name}: {_as_fast(rivals)}{also}"


def _undecidable(table: ResultTable, measured: Sequence[Result]) -> str:
    """Return why no two rows can be compared."""
    lacks = [row.comparison.ratio.lacks for row in measured if row.comparison.ratio]
    if len(measured) == 1:
        return f"only {measured[0].label} was measured, so nothing is compared"
    if why := next(filter(None, lacks), None):
        return f"nothing is decided: an interval {why}"
    base = measured[0].comparison.baseline_label
    status = next((row.status for row in table.results if row.is_baseline), "ok")
    if status != "ok":
        return f"nothing is compared: {base}, the baseline, {_BECAME[status]}"
    rounds = f"fewer than two rounds are shared with {base}"
    others = [row for row in table.results if not (row.status == "ok" or row.is_baseline)]
    if any(row.comparison.ratio for row in others):  # and so have a verdict in the table
        return f"only rows that failed are compared: otherwise {rounds}"
    return f"nothing is compared: {rounds}"


def _faster(base: _Timed, others: Sequence[_Timed], of: str) -> str:
    """Name the lowest of the rows that are proved faster than the baseline.

    It is the fastest only if its interval is below those of all others.
    """
    faster = [one for one in others if one.row.comparison.verdict is Verdict.FASTER]
    first = min(faster, key=lambda one: one.ratio.value)
    rivals = [one for one in others if one is not first and one.low <= first.high]
    place = f"among the fastest of {of}" if rivals else f"fastest of {of}"
    told = f"{first.name} is {place}: {_speed(first.ratio)} times as fast as {base.name}"
    return f"{told}; not distinguished from {_named(rivals)}" if rivals else told


def _as_fast(rivals: Sequence[_Timed]) -> str:
    """Return which rows are not slower than the baseline, and whether they are equivalent."""
    margin = percent(rivals[0].row.suite.settings.margin)
    equal = all(one.row.comparison.verdict is Verdict.EQUIVALENT for one in rivals)
    how = f"equivalent within {margin}" if equal else "not distinguished from it"
    return f"{_named(rivals)} {'is' if len(rivals) == 1 else 'are'} {how}"


def _speed(ratio: Ratio) -> str:
    """Return how many times as fast, with its interval: the inverse of a ratio of times."""
    low, high = (None if end is None else 1 / end for end in (ratio.high, ratio.low))
    return ratio_text(Ratio(1 / ratio.value, low, high, ratio.rounds, ratio.launches))


def _named(rows: Sequence[_Timed]) -> str:
    order = sorted(rows, key=lambda one: one.ratio.value)
    names = [one.name for one in order[:_MOST_NAMED]]
    more = [f"{len(rows) - _MOST_NAMED} more"] if len(rows) > _MOST_NAMED else []
    *first, last = [*names, *more]
    if len(first) > 1 and any(", " in name for name in names):
        return f"{'; '.join(first)}; and {last}"
    return f"{', '.join(first)} and {last}" if first else last


def _missing(table: ResultTable) -> str:
    """Return how many rows have no figures, by their status."""
    rows = [row for row in table.results if row.status != "ok" and row.status != "skipped"]
    if not rows:
        return ""
    states = dict.fromkeys(row.status for row in rows)
    words = ", ".join(f"{sum(row.status == one for row in rows)} {one}" for one in states)
    return f"{words} of {counted(len(table.results), 'row')}"
