"""Three methods for the exact SVD of a tall Dask array, in plain Dask array code.

Each first returns collections to compute, and proceeds from their values. Operation counts are
those of Golub & Van Loan (2013), "Matrix Computations", 4th edition, sections 5.2 and 8.6.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from daskbench.benchmarks.base import Compute
from daskbench.benchmarks.linalg.matrix import Array, sum_over_chunks

TSQR, CHOLESKY_QR2, GRAM = "tsqr", "cholesky-qr2", "gram"

EPS = float(np.finfo(np.float64).eps)
_MOST_PASSES = 8
#: The largest ``|Q'Q-I|`` for which one more Cholesky QR makes Q orthogonal to working precision.
#: Source: Yamamoto, Nakatsukasa, Yanagisawa & Fukaya (2015), "Roundoff error analysis of the
#: CholeskyQR2 algorithm", ETNA 44, section 3.
_NEARLY_ORTHOGONAL = 5 / 64
#: Up to this condition number, multiplying by an inverse is as accurate as solving, and faster.
_INVERTIBLE = 100.0
#: Safety factor between the expected error of `gram` and its tolerance.
_MARGIN = 10.0
#: Tolerance of a singular value's relative error; and its multiple of eps * largest / value, as
#: no backward stable method is more accurate than that.
_TOLERANCE, _PER_EPS = 1e-12, 100.0


@dataclass(frozen=True)
class Decomposition:
    """u, s and v as requested (u a Dask array), the operation count, and a note to show."""

    answer: Sequence[Any]
    flops: float
    note: str | None = None


class Task(NamedTuple):
    """The requested SVD: of `x`, which is called for each pass over the data, of this shape."""

    x: Callable[[], Any]
    shape: tuple[int, int]
    vectors: bool

    @property
    def tolerance_of_vectors(self) -> float:
        """The tolerance of ``|U'U-I|``, ``|VV'-I|`` and ``|X-USV|/|X|``."""
        return 1e-13 * float(np.sqrt(min(self.shape)))


def tolerances(reference: Array) -> Array:
    """Return the tolerance of each singular value's relative error, shape (k,)."""
    return np.asarray(np.maximum(_TOLERANCE, _PER_EPS * EPS * reference[0] / reference))


class Method(Protocol):
    """A method for the SVD of a tall matrix."""

    def first(self, task: Task) -> Sequence[Any]:
        """Return the collections of the first compute."""
        ...

    def proceed(self, task: Task, results: Sequence[Any], compute: Compute) -> Decomposition:
        """Compute the decomposition from their results."""
        ...


def flops_of_svd(rows: int, columns: int, *, vectors: bool) -> float:
    """Return the operation count of the R-SVD, which begins with a QR factorisation.

    Source: Golub & Van Loan (2013), figure 8.6.1.
    """
    m, n = max(rows, columns), min(rows, columns)
    return 6.0 * m * n**2 + 20.0 * n**3 if vectors else 2.0 * m * n**2 + 2.0 * n**3


class Tsqr:
    """``dask.array.linalg.svd``: Householder QR of each chunk, then of the stacked R factors.

    Source: Benson, Gleich & Demmel (2013), "Direct QR factorizations for tall-and-skinny matrices
    in MapReduce architectures".
    """

    def first(self, task: Task) -> Sequence[Any]:
        """Return u, s and v, or s alone."""
        import dask.array as da

        u, s, v = da.linalg.svd(task.x())
        return [u, s, v] if task.vectors else [s]

    def proceed(self, task: Task, results: Sequence[Any], compute: Compute) -> Decomposition:
        """Return the first results, which are already the decomposition."""
        return Decomposition(results, flops_of_svd(*task.shape, vectors=task.vectors))


class CholeskyQR2:
    """Cholesky QR of X, repeated on Q, then the SVD of R.

    If X is too ill-conditioned for that, X'X is shifted before it is factorised, and there is a
    third pass, or more: each pass checks the orthogonality it finds.

    Source: Fukaya, Nakatsukasa, Yanagisawa & Yamamoto (2014), "CholeskyQR2", ScalA14; Fukaya,
    Kannan, Nakatsukasa, Yamamoto & Yanagisawa (2020), "Shifted Cholesky QR for computing the QR
    factorization of ill-conditioned matrices", SIAM J. Sci. Comput. 42(1).
    """

    def first(self, task: Task) -> Sequence[Any]:
        """Return X'X."""
        return [gram(task.x())]

    def proceed(self, task: Task, results: Sequence[Any], compute: Compute) -> Decomposition:
        """Orthogonalise to working precision, then compute the SVD of R."""
        (m, n), product = task.shape, np.asarray(results[0])
        factors: list[_Factor] = []
        r, shifted, near = np.eye(n), False, False
        while not near:
            if len(factors) == _MOST_PASSES:
                raise ArithmeticError(
                    f"X is so ill-conditioned that {_MOST_PASSES} Cholesky factorisations did not "
                    "orthogonalise its columns; use --method tsqr"
                )
            if factors:
                [product] = compute(gram(task.x(), factors))
                near = float(np.linalg.norm(product - np.eye(n), 2)) <= _NEARLY_ORTHOGONAL
            factor, with_shift = _cholesky(product, m)
            factors.append(_Factor.of(factor))
            r, shifted = factor @ r, shifted or with_shift
        passes, note = len(factors), None
        ur, s, v = np.linalg.svd(r)
        if passes > 2:
            name = "shifted CholeskyQR" if shifted else "CholeskyQR"
            note = f"X has condition {s[0] / s[-1]:.0e}: {name} with {passes} passes"
        flops = (2.0 * passes - 1) * m * n**2 + passes * n**3 / 3 + flops_of_svd(n, n, vectors=True)
        if not task.vectors:
            return Decomposition([s], flops, note)
        [u] = compute.keep(_applied(task.x(), [*factors[:-1], factors[-1].before(ur)]))
        return Decomposition([u, s, v], flops + 2.0 * passes * m * n**2, note)


