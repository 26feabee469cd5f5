"""A stencil: each entry becomes the mean of a cross of its neighbours."""

from functools import partial
from typing import Any, ClassVar

import numpy as np

from daskbench.benchmarks.array.workload import InNumpy, array_parameters, times
from daskbench.benchmarks.base import Parameter
from daskbench.benchmarks.linalg.matrix import Array
from daskbench.errors import UsageError


def smooth(x: Array, depth: int) -> Array:
    """Return the mean of each entry and its neighbours up to `depth` away, periodically."""
    total = x.copy()
    for step in (*range(-depth, 0), *range(1, depth + 1)):
        total += np.roll(x, step, 0)
        total += np.roll(x, step, 1)
    total /= 4 * depth + 1
    return total


class MapOverlap(InNumpy):
    """Smooth with overlapping chunks: ``x.map_overlap(smooth, depth, boundary="periodic")``."""

    parameters: ClassVar = {
        **array_parameters(),
        "depth": Parameter(1, "Overlap of neighbouring chunks, in entries."),
    }
    chunks_of_a_task: ClassVar = 4.0
    copies_in_numpy: ClassVar = 4.0

    def __init__(self, depth: int, **parameters: Any) -> None:
        super().__init__(**parameters)
        self.depth = depth
        if depth > min(self.matrix.chunk):
            raise UsageError(f"--depth {depth} is more than a chunk has rows or columns")

    @property
    def settings(self) -> tuple[Any, ...]:
        """The depth."""
        return (self.depth,)

    def work(self, x: Any) -> Any:
        """Return X smoothed, as one array or by overlapping chunks."""
        smoothed = partial(smooth, depth=self.depth)
        if isinstance(x, np.ndarray):
            return smoothed(x)
        return x.map_overlap(smoothed, depth=self.depth, boundary="periodic", dtype=float)

    def image(self, w: Array) -> Array:
        """Return the product, with w and X @ w shifted instead of X."""
        steps = [step for step in range(-self.depth, self.depth + 1) if step]
        across = w + sum(np.roll(w, -step) for step in steps)
        products = times(self.matrix, np.stack([across, w], axis=1))
        total = products[:, 0] + sum(np.roll(products[:, 1], step) for step in steps)
        return np.asarray(total / (4 * self.depth + 1))
