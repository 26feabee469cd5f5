"""Charts as data: bars of rows, ratios with intervals, memory over time, and curves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

#: Bars grow from zero, or are intervals on either side of one.
Axis = Literal["from zero", "around one"]


@dataclass(frozen=True)
class Bar:
    """A figure to draw, with its interval if there is one; in the same unit in all rows."""

    value: float
    low: float | None = None
    high: float | None = None


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
