"""What array workloads have in common: their matrix, its chunks, and the check of the result."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from daskbench.benchmarks.base import Compute, Evaluation, Needs, Parameter
from daskbench.benchmarks.linalg.accuracy import shared
from daskbench.benchmarks.linalg.input import (
    GENERATE,
    PERSIST,
    Input,
    check_chunks,
    read_shape,
)
from daskbench.benchmarks.linalg.matrix import ITEM_BYTES, UNIFORM, Array, Matrix
from daskbench.benchmarks.sizes import (
    MOST_CHUNK_BYTES,
    SMALL_BYTES,
    SMALLEST,
    bytes_of,
    rounded,
    size_parameter,
    sized,
)
from daskbench.units import format_shape, parse_shape

Shape = tuple[int, int]
#: Real or complex numbers.
Numbers = npt.NDArray[Any]
_ACROSS, _STRIPS = 4, 16
_CLOSE = 1e-10


def square(size: str, small: int, share: float = 1.0) -> str:
    """Return the shape of a square matrix of a size, of at most `small` bytes for S."""
    side = rounded(math.sqrt(bytes_of(size, small, share) / ITEM_BYTES))
    return format_shape((side, side))


def blocks(shape: Shape) -> Shape:
    """Return the shape of square chunks, at least 4 x 4 of them."""
    most = math.isqrt(MOST_CHUNK_BYTES // ITEM_BYTES)
    rows, columns = (min(most, -(-length // _ACROSS)) for length in shape)
    return rows, columns


def rows(shape: Shape) -> Shape:
    """Return the shape of chunks of whole rows, at least 16 of them."""
    most = max(1, MOST_CHUNK_BYTES // (ITEM_BYTES * shape[1]))
    return min(most, -(-shape[0] // _STRIPS)), shape[1]


def array_parameters(
    chunks: Callable[[Shape], Shape] = blocks, small: int = SMALL_BYTES, share: float = 1.0
) -> dict[str, Parameter]:
    """Return the parameters of a workload.

    `chunks` returns the default chunks of a shape; X of size S has at most `small` bytes, and those
    of sizes M and L are a `share` of the usual ones.
    """
    by_size = partial(square, small=small, share=share)
    return {
        "size": size_parameter("shape", share),
        "shape": sized(by_size, "Shape of X.", "ROWSxCOLUMNS,...", read=read_shape),
        "chunks": Parameter(
            format_shape(chunks(parse_shape(by_size(SMALLEST)))),
            "Shape of X's chunks.",
            read=read_shape,
            metavar="ROWSxCOLUMNS,...",
            variant=True,
            derive=lambda others: format_shape(chunks(parse_shape(others["shape"]))),
        ),
        "input": Parameter(
            GENERATE,
            "generate: X is generated within each sample; persist: X is kept in memory beforehand.",
            (GENERATE, PERSIST),
        ),
    }


class Workload:
    """A function of X, whose entries are uniform random numbers on [0, 1).

    The result is a matrix, which stays in the workers: it is multiplied there by a random vector
    w, and the product is compared with one that NumPy computes from X in other ways.
    Source: Freivalds (1977), "Probabilistic machines can use less running time", IFIP Congress.
    """

    parameters: ClassVar[dict[str, Parameter]] = array_parameters()
    keeps: ClassVar = True
    #: Peak memory: copies of X that all workers hold together, and chunks that one task holds.
    copies: ClassVar = 2.0
    chunks_of_a_task: ClassVar = 3.0

    def __init__(self, shape: str, chunks: str, input: str, seed: int, size: str = "") -> None:
        self.shape = parse_shape(shape)
        chunk = check_chunks(self.shape, chunks)
        self.matrix = Matrix(self.shape, chunk, UNIFORM, 1.0, seed, min(self.shape))
        self.x = Input(self.matrix, held=input == PERSIST)

    @property
    def result_shape(self) -> Shape:
        """The shape of the result."""
        return self.shape

    def work(self, x: Any) -> Any:
        """Return the result for X, a Dask or a NumPy array."""
        raise NotImplementedError

    def image(self, w: Array) -> Numbers:
        """Return the right result's product with w, computed by NumPy alone."""
        raise NotImplementedError

    def prepare(self, compute: Compute) -> None:
        """Persist X in the workers, unless each sample generates it."""
        self.x.prepare(compute)

    def collection(self) -> Sequence[Any]:
        """Return the result for an X with new keys."""
        return [self.work(self.x.array())]

    @cached_property
    def _w(self) -> Array:
        """Random weights between 1 and 2 with random signs: a wrong entry can't hide."""
        random = np.random.default_rng(1)
        length = self.result_shape[1]
        return random.choice([-1.0, 1.0], length) * random.uniform(1.0, 2.0, length)

    @cached_property
    def _image(self) -> Numbers:
        name = f"{type(self).__name__} {self.matrix.name} {self.settings}"
        return shared(name, lambda: self.image(self._w))

    @property
    def settings(self) -> tuple[Any, ...]:
        """Parameters of its own, on which the result depends."""
        return ()

    def check(self, answer: Sequence[Any]) -> str | None:
        """Check NumPy's result."""
        return self._wrong(answer[0], lambda product: [product])

    def account(self, answer: Sequence[Any], compute: Compute) -> Evaluation:
        """Check the result where it is."""
        return Evaluation(self._wrong(answer[0], compute))

    def _wrong(self, result: Any, compute: Callable[[Any], Sequence[Any]]) -> str | None:
        if result.shape != self.result_shape:
            return f"the result has the shape {result.shape}, not {self.result_shape}"
        in_numpy = isinstance(result, np.ndarray)
        [found] = [result @ self._w] if in_numpy else compute(result @ self._w)
        return differing_row(np.asarray(found), self._image)

    def needs(self, *, in_numpy: bool, threads: int) -> Needs:
        """Return the memory of X, its chunks and the result."""
        del in_numpy
        x, chunk = self.matrix.bytes, self.matrix.chunk_bytes
        kept = x if self.x.held else 0
        task = round(self.chunks_of_a_task * chunk)
        return Needs(x, chunk, kept + round(self.copies * x) + threads * task, task, kept)


