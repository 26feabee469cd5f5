"""The exact SVD of a matrix that is chunked along one dimension: the lesson's second workload."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from daskbench.benchmarks.accuracy import (
    Sketch,
    of_vectors,
    relative_error,
    shared,
    singular_values,
)
from daskbench.benchmarks.base import Account, Compute, Needs, Parameter
from daskbench.benchmarks.decompositions import (
    EPS,
    METHODS,
    TSQR,
    Decomposition,
    Task,
    flops_of_svd,
)
from daskbench.benchmarks.matrix import (
    AUTO,
    AUTO_BYTES,
    ITEM_BYTES,
    PERSIST,
    SPECTRUM,
    Array,
    Matrix,
    check_chunks,
    matrix_parameters,
)
from daskbench.errors import UsageError
from daskbench.units import format_shape, parse_shape

VALUES, VECTORS = "s", "usv"
_STEP = 10_000

#: What the relative error of the singular values may be, and what it may be for each unit of eps
#: times the condition number, which no method is better than.
_TOLERANCE, _PER_EPS = 1e-12, 100.0
#: What the errors of u and v may be, for sqrt(n) = 1.
_TOLERANCE_OF_VECTORS = 1e-13
#: How many chunks a task of each method holds at its worst moment, and NumPy copies of X.
#: Seen with X in one chunk a worker; benchmarks/svd_memory.py shows them again.
_CHUNKS_OF_A_TASK = {"tsqr": 5.0, "cholesky-qr2": 4.0, "gram": 2.5}
_COPIES_IN_NUMPY = {VALUES: 2.2, VECTORS: 4.2}


def _chunks_for(shape: tuple[int, int]) -> tuple[int, int]:
    """Cut the longer dimension as the lesson does."""
    rows, columns = shape
    return (min(_STEP, rows), columns) if rows >= columns else (rows, min(_STEP, columns))


class Svd:
    """Singular values of X, and vectors if wanted, by one of several methods."""

    #: NumPy gets as many BLAS threads as the other rows have cores, and all are compared with
    #: what the machine can do.
    numpy_takes_all_cores: ClassVar = True
    near_hardware: ClassVar = True

    parameters: ClassVar = {
        **matrix_parameters("2000000x100", "10000x100", "along one dimension only", _chunks_for),
        "compute": Parameter(
            VALUES,
            "s: singular values alone, as in the lesson; usv: vectors too, left in the workers.",
            (VALUES, VECTORS),
        ),
        "method": Parameter(
            TSQR,
            "tsqr: dask.array.linalg.svd; cholesky-qr2: two Cholesky factorisations, or three; "
            "gram: eigenvalues of X'X, where that is exact enough.",
            tuple(METHODS),
            way=True,
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
        self.persists, self.vectors = input == PERSIST, compute == VECTORS
        self.name, self.method = method, METHODS[method]()
        self.flat = self.matrix.blocks_across[1] > 1 or (
            self.matrix.blocks_across[0] == 1 and self.shape[1] > self.shape[0]
        )
        if method != TSQR and (self.shape[1] > self.shape[0]) != self.flat:
            raise UsageError(
                f"--method {method} needs X of {shape} chunked along its longer dimension: "
                f"--chunks {format_shape(self._along_the_longer())}"
            )
        loss = EPS * condition if distribution == SPECTRUM else 0.0
        self.tolerance = max(_TOLERANCE, _PER_EPS * loss)
        self._kept: Any = None
        self._kept_whole: Array | None = None
        self._reference: Array | None = None
        self._sketch: Sketch | None = None
        self._done: Decomposition | None = None

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
                f"chunks of {chunks} cut X of {x} in both dimensions, and the exact SVD needs "
                f"them along one: daskbench svd --shape {x} --chunks {format_shape(whole)}, or "
                f"the approximate one: daskbench svd-compressed --shape {x} --chunks {chunks}"
            )
        return chunk

    def _along_the_longer(self) -> tuple[int, int]:
        rows, columns = self.shape
        step = max(self.chunk) if max(self.chunk) < max(self.shape) else min(self.shape)
        return (step, columns) if rows >= columns else (rows, step)

    def prepare(self, compute: Compute) -> None:
        """Hold X in the workers, where it is not to be made in each sample."""
        if self.persists:
            [self._kept] = compute.keep(self.matrix.collection())

    def _x(self) -> Any:
        """Return X: the one that is held, or one that is still to be made."""
        return self.matrix.collection() if self._kept is None else self._kept

    def _tall(self) -> Any:
        return self._x().T if self.flat else self._x()

    @property
    def _task(self) -> Task:
        # dask.array.linalg.svd takes flat arrays too, and so gets X as it is.
        x = self._x if self.name == TSQR else self._tall
        return Task(x, (max(self.shape), min(self.shape)), self.vectors, self._tolerance_of_gram)

    @property
    def _tolerance_of_gram(self) -> float:
        return min(self.tolerance, self._vectors_tolerance) if self.vectors else self.tolerance

    @property
    def _vectors_tolerance(self) -> float:
        return _TOLERANCE_OF_VECTORS * float(np.sqrt(min(self.shape)))

    @property
    def keeps(self) -> bool:
        """Whether u is among the first results: it stays where it is."""
        return self.vectors and self.name == TSQR

    def collection(self) -> Sequence[Any]:
        """Return what the method computes first, from an X under new keys."""
        return self.method.first(self._task)

    def proceed(self, results: Sequence[Any], compute: Compute) -> Sequence[Any]:
        """Go on as the method does."""
        self._done = self.method.proceed(self._task, results, compute)
        return self._done.answer

    def drawing(self, chunks: int | None) -> tuple[Sequence[Any], str]:
        """Return u, s and v as in the lesson; of other methods what they compute first."""
        x = self.matrix.with_chunks(chunks)
        shape = format_shape(x.shape)
        if self.name == TSQR:
            return METHODS[TSQR]().first(Task(x.collection, x.shape, True, 0.0)), f"X of {shape}"
        tall = (lambda: x.collection().T) if self.flat else x.collection
        first = self.method.first(Task(tall, x.shape, self.vectors, 0.0))
        return first, f"the first step of {self.name} on X of {shape}"

    def calls(self) -> Sequence[Callable[[], Any]]:
        """Return the same by LAPACK, with X in memory."""
        if self.persists and self._kept_whole is None:
            self._kept_whole = self.matrix.whole()
        return [self._in_numpy]

    def _in_numpy(self) -> Any:
        x = self.matrix.whole() if self._kept_whole is None else self._kept_whole
        if not self.vectors:
            return np.linalg.svd(x, compute_uv=False)
        return np.linalg.svd(x, full_matrices=False)

    def check(self, answer: Sequence[Any]) -> str | None:
        """Return what is wrong with s alone."""
        error = relative_error(np.asarray(answer[0]), self.reference())
        return _too_large("relative error of s", error, self.tolerance)

    def account(self, answer: Sequence[Any], compute: Compute) -> Account:
        """Judge s by an independent reference, and u and v by what defines them."""
        done = self._done or Decomposition(answer, flops_of_svd(*self.shape, vectors=self.vectors))
        by_transpose = self.flat and self._done is not None and self.name != TSQR
        self._done = None  # it holds u, which must be gone when the next sample begins
        if not self.vectors:
            s = np.asarray(answer[0])
            others: dict[str, float] = {}
        else:
            u, sigma, v = answer[0] if len(answer) == 1 else answer
            long, short = (u, v) if by_transpose or not self.flat else (v.T, u.T)
            s, others = self._account_of_vectors(long, sigma, short, compute)
        error = relative_error(s, self.reference())
        wrong = _too_large("relative error of s", error, self.tolerance)
        for name, value in others.items():
            wrong = wrong or _too_large(name, value, self._vectors_tolerance)
        return Account(wrong, {"error": error, **others}, done.flops, None, done.note)

    def _account_of_vectors(
        self, long: Any, s: Any, short: Any, compute: Compute
    ) -> tuple[Array, dict[str, float]]:
        """Look at the longer of u and v (of the tall X) where it is, and at the rest here."""
        import dask.array as da

        s, short = map(np.asarray, compute(s, short))
        x = self._tall()
        if isinstance(long, np.ndarray):
            long = da.from_array(long, chunks=(x.chunks[0], -1), name=False)
        if self._sketch is None:  # the first answer is held against X itself
            found = of_vectors(x, long, s, short, compute)
            self._sketch = Sketch.of(x, compute)
        else:
            found = self._sketch.of_vectors(long, s, short, compute)
        return s, dict(found)

    def reference(self) -> Array:
        """Return the singular values as they should be."""
        if self._reference is None:
            known = self.matrix.singular_values
            self._reference = known if known is not None else self._by_lapack()
        return self._reference

    def _by_lapack(self) -> Array:
        across = self.matrix.blocks_across
        return shared(
            f"svd {self.matrix.name}",
            lambda: singular_values(self.matrix.blocks(), transposed=across[1] > across[0]),
        )

    def needs(self, *, in_numpy: bool, threads: int) -> Needs:
        """Return what X, its chunks, and the method's own data take."""
        x, chunk = self.matrix.bytes, self.matrix.chunk_bytes
        kept = x if self.persists else 0
        if in_numpy:
            peak = round(x * (_COPIES_IN_NUMPY[VECTORS if self.vectors else VALUES]))
            return Needs(x, x, peak, peak, kept)
        task = round(chunk * _CHUNKS_OF_A_TASK[self.name])
        small = max(self.matrix.blocks_across) * min(self.shape) ** 2 * ITEM_BYTES
        held = kept + small
        if self.vectors:  # u, and with tsqr the Q of each chunk until u is made of it
            held += 2 * x if self.name == TSQR else x
        return Needs(x, chunk, held + threads * task, task, kept)


def _too_large(what: str, value: float, tolerance: float) -> str | None:
    if not value <= tolerance:  # a NaN is too large as well
        return f"{what} is {value:.2g}, above {tolerance:.2g}"
    return None
