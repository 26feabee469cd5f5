"""The versions that a lane really imported."""

import platform
import sys


def versions() -> dict[str, str]:
    """Return the version of Python and of each package of interest that is loaded."""
    found = {"python": platform.python_version()}
    for name in ("dask", "distributed", "numpy"):
        if module := sys.modules.get(name):
            found[name] = str(module.__version__)
    return found
