"""Workers that rest while a row uses only some of a cluster.

Dask gives a paused worker no tasks. That leaves the tasks themselves as they are; if they were
restricted to some workers (``workers=``), the scheduler would queue none of them.
Source: ``distributed.scheduler.Scheduler.is_rootish``.

This module travels by value to workers that lack daskbench, so it imports only distributed.
"""

from typing import Any

from distributed.core import Status

_KEPT = "_daskbench_pause_fraction"


def rest(dask_worker: Any, used: list[str]) -> None:
    """Pause a worker unless its address is among those used (runs on the worker).

    Its memory monitor, which would resume it, does not pause or resume meanwhile.
    """
    manager = dask_worker.memory_manager
    is_resting, rests = hasattr(manager, _KEPT), dask_worker.address not in used
    if rests and not is_resting:
        setattr(manager, _KEPT, manager.memory_pause_fraction)
        manager.memory_pause_fraction = False
        dask_worker.status = Status.paused
    elif is_resting and not rests:
        manager.memory_pause_fraction = getattr(manager, _KEPT)
        delattr(manager, _KEPT)
        dask_worker.status = Status.running


def running(dask_scheduler: Any) -> list[str]:
    """Return the addresses of workers that take tasks (runs on the scheduler)."""
    return [worker.address for worker in dask_scheduler.running]
