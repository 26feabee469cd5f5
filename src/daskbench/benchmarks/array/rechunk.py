"""Rows to columns: every chunk needs a part of every other."""

from typing import Any, ClassVar

from daskbench.benchmarks.array.workload import Workload, array_parameters, rows, times
from daskbench.benchmarks.base import Parameter
from daskbench.benchmarks.linalg.input import check_chunks, read_shape
from daskbench.benchmarks.linalg.matrix import Array
from daskbench.units import format_shape, parse_shape


def _columns(shape: tuple[int, int]) -> tuple[int, int]:
    """Return the shape of chunks of whole columns, as many as there are chunks of whole rows."""
    return rows(shape[::-1])[::-1]


_X = array_parameters(rows, 8_000_000)


class Rechunk(Workload):
    """Change chunks, by default from whole rows to whole columns: ``x.rechunk(new_chunks)``.

    It has no equivalent in NumPy.
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
        """Return X in other chunks."""
        return x.rechunk(self.new_chunks)

    def image(self, w: Array) -> Array:
        """Return X @ w."""
        return times(self.matrix, w)

    def _wrong(self, result: Any, compute: Any) -> str | None:
        if result.chunksize != self.new_chunks:
            return f"the result has chunks of {result.chunksize}, not {self.new_chunks}"
        return super()._wrong(result, compute)
