"""How costs are written: with their intervals, in one unit."""

import math

from daskbench.document.writers import digits
from daskbench.experiments.overhead.rows import Cost
from daskbench.units import format_seconds

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def cost_text(cost: Cost) -> str:
    """Return ``580 µs [550, 612]``; where the interval does not exclude 0, at most its upper end.

    >>> from daskbench.stats.estimate import Interval
    >>> cost_text(Cost(5.8e-4, Interval(5.5e-4, 6.12e-4)))
    '580 µs [550, 612]'
    >>> cost_text(Cost(1e-6, Interval(-1e-6, 3e-6)))
    '< 3 µs'
    """
    ends = cost.interval
    if ends is None:
        return format_seconds(cost.value)
    if ends.low <= 0:
        return f"< {format_seconds(max(ends.high, 0.0))}" if ends.high > 0 else "0 s"
    scale, unit = next((one for one in _UNITS if abs(cost.value) >= one[0]), _UNITS[-1])
    value, low, high = (_three(one / scale) for one in (cost.value, ends.low, ends.high))
    return f"{value} {unit} [{low}, {high}]"


def share_text(share: float) -> str:
    """Return a share as it was asked for.

    >>> share_text(0.9), share_text(0.925)
    ('90%', '92.5%')
    """
    return f"{100 * share:.4g}%"


def size_text(cost: Cost) -> str:
    """Return the cost alone, as ``580 µs``, or its upper end where it may be 0."""
    ends = cost.interval
    return format_seconds(cost.value if cost.is_shown or not ends else max(ends.high, 0.0))


def _three(value: float) -> str:
    """Return a figure with three digits, without an exponent."""
    decimals = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    return f"{value:.{decimals}f}"


def factor_text(cost: Cost) -> str:
    """Return ``1.02 [0.98, 1.07]``."""
    ends = cost.interval
    return digits(cost.value) + (f" [{digits(ends.low)}, {digits(ends.high)}]" if ends else "")


def excess_text(cost: Cost) -> str:
    """Return ``+12%``, of which the sign is that of the difference."""
    return f"{round(cost.value, 2) + 0:+.0%}"  # never "-0%"


def percent_text(cost: Cost) -> str:
    """Return ``31% [25%, 38%]``, without a sign."""
    ends, sign = cost.interval, 1 if cost.value > 0 else -1
    between = sorted((sign * ends.low, sign * ends.high)) if ends else ()
    told = f" [{', '.join(f'{end:.0%}' for end in between)}]" if between else ""
    return f"{sign * cost.value:.0%}{told}"
