"""How exact a decomposition is, by means that share nothing with how it was found."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from daskbench.benchmarks.base import Compute
from daskbench.benchmarks.decompositions import gram
from daskbench.benchmarks.matrix import Array

#: The lanes of a run find here the folder in which they share what all of them need.
SHARED = "DASKBENCH_SHARED"


def shared(name: str, make: Callable[[], Array]) -> Array:
    """Return what `make` gives, made once by the lanes of a run together."""
    folder = os.environ.get(SHARED)
    if not folder:
        return make()
    path = Path(folder) / f"{sha256(name.encode()).hexdigest()[:16]}.npy"
    with suppress(OSError, ValueError):
        found: Array = np.load(path)
        return found
    made = make()
    with suppress(OSError):  # without it the next lane makes its own
        descriptor, temporary = tempfile.mkstemp(dir=folder)
        with os.fdopen(descriptor, "wb") as file:
            np.save(file, made)
        Path(temporary).replace(path)
    return made


def singular_values(blocks: Iterator[Array], *, transposed: bool) -> Array:
    """Return the singular values, shape (k,), of blocks of shape (m_i, n) stacked on each other.

    R of all blocks so far is stacked on the next block and factorised again, by Householder
    reflections in LAPACK: backward stable, in memory of two blocks, and without Dask. With
    `transposed`, the blocks stand side by side instead.
    """
    stacked: list[Array] = []
    for block in blocks:
        stacked.append(block.T if transposed else block)
        stacked = [np.asarray(np.linalg.qr(np.concatenate(stacked), mode="r"), dtype=np.float64)]
    return np.asarray(np.linalg.svd(stacked[0], compute_uv=False), dtype=np.float64)


def relative_error(s: Array, reference: Array) -> float:
    """Return the largest relative error of singular values; infinite where they are not as many."""
    if s.shape != reference.shape:
        return float("inf")
    return float(np.max(np.abs(s - reference) / reference))


def of_vectors(x: Any, u: Any, s: Array, v: Array, compute: Compute) -> Mapping[str, float]:
    """Return ``|U'U-I|``, ``|VV'-I|`` and ``|X-USV|/|X|`` (Frobenius norms) of a tall X = U S V.

    X, shape (m, n), and U, shape (m, k), are Dask arrays in one column of chunks, with the same
    rows in each. Both are looked at chunk by chunk, where they are. S is (k,), V is (k, n).
    """
    import dask.array as da

    k, sv = len(s), s[:, None] * v
    squares = da.map_blocks(
        _squares,
        x,
        u,
        sv,
        chunks=((1,) * len(x.chunks[0]), (2,)),
        dtype=float,
        meta=np.empty((0, 0)),
    )
    product, (residual, whole) = compute(gram(u), squares.sum(axis=0))
    return {
        "|U'U-I|": float(np.linalg.norm(product - np.eye(k))),
        "|VV'-I|": float(np.linalg.norm(v @ v.T - np.eye(k))),
        "|X-USV|/|X|": float(np.sqrt(residual / whole)),
    }


def _squares(x: Array, u: Array, sv: Array) -> Array:
    residual = x - u @ sv
    return np.array([[np.vdot(residual, residual), np.vdot(x, x)]])
