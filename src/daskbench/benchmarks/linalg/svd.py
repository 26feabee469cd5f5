"""The exact SVD of a matrix chunked along one dimension: the lesson's second workload."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from daskbench.benchmarks.base import Compute, Evaluation, Needs, Parameter
from daskbench.benchmarks.linalg.accuracy import (
    TRAITS,
    Sketch,
    relative_errors,
    shared,
    singular_values,
)
from daskbench.benchmarks.linalg.decompositions import (
    METHODS,
    TSQR,
    Decomposition,
    Task,
    flops_of_svd,
    tolerances,
)
from daskbench.benchmarks.linalg.input import (
    AUTO,
    AUTO_BYTES,
    PERSIST,
    VALUES,
    VECTORS,
    Input,
    check_chunks,
    matrix_parameters,
)
from daskbench.benchmarks.linalg.matrix import ITEM_BYTES, Array, Matrix
from daskbench.errors import UsageError
from daskbench.units import format_shape, parse_shape

_STEP = 10_000
_MOST_THREADS = 8  # of the reference: each holds a few chunks

#: Peak memory of one task of each method, in chunks, and of NumPy, in copies of X.
#: Measured with one chunk of X a worker, by performance/svd_memory.py.
_CHUNKS_OF_A_TASK = {"tsqr": 5.0, "cholesky-qr2": 4.0, "gram": 2.5}
_COPIES_IN_NUMPY = {VALUES: 2.2, VECTORS: 4.2}


def _chunks_for(shape: tuple[int, int]) -> tuple[int, int]:
    """Return the lesson's chunks, which split the longer dimension."""
    rows, columns = shape
    return (min(_STEP, rows), columns) if rows >= columns else (rows, min(_STEP, columns))


