"""The BLAS libraries loaded in this process, with their actual number of threads.

Source: https://github.com/joblib/threadpoolctl
"""

from collections.abc import Iterable
from typing import Any

from daskbench.lane.protocol import Blas

#: Environment variables with the number of threads of BLAS libraries.
BLAS_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def blas_info() -> list[dict[str, Any]]:
    """Return API, threads and version of each loaded BLAS; empty without threadpoolctl."""
    import numpy as np

    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return []
    np.dot(np.ones((2, 2)), np.ones((2, 2)))  # loads the library
    return [
        {"api": pool["internal_api"], "threads": pool["num_threads"], "version": pool["version"]}
        for pool in threadpool_info()
        if pool["user_api"] == "blas"
    ]


def blas_of(found: Iterable[dict[str, Any]]) -> list[Blas]:
    """Return what `blas_info` found, maybe in another process, as it is told."""
    return [Blas(**one) for one in found]
