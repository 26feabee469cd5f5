"""A small pipeline: readings of many sensors, cleaned and summarised, one station after another."""

import dask
import dask.array as da
import numpy as np


def read(station: int, readings: int) -> np.ndarray:
    """Return a station's readings, shape (readings,), as a file would give them."""
    return np.random.default_rng(station).normal(15, 8, readings)


def clean(values):
    """Replace readings that no sensor can have by the median of the others."""
    wrong = abs(values - 15) > 24
    return np.where(wrong, np.median(values[~wrong]), values)


def summary(values):
    """Return mean, standard deviation and percentiles."""
    return np.array([values.mean(), values.std(), *np.percentile(values, [5, 50, 95])])


def build(stations: int = 40, readings: int = 100_000):
    """Summarise each station, and all of them together.

    Args:
        stations: Number of stations; each is a file.
        readings: Readings of a station.
    """
    cleaned = [dask.delayed(clean)(dask.delayed(read)(i, readings)) for i in range(stations)]
    summaries = [dask.delayed(summary)(values) for values in cleaned]
    rows = [da.from_delayed(one, (5,), float) for one in summaries]
    table = da.stack(rows)
    return {"coldest": table[:, 0].min(), "hottest": table[:, 0].max(), "mean": table.mean(axis=0)}


def plain(stations, readings):
    """Do the same without Dask."""
    table = np.stack([summary(clean(read(i, readings))) for i in range(stations)])
    return {"coldest": table[:, 0].min(), "hottest": table[:, 0].max(), "mean": table.mean(axis=0)}
