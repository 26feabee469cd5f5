"""Charts as data: bars of rows, and layers of memory over time with levels and events."""

from collections.abc import Sequence
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
    """A line across the chart, in bytes, such as a threshold."""

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
