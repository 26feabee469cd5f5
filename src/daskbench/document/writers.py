"""How to write values in cells and in sentences."""

from dataclasses import dataclass

from daskbench.stats.ratio import Ratio
from daskbench.stats.results import Result
from daskbench.units import counted, format_bytes, format_seconds, format_spread

#: From here on nobody counts digits.
_MANY = 99_999.5
#: Near 1 it takes one more digit to distinguish ratios.
_NEAR = (0.8, 1.25)
_WIDE = 0.1


@dataclass(frozen=True)
class Timing:
    """A mean with its standard deviation in seconds, over `runs` runs of `loops` loops."""

    mean_s: float
    std_s: float | None
    runs: int
    loops: int
    note: str = ""

    def __float__(self) -> float:
        """Return the mean."""
        return float(self.mean_s)


@dataclass(frozen=True)
class Held:
    """The bytes that a worker held, at most and in the mean."""

    peak_bytes: float
    mean_bytes: float

    def __float__(self) -> float:
        """Return the peak."""
        return float(self.peak_bytes)

    def __str__(self) -> str:
        return f"{format_bytes(self.peak_bytes)} ({format_bytes(self.mean_bytes)})"


def why(result: Result) -> str:
    """Return why a row has no figures, or not all of them."""
    return f"{result.status}: {result.reason}" if result.reason else result.status


def timing_of(result: Result) -> Timing | str:
    """Return the mean of a row, or its status if it has none."""
    if (summary := result.summary) is None:
        return result.status
    note = "" if result.status == "ok" else why(result)
    return Timing(summary.mean_s, summary.std_s, summary.samples, result.loops or 1, note)


def mean_std(mean_s: float, std_s: float | None) -> str:
    """Return ``352 ms ± 925 µs``; a single sample has no deviation."""
    spread = "" if std_s is None else f" ± {format_seconds(std_s)}"
    return format_seconds(mean_s) + spread


def short(timing: Timing) -> str:
    """Return a mean and its standard deviation."""
    return mean_std(timing.mean_s, timing.std_s)


def shorter(timing: Timing) -> str:
    """Return a mean and its standard deviation with one unit if that takes fewer characters."""
    if timing.std_s is None:
        return short(timing)
    texts = format_spread(timing.mean_s, timing.std_s), short(timing)
    return min(texts, key=lambda text: (len(text), "e" in text))


def timeit_sentence(timing: Timing) -> str:
    """Return a mean as IPython's ``%timeit`` prints it, in full."""
    ending = f"; {timing.note}" if timing.note else ""
    return (
        f"{short(timing)} per loop (mean ± std. dev. of {counted(timing.runs, 'run')}, "
        f"{counted(timing.loops, 'loop')} each){ending}"
    )


def verdict_legend(margin: float) -> str:
    """Say how verdicts are read off intervals."""
    by = percent(margin)
    return (
        f"verdict: slower or faster where the whole interval is beyond {by}; equivalent: within "
        f"{by}; undecided: neither"
    )


def digits(value: float) -> str:
    """Return a figure with as few digits as are needed to compare two of them."""
    if value < 0.1:
        return f"{value:.2g}"
    if value >= _MANY:
        return f"{value:.3g}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def ratio_text(ratio: Ratio) -> str:
    """Return ``0.52 [0.49, 0.56]``, or the figure alone if there is no interval."""
    if ratio.low is None or ratio.high is None:
        return digits(ratio.value)
    return f"{digits(ratio.value)} [{digits(ratio.low)}, {digits(ratio.high)}]"


def fine_ratio_text(ratio: Ratio) -> str:
    """Return ``1.023 [1.011, 1.034]``, with the same digits; without an interval the first only.

    A wide interval needs no third decimal.
    """
    near = _NEAR[0] < ratio.value < _NEAR[1] and (ratio.high or 0) - (ratio.low or 0) < _WIDE
    values = [one for one in (ratio.value, ratio.low, ratio.high) if one is not None]
    value, *ends = (f"{one:.3f}" if near and one < 10 else digits(one) for one in values)
    return f"{value} [{', '.join(ends)}]" if ends else value


def percent(part: float) -> str:
    """Return ``5 %``."""
    return f"{part * 100:.4g} %"


def whole_percent(part: float) -> str:
    """Return ``52%``."""
    return f"{round(part, 2) + 0:.0%}"  # never "-0%"
