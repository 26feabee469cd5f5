"""The ratio of a time to the baseline's, from rounds in which both were measured."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from daskbench.journal.run import Column, Samples
from daskbench.launches import are_compared, launch_of
from daskbench.model import FEWEST, Settings
from daskbench.stats.estimate import CONFIDENCE, Estimate, difference, location_across, median
from daskbench.stats.looks import Proved, Series
from daskbench.stats.sequence import AnytimeInterval, intervals, least_units
from daskbench.stats.summary import split


@dataclass(frozen=True)
class Ratio:
    """Time divided by the baseline's time, with its 95 % interval. Below 1 is faster.

    `low` and `high` are None where there are too few rounds, or launches, for an interval.
    `rounds` are those that both sides share; 0 where they share none, as they are from different
    runs. `interval` is that of the logarithm, if it is from paired rounds. An interval `needs` so
    many rounds, or launches where there are several.
    """

    value: float
    low: float | None
    high: float | None
    rounds: int
    launches: int
    interval: AnytimeInterval | None = None
    needs: int = FEWEST

    def __float__(self) -> float:
        """Return the ratio without its interval."""
        return float(self.value)

    @property
    def lacks(self) -> str | None:
        """What it takes to give an interval; None where there is one."""
        if self.low is not None:
            return None
        return f"needs {self.needs} {'launches' if self.launches > 1 else 'rounds'}"


def paired_ratio(samples: Samples, baseline: Samples, settings: Settings) -> Ratio | None:
    """Compare the samples of two cases round by round; None below two shared rounds.

    With several launches, the interval comes from launch-to-launch variation.
    """
    return paired_ratios([(samples, baseline)], settings)[0]


def paired_ratios(
    pairs: Sequence[tuple[Samples, Samples]], settings: Settings, proved: Proved | None = None
) -> list[Ratio | None]:
    """Compare all rows of a table in the same way; their intervals hold all at once.

    Rounds that go on until a verdict were looked at: what was `proved` on the way stays. A table
    that is looked at again and again keeps that; else it is worked out anew.
    """
    rows = [log_ratios(*pair) for pair in pairs]
    if not settings.decide or are_compared(settings):
        return ratios_of_logs([split(row.logs, series_of(row.rounds, settings)) for row in rows])
    found = (proved or Proved()).look(rows)
    needs = least_units([[row.logs] for row in rows])
    return [
        _anytime([row.logs], one, needs) if len(row.logs) > 1 else None
        for row, one in zip(rows, found, strict=True)
    ]


def log_ratios(samples: Samples, baseline: Samples) -> Series:
    """Return the logarithms of the ratios of the rounds that two cases share."""
    one, two = samples.by_round(), baseline.by_round()
    _, first, second = np.intersect1d(one.keys, two.keys, return_indices=True)
    return Series(np.log(one.seconds[first]) - np.log(two.seconds[second]), one.rounds[first])


def series_of(rounds: Column, settings: Settings) -> Column:
    """Return the number of each round's series: its launch, or one for all rounds."""
    if not are_compared(settings):
        return np.zeros(len(rounds))
    series: Column = launch_of(rounds, settings)
    return series


def ratio_of_pairs(seconds: Column, baseline: Column) -> Ratio | None:
    """Return the ratio of times of shape (rounds,), paired by position, in any one unit."""
    return ratios_of_logs([[np.log(seconds) - np.log(baseline)]])[0]


def ratios_of_logs(rows: Sequence[Sequence[Column]]) -> list[Ratio | None]:
    """Return for each row the ratio whose logarithms these are, round by round, for each launch.

    What slows a whole round cancels, twice as fast weighs as much as twice as slow, and a/b is
    exactly 1/(b/a). A round that is far off pulls no more than others: Huber's location, which for
    well-behaved rounds is the geometric mean of their ratios. Of several launches it is the mean of
    their medians: in real traces bursts of other work often last for a good part of a launch, and
    only these bear that.

    Source: Fleming & Wallace (1986), "How not to lie with statistics", CACM 29(3), for the
    geometric mean; Fieller (1954) treats the same question without the logarithm.
    """
    whole = [[logs for logs in launches if len(logs) > 1] for launches in rows]
    found, needs = intervals(whole), least_units(whole)
    return [_anytime(*row, needs) if row[0] else None for row in zip(whole, found, strict=True)]


def _anytime(launches: Sequence[Column], found: AnytimeInterval | None, needs: int) -> Ratio:
    """Return the ratio of a row whose interval holds at any moment; without one it is the mean."""
    rounds = sum(map(len, launches))
    if found is None or not np.isfinite(found.half_width):
        units = launches[0] if len(launches) == 1 else [median(logs) for logs in launches]
        value = found.value if found else float(np.mean(units))
        return Ratio(float(np.exp(value)), None, None, rounds, len(launches), needs=needs)
    low, high = np.exp([found.low, found.high])
    value = float(np.exp(found.value))
    return Ratio(value, float(low), float(high), rounds, len(launches), found)


def by_launch(samples: Samples, settings: Settings, *, in_turns: bool = False) -> list[Column]:
    """Return the seconds of each launch, in the order of the launches; a single round is one too.

    A run that was resumed has started its lanes anew: that is another launch. So is every sample
    of a suite whose lanes are opened in turns.
    """
    rounds = samples.by_round()
    if in_turns:
        launches = samples["launch"][samples.counted]
    elif settings.launches == 1:
        launches = rounds.sessions
    else:
        launches = launch_of(rounds.rounds, settings)
    return split(rounds.seconds, launches)


def unpaired_ratio(
    launches: Sequence[Column], baseline: Sequence[Column], rows: int = 1
) -> Ratio | None:
    """Return the ratio of times in seconds that share no rounds, given launch by launch.

    The error is what differs between launches of each side; None where one has too few. The
    interval holds with those of all `rows` of its table at once, once: that of runs that have
    ended, which nobody prolongs as it suits.
    """
    one, two = (location_across([median(np.log(s)) for s in side]) for side in (launches, baseline))
    if one is None or two is None:
        return None
    log = difference(one, two)
    return _planned(log, log.value, rows, 0, min(len(launches), len(baseline)))


def _planned(log: Estimate | None, value: float, rows: int, rounds: int, launches: int) -> Ratio:
    """Return a ratio whose interval holds once, with those of all rows of its table."""
    if log is None:
        return Ratio(float(np.exp(value)), None, None, rounds, launches)
    interval = log.interval(1 - (1 - CONFIDENCE) / rows)
    found, low, high = np.exp([log.value, interval.low, interval.high])
    return Ratio(float(found), float(low), float(high), rounds, launches)
