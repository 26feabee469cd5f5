"""Versions of the packages that a lane imported, and differences from an external cluster."""

import platform
import sys
import sysconfig
from typing import Any

#: Packages whose versions should agree between client and cluster.
_COMPARED = ("python", "dask", "distributed", "numpy", "cloudpickle", "msgpack", "tornado")


def versions() -> dict[str, str]:
    """Return the versions of Python and, if loaded, Dask, distributed and NumPy."""
    found = {"python": python_version()}
    for name in ("dask", "distributed", "numpy"):
        if module := sys.modules.get(name):
            found[name] = str(module.__version__)
    return found


def python_version() -> str:
    """Return the version of Python, with the ``t`` of a build for free threading."""
    free = sysconfig.get_config_var("Py_GIL_DISABLED")
    return platform.python_version() + ("t" if free else "")


def version_notes(versions: dict[str, Any]) -> list[str]:
    """Return a note for each package whose version differs between client and cluster."""
    here = versions["client"]["packages"]
    places = {"scheduler": versions["scheduler"], **versions["workers"]}
    notes = []
    for name in _COMPARED:
        others = {str(place["packages"][name]) for place in places.values() if place} - {
            str(here[name])
        }
        if others:
            notes.append(
                f"{name} is {here[name]} here but {', '.join(sorted(others))} on the cluster"
            )
    return notes
