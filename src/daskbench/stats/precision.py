"""How narrow the interval of a case is, and how much longer until it is narrow enough."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from daskbench.journal.run import Samples
from daskbench.launches import are_compared
from daskbench.model import Case, Settings, Suite
from daskbench.stats.ratio import Ratio, ratios_of_logs, series_of
from daskbench.stats.summary import split

#: Before so many rounds, or launches where there are several, an interval may be narrow by luck.
LEAST_ROUNDS, LEAST_LAUNCHES = 15, 5


@dataclass(frozen=True)
class Precision:
    """The width of a case's interval, as a part of its value, after so many samples.

    It is that of its ratio to the baseline, or where there is none, of its own typical time.
    `more_s` is how much longer it would
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


def width_of(samples: Samples, ratio: Ratio | None, settings: Settings) -> float:
    """Return the width of an interval, as a fraction of its value; infinite if there is none.

    It is that of the ratio to the baseline, or where there is none, of the case's typical time.
    """
    if ratio is None or ratio.low is None or ratio.high is None:
        ratio = _typical(samples, settings)
    if ratio is None or ratio.low is None or ratio.high is None:
        return np.inf
    return (ratio.high - ratio.low) / ratio.value


def _typical(samples: Samples, settings: Settings) -> Ratio | None:
    """Return the typical time of a case, as its ratio to one second."""
    rounds = samples.by_round()
    return ratios_of_logs([split(np.log(rounds.seconds), series_of(rounds.rounds, settings))])[0]


def precision_of(
    measured: Sequence[Samples], ratio: Ratio | None, settings: Settings, start_s: float = 0.0
) -> Precision | None:
    """Return the precision reached; None if none was requested.

    `measured` are the samples of the case, and of what it is compared with; `start_s` is how long
    their lanes take to start, which each further launch costs.
    """
    if settings.precision is None:
        return None
    width = width_of(measured[0], ratio, settings)
    if not np.isfinite(width):
        return None
    count = len(measured[0].loop_s)
    more = max((width / settings.precision) ** 2 - 1, 0.0) * count
    each_s = sum(float(samples["watched_s"].mean()) for samples in measured)
    each_s += start_s / settings.rounds if are_compared(settings) else 0.0
    return Precision(width, count, more * each_s)


def too_wide(widths: Mapping[int, float], precision: float) -> set[int]:
    """Return the cases to measure next: the widest half of those wider than the precision.

    A case without a width has no valid samples, and more of them would not help.
    """
    finite = {number: width for number, width in widths.items() if np.isfinite(width)}
    widest = max(finite.values(), default=0.0)
    return {n for n, width in finite.items() if width > precision and width >= widest / 2}