class Gram:
    """Eigendecomposition of X'X: one pass over the data, but it squares the condition number.

    If that would exceed the tolerance, it falls back to `CholeskyQR2`, which begins with the same
    X'X. Source: Golub & Van Loan (2013), section 8.6.
    """

    def first(self, task: Task) -> Sequence[Any]:
        """Return X'X."""
        return [gram(task.x())]

    def proceed(self, task: Task, results: Sequence[Any], compute: Compute) -> Decomposition:
        """Use the eigenvalues of X'X, if they are accurate enough."""
        m, n = task.shape
        squares, vectors = np.linalg.eigh(results[0])
        squares, vectors = squares[::-1], vectors[:, ::-1]
        loss, allowed = np.inf, 0.0
        if squares[-1] > 0:
            loss = EPS * squares[0] / squares[-1]
            allowed = float(tolerances(np.sqrt(squares))[-1])
            allowed = min(allowed, task.tolerance_of_vectors) if task.vectors else allowed
        if loss * _MARGIN > allowed:
            other = CholeskyQR2().proceed(task, results, compute)
            why = f"gram would lose eps*cond^2 = {loss:.0e}, so {CHOLESKY_QR2} was used instead"
            note = f"{why}; {other.note}" if other.note else why
            return Decomposition(other.answer, other.flops + 9.0 * n**3, note)
        s, flops = np.sqrt(squares), float(m) * n**2 + 9.0 * n**3
        if not task.vectors:
            return Decomposition([s], flops)
        [u] = compute.keep(_applied(task.x(), [_Factor(vectors / s, None)]))
        return Decomposition([u, s, vectors.T], flops + 2.0 * m * n**2)


METHODS: dict[str, Callable[[], Method]] = {
    TSQR: Tsqr,
    CHOLESKY_QR2: CholeskyQR2,
    GRAM: Gram,
}


class _Factor(NamedTuple):
    """The inverse to multiply each chunk by or, if that would lose digits, the R to solve with."""

    inverse: Array | None
    r: Array | None

    @classmethod
    def of(cls, r: Array) -> "_Factor":
        """Return the factor that divides by the upper triangular `r`."""
        if np.linalg.cond(r) <= _INVERTIBLE:
            return cls(np.linalg.inv(r), None)
        return cls(None, r)

    def before(self, other: Array) -> "_Factor":
        """Return the factor that applies this one, then multiplies by `other`."""
        if self.inverse is not None:
            return _Factor(self.inverse @ other, None)
        assert self.r is not None
        return _Factor(np.linalg.solve(self.r, other), None)


def _cholesky(product: Array, rows: int) -> tuple[Array, bool]:
    """Return R with R'R = `product`, and whether a shift was needed (Fukaya et al. 2020, 3.2)."""
    n = len(product)
    values = np.linalg.eigvalsh(product)
    shift = 11 * (rows * n + n * (n + 1)) * (EPS / 2) * values[-1]
    if values[0] > shift:
        return np.linalg.cholesky(product).T, False
    return np.linalg.cholesky(product + shift * np.eye(n)).T, True


def gram(x: Any, factors: Sequence[_Factor] = ()) -> Any:
    """Return X'X, shape (n, n), of a tall Dask array with one column of chunks.

    X is first multiplied by the `factors`, chunk by chunk, and never held.
    """
    columns = x.shape[1]
    return sum_over_chunks(_gram_of_block, x, list(factors), shape=(columns, columns))


def _gram_of_block(block: Array, factors: Sequence[_Factor]) -> Array:
    q = _apply_to_block(block, factors)
    return np.asarray((q.T @ q)[None])


def _applied(x: Any, factors: Sequence[_Factor]) -> Any:
    """Return X with the factors applied."""
    import dask.array as da

    return da.map_blocks(_apply_to_block, x, list(factors), dtype=float, meta=np.empty((0, 0)))


def _apply_to_block(block: Array, factors: Sequence[_Factor]) -> Array:
    for inverse, r in factors:
        if inverse is not None:
            block = block @ inverse
        elif r is not None:
            block = np.linalg.solve(r.T, block.T).T
    return block
