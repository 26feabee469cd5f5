"""The ratio of a time to the baseline's, from rounds in which both were measured."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from daskbench.journal.run import Column, Samples
from daskbench.launches import are_compared, launch_of
from daskbench.model import FEWEST, Settings
from daskbench.stats.estimate import (
    Estimate,
    difference,
    huber,
    location_across,
    location_of,
    median,
)
from daskbench.stats.summary import split


@dataclass(frozen=True)
class Ratio:
    """Time divided by the baseline's time, with its 95 % interval. Below 1 is faster.

    `log` is the estimate of its logarithm; None, as `low` and `high`, where there are too few
    rounds, or launches, for an interval. `rounds` are those that both sides share; 0 where they
    share none, as they are from different runs.
    """

    value: float
    low: float | None
    high: float | None
    rounds: int
    launches: int
    log: Estimate | None

    @property
    def lacks(self) -> str | None:
        """What is needed for an interval; None if there is one."""
        if self.log:
            return None
        return f"needs {FEWEST} {'launches' if self.launches > 1 else 'rounds'}"


def paired_ratio(samples: Samples, baseline: Samples, settings: Settings) -> Ratio | None:
    """Compare the samples of two cases round by round; None below two shared rounds.

    With several launches, the interval comes from launch-to-launch variation.
    """
    logs, launches = log_ratios(samples, baseline, settings)
    return ratio_of_logs(split(logs, launches))


def log_ratios(samples: Samples, baseline: Samples, settings: Settings) -> tuple[Column, Column]:
    """Return the logarithm of the ratio of each shared round, and the launch of the round."""
    one, two = samples.by_round(), baseline.by_round()
    _, first, second = np.intersect1d(one.keys, two.keys, return_indices=True)
    logs = np.log(one.seconds[first]) - np.log(two.seconds[second])
    return logs, series_of(one.rounds[first], settings)


def series_of(rounds: Column, settings: Settings) -> Column:
    """Return the number of each round's series: its launch, or one for all rounds."""
    if not are_compared(settings):
        return np.zeros(len(rounds))
    series: Column = launch_of(rounds, settings)
    return series


def ratio_of_pairs(seconds: Column, baseline: Column) -> Ratio | None:
    """Return the ratio of times of shape (rounds,), paired by position, in any one unit."""
    return ratio_of_logs([np.log(seconds) - np.log(baseline)])


def ratio_of_logs(launches: Sequence[Column]) -> Ratio | None:
    """Return the ratio whose logarithms these are, round by round, for each launch.

    So what slows a whole round cancels, twice as fast weighs as much as twice as slow, and a/b is
    exactly 1/(b/a). A round that is far off pulls no more than others: Huber's location, which of
    well-behaved rounds is the geometric mean of their ratios. Nothing is resampled, so there is no
    chance in it to seed. Of several launches it is the location of their medians: in real traces
    bursts of other work often last for a good part of a launch, and only these bear that.

    Source: Fleming & Wallace (1986), "How not to lie with statistics", CACM 29(3), for the
    geometric mean; Fieller (1954) treats the same question without the logarithm.
    """
    found = [logs for logs in launches if len(logs) > 1]
    if not found:
        return None
    medians = [median(logs) for logs in found]
    log = location_of(found[0]) if len(found) == 1 else location_across(medians)
    value = huber(found[0])[0] if len(found) == 1 else sum(medians) / len(medians)
    return _ratio(log or value, sum(map(len, found)), len(found))


def by_launch(samples: Samples, settings: Settings, *, in_turns: bool = False) -> list[Column]:
    """Return the seconds of each launch, in the order of the launches; a single round is one too.

    A run that was resumed has started its lanes anew: that is another launch. So is every sample
    of a suite whose lanes are opened in turns.
    """
    rounds = samples.by_round()
    if in_turns:
        launches = samples["launch"][samples.counted]
    elif settings.launches == 1:
        launches = samples["session"][samples.counted]
    else:
        launches = launch_of(rounds.rounds, settings)
    return split(rounds.seconds, launches)


def unpaired_ratio(launches: Sequence[Column], baseline: Sequence[Column]) -> Ratio | None:
    """Return the ratio of times in seconds that share no rounds, given launch by launch.

    The standard error comes from launch-to-launch variation; None if a side has too few launches.
    """
    one, two = (location_across([median(np.log(s)) for s in side]) for side in (launches, baseline))
    if one is None or two is None:
        return None
    return _ratio(difference(one, two), 0, min(len(launches), len(baseline)))


def _ratio(log: Estimate | float, rounds: int, launches: int) -> Ratio:
    if isinstance(log, float):
        return Ratio(float(np.exp(log)), None, None, rounds, launches, None)
    interval = log.interval()
    value, low, high = np.exp([log.value, interval.low, interval.high])
    return Ratio(float(value), float(low), float(high), rounds, launches, log)
