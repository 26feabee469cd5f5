"""A chart as data: what was held over time, in layers, against levels, with what happened."""

from collections.abc import Sequence
from dataclasses import dataclass


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
    """Something that happened at a time, in seconds from the chart's begin."""

    at_s: float
    what: str


@dataclass(frozen=True)
class Chart:
    """Layers that add up, over `at_s` seconds, from 0 to `length_s`.

    `apart` is drawn by itself below them. `top` is what the axis reaches at least.
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
        """Return what the layers add up to at each time."""
        return [sum(values) for values in zip(*(one.values for one in self.layers), strict=True)]
