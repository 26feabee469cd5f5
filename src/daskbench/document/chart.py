"""Charts as data: bars of rows, ratios with intervals, memory over time, and curves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from typing import Literal

#: Bars grow from zero, or are intervals on either side of one.
Axis = Literal["from zero", "around one"]
#: An interval that is much longer than the longest bar is cut, so that bars stay readable.
_BEYOND = 1.5
#: The least half-width of an axis around one, as a logarithm of a ratio.
_LEAST = log(1.05)


@dataclass(frozen=True)
class Bar:
    """A figure to draw, with its interval if there is one; in the same unit in all rows."""

    value: float
    low: float | None = None
    high: float | None = None


def top_of(bars: Sequence[Bar]) -> float:
    """Return where an axis from zero ends."""
    longest = max((bar.value for bar in bars), default=0.0)
    return min(max((bar.high or bar.value for bar in bars), default=0.0), longest * _BEYOND) or 1.0


def half_of(bars: Sequence[Bar]) -> float:
    """Return the half-width of an axis around one, as a logarithm."""
    ends = [end for bar in bars for end in (bar.low, bar.value, bar.high) if end and end > 0]
    values = [abs(log(bar.value)) * _BEYOND for bar in bars if bar.value > 0]
    farthest = max((abs(log(end)) for end in ends), default=0.0)
    return max(_LEAST, min(max(values, default=0.0), farthest))


@dataclass(frozen=True)
class Layer:
    """One layer of a stacked chart, in bytes at each of the chart's times."""

    name: str
    values: Sequence[int]


@dataclass(frozen=True)
class Level:
    """A line across the chart, such as a threshold, in the unit of its axis."""

    name: str
    value: float


@dataclass(frozen=True)
class Mark:
    """An event, at a time in seconds from the start of the chart."""

    at_s: float
    what: str


@dataclass(frozen=True)
class Chart:
    """Layers that add up, over `at_s` seconds, from 0 to `length_s`.

    `apart` is drawn separately below them. `top` is the least maximum of the axis, in bytes.
    """

    title: str
    at_s: Sequence[float]
    length_s: float
    layers: Sequence[Layer]
    levels: Sequence[Level] = ()
    apart: Layer | None = None
    marks: Sequence[Mark] = ()
    limit: int | None = None

    def totals(self) -> list[int]:
        """Return the sum of the layers at each time."""
        return [sum(values) for values in zip(*(one.values for one in self.layers), strict=True)]


@dataclass(frozen=True)
class Interval:
    """A ratio with its interval, None where there is none, and the verdict; empty of a baseline."""

    label: str
    value: float
    low: float | None
    high: float | None
    verdict: str = ""


@dataclass(frozen=True)
class Forest:
    """Ratios of one table, and the margin around 1 within which they are equivalent."""

    title: str
    axis: str
    margin: float
    rows: Sequence[Interval]


@dataclass(frozen=True)
class Point:
    """A point of a curve, and what kind of outcome it is."""

    x: float
    y: float
    kind: str = ""


@dataclass(frozen=True)
class Curve:
    """A quantity over another: the titles of both, its points by increasing `x`, not empty.

    `levels` are values of x that mean something. `x_text` writes an x in full.
    """

    title: str
    x: str
    y: str
    points: Sequence[Point]
    levels: Sequence[Level] = ()
    in_bytes: bool = False
    x_text: Callable[[float], str] = str
