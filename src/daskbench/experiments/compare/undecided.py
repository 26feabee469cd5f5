"""Rows without a verdict, and what it would take to give them one."""

from collections.abc import Iterator

from daskbench.journal.run import Run
from daskbench.stats.groups import Group
from daskbench.stats.ratio import Ratio
from daskbench.stats.results import Result
from daskbench.stats.verdict import Verdict
from daskbench.units import counted, format_seconds


def undecided(run: Run, groups: list[Group]) -> Iterator[str]:
    """Rows whose interval leaves the verdict open, and how many more rounds would close it."""
    for group in groups:
        rows = [row for row in group.results if row.comparison.verdict is Verdict.UNDECIDED]
        known = [(row, rounds) for row in rows if (rounds := more_rounds(row.comparison.ratio))]
        if not known:
            continue
        each = [
            f"{row.label} ({counted(rounds, 'more round')}, "
            f"{format_seconds(rounds * _seconds(run, group, row))})"
            for row, rounds in known
        ]
        yield f"undecided; about so much more would decide: {', '.join(each)}"


def more_rounds(ratio: Ratio | None) -> int | None:
    """Return about how many more rounds would decide a ratio, if it stays where it is.

    None if that would be very many, or launches are what it takes.
    """
    if ratio is None or ratio.interval is None or ratio.launches > 1:
        return None
    return ratio.interval.units_to_decide()


def _seconds(run: Run, group: Group, row: Result) -> float:
    """Return how long a round of a row and its baseline takes."""
    base = next(
        (one.number for one in group.results if one.case == row.comparison.baseline), row.number
    )
    return sum(float(run.samples[n]["watched_s"].mean()) for n in {row.number, base})
