"""The environment variables of a lane: folders, BLAS threads, code, and those of its side."""

import os
from collections.abc import Mapping
from pathlib import Path

from daskbench import vault
from daskbench.lane.probes.blas import BLAS_VARIABLES
from daskbench.lane.protocol import SHARED
from daskbench.model import Side
from daskbench.processes import bundle as bundle
from daskbench.processes import reaper as reaper

_PATH = "PYTHONPATH"


def lane_environment(
    own: Mapping[str, str], side: Side, blas_threads: int | None, folder: Path
) -> dict[str, str]:
    """Return the environment variables of a lane, whose folder `folder` is in the run's.

    The side's variables override BLAS threads, but not those that the lane needs. Raises OSError.
    """
    threads = {} if blas_threads is None else dict.fromkeys(BLAS_VARIABLES, str(blas_threads))
    needed = {
        "TMPDIR": str(folder),
        "DASK_TEMPORARY_DIRECTORY": str(folder),
        reaper.MARK: str(folder),
        SHARED: str(_references(side, folder.parent)),
    }
    found = {**own, **threads, **vault.revealed(side.variables), **needed}
    if side.name:  # the same bundle for both sides
        path = [str(bundle.pack(folder.parent)), found.get(_PATH, "")]
        found[_PATH] = os.pathsep.join(filter(None, path))
    return found


def _references(side: Side, run: Path) -> Path:
    """Return the folder of reference data for checks, separate if the side may use another NumPy.

    Its random numbers may differ.
    """
    if not (side.python or _PATH in side.env):
        return run
    (apart := run / f"references-{side.name}").mkdir(exist_ok=True)
    return apart
