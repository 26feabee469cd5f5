"""What a lane finds around it when it starts: folders, BLAS threads, and what its side adds."""

from pathlib import Path

from daskbench.lane.protocol import SHARED
from daskbench.model import Side

BLAS_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def variables(side: Side, blas_threads: int | None, folder: Path) -> dict[str, str]:
    """Return what is added to the environment of a lane whose own folder is `folder`.

    What its side says goes before the BLAS threads of a suite, but not before what the lane needs.
    """
    threads = {} if blas_threads is None else dict.fromkeys(BLAS_VARIABLES, str(blas_threads))
    needed = {
        "TMPDIR": str(folder),
        "DASK_TEMPORARY_DIRECTORY": str(folder),
        SHARED: str(folder.parent),
    }
    return threads | side.variables | needed
