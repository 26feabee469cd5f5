"""What the decompositions have in common: X's parameters, chunks and storage."""

from collections.abc import Callable
from typing import Any

from daskbench.benchmarks.base import Compute, Parameter
from daskbench.benchmarks.linalg.matrix import SPECTRUM, UNIFORM, Array, Matrix
from daskbench.errors import UsageError
from daskbench.units import format_shape, parse_shape

AUTO = "auto"
AUTO_BYTES = 1 << 27  # as Dask's array.chunk-size
GENERATE, PERSIST = "generate", "persist"
VALUES, VECTORS = "s", "usv"


def read_shape(value: object) -> str:
    """Parse a shape and return it in normal form."""
    return format_shape(parse_shape(str(value)))


def read_chunks(value: object) -> str:
    """Parse the shape of chunks, or ``auto``."""
    return AUTO if value == AUTO else read_shape(value)


def read_condition(value: object) -> float:
    """Parse a condition number, from 1 to what double precision can resolve."""
    try:
        condition = float(str(value))
    except ValueError:
        condition = 0.0
    if not 1 <= condition <= 1e15:
        raise UsageError(
            f"'{value}' is not a condition number; write a number from 1 to 1e15, e.g. 1e6"
        )
    return condition


def matrix_parameters(
    shape: str, chunks: str, rule: str, derive: Callable[[tuple[int, int]], tuple[int, int]]
) -> dict[str, Parameter]:
    """Return the parameters that describe X, with these defaults.

    `derive` returns the shape of chunks for an X of another shape.
    """
    return {
        "shape": Parameter(shape, "Shape of X.", read=read_shape, metavar="ROWSxCOLUMNS,..."),
        "chunks": Parameter(
            chunks,
            f"Shape of X's chunks, {rule}; auto: Dask's default chunk size.",
            read=read_chunks,
            metavar="ROWSxCOLUMNS|auto,...",
            variant=True,
            derive=lambda others: format_shape(derive(parse_shape(others["shape"]))),
        ),
        "input": Parameter(
            GENERATE,
            "generate: X is generated within each sample, as in the lesson; persist: X is kept in "
            "memory beforehand.",
            (GENERATE, PERSIST),
        ),
        "distribution": Parameter(
            UNIFORM,
            "Distribution of X. uniform: random on [0, 1); spectrum: known singular values, spaced "
            "geometrically from 1 to 1/condition.",
            (UNIFORM, SPECTRUM),
        ),
        "condition": Parameter(
            1e6,
            "Condition number of X, for --distribution spectrum.",
            read=read_condition,
            metavar="X,...",
        ),
        "compute": Parameter(
            VALUES,
            "s: only singular values, as in the lesson; usv: also vectors, kept in the workers.",
            (VALUES, VECTORS),
        ),
    }


def check_chunks(shape: tuple[int, int], chunks: str) -> tuple[int, int]:
    """Return the shape of chunks; raises UsageError if they are larger than `shape`."""
    chunk = parse_shape(chunks)
    if chunk[0] > shape[0] or chunk[1] > shape[1]:
        raise UsageError(
            f"chunks of {chunks} are larger than X of {format_shape(shape)}; "
            f"use --chunks {format_shape(shape)} or smaller, or auto"
        )
    return chunk


class Input:
    """X as a benchmark's input: held in memory, or generated in each sample."""

    def __init__(self, matrix: Matrix, *, held: bool) -> None:
        self.matrix, self.held = matrix, held
        self._array: Any = None
        self._whole: Array | None = None

    def prepare(self, compute: Compute) -> None:
        """Persist X in the workers, unless each sample generates it."""
        if self.held:
            [self._array] = compute.keep(self.matrix.collection())

    def array(self) -> Any:
        """Return X as a Dask array, with new keys if it is yet to be generated."""
        return self.matrix.collection() if self._array is None else self._array

    def prepare_numpy(self) -> None:
        """Hold X as one NumPy array, unless each sample generates it."""
        if self.held and self._whole is None:
            self._whole = self.matrix.whole()

    def in_numpy(self) -> Array:
        """Return X as one NumPy array."""
        return self.matrix.whole() if self._whole is None else self._whole
