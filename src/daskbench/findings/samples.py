"""Findings in the samples of a case: warm-up, modes, launch-to-launch variation, precision.

Each is reported only at a significance level of 1 % per run, and if it is large enough to matter.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from daskbench.document import Said
from daskbench.findings.rules import Rule
from daskbench.journal.run import Column, Run
from daskbench.launches import are_compared
from daskbench.model import Settings
from daskbench.stats.distribution import LEVEL, Trend, luck_of, modes_of, trend_of
from daskbench.stats.precision import Precision, precision_of
from daskbench.stats.ratio import series_of
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.results import Result
from daskbench.stats.summary import split
from daskbench.units import counted, format_seconds

#: Effects below these fractions of a time are not reported.
_DRIFT, _APART, _LUCK = 0.05, 0.05, 0.02


def _rows(tables: list[ResultTable]) -> list[Result]:
    """Return the rows whose samples are comparable, those of races."""
    return [row for table in tables if table.race for row in table.results if row.summary]


def _level(rows: list[Result]) -> float:
    """Return the significance level per case, corrected for the number of cases."""
    return LEVEL / max(len(rows), 1)


def _launches(run: Run, row: Result) -> list[Column]:
    """Return the times of each launch; if launches have one round each, all in one array."""
    rounds = run.samples[row.number].by_round()
    return split(rounds.seconds, series_of(rounds.rounds, row.suite.settings))


def _told(found: Mapping[str, Said]) -> Iterator[Said]:
    """Yield one line, for the first case: what shows in many cases has a common reason."""
    for label, said in [*found.items()][:1]:
        others = list(found)[1:]
        likewise = f"; likewise in {', '.join(others)}" if others else ""
        rows = f"{label} and {counted(len(others), 'more row')}" if others else label
        yield Said(f"{label}: {said.text}{likewise}", f"{rows}: {said.brief or said.text}")


def warm_up(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """First samples that are slower or faster than the later ones."""
    rows, found = _rows(tables), {}
    for row in rows:
        if row.suite.in_turns or run.sessions > 1:
            continue  # every sample is a first one, or the first are unknown
        trend = trend_of(_launches(run, row))
        if trend and trend.p_value < _level(rows) and abs(trend.excess) >= _DRIFT:
            found[row.label] = _trend_text(trend, row.suite.settings)
    yield from _told(found)


def _trend_text(trend: Trend, settings: Settings) -> Said:
    first = f"the first {counted(trend.samples, 'sample')}"
    first += " of each launch" if are_compared(settings) else ""
    warmup = settings.warmup + trend.samples
    mend = f"try --warmup {warmup}" if trend.excess > 0 else f"--warmup {warmup} would exclude them"
    slower = "longer" if trend.excess > 0 else "less"
    what = f"{first} took {abs(trend.excess):.0%} {slower}"
    return Said(f"{what} than the later ones; {mend}", f"{what}; try --warmup {warmup}")


def modes(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """Times in two tables, with a mean in between that no sample took."""
    rows, told = _rows(tables), {}
    for row in rows:
        if _spread(run, row, _level(rows)):
            continue  # the launches differ
        found = modes_of(run.samples[row.number].loop_s)
        if found and found.p_value < _level(rows) and found.high_s >= found.low_s * (1 + _APART):
            low, high = format_seconds(found.low_s), format_seconds(found.high_s)
            told[row.label] = Said(
                f"two modes, {low} in {1 - found.upper:.0%} of its samples and {high} in "
                f"{found.upper:.0%}; the mean is neither, and the cause was not measured",
                f"two modes, {low} and {high}: its mean is neither; see --columns median_s,min_s",
            )
    yield from _told(told)


def luck(run: Run, tables: list[ResultTable]) -> Iterator[Said]:
    """Launch-to-launch variation, which a single launch would not show."""
    rows, told = _rows(tables), {}
    for row in rows:
        if spread := _spread(run, row, _level(rows)):
            middles = [float(np.median(launch)) for launch in _launches(run, row)]
            least, most = format_seconds(min(middles)), format_seconds(max(middles))
            told[row.label] = Said(
                f"medians of its {len(middles)} launches range from {least} to {most}; a single "
                f"launch would have been off by about {spread:.0%}",
                f"launches differ by {spread:.0%}: keep --launches",
            )
    yield from _told(told)


def _spread(run: Run, row: Result, level: float) -> float | None:
    """Return the launch-to-launch variation as a fraction; None if it is not significant."""
    found = luck_of(_launches(run, row))
    return found.spread if found and found.p_value < level and found.spread >= _LUCK else None


def precision(run: Run, tables: list[ResultTable]) -> Iterator[str | Said]:
    """The precision reached, and how long the requested one would take."""
    suites: dict[str, list[tuple[Result, Precision]]] = {}
    for table in tables:
        for row in _rows([table]) if table.suite.settings.precision else ():
            if one := _precision(run, table, row):
                suites.setdefault(table.suite.name, []).append((row, one))
    for found in suites.values():
        if reached := [(row, one) for row, one in found if not one.more_s]:
            asked, after = _asked(found[0][0]), _after([one.samples for _, one in reached])
            each = ", ".join(f"{row.label} {_percent(one.width)}" for row, one in reached)
            done = f"precision {asked} reached by {_of(len(reached), len(found))} {after}"
            yield Said(f"{done}: {each}", done)
        yield from (_wide_text(row, one) for row, one in found if one.more_s)


def _precision(run: Run, table: ResultTable, row: Result) -> Precision | None:
    """Return the precision reached; None for a failed case, and for what others are compared with.

    The ratios to that tell how precisely it was measured.
    """
    others = [one.comparison for one in table.results if one.number != row.number]
    is_base = any(one.ratio and one.baseline == row.case for one in others)
    if row.number in run.failures or is_base:
        return None
    compared = row.comparison
    base = next((one.number for one in table.results if one.case == compared.baseline), row.number)
    paired = base != row.number and base not in run.failures
    both = (row.number, base) if paired else (row.number,)
    start_s = sum(run.lanes[number].startup_s for number in both if number in run.lanes)
    measured = [run.samples[number] for number in both]
    ratio = compared.ratio if paired else None
    return precision_of(measured, ratio, row.suite.settings, start_s)


def _asked(row: Result) -> str:
    return f"{100 * (row.suite.settings.precision or 0):g}%"


def _percent(part: float) -> str:
    return f"{100 * part:.2g}%"


def _of(part: int, whole: int) -> str:
    if part < whole:
        return f"{part} of {counted(whole, 'case')}"
    return f"all {counted(whole, 'case')}" if whole > 1 else "the case"


def _after(samples: list[int]) -> str:
    least, most = min(samples), max(samples)
    return f"after {'' if least == most else f'{least:,} to '}{counted(most, 'sample')}"


def _wide_text(row: Result, found: Precision) -> str:
    after = f"after {counted(found.samples, 'sample')}"
    return (
        f"{row.label}: precision {_percent(found.width)} {after}; {_asked(row)} would take about "
        f"{format_seconds(found.more_s)} more"
    )


RULES = (Rule(precision), Rule(warm_up), Rule(modes), Rule(luck))