class Svd:
    """Singular values of X, and vectors if requested, by one of several methods."""

    #: NumPy gets as many BLAS threads as the other rows have cores.
    traits: ClassVar = TRAITS

    parameters: ClassVar = {
        **matrix_parameters("2000000x100", "10000x100", "along one dimension only", _chunks_for),
        "method": Parameter(
            TSQR,
            "tsqr: dask.array.linalg.svd; cholesky-qr2: two Cholesky factorisations, or three; "
            "gram: eigenvalues of X'X, if that is accurate enough.",
            tuple(METHODS),
            variant=True,
        ),
    }

    def __init__(
        self,
        shape: str,
        chunks: str,
        input: str,
        distribution: str,
        condition: float,
        compute: str,
        method: str,
        seed: int,
    ) -> None:
        self.shape = parse_shape(shape)
        self.chunk = self._chunk(chunks)
        rank = min(self.shape)
        self.matrix = Matrix(self.shape, self.chunk, distribution, condition, seed, rank)
        self.x, self.vectors = Input(self.matrix, held=input == PERSIST), compute == VECTORS
        self.name, self.method = method, METHODS[method]()
        self.flat = self.matrix.blocks_across[1] > 1 or (
            self.matrix.blocks_across[0] == 1 and self.shape[1] > self.shape[0]
        )
        rows, columns = self.shape
        if method != TSQR and rows != columns and (columns > rows) != self.flat:
            raise UsageError(
                f"--method {method} needs X of {shape} chunked along its longer dimension: "
                f"--chunks {format_shape(self._along_the_longer())}"
            )
        self._reference: Array | None = None
        self._sketch: Sketch | None = None

    def _chunk(self, chunks: str) -> tuple[int, int]:
        rows, columns = self.shape
        if chunks == AUTO:
            if rows >= columns:
                return min(rows, max(AUTO_BYTES // (ITEM_BYTES * columns), columns)), columns
            return rows, min(columns, max(AUTO_BYTES // (ITEM_BYTES * rows), rows))
        chunk = check_chunks(self.shape, chunks)
        if chunk[0] < rows and chunk[1] < columns:
            whole = (chunk[0], columns) if rows >= columns else (rows, chunk[1])
            x = format_shape(self.shape)
            raise UsageError(
                f"chunks of {chunks} cut X of {x} in both dimensions, but the exact SVD needs "
                f"them along one: daskbench svd --shape {x} --chunks {format_shape(whole)}; or use "
                f"the approximate one: daskbench svd-compressed --shape {x} --chunks {chunks}"
            )
        return chunk

    def _along_the_longer(self) -> tuple[int, int]:
        rows, columns = self.shape
        step = max(self.chunk) if max(self.chunk) < max(self.shape) else min(self.shape)
        return (step, columns) if rows >= columns else (rows, step)

    def prepare(self, compute: Compute) -> None:
        """Persist X in the workers, unless each sample generates it."""
        self.x.prepare(compute)

    def _tall(self) -> Any:
        x = self.x.array()
        return x.T if self.flat else x

    @property
    def _task(self) -> Task:
        # dask.array.linalg.svd accepts flat arrays too, so it gets X unchanged.
        x = self.x.array if self.name == TSQR else self._tall
        return Task(x, (max(self.shape), min(self.shape)), self.vectors)

    @property
    def keeps(self) -> bool:
        """Whether u is among the first results, and so stays in the workers."""
        return self.vectors and self.name == TSQR

    def collection(self) -> Sequence[Any]:
        """Return the method's first collections, from an X with new keys."""
        return self.method.first(self._task)

    def proceed(self, results: Sequence[Any], compute: Compute) -> Decomposition:
        """Compute the decomposition from the method's first results."""
        return self.method.proceed(self._task, results, compute)

    def drawing(self, chunks: int | None) -> tuple[Sequence[Any], str]:
        """Return u, s and v as in the lesson; for other methods their first collections."""
        x = self.matrix.with_chunks(chunks)
        shape = format_shape(x.shape)
        if self.name == TSQR:
            return METHODS[TSQR]().first(Task(x.collection, x.shape, True)), f"X of {shape}"
        tall = (lambda: x.collection().T) if self.flat else x.collection
        first = self.method.first(Task(tall, x.shape, self.vectors))
        return first, f"the first step of {self.name} on X of {shape}"

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return a call of LAPACK's SVD, with X in memory."""
        self.x.prepare_numpy()
        return [self._in_numpy]

    def _in_numpy(self) -> Any:
        x = self.x.in_numpy()
        if not self.vectors:
            return np.linalg.svd(x, compute_uv=False)
        return np.linalg.svd(x, full_matrices=False)

    def check(self, answer: Any) -> str | None:
        """Check the singular values."""
        found = answer.answer if isinstance(answer, Decomposition) else answer
        return self._wrong_values(np.asarray(found[0]))

    def _wrong_values(self, s: Array) -> str | None:
        reference = self.reference()
        if s.shape != reference.shape:
            return f"s has the shape {s.shape}, not {reference.shape}"
        errors, allowed = relative_errors(s, reference), tolerances(reference)
        if (errors <= allowed).all():
            return None
        worst = int(np.argmax(np.nan_to_num(errors / allowed, nan=np.inf)))
        return (
            f"relative error of s is {errors[worst]:.2g} for value {worst + 1} of {len(s)}, "
            f"above {allowed[worst]:.2g}"
        )

    def account(self, answer: Any, compute: Compute) -> Evaluation:
        """Check s against an independent reference, and u and v for orthogonality and residual."""
        by_method = isinstance(answer, Decomposition)
        flops = flops_of_svd(*self.shape, vectors=self.vectors)
        done = answer if by_method else Decomposition(answer, flops)
        if not self.vectors:
            s = np.asarray(done.answer[0])
            others: Mapping[str, float] = {}
            wrong: str | None = None
        else:
            u, sigma, v = done.answer[0] if len(done.answer) == 1 else done.answer
            # Methods other than dask.array.linalg.svd decompose a flat X as X.T.
            transposed = by_method and self.name != TSQR
            long, short = (u, v) if transposed or not self.flat else (v.T, u.T)
            s, short = map(np.asarray, compute(sigma, short))
            others, wrong = self._account_of_vectors(long, s, short, compute)
        error = float(relative_errors(s, self.reference()).max())
        wrong = self._wrong_values(s) or wrong
        return Evaluation(wrong, {"error": error, **others}, done.flops, None, done.note)

    def _account_of_vectors(
        self, long: Any, s: Array, short: Array, compute: Compute
    ) -> tuple[Mapping[str, float], str | None]:
        """Check the vectors, the longer of u and v (of the tall X) chunk by chunk in place."""
        import dask.array as da

        k, (length, width) = min(self.shape), self.shape[::-1] if self.flat else self.shape
        if (long.shape, s.shape, short.shape) != ((length, k), (k,), (k, width)):
            return {}, f"u, s and v have the shapes {long.shape}, {s.shape} and {short.shape}"
        x = self._tall()
        if isinstance(long, np.ndarray):
            long = da.from_array(long, chunks=(x.chunks[0], -1), name=False)
        if self._sketch is None:  # the first answer is compared with X itself
            self._sketch, found = Sketch.of(self._tall, long, s, short, compute)
        else:
            found = self._sketch.judge(long, s, short, compute)
        tolerance = self._task.tolerance_of_vectors
        too_large = (
            f"{name} is {value:.2g}, above {tolerance:.2g}"
            for name, value in found.items()
            if not value <= tolerance  # a NaN is too large as well
        )
        return found, next(too_large, None)

    def reference(self) -> Array:
        """Return the reference singular values, largest first."""
        if self._reference is None:
            known = self.matrix.singular_values
            self._reference = known if known is not None else self._by_lapack()
        return self._reference

    def _by_lapack(self) -> Array:
        across = self.matrix.blocks_across
        threads = min(os.cpu_count() or 1, max(across), _MOST_THREADS)
        return shared(
            f"svd {self.matrix.name}",
            lambda: singular_values(
                *(self.matrix.blocks(first, threads) for first in range(threads)),
                transposed=across[1] > across[0],
            ),
        )

    def needs(self, *, in_numpy: bool, threads: int) -> Needs:
        """Return the memory of X, its chunks, and the method's own data."""
        x, chunk = self.matrix.bytes, self.matrix.chunk_bytes
        kept = x if self.x.held else 0
        if in_numpy:
            peak = round(x * (_COPIES_IN_NUMPY[VECTORS if self.vectors else VALUES]))
            return Needs(x, x, peak, peak, kept)
        task = round(chunk * _CHUNKS_OF_A_TASK[self.name])
        small = max(self.matrix.blocks_across) * min(self.shape) ** 2 * ITEM_BYTES
        held = kept + small
        if self.vectors:  # u, and with tsqr also the Q of each chunk
            held += 2 * x if self.name == TSQR else x
        return Needs(x, chunk, held + threads * task, task, kept)
