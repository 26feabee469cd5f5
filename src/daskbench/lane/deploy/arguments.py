"""The arguments of dask-jobqueue's classes: options, what a case asks for, and the site's own.

Source: https://jobqueue.dask.org/en/latest/clusters-configuration-setup.html
"""

import os
import shlex
from collections.abc import Mapping
from typing import Any

import dask
from dask.utils import parse_bytes

from daskbench.errors import nearest
from daskbench.lane.causes import Explained
from daskbench.lane.deploy import is_encrypted
from daskbench.lane.deploy.options import without_interface
from daskbench.lane.probes.blas import BLAS_VARIABLES
from daskbench.lane.protocol import Open
from daskbench.units import format_bytes

#: Options that are lists: of a single text, dask-jobqueue would take the letters.
_LISTS = (
    *("job_extra_directives", "job_extra", "job_script_prologue", "env_extra"),
    *("job_directives_skip", "header_skip", "worker_extra_args", "extra"),
)
_WHOLE = ("cores", "processes", "job_cpu")
#: Less than any worker takes: then the unit is missing.
_LEAST_BYTES = 32 << 20


def of_jobs(case: Open, kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of the class for a kind of queue. Raises Explained if some can't be."""
    given = _as_due(kind, options)
    given.setdefault("config_name", kind)
    _check_section(kind, given)
    given["processes"] = given.get("processes") or configured(given, "processes") or 1
    given |= _asked(case, kind, given)
    _check_memory(kind, given.get("memory") or configured(given, "memory"), given["processes"])
    prologue = given.get("job_script_prologue") or configured(given, "job-script-prologue") or []
    lines = [prologue] if isinstance(prologue, str) else [*prologue]
    given["job_script_prologue"] = [*_exports(case), *lines]
    if is_encrypted(str(given.get("protocol") or "")):
        given.setdefault("security", True)  # certificates for this cluster alone
    given["scheduler_options"] = {
        "dashboard_address": "127.0.0.1:0",
        **(configured(given, "scheduler-options") or {}),
        **(given.get("scheduler_options") or {}),
    }
    return given


def configured(given: Mapping[str, Any], key: str) -> Any:
    """Return what Dask's configuration has for a queue; None without."""
    return dask.config.get(f"jobqueue.{given['config_name']}.{key}", None)


def check_interface(kind: str, given: Mapping[str, Any]) -> None:
    """Raise Explained if the scheduler can't listen at its interface on this machine."""
    scheduler = given["scheduler_options"]
    common = given.get("interface") or configured(given, "interface")
    name = scheduler.get("interface") or ("" if "host" in scheduler else common)
    if name and (why := without_interface(str(name))):
        raise Explained(
            f"{kind}: {why} (where the scheduler runs, it may have another than workers: "
            "--cluster-option scheduler_options.interface=NAME)"
        )


def _as_due(kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with lists and whole numbers where they are due. Raises Explained."""
    given = {
        name: [value] if name in _LISTS and isinstance(value, str) else value
        for name, value in options.items()
    }
    for name in _LISTS:
        value = given.get(name) or []
        if not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            raise Explained(f"{kind}: {name}={value} is not a list of texts")
    for name in _WHOLE:
        if given.get(name) is not None:
            given[name] = _whole(kind, name, given[name])
    return given


def _whole(kind: str, name: str, value: Any) -> int:
    if str(value).isdecimal() and int(value) > 0:
        return int(value)
    raise Explained(f"{kind}: {name}={value} is not a whole number above 0")


def _check_section(kind: str, given: Mapping[str, Any]) -> None:
    """Raise Explained if Dask's configuration has no section of the name that is given."""
    known, name = dask.config.get("jobqueue", None) or {}, given["config_name"]
    if name not in (kind, *known):
        raise Explained(
            f"{kind}: Dask's configuration has no section jobqueue.{name}: "
            f"{nearest(str(name), known)}"
        )


def _asked(case: Open, kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return cores and memory of a job, as far as the case asks for them."""
    processes, asked = given["processes"], dict[str, Any]()
    cores = given.get("cores") or configured(given, "cores")
    if case.threads_per_worker or not cores:
        asked["cores"] = (case.threads_per_worker or 1) * processes
    elif cores < processes:
        raise Explained(f"{kind}: cores={cores} are too few for processes={processes}")
    if case.memory_limit_bytes:
        asked["memory"] = f"{case.memory_limit_bytes * processes} B"
    return asked


def _check_memory(kind: str, memory: Any, processes: int) -> None:
    """Raise Explained unless a worker can live on its share of a job's memory."""
    if not memory:
        raise Explained(
            f"{kind} needs the memory of a job: --memory-limit 4GiB for each worker, "
            "--cluster-option memory=16GiB, or jobqueue.yaml"
        )
    try:
        size = parse_bytes(memory)
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise Explained(f"{kind}: memory={memory} is not a size: write it as 16GiB") from error
    if size < _LEAST_BYTES * processes:
        workers = "a worker" if processes == 1 else f"{processes} workers"
        raise Explained(
            f"{kind}: memory of {format_bytes(size)} is too little for {workers}: write it with a "
            "unit, as 16GiB"
        )


def _exports(case: Open) -> list[str]:
    """Return lines that set BLAS threads and memory thresholds, as jobs don't inherit them."""
    found: dict[str, str] = {}
    if case.blas_threads is not None:
        found |= dict.fromkeys(BLAS_VARIABLES, str(case.blas_threads))
    for name, value in case.thresholds.items():
        key = "recent_to_old_time" if name == "recent_to_old_s" else name
        shown = f"{value:g}s" if name.endswith("_s") else f"{value:g}" if value else "False"
        found[f"DASK_DISTRIBUTED__WORKER__MEMORY__{key.upper()}"] = shown
    return [*_without_our_folder(), *(f"export {n}={value}" for n, value in found.items())]


def _without_our_folder() -> list[str]:
    """Return a line that forgets the lane's temporary folder, which nodes may not have."""
    if not os.environ.get("DASKBENCH_LANE"):
        return []
    ours = shlex.quote(os.environ.get("TMPDIR", ""))
    return [f'[ "$TMPDIR" != {ours} ] || unset TMPDIR DASK_TEMPORARY_DIRECTORY']
