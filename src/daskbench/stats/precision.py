"""How narrow the intervals of a case are, and how much longer until they are narrow enough.

Only widths are looked at, never what an interval says: to stop when a difference shows would find
differences where there are none.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from daskbench.journal.run import Samples
from daskbench.launches import are_compared
from daskbench.model import Case, Settings, Suite
from daskbench.stats.ratio import paired_ratio, series_of
from daskbench.stats.summary import summarize

#: Before so many rounds, or launches where there are several, an interval may be narrow by luck.
LEAST_ROUNDS, LEAST_LAUNCHES = 15, 5


@dataclass(frozen=True)
class Precision:
    """The wider of a case's two intervals, as a part of its value, after so many samples.

    That of its mean, and that of its ratio to the baseline. `more_s` is how much longer it would
    take to be as narrow as was asked for, 0 where it is, as widths shrink with the square root.
    """

    width: float
    samples: int
    more_s: float


def wants_precision(case: Case, suite: Suite) -> bool:
    """Whether a case is measured until it is precise, which only applies to races."""
    return suite.settings.precision is not None and suite.race and not case.reference


def goes_on(case: Case, suite: Suite) -> bool:
    """Whether a case may give more samples than its rounds."""
    return wants_precision(case, suite) or (suite.settings.decide and not case.reference)


def least_samples(case: Case, suite: Suite) -> int:
    """Return the number of samples of a case, or the minimum if it has a precision to reach."""
    settings = suite.settings
    if not wants_precision(case, suite):
        return settings.samples
    launches = LEAST_LAUNCHES * settings.rounds if are_compared(settings) else 0
    return max(settings.samples, launches, LEAST_ROUNDS)


def width_of(samples: Samples, baseline: Samples | None, settings: Settings) -> float:
    """Return the wider of the two intervals, as a fraction of its value; infinite if there is none.

    Without a `baseline`, or where that shares no rounds, it is that of the mean.
    """
    rounds = samples.by_round()
    summary = summarize(rounds.seconds, series_of(rounds.rounds, settings))
    if summary is None or summary.mean_interval is None:
        return np.inf
    width = (summary.mean_interval.high - summary.mean_interval.low) / summary.mean_s
    if baseline is None:
        return width
    ratio = paired_ratio(samples, baseline, settings)
    if ratio is None or ratio.low is None or ratio.high is None:
        return width
    return max(width, (ratio.high - ratio.low) / ratio.value)


def precision_of(
    samples: Samples, baseline: Samples | None, settings: Settings, start_s: float = 0.0
) -> Precision | None:
    """Return the precision reached; None if none was requested.

    `start_s` is how long the lanes of both take to start, which each further launch costs.
    """
    if settings.precision is None:
        return None
    width = width_of(samples, baseline, settings)
    if not np.isfinite(width):
        return None
    count = len(samples.loop_s)
    more = max((width / settings.precision) ** 2 - 1, 0.0) * count
    each_s = sum(float(side["watched_s"].mean()) for side in (samples, baseline) if side)
    each_s += start_s / settings.rounds if are_compared(settings) else 0.0
    return Precision(width, count, more * each_s)


def too_wide(widths: Mapping[int, float], precision: float) -> set[int]:
    """Return the cases to measure next: the widest half of those wider than the precision.

    A case without a width has no valid samples, and more of them would not help.
    """
    finite = {number: width for number, width in widths.items() if np.isfinite(width)}
    widest = max(finite.values(), default=0.0)
    return {n for n, width in finite.items() if width > precision and width >= widest / 2}
