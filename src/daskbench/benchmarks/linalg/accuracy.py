"""The accuracy of a decomposition, by methods independent of the one that computed it."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import numpy as np

from daskbench.benchmarks import sharing
from daskbench.benchmarks.base import Compute, Traits
from daskbench.benchmarks.linalg.matrix import Array, Matrix, sum_over_chunks

#: Block Lanczos: extra vectors, relative change at convergence, and the largest X held in memory.
_SPARE, _CONVERGED, _HELD_BYTES = 8, 1e-6, 2 << 30
_DIRECTIONS = 4  # of a sketch
#: Those of all decompositions: errors by value, orthogonality and residual are their figures.
TRAITS = Traits(
    near_hardware=True,
    numpy_takes_all_cores=True,
    scaling=True,
    figures=("error", "error_*", "|*|"),
)
_CACHED = 1000  # rows that fit a core's cache


def shared(name: str, make: Callable[[], Array]) -> Array:
    """Return what `make` returns, computed once for all lanes of a run."""
    path = sharing.shared_path(name, ".npy")
    if path is None:
        return make()
    with suppress(Exception):  # missing or damaged, for which NumPy raises many types
        found: Array = np.load(path)
        return found
    made = make()
    np.save(buffer := BytesIO(), made)
    sharing.write(path, buffer.getvalue())
    return made


def singular_values(*streams: Iterator[Array], transposed: bool) -> Array:
    """Return the singular values, shape (k,), of vertically stacked blocks of shape (m_i, n).

    R of the blocks so far is stacked on the next block and factorised again, by LAPACK's
    Householder QR: backward stable, in the memory of two blocks, and without Dask. Each stream of
    blocks has a thread of its own. With `transposed`, the blocks are stacked horizontally.
    """
    with ThreadPoolExecutor(len(streams)) as threads:
        factors = list(threads.map(lambda blocks: _r_of(blocks, transposed), streams))
    stacked = np.concatenate([r for r in factors if r is not None])
    return np.asarray(np.linalg.svd(stacked, compute_uv=False))


def _r_of(blocks: Iterator[Array], transposed: bool) -> Array | None:
    r: Array | None = None
    for block in blocks:
        tall = block.T if transposed else block
        r = np.asarray(np.linalg.qr(tall if r is None else np.concatenate([r, tall]), mode="r"))
    return r


def largest_singular_values(matrix: Matrix, count: int) -> Array:
    """Return the `count` largest singular values of X, shape (count,), relative error about 1e-6.

    Block Golub-Kahan bidiagonalisation with full reorthogonalisation. It runs in a separate
    process, so that its X does not appear in memory figures, and on all cores if threadpoolctl is
    installed.
    Source: Golub, Luk & Overton (1981), "A block Lanczos method for computing the singular values
    and corresponding singular vectors of a matrix", ACM TOMS 7(2).
    """
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawn) as process:
        return process.submit(_on_all_cores, matrix, count).result()


def _on_all_cores(matrix: Matrix, count: int) -> Array:
    with suppress(ImportError):  # another interpreter may lack it
        from threadpoolctl import threadpool_limits

        threadpool_limits(os.cpu_count())
    return _bidiagonalise(matrix, count)


def _bidiagonalise(matrix: Matrix, count: int) -> Array:
    x = _Products(matrix)
    width = min(count + _SPARE, *matrix.shape)
    start = np.random.default_rng(0).standard_normal((matrix.shape[1], width))
    v = [np.linalg.qr(start)[0]]
    u: list[Array] = []
    projected: Array = np.zeros((0, 0))
    found: Array = np.zeros(count)
    while True:
        w, above = _orthogonal_to(u, x.times(v[-1]))
        q, below = np.linalg.qr(w)
        u.append(q)
        grown = np.zeros((len(above) + width, projected.shape[1] + width))
        grown[: projected.shape[0], : projected.shape[1]] = projected
        grown[:, -width:] = np.concatenate([above, below])
        projected, before = grown, found
        found = np.linalg.svd(projected, compute_uv=False)[:count]
        close = np.max(np.abs(found - before[: len(found)])) <= _CONVERGED * found[-1]
        if close:
            best = np.concatenate(v, axis=1) @ np.linalg.svd(projected)[2][:count].T
            return np.asarray(np.linalg.svd(x.times_exactly(best), compute_uv=False))
        if (len(u) + 1) * width > min(matrix.shape):  # few rows or columns: QR costs no more
            return _by_qr(matrix)[:count]
        v.append(np.linalg.qr(_orthogonal_to(v, x.transposed_times(q))[0])[0])


def _by_qr(matrix: Matrix) -> Array:
    rows, columns = matrix.shape
    flat = columns > rows
    step = min(max(matrix.shape), max(matrix.chunk))
    strips = replace(matrix, chunk=(rows, step) if flat else (step, columns))
    return singular_values(strips.blocks(), transposed=flat)


def _orthogonal_to(basis: list[Array], block: Array) -> tuple[Array, Array]:
    """Return `block` orthogonalised twice against `basis`, and its coordinates in `basis`."""
    if not basis:
        return block, np.zeros((0, block.shape[1]))
    whole = np.concatenate(basis, axis=1)
    part = whole.T @ block
    block = block - whole @ part
    rest = whole.T @ block
    return block - whole @ rest, part + rest


class _Products:
    """Products with X, which is held in memory if small, and otherwise generated each time.

    It is held in single precision, as memory bandwidth bounds these products. Singular vectors
    are accurate to seven digits, and the values computed from them with an exact X to fourteen.
    """

    def __init__(self, matrix: Matrix) -> None:
        self.matrix = matrix
        self.whole = matrix.whole(np.float32) if matrix.bytes <= _HELD_BYTES else None

    def times(self, right: Array) -> Array:
        """Return X @ right."""
        if self.whole is not None:
            return np.asarray(self.whole @ right.astype(np.float32), dtype=float)
        return self.times_exactly(right)

    def times_exactly(self, right: Array) -> Array:
        """Return X @ right in double precision, with a newly generated X."""
        product = np.zeros((self.matrix.shape[0], right.shape[1]))
        for top, left, block in self.matrix.placed_blocks():
            product[top : top + len(block)] += block @ right[left : left + block.shape[1]]
        return product

    def transposed_times(self, right: Array) -> Array:
        """Return X.T @ right."""
        if self.whole is not None:
            return np.asarray(self.whole.T @ right.astype(np.float32), dtype=float)
        product = np.zeros((self.matrix.shape[1], right.shape[1]))
        for top, left, block in self.matrix.placed_blocks():
            product[left : left + block.shape[1]] += block.T @ right[top : top + len(block)]
        return product


def overflow(largest: float, iterations: int) -> str | None:
    """Return the message that power iterations without orthogonalisation overflow, if they do.

    Each power iteration multiplies by XX', and so by the square of the `largest` singular value.
    """
    digits, most = (2 * iterations + 1) * float(np.log10(largest)), np.finfo(float).max
    if digits < np.log10(most) - 3:
        return None
    return (
        f"{iterations} power iterations overflow: values grow to about 1e{digits:.0f}, above the "
        f"largest float, {most:.1g}; try --iterator QR, or fewer iterations"
    )


def random_signs(length: int, seed: int = 1) -> Array:
    """Return random directions with entries 1 and -1, shape (length, _DIRECTIONS)."""
    return np.random.default_rng(seed).choice([-1.0, 1.0], (length, _DIRECTIONS))


def relative_errors(s: Array, reference: Array) -> Array:
    """Return the relative error of each singular value; infinite if their number differs."""
    if s.shape != reference.shape:
        return np.full(reference.shape, np.inf)
    return np.asarray(np.abs(s - reference) / reference)


def _exact_figures(x: Array, u: Array, sv: Array) -> Array:
    """Return U'U of a chunk, and below it the squared norms of X - USV and X."""
    residual = x - u @ sv
    squares = np.zeros((2, u.shape[1]))
    squares[:, 0] = np.vdot(residual, residual), np.vdot(x, x)
    return np.concatenate([u.T @ u, squares])[None]


