"""A climatology: the mean of each month of the year, at each place of a grid."""

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, ClassVar
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from daskbench.benchmarks.base import Needs, Parameter
from daskbench.benchmarks.extras import require
from daskbench.benchmarks.linalg.accuracy import shared
from daskbench.benchmarks.linalg.input import read_shape
from daskbench.benchmarks.sizes import (
    MOST_CHUNK_BYTES,
    bytes_of,
    rounded,
    size_parameter,
    sized,
)
from daskbench.errors import UsageError
from daskbench.units import format_shape, parse_shape

Array = npt.NDArray[np.floating[Any]]
_ITEM_BYTES = 8
_YEARS, _MONTHS, _DAYS_OF_A_YEAR = 10, 12, 365
_FIRST = np.datetime64("2001-01-01")
_CLOSE = 1e-10


def _grid(size: str) -> str:
    """Return a grid that is twice as wide as high, for `_YEARS` years of a size."""
    places = bytes_of(size) / _ITEM_BYTES / (_YEARS * _DAYS_OF_A_YEAR)
    height = rounded(math.sqrt(places / 2))
    return format_shape((height, 2 * height))


def _days(grid: str) -> int:
    """Return the days of a chunk: a year, or as many as fit in 128 MiB."""
    return max(
        1, min(_DAYS_OF_A_YEAR, MOST_CHUNK_BYTES // (_ITEM_BYTES * math.prod(parse_shape(grid))))
    )


class Climatology:
    """Mean of each month: ``x.groupby("time.month").mean("time")`` of a daily xarray."""

    parameters: ClassVar = {
        "size": size_parameter("grid"),
        "grid": sized(
            _grid, "Places, north-south x west-east.", "ROWSxCOLUMNS,...", read=read_shape
        ),
        "years": Parameter(_YEARS, "Years of daily values."),
        "days": Parameter(
            _days(_grid("S")),
            "Days of a chunk.",
            variant=True,
            derive=lambda others: _days(str(others["grid"])),
        ),
    }

    def __init__(self, grid: str, years: int, days: int, seed: int, size: str = "") -> None:
        require("climatology", "xarray")
        self.grid, self.seed, self.days = parse_shape(grid), seed, days
        if not 1 <= years <= 1000:
            raise UsageError(f"--years {years:,} is out of range: use 1 to 1,000")
        last = _FIRST.astype("datetime64[Y]") + years
        self.times = np.arange(_FIRST, last.astype("datetime64[D]"))

    @property
    def _months(self) -> npt.NDArray[np.integer[Any]]:
        """The month of each day, from 0 to 11."""
        return self.times.astype("datetime64[M]").astype(int) % _MONTHS

    def _parts(self) -> list[tuple[int, int]]:
        """Return the first day and the number of days of each chunk."""
        all_days = len(self.times)
        return [(day, min(self.days, all_days - day)) for day in range(0, all_days, self.days)]

    def collection(self) -> Sequence[Any]:
        """Return the means, of values with new keys."""
        import dask.array as da

        lengths = tuple(length for _, length in self._parts())
        values = da.map_blocks(
            _block,
            self.seed,
            chunks=(lengths, *((length,) for length in self.grid)),
            dtype=float,
            name=f"x-{uuid4().hex}",
            meta=np.empty((0, 0, 0)),
        )
        return [self._work(values)]

    def _work(self, values: Any) -> Any:
        import xarray

        x = xarray.DataArray(
            values,
            dims=("time", "lat", "lon"),
            coords={"time": self.times.astype("datetime64[ns]")},
        )
        return x.groupby("time.month").mean("time")

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return the same of one NumPy array."""
        return [lambda: self._work(np.concatenate([*self._blocks()]))]

    def _blocks(self) -> Any:
        return (
            block_of(self.seed, number, (length, *self.grid))
            for number, (_, length) in enumerate(self._parts())
        )

    @cached_property
    def _right(self) -> Array:
        """The means, month by month and chunk by chunk in NumPy."""

        def make() -> Array:
            total = np.zeros((_MONTHS, *self.grid))
            months = self._months
            for (first, length), block in zip(self._parts(), self._blocks(), strict=True):
                np.add.at(total, months[first : first + length], block)
            return total / np.bincount(months)[:, None, None]

        return shared(f"Climatology {self.grid} {len(self.times)} {self.days} {self.seed}", make)

    def check(self, answer: Sequence[Any]) -> str | None:
        """Check the means of all months at all places."""
        [found] = answer
        if found.dims != ("month", "lat", "lon") or [*found["month"]] != [*range(1, _MONTHS + 1)]:
            return f"the result has the dimensions {found.dims} and {found.sizes}, not 12 months"
        if found.shape != self._right.shape:
            return f"the result has the shape {found.shape}, not {self._right.shape}"
        close = np.isclose(found.to_numpy(), self._right, _CLOSE, 0.0)
        if close.all():
            return None
        month, *place = map(int, np.argwhere(~close)[0])
        value, right = found.to_numpy()[month, *place], self._right[month, *place]
        return f"month {month + 1} at {tuple(place)} has the mean {value:.12g}, not {right:.12g}"

    def needs(self, *, in_numpy: bool, threads: int) -> Needs:
        """Return the memory of the values and their chunks: a task collects those of a month."""
        place = math.prod(self.grid) * _ITEM_BYTES
        data, chunk = len(self.times) * place, min(self.days, len(self.times)) * place
        means = 2 * _MONTHS * place
        if in_numpy:
            return Needs(data, data, 2 * data + means, 2 * data)
        task = 3 * chunk + 2 * data // _MONTHS
        return Needs(data, chunk, means + threads * task, task)


def block_of(seed: int, number: int, shape: tuple[int, ...]) -> Array:
    """Return a chunk of temperatures between 250 and 310, of a shape (days, lat, lon)."""
    return 250 + 60 * np.random.default_rng([seed, number]).random(shape)


def _block(seed: int, block_info: Any = None) -> Array:
    """Return the chunk that `block_info` describes."""
    found = block_info[None]
    return block_of(seed, found["chunk-location"][0], found["chunk-shape"])
