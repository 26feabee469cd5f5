"""Rows to columns: every chunk needs a part of every other."""

from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from daskbench.benchmarks.array.workload import (
    InNumpy,
    array_parameters,
    differing_row,
    rows,
    times,
)
from daskbench.benchmarks.base import Parameter
from daskbench.benchmarks.linalg.input import check_chunks, read_shape
from daskbench.benchmarks.linalg.matrix import Array
from daskbench.units import format_shape, parse_shape


def _columns(shape: tuple[int, int]) -> tuple[int, int]:
    """Return the shape of chunks of whole columns, as many as there are chunks of whole rows."""
    return rows(shape[::-1])[::-1]


_X = array_parameters(rows, 8_000_000)


class Rechunk(InNumpy):
    """Change chunks, by default from whole rows to whole columns: ``x.rechunk(new_chunks)``.

    In NumPy, each of the new chunks is copied from the matrix to an array of its own.
    """

    parameters: ClassVar = {
        **_X,
        "new_chunks": Parameter(
            format_shape(_columns(parse_shape(str(_X["shape"].default)))),
            "Shape of the result's chunks.",
            read=read_shape,
            metavar="ROWSxCOLUMNS,...",
            derive=lambda others: format_shape(_columns(parse_shape(others["shape"]))),
        ),
    }

    def __init__(self, new_chunks: str, **parameters: Any) -> None:
        super().__init__(**parameters)
        self.new_chunks = check_chunks(self.shape, new_chunks)

    def work(self, x: Any) -> Any:
        """Return X in other chunks, those of a NumPy array as rows of blocks."""
        return self._cut(x) if isinstance(x, np.ndarray) else x.rechunk(self.new_chunks)

    def _cut(self, x: Array) -> list[list[Array]]:
        down, across = map(_slices, self.shape, self.new_chunks)
        # copied even if they are contiguous in X, as those of whole rows are
        return [[x[rows, columns].copy() for columns in across] for rows in down]

    def image(self, w: Array) -> Array:
        """Return X @ w."""
        return times(self.matrix, w)

    def _wrong(self, result: Any, compute: Any) -> str | None:
        if isinstance(result, list):
            return self._wrong_blocks(result)
        if result.chunksize != self.new_chunks:
            return f"the result has chunks of {result.chunksize}, not {self.new_chunks}"
        return super()._wrong(result, compute)

    def _wrong_blocks(self, result: list[list[Array]]) -> str | None:
        down, across = map(_slices, self.shape, self.new_chunks)
        shapes = [[block.shape for block in row] for row in result]
        if shapes != [[(_length(one), _length(other)) for other in across] for one in down]:
            return f"the result has chunks of {shapes[0][0]}, not {self.new_chunks}"
        weights = [self._w[columns] for columns in across]
        products = [sum(map(np.matmul, row, weights)) for row in result]
        return differing_row(np.concatenate(products), self._image)


def _slices(length: int, chunk: int) -> list[slice]:
    """Return the chunks of a dimension."""
    ends = [*range(0, length, chunk), length]
    return [slice(*pair) for pair in pairwise(ends)]


def _length(part: slice) -> int:
    length: int = part.stop - part.start
    return length
