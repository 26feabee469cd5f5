"""What every column is: a title and one way to write each cell."""

from collections.abc import Callable
from dataclasses import dataclass

from daskbench.stats.results import Result
from daskbench.units import format_seconds

NONE = "-"


@dataclass(frozen=True)
class Column:
    """A title and how a result is written under it. Figures stand to the right; text may wrap."""

    title: str
    cell: Callable[[Result], str]
    right: bool = True
    wraps: bool = False


def why(result: Result) -> str:
    """Say why a row has no figures, or not all of them."""
    return f"{result.status}: {result.reason}" if result.reason else result.status


def mean_std(mean_s: float, std_s: float | None) -> str:
    """Write ``352 ms ± 925 µs``; a single sample has no deviation."""
    spread = "" if std_s is None else f" ± {format_seconds(std_s)}"
    return format_seconds(mean_s) + spread


def mean(result: Result) -> str:
    """Write mean and deviation of a row; one that has none says how it stands."""
    if result.summary is None:
        return result.status
    return mean_std(result.summary.mean_s, result.summary.std_s)


def digits(value: float) -> str:
    """Write a figure so short that two of them can be compared."""
    if value < 0.1:
        return f"{value:.2g}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
