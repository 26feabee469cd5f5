"""The environment of a run, as recorded in the journal: machine, limits, versions."""

import os
import platform
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from daskbench import batch, resources
from daskbench.errors import UsageError

#: Packages whose versions affect measurements, and further ones of interest.
_MEASURED = ("daskbench", "dask", "distributed", "numpy")
PACKAGES = (*_MEASURED, "click", "rich", "pandas", "scipy")
#: What must be equal, besides those versions, for a run to be resumed.
_SAME = ("host", "cpu", "cores", "python")


def cores() -> int:
    """Return the number of cores available to this process."""
    return int(resources.cores().amount)


def describe() -> dict[str, Any]:
    """Return the environment as plain values."""
    import psutil

    folder = temp_folder()
    return {
        "host": platform.node(),
        "platform": platform.platform(),
        "cpu": cpu_model(),
        "cores": cores(),
        "memory_bytes": memory_bytes(),
        "swap_used_bytes": psutil.swap_memory().used,
        "load_1min": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "versions": versions(),
        "dask_variables": sorted(name for name in os.environ if name.startswith("DASK_")),
        "temp_folder": str(folder),
        "temp_filesystem": filesystem(folder),
        "job": batch.job(),
    }


def versions() -> dict[str, str]:
    """Return the installed version of each package of interest, without importing it."""
    found = {}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def differences(one: Mapping[str, Any], two: Mapping[str, Any]) -> list[str]:
    """Describe each difference between two environments that keeps their samples from mixing.

    The next job may be on another node of its partition, whose cores and versions are the same.
    """
    before, now = _telling(one), _telling(two)
    jobs = one.get("job") or {}, two.get("job") or {}
    if all(jobs):
        for found, job in zip((before, now), jobs, strict=True):
            del found["host"]
            found["partition"] = job.get("partition")
    return [f"{key} was {before[key]}, is {now[key]}" for key in before if before[key] != now[key]]


def _telling(environment: Mapping[str, Any]) -> dict[str, Any]:
    versions = environment.get("versions", {})
    found = {key: environment.get(key) for key in _SAME}
    return found | {name: versions.get(name) for name in _MEASURED}


def cpu_model() -> str:
    """Return the processor's model name."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def memory_bytes() -> int:
    """Return the memory limit of this job."""
    return int(resources.memory().amount)


def available_bytes() -> int:
    """Return the memory that is still free for this job."""
    return resources.available_bytes()


def temp_folder() -> Path:
    """Return the folder for lanes' temporary files, including spilled data.

    Raises UsageError if there is no usable folder, or Dask can't be imported.
    """
    import psutil

    try:
        import dask.config
    except psutil.Error as error:
        raise UsageError(
            "Dask can't be imported, as it finds no process in /proc: mount /proc"
        ) from error
    try:
        return Path(dask.config.get("temporary-directory", None) or tempfile.gettempdir())
    except OSError as error:
        raise UsageError(
            f"no usable folder for temporary files: {error.strerror}; check that there is free "
            "space, and that this job may write files ('ulimit -f')"
        ) from error


def filesystem(folder: Path) -> str:
    """Return the type of `folder`'s file system; empty if unknown."""
    import psutil

    mounts = {Path(part.mountpoint): part.fstype for part in psutil.disk_partitions(all=True)}
    resolved = folder.resolve()
    return next((mounts[place] for place in (resolved, *resolved.parents) if place in mounts), "")
