"""How often comparisons on this machine are wrong, and what they detect in how much time."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import msgspec
import numpy as np

from daskbench.document import Record
from daskbench.journal.run import Column, Run
from daskbench.launches import launches_ended
from daskbench.model import FEWEST, Case, Side, Suite
from daskbench.ranges import Few
from daskbench.stats.ratio import Ratio, log_ratios, ratios_of_logs, series_of
from daskbench.stats.summary import split
from daskbench.stats.verdict import MARGIN, Verdict, verdict_of

T = TypeVar("T")


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The options of a calibration: how many launches make one comparison."""

    launches: Few


#: A difference counts as detectable if these shares of the comparisons detect it.
SHARES = (0.8, 0.9)
#: Fewer comparisons than this say nothing about a rate.
_FEWEST = 5


@dataclass(frozen=True)
class Rate:
    """A count out of a total, and the 95 % interval of the share.

    Source: Clopper & Pearson (1934), "The use of confidence or fiducial limits", Biometrika 26.
    """

    count: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The share itself."""
        return self.count / self.of

    def __float__(self) -> float:
        """Return the share."""
        return self.share


@dataclass(frozen=True)
class Smallest:
    """The smallest slowdown that a `share` of the comparisons of some length detects.

    With its 95 % interval from order statistics; an end that needs more comparisons is None.
    """

    share: float
    value: float
    low: float | None
    high: float | None

    def __float__(self) -> float:
        """Return the slowdown without its interval."""
        return self.value


@dataclass(frozen=True)
class Length:
    """Comparisons of a number of launches, how long they take, and what they detect."""

    launches: int
    seconds: float
    comparisons: int
    smallest: tuple[Smallest, ...]


@dataclass(frozen=True)
class Calibration:
    """The result of ``daskbench calibrate``: `found` has a rate for each injected slowdown."""

    suite: Suite
    case: Case
    false_alarms: Rate
    found: dict[float, Rate]
    lengths: tuple[Length, ...]


def launches_of(suite: Suite) -> int:
    """Return how many launches make one comparison."""
    return msgspec.convert(suite.experiment.options, Options).launches


def calibration_of(run: Run, suite: Suite, numbers: Sequence[int]) -> Calibration | None:
    """Return the result of a calibration once a comparison is complete.

    The first case is A, the second is A again, the others are slowed down.
    """
    first, again, *slowed = numbers
    per_launch = {number: _logs(run, suite, number, first) for number in numbers[1:]}
    alike = _verdicts(per_launch[again], launches_of(suite))
    if not alike:
        return None
    return Calibration(
        suite,
        msgspec.structs.replace(run.cases[first][2], side=Side()),
        _rate([one in (Verdict.FASTER, Verdict.SLOWER) for one in alike]),
        {
            run.cases[number][2].side.slowdown: _rate([one is Verdict.SLOWER for one in found])
            for number in slowed
            if (found := _verdicts(per_launch[number], launches_of(suite)))
        },
        tuple(_lengths(per_launch[again], suite, _seconds(run, (first, again)))),
    )


def _logs(run: Run, suite: Suite, number: int, base: int) -> list[Column]:
    """Return the log-ratios of each complete launch."""
    shared = log_ratios(run.samples[number], run.samples[base])
    last = min(run.samples[one]["round"].max(initial=0) for one in (number, base))
    launches = series_of(shared.rounds, suite.settings)
    return split(shared.logs, launches)[: launches_ended(int(last), suite.settings)]


def _ratios(launches: Sequence[Column], length: int) -> list[Ratio]:
    """Return the ratios of consecutive comparisons of `length` launches each."""
    ratios = (ratios_of_logs([part])[0] for part in _parts(launches, length))
    return [ratio for ratio in ratios if ratio and ratio.low]


def _verdicts(launches: Sequence[Column], length: int) -> list[Verdict]:
    """Return the verdicts of consecutive comparisons of up to `length` launches each."""
    return [_first_verdict(part) for part in _parts(launches, length)]


def _first_verdict(launches: Sequence[Column]) -> Verdict:
    """Return the first verdict of a comparison that is looked at after every launch.

    That is what ``daskbench ab`` ends with.
    """
    for count in range(min(FEWEST, len(launches)), len(launches) + 1):
        verdict = verdict_of(ratios_of_logs([launches[:count]])[0])
        if verdict is not Verdict.UNDECIDED:
            return verdict
    return Verdict.UNDECIDED


def _parts(values: Sequence[T], length: int) -> Iterator[Sequence[T]]:
    for first in range(0, len(values) - length + 1, length):
        yield values[first : first + length]


def _rate(hits: Sequence[bool]) -> Rate:
    from scipy.stats import binomtest  # slow to import

    interval = binomtest(sum(hits), len(hits)).proportion_ci()
    return Rate(sum(hits), len(hits), float(interval.low), float(interval.high))


def _seconds(run: Run, numbers: Sequence[int]) -> float:
    """Return the seconds that a launch of these cases takes: start, warm-up and rounds."""
    total = 0.0
    for number in numbers:
        samples = run.samples[number]
        launches = len(np.unique(samples["launch"]))
        total += run.lanes[number].startup_s + float(samples["watched_s"].sum()) / launches
    return total


def _lengths(launches: Sequence[Column], suite: Suite, launch_s: float) -> Iterator[Length]:
    """Yield what comparisons of one, two, four... times the length would detect."""
    length = launches_of(suite)
    while ratios := _ratios(launches, length):
        if len(ratios) < _FEWEST:
            return
        least = [least_found(ratio) for ratio in ratios]
        smallest = tuple(_smallest(least, share) for share in SHARES)
        yield Length(length, length * launch_s, len(least), smallest)
        length *= 2


def least_found(ratio: Ratio, margin: float = MARGIN) -> float:
    """Return the smallest slowdown for which this comparison would give the verdict slower.

    A slowdown scales the interval of the ratio and changes nothing else.
    """
    assert ratio.low
    return max(0.0, (1 + margin) / ratio.low - 1)


def _smallest(least: Sequence[float], share: float) -> Smallest:
    """Return the quantile of the smallest slowdowns of the comparisons."""
    from scipy.stats import quantile_test

    value = float(np.quantile(least, share, method="inverted_cdf"))
    interval: Any = quantile_test(least, q=value, p=share).confidence_interval()
    return Smallest(share, value, _known(interval.low), _known(interval.high))


def _known(end: float) -> float | None:
    return float(end) if np.isfinite(end) else None


def record_of(calibration: Calibration) -> Record:
    """Return a calibration as plain values: shares as fractions, times in seconds."""
    return {
        "suite": calibration.suite.name,
        "case": str(calibration.case),
        "false_alarms": _rate_record(calibration.false_alarms),
        "found": [{"slowdown": s, **_rate_record(rate)} for s, rate in calibration.found.items()],
        "smallest": [asdict(length) for length in calibration.lengths],
    }


def _rate_record(rate: Rate) -> Record:
    return {**asdict(rate), "share": rate.share}
