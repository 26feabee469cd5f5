"""How far rounding errors spread: by the numbers that pass through the tasks of a work.

A sum of large numbers that cancel out is as uncertain as they are, however small it is itself. The
expected error of a sum of n numbers of magnitude m, in any order, is some eps * m * sqrt(n).
Source: Higham (2002), Accuracy and Stability of Numerical Algorithms, 2nd ed., section 4.
"""

from collections.abc import Callable, Sequence
from math import sqrt
from typing import Any

import dask
import numpy as np
from dask.callbacks import Callback

from daskbench.benchmarks.work.comparing.base import FAILURES

Array = np.ndarray[Any, np.dtype[Any]]

#: Numbers of each task that are looked at.
_SAMPLED = 1000
#: The magnitude is that of the largest but one fifth: there may be fill values, such as 1e36.
_QUANTILE = 0.8


def spread_of(build: Callable[[], tuple[Sequence[Any], Any]]) -> float:
    """Return m * sqrt(n) of the floats in the results of a work's tasks; 0 if that fails.

    `build` returns its collections, which are computed synchronously, without fusing tasks.
    """
    alone = {"scheduler": "synchronous", "optimization.fuse.active": False}
    try:
        with dask.config.set(alone), _Magnitudes() as seen:
            collections, _ = build()
            if collections:
                dask.compute(*collections, optimize_graph=False)
    except FAILURES:
        return 0.0
    found: float = seen.spread
    return found


class _Magnitudes(Callback):  # type: ignore[misc]
    """Samples the floats that tasks return."""

    def __init__(self) -> None:
        super().__init__()
        self._count, self._random = 0, np.random.default_rng(0)
        self._sampled: list[Array] = []
        self._weights: list[Array] = []

    def _posttask(self, key: Any, result: Any, *_: Any) -> None:
        for values in _floats_in(result):
            flat = values.reshape(-1)
            some = flat if flat.size <= _SAMPLED else self._random.choice(flat, _SAMPLED)
            some = np.abs(some).astype(float)
            some = some[np.isfinite(some)]
            if some.size:
                self._count += flat.size
                self._sampled.append(some)
                self._weights.append(np.full(some.size, flat.size / some.size))

    @property
    def spread(self) -> float:
        """The upper magnitude of the floats, times the root of their number."""
        if not self._count:
            return 0.0
        sampled, weights = np.concatenate(self._sampled), np.concatenate(self._weights)
        order = np.argsort(sampled)
        reached = np.cumsum(weights[order])
        at = int(np.searchsorted(reached, _QUANTILE * reached[-1]))
        return float(sampled[order[min(at, len(order) - 1)]]) * sqrt(self._count)


def _floats_in(value: Any) -> list[Array]:
    """Return the arrays of floats in what a task returned: in containers, frames and objects."""
    if isinstance(value, np.ndarray | np.generic | float | complex):
        found = np.asarray(value)
        return [found] if found.dtype.kind in "fc" and found.size else []
    if isinstance(value, list | tuple):
        return [one for part in value for one in _floats_in(part)]
    if isinstance(value, dict):
        return [one for part in value.values() for one in _floats_in(part)]
    if hasattr(value, "select_dtypes"):  # a frame of pandas
        return _floats_in([value.iloc[:, at].to_numpy() for at in range(value.shape[1])])
    data = getattr(value, "values", None)  # a series, or an array of xarray
    return _floats_in(data) if isinstance(data, np.ndarray) else []