class InNumpy(Workload):
    """A workload with an equivalent in NumPy."""

    #: Peak memory in NumPy, in copies of X.
    copies_in_numpy: ClassVar = 3.0
    _whole: Array | None = None

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return the same in NumPy, on one thread."""
        if self.x.held and self._whole is None:
            self._whole = whole(self.matrix)
        return [self._in_numpy]

    def _in_numpy(self) -> Any:
        return self.work(whole(self.matrix) if self._whole is None else self._whole)

    def needs(self, *, in_numpy: bool, threads: int) -> Needs:
        """Return the memory of X and of the result, whole or in chunks."""
        found = super().needs(in_numpy=in_numpy, threads=threads)
        if not in_numpy:
            return found
        peak = round(self.copies_in_numpy * found.data_bytes)
        return Needs(found.data_bytes, found.data_bytes, peak, peak, found.kept_bytes)


def differing_row(found: Numbers, right: Numbers) -> str | None:
    """Return which row of a product differs from the right one, if any."""
    errors = np.abs(found - right)
    worst = int(np.argmax(np.nan_to_num(errors, nan=np.inf)))
    if errors[worst] <= _CLOSE * np.abs(right).max():
        return None
    return f"row {worst} of the result, times random weights, is {found[worst]:.12g}, not " + (
        f"{right[worst]:.12g}"
    )


def whole(matrix: Matrix) -> Array:
    """Return X as one NumPy array, generated on one thread."""
    return replace(matrix, chunk=matrix.shape).block(0, 0)


def times(matrix: Matrix, right: Numbers) -> Numbers:
    """Return X @ right, chunk by chunk in NumPy."""
    product: Numbers = np.zeros((matrix.shape[0], *right.shape[1:]), right.dtype)
    for top, left, block in matrix.placed_blocks():
        product[top : top + len(block)] += block @ right[left : left + block.shape[1]]
    return product


def transposed_times(matrix: Matrix, right: Numbers) -> Numbers:
    """Return X.T @ right, chunk by chunk in NumPy."""
    product: Numbers = np.zeros((matrix.shape[1], *right.shape[1:]), right.dtype)
    for top, left, block in matrix.placed_blocks():
        product[left : left + block.shape[1]] += block.T @ right[top : top + len(block)]
    return product
