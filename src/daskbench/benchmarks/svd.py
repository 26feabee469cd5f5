"""The exact SVD of a matrix that is chunked along one dimension: the lesson's second workload.

Source: Benson, Gleich & Demmel (2013), "Direct QR factorizations for tall-and-skinny matrices in
MapReduce architectures", which ``dask.array.linalg.svd`` follows.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from daskbench.benchmarks.base import Parameter
from daskbench.errors import UsageError
from daskbench.units import format_shape, parse_shape

Matrix = npt.NDArray[np.float64]

AUTO = "auto"
_AUTO_BYTES = 1 << 27  # as Dask's array.chunk-size


def _read_shape(value: object) -> str:
    return format_shape(parse_shape(str(value)))


def _read_chunks(value: object) -> str:
    return AUTO if value == AUTO else _read_shape(value)


def uniform_block(seed: int, row: int, column: int, shape: tuple[int, int]) -> Matrix:
    """Return one chunk of X, of that shape: uniform on [0, 1), the same wherever it is made."""
    return np.random.default_rng([seed, row, column]).random(shape)


def _place_block(seed: int, block_info: Any = None) -> Matrix:
    """Return the chunk that Dask asks for."""
    info = block_info[None]
    row, column = info["chunk-location"]
    return uniform_block(seed, row, column, info["chunk-shape"])


class Svd:
    """The singular values of X, uniform random of ``shape``; its making is a part of the work."""

    #: What the relative error of the singular values may be. X is well conditioned (its condition
    #: is about sqrt(3 n)), so a backward stable method stays below 1e-14.
    tolerance: ClassVar = 1e-12

    parameters: ClassVar[Mapping[str, Parameter]] = {
        "shape": Parameter(
            "2000000x100", "Shape of X.", read=_read_shape, metavar="ROWSxCOLUMNS,..."
        ),
        "chunks": Parameter(
            "10000x100",
            "Shape of its chunks, along one dimension only; auto: as large as Dask's default.",
            read=_read_chunks,
            metavar="ROWSxCOLUMNS|auto,...",
        ),
    }

    def __init__(self, shape: str, chunks: str, seed: int) -> None:
        """Raise UsageError where the chunks don't fit the exact method."""
        self.seed = seed
        self.rows, self.columns = parse_shape(shape)
        self.chunk_rows, self.chunk_columns = self._chunk(chunks)
        self._reference: Matrix | None = None

    def _chunk(self, chunks: str) -> tuple[int, int]:
        rows, columns = self.rows, self.columns
        if chunks == AUTO:
            if rows >= columns:
                return min(rows, max(_AUTO_BYTES // (8 * columns), columns)), columns
            return rows, min(columns, max(_AUTO_BYTES // (8 * rows), rows))
        chunk_rows, chunk_columns = parse_shape(chunks)
        if chunk_rows > rows or chunk_columns > columns:
            raise UsageError(f"chunks of {chunks} are larger than X of {rows}x{columns}")
        if chunk_rows < rows and chunk_columns < columns:
            whole = (chunk_rows, columns) if rows >= columns else (rows, chunk_columns)
            raise UsageError(
                f"chunks of {chunks} cut X of {rows}x{columns} in both dimensions, and the exact "
                "SVD needs them along one: "
                f"daskbench svd --shape {rows}x{columns} --chunks {format_shape(whole)}"
            )
        return chunk_rows, chunk_columns

    def collection(self) -> Sequence[Any]:
        """Return s, from an X under new keys."""
        import dask.array as da

        chunks = da.core.normalize_chunks(
            (self.chunk_rows, self.chunk_columns), (self.rows, self.columns)
        )
        x = da.map_blocks(
            _place_block, self.seed, chunks=chunks, dtype=float, name=f"x-{uuid4().hex}"
        )
        _, s, _ = da.linalg.svd(x)
        return [s]

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return the same by LAPACK, with X in memory."""
        return [lambda: np.linalg.svd(self._whole(), compute_uv=False)]

    def _whole(self) -> Matrix:
        return np.concatenate(list(self._blocks()), axis=self._axis)

    @property
    def _axis(self) -> int:
        """The dimension along which X is chunked."""
        return 0 if self.chunk_rows < self.rows else 1

    def _blocks(self) -> Iterator[Matrix]:
        """Yield the chunks of X in order."""
        sizes = (self.rows, self.columns)
        steps = (self.chunk_rows, self.chunk_columns)
        for number, start in enumerate(range(0, sizes[self._axis], steps[self._axis])):
            shape, place = list(sizes), [0, 0]
            shape[self._axis] = min(steps[self._axis], sizes[self._axis] - start)
            place[self._axis] = number
            yield uniform_block(self.seed, place[0], place[1], (shape[0], shape[1]))

    def check(self, answer: Sequence[Any]) -> str | None:
        """Check s against an independent reference."""
        error = self.figures(answer)["error"]
        if not error <= self.tolerance:
            return f"relative error of s is {error:.2g}, above {self.tolerance:.0e}"
        return None

    def figures(self, answer: Sequence[Any]) -> Mapping[str, float]:
        """Return the largest relative error of s."""
        if self._reference is None:
            self._reference = singular_values(self._blocks(), transposed=self._axis == 1)
        s = np.asarray(answer[0])
        if s.shape != self._reference.shape:
            return {"error": float("inf")}
        return {"error": float(np.max(np.abs(s - self._reference) / self._reference))}


def singular_values(blocks: Iterator[Matrix], *, transposed: bool) -> Matrix:
    """Return the singular values, shape (k,), of blocks of shape (m_i, n) stacked on each other.

    R of all blocks so far is stacked on the next block and factorised again, by Householder
    reflections in LAPACK: backward stable, in memory of two blocks, and without Dask. With
    `transposed`, the blocks stand side by side instead.
    """
    stacked: list[Matrix] = []
    for block in blocks:
        stacked.append(block.T if transposed else block)
        stacked = [np.asarray(np.linalg.qr(np.concatenate(stacked), mode="r"), dtype=np.float64)]
    return np.asarray(np.linalg.svd(stacked[0], compute_uv=False), dtype=np.float64)