@dataclass(frozen=True)
class Sketch:
    """A sketch of a tall X: X W for a few random directions W, and the norm of X.

    The first U S V is evaluated exactly, in the same pass over X. For later ones the sketch
    estimates ``|X-USV|`` and ``|U'U-I|`` without generating X again, in less time than the
    decomposition took: for random signs, the expectation of ``|E W|^2`` over the number of
    directions is ``|E|^2``.
    Source: Hutchinson (1990), "A stochastic estimator of the trace", Commun. Stat. 19(2).
    """

    directions: Array
    image: Any
    norm: float

    @classmethod
    def of(
        cls, x: Callable[[], Any], u: Any, s: Array, v: Array, compute: Compute
    ) -> tuple["Sketch", Mapping[str, float]]:
        """Return the sketch, held where X is, and the figures of the first X = U S V.

        These are ``|U'U-I|``, ``|VV'-I|`` and ``|X-USV|/|X|`` (Frobenius norms). X, shape (m, n),
        and U, shape (m, k), are Dask arrays with one column of chunks and the same row chunks;
        S has shape (k,), V (k, n).

        `x` is called twice, so that chunks are generated where they are used: sharing one would
        mean sending it to the worker that holds U, which takes longer.
        """
        directions = random_signs(v.shape[1])
        [image] = compute.keep(x() @ directions)
        looked = sum_over_chunks(_exact_figures, x(), u, s[:, None] * v, shape=(len(s) + 2, len(s)))
        [total] = compute(looked)
        product, residual, whole = total[:-2], total[-2, 0], total[-1, 0]
        orthogonal = np.linalg.norm(product - np.eye(len(s)))
        return (
            cls(directions, image, float(np.sqrt(whole))),
            _norms(orthogonal, v, np.sqrt(residual / whole)),
        )

    def judge(self, u: Any, s: Array, v: Array, compute: Compute) -> Mapping[str, float]:
        """Return the same figures, with the two norms that involve U estimated."""
        k = len(s)
        signs = random_signs(k, 2)
        both = np.concatenate([signs, s[:, None] * (v @ self.directions)], axis=1)
        [total] = compute(
            sum_over_chunks(_estimates, self.image, u, both, shape=(k + 1, _DIRECTIONS))
        )
        rest = np.linalg.norm(total[:k] - signs) / np.sqrt(_DIRECTIONS)
        return _norms(rest, v, np.sqrt(total[k].sum() / _DIRECTIONS) / self.norm)


def _estimates(image: Array, u: Array, both: Array) -> Array:
    """Return U'U W of a chunk, and below it the column sums of squares of X W - USV W."""
    seen: Array = np.zeros((u.shape[1] + 1, _DIRECTIONS))
    for top in range(0, len(u), _CACHED):  # reads U from memory only once, which dominates
        rows = slice(top, top + _CACHED)
        turned = u[rows] @ both
        seen[:-1] += u[rows].T @ turned[:, :_DIRECTIONS]
        seen[-1] += ((image[rows] - turned[:, _DIRECTIONS:]) ** 2).sum(axis=0)
    return seen[None]


def _norms(orthogonal: Any, v: Array, residual: Any) -> Mapping[str, float]:
    return {
        "|U'U-I|": float(orthogonal),
        "|VV'-I|": float(np.linalg.norm(v @ v.T - np.eye(len(v)))),
        "|X-USV|/|X|": float(residual),
    }
