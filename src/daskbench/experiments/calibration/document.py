"""The result of a calibration: false alarms, detection rates, and the smallest slowdown."""

from collections.abc import Callable, Mapping
from typing import Any

from daskbench.document import Column, Row, Section, Table
from daskbench.document.chart import Bar
from daskbench.experiments.calibration.rows import (
    SHARES,
    Calibration,
    Length,
    Rate,
    Smallest,
    launches_of,
)
from daskbench.units import counted, format_seconds


def sections_of(calibration: Calibration) -> list[Section]:
    """Return how often comparisons were right, and what they detect in how much time."""
    return [_rates(calibration), *([_smallest(calibration)] if calibration.lengths else [])]


def summary_of(calibration: Calibration) -> str:
    """Return a one-line summary of a calibration."""
    alarms = calibration.false_alarms
    comparisons = counted(alarms.of, "comparison")
    told = f"{calibration.case}: {counted(alarms.count, 'false alarm')} in {comparisons}"
    if calibration.lengths:
        first = calibration.lengths[0]
        told += (
            f"; {first.smallest[0].share:.0%} of comparisons detect {first.smallest[0].value:.1%} "
            f"in {format_seconds(first.seconds)}"
        )
    return told


def _rates(calibration: Calibration) -> Section:
    launches = counted(launches_of(calibration.suite), "launch", "launches")
    rounds = counted(calibration.suite.settings.rounds, "round")
    named = {"the same case: false alarms": calibration.false_alarms}
    named |= {f"{100 * p:.3g} % slower: detected": rate for p, rate in calibration.found.items()}
    rows = [Row((name, rate.of, rate.count, rate), bar=_bar(rate)) for name, rate in named.items()]
    return Section(
        f"calibration on {calibration.case} (comparisons of {launches} × {rounds})",
        [Table(_RATES, rows, bars="share")],
        "the same case: measured twice in the same rounds; detected: correctly called slower",
        answer=summary_of(calibration),
    )


def _bar(rate: Rate) -> Bar:
    return Bar(rate.share, rate.low, rate.high)


def _share(rate: Rate) -> str:
    return f"{rate.share:.1%} [{rate.low:.1%}, {rate.high:.1%}]"


def _interval(found: Smallest) -> str:
    ends = ("-" if end is None else f"{end:.1%}" for end in (found.low, found.high))
    return f"{found.value:.1%} [{', '.join(ends)}]"


def _columns(titles: Mapping[str, Callable[[Any], str]]) -> list[Column[Any]]:
    return [
        Column(
            title,
            title,
            write,
            right=number > 0,
            shown="room" if title in ("launches", "comparisons") else "always",
        )
        for number, (title, write) in enumerate(titles.items())
    ]


_RATES = _columns({"compared": str, "comparisons": str, "verdicts": str, "share [95 % CI]": _share})
_SMALLEST = _columns(
    {
        "measuring for": format_seconds,
        "launches": str,
        "comparisons": str,
        **{f"by {share:.0%} of them [95 % CI]": _interval for share in SHARES},
    }
)
COLUMNS = (*_RATES, *_SMALLEST)


def _smallest(calibration: Calibration) -> Section:
    return Section(
        "the smallest slowdown that is detected",
        [Table(_SMALLEST, [Row(_length(length)) for length in calibration.lengths])],
        "the slowdown from which each comparison of the same case would have given the verdict "
        "slower; -: too few comparisons for that end of the interval",
    )


def _length(length: Length) -> list[Any]:
    return [length.seconds, length.launches, length.comparisons, *length.smallest]
