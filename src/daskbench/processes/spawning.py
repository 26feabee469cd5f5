"""The environment of a lane: folders, BLAS threads, code, and what its side adds."""

import os
from collections.abc import Mapping
from pathlib import Path

from daskbench import vault
from daskbench.lane.protocol import SHARED
from daskbench.model import Side
from daskbench.processes import bundle as bundle
from daskbench.processes import reaper as reaper

BLAS_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
_PATH = "PYTHONPATH"


def surroundings(
    own: Mapping[str, str], side: Side, blas_threads: int | None, folder: Path
) -> dict[str, str]:
    """Return the environment of a lane whose own folder is `folder`, in that of the run.

    What its side says goes before the BLAS threads of a suite, but not before what the lane needs.
    Raises OSError.
    """
    threads = {} if blas_threads is None else dict.fromkeys(BLAS_VARIABLES, str(blas_threads))
    needed = {
        "TMPDIR": str(folder),
        "DASK_TEMPORARY_DIRECTORY": str(folder),
        reaper.MARK: str(folder),
        SHARED: str(_references(side, folder.parent)),
    }
    around = {**own, **threads, **vault.revealed(side.variables), **needed}
    if side.name:  # both sides, so that what differs is what was asked for
        path = [str(bundle.pack(folder.parent)), around.get(_PATH, "")]
        around[_PATH] = os.pathsep.join(filter(None, path))
    return around


def _references(side: Side, run: Path) -> Path:
    """Return where lanes share what answers are held against.

    Another NumPy may make other random numbers, and so another X.
    """
    if not (side.python or _PATH in side.env):
        return run
    (apart := run / f"references-{side.name}").mkdir(exist_ok=True)
    return apart
