"""The matrices to decompose, the same in every lane, however they are chunked."""

import math
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from daskbench.errors import UsageError
from daskbench.units import format_shape

Array = npt.NDArray[np.floating[Any]]

UNIFORM, SPECTRUM = "uniform", "spectrum"
ITEM_BYTES = 8
#: No scheduler can hold a larger graph.
_MOST_CHUNKS = 10**6
_STRIP = 1000  # columns
_FEW = 16  # partial sums added by one task


@dataclass(frozen=True)
class Matrix:
    """X of ``shape`` in chunks of ``chunk``, generated from a seed; `rank` is for a spectrum."""

    shape: tuple[int, int]
    chunk: tuple[int, int]
    distribution: str
    condition: float
    seed: int
    rank: int

    def __post_init__(self) -> None:
        """Raise UsageError if X has more chunks than a graph can hold."""
        if (chunks := math.prod(self.blocks_across)) > _MOST_CHUNKS:
            raise UsageError(
                f"X of {format_shape(self.shape)} has {chunks:,} chunks of "
                f"{format_shape(self.chunk)}; use larger --chunks, to have at most {_MOST_CHUNKS:,}"
            )

    def check_passes(self, option: str, passes: int) -> None:
        """Raise UsageError if a graph can't hold so many passes over all chunks."""
        if passes * math.prod(self.blocks_across) > _MOST_CHUNKS:
            raise UsageError(
                f"--{option} {passes:,} over all chunks of X is too many; use fewer, or larger "
                "--chunks"
            )

    @property
    def blocks_across(self) -> tuple[int, int]:
        """The number of chunks along each dimension."""
        return -(-self.shape[0] // self.chunk[0]), -(-self.shape[1] // self.chunk[1])

    @property
    def bytes(self) -> int:
        """The size of X in bytes."""
        return self.shape[0] * self.shape[1] * ITEM_BYTES

    @property
    def chunk_bytes(self) -> int:
        """The size of the largest chunk in bytes."""
        return self.chunk[0] * self.chunk[1] * ITEM_BYTES

    @property
    def singular_values(self) -> Array | None:
        """The singular values X is generated with, largest first; None if it is random."""
        if self.distribution == UNIFORM:
            return None
        return spectrum(self.rank, self.condition)

    def with_chunks(self, most: int | None) -> "Matrix":
        """Return a smaller X with at most `most` chunks along each dimension."""
        if most is None:
            return self
        rows, columns = (
            min(size, step * most) for size, step in zip(self.shape, self.chunk, strict=True)
        )
        return replace(self, shape=(rows, columns), rank=min(self.rank, rows, columns))

    def collection(self) -> Any:
        """Return X as a Dask array with unique keys."""
        import dask.array as da

        chunks = da.core.normalize_chunks(self.chunk, self.shape)
        name = f"x-{uuid4().hex}"
        known = () if self.distribution == UNIFORM else (self.rank, self.condition)
        return da.map_blocks(
            _with_spectrum if known else _uniform,
            self.seed,
            self.shape,
            self.chunk,
            *known,
            chunks=chunks,
            dtype=float,
            name=name,
        )

    @property
    def name(self) -> str:
        """An identifier of X, independent of its chunks."""
        return f"{self.distribution} {self.shape} {self.rank} {self.condition} {self.seed}"

    def block(self, row: int, column: int) -> Array:
        """Return one chunk."""
        starts = (row * self.chunk[0], column * self.chunk[1])
        shape = (
            min(self.chunk[0], self.shape[0] - starts[0]),
            min(self.chunk[1], self.shape[1] - starts[1]),
        )
        if self.distribution == UNIFORM:
            return uniform_block(self.seed, self.shape[1], starts, shape)
        return spectrum_block(self.seed, self.shape, starts, shape, self.rank, self.condition)

    def placed_blocks(self) -> Iterator[tuple[int, int, Array]]:
        """Yield the chunks in row-major order, each after its first row and column."""
        rows, columns = self.blocks_across
        for row in range(rows):
            for column in range(columns):
                yield row * self.chunk[0], column * self.chunk[1], self.block(row, column)

    def blocks(self, first: int = 0, step: int = 1) -> Iterator[Array]:
        """Yield the chunks in row-major order, or only every `step`-th from the `first`."""
        rows, columns = self.blocks_across
        for number in range(first, rows * columns, step):
            yield self.block(*divmod(number, columns))

    def whole(self, dtype: npt.DTypeLike = float) -> Array:
        """Return X as one NumPy array."""
        x: Array = np.empty(self.shape, dtype)
        rows, columns = self.chunk

        def put(place: tuple[int, int]) -> None:
            top, left = place[0] * rows, place[1] * columns
            x[top : top + rows, left : left + columns] = self.block(*place)

        with ThreadPoolExecutor(os.cpu_count()) as threads:
            list(threads.map(put, np.ndindex(self.blocks_across)))
        return x


def uniform_block(
    seed: int, columns: int, starts: tuple[int, int], shape: tuple[int, int]
) -> Array:
    """Return one chunk of an X with so many columns, uniform on [0, 1).

    X consists of strips of columns, each filled row by row by its own random stream, which is
    advanced to where the chunk begins. So X does not depend on its chunks, and each chunk is
    generated independently.
    """
    block = np.empty(shape)
    end = starts[1] + shape[1]
    for strip in range(starts[1] // _STRIP, -(-end // _STRIP)):
        left, right = strip * _STRIP, min((strip + 1) * _STRIP, columns)
        stream = np.random.PCG64([seed, strip]).advance(starts[0] * (right - left))
        numbers = np.random.Generator(stream).random((shape[0], right - left))
        if (left, right) == (starts[1], end):
            return numbers
        inside = slice(max(left, starts[1]), min(right, end))
        block[:, inside.start - starts[1] : inside.stop - starts[1]] = numbers[
            :, inside.start - left : inside.stop - left
        ]
    return block


def _uniform(
    seed: int, whole: tuple[int, int], chunk: tuple[int, int], block_info: Any = None
) -> Array:
    """Return the uniform chunk that `block_info` describes."""
    return uniform_block(seed, whole[1], *_place(chunk, block_info))


def _place(chunk: tuple[int, int], block_info: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the first row and column of the chunk that `block_info` describes, and its shape."""
    row, column = block_info[None]["chunk-location"]
    return (row * chunk[0], column * chunk[1]), block_info[None]["chunk-shape"]


def spectrum(rank: int, condition: float) -> Array:
    """Return `rank` singular values, spaced geometrically from 1 to 1/condition."""
    return np.asarray(np.geomspace(1.0, 1.0 / condition, rank))


def spectrum_block(
    seed: int,
    whole: tuple[int, int],
    starts: tuple[int, int],
    shape: tuple[int, int],
    rank: int,
    condition: float,
) -> Array:
    """Return one chunk of X = U S V', whose U and V have orthonormal columns by construction.

    The columns are basis vectors of the discrete cosine transform (DCT-II), with frequencies
    chosen by the seed. So S is known exactly, and each chunk is generated independently.
    Source: Strang (1999), "The discrete cosine transform", SIAM Review 41(1).
    """
    u = _cosines(seed, whole[0], starts[0], shape[0], rank)
    v = _cosines(seed + 1, whole[1], starts[1], shape[1], rank)
    return np.asarray((u * spectrum(rank, condition)) @ v.T)


def _with_spectrum(
    seed: int,
    whole: tuple[int, int],
    chunk: tuple[int, int],
    rank: int,
    condition: float,
    block_info: Any = None,
) -> Array:
    """Return the chunk with a known spectrum that `block_info` describes."""
    return spectrum_block(seed, whole, *_place(chunk, block_info), rank, condition)


def _cosines(seed: int, length: int, start: int, count: int, rank: int) -> Array:
    """Return rows `start` to `start + count` of `rank` columns of the DCT-II basis of `length`."""
    stride = length // rank
    random = np.random.default_rng([seed, length])
    frequencies = random.integers(stride) + stride * random.permutation(rank)
    # The angle is reduced as an integer: as a float it would lose nine digits.
    turns = (2 * np.arange(start, start + count)[:, None] + 1) * frequencies % (4 * length)
    scale = np.where(frequencies == 0, np.sqrt(1 / length), np.sqrt(2 / length))
    return np.asarray(np.cos(turns * (np.pi / (2 * length))) * scale)


def sum_over_chunks(look: Callable[..., Array], *arrays: Any, shape: tuple[int, int]) -> Any:
    """Return the sum of `look` over all chunks, as a Dask array.

    `arrays` are Dask arrays with one column of chunks and the same row chunks, or NumPy arrays.
    `look` returns an array of shape (1, *shape).
    """
    import dask.array as da

    parts = da.map_blocks(
        look,
        *arrays,
        chunks=((1,) * len(arrays[0].chunks[0]), (shape[0],), (shape[1],)),
        new_axis=2,
        dtype=float,
        meta=np.empty((0, 0, 0)),
    )
    return parts.sum(axis=0, split_every=_FEW)
