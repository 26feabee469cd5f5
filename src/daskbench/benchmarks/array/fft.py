"""A two-dimensional Fourier transform: along rows, then, in other chunks, along columns."""

from typing import Any, ClassVar

import numpy as np

from daskbench.benchmarks.array.workload import InNumpy, Numbers, array_parameters, rows, times
from daskbench.benchmarks.linalg.matrix import Array
from daskbench.benchmarks.sizes import HALF


class Fft(InNumpy):
    """Two-dimensional FFT: along rows, then rechunked along columns."""

    parameters: ClassVar = array_parameters(rows, 8_000_000, HALF)
    copies: ClassVar = 4.0  # of complex numbers, before and after rechunking
    copies_in_numpy: ClassVar = 6.0
    chunks_of_a_task: ClassVar = 6.0

    def work(self, x: Any) -> Any:
        """Return the transform."""
        if isinstance(x, np.ndarray):
            return np.fft.fft2(x)
        import dask.array as da

        by_rows = da.fft.fft(x.rechunk({1: -1}), axis=1)
        step = self.matrix.blocks_across[0] * self.matrix.blocks_across[1]
        columns = max(1, -(-self.shape[1] // step))
        return da.fft.fft(by_rows.rechunk({0: -1, 1: columns}), axis=0)

    def image(self, w: Array) -> Numbers:
        """Return F (X (F w)), as F is symmetric."""
        return np.fft.fft(times(self.matrix, np.fft.fft(w)))
