"""Where work can run: one file a kind of scheduler, and one line here to register it."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from daskbench.lane.schedulers.base import Scheduler


@dataclass(frozen=True)
class Kind:
    """A scheduler's class, and what a plan must know of it without importing Dask."""

    path: str
    counts_workers: bool = True
    takes_threads: bool = False
    takes_cluster: bool = False
    takes_limit: bool = False
    reports: bool = False
    starts_processes: bool = False
    is_baseline: bool = False


SCHEDULERS = {
    "numpy": Kind(
        "daskbench.lane.schedulers.plain:PlainLoop", counts_workers=False, is_baseline=True
    ),
    "synchronous": Kind("daskbench.lane.schedulers.local:Synchronous", counts_workers=False),
    "threads": Kind("daskbench.lane.schedulers.local:Threads"),
    "processes": Kind("daskbench.lane.schedulers.local:Processes", starts_processes=True),
    "processes-warm": Kind("daskbench.lane.schedulers.warm:WarmProcesses", starts_processes=True),
    "distributed": Kind(
        "daskbench.lane.schedulers.distributed:Distributed",
        takes_threads=True,
        takes_cluster=True,
        takes_limit=True,
        reports=True,
        starts_processes=True,
    ),
}


def make_scheduler(case: dict[str, Any]) -> Scheduler:
    """Return the scheduler that the message names, not yet started."""
    module, _, attribute = SCHEDULERS[case["scheduler"]].path.partition(":")
    made: Scheduler = getattr(import_module(module), attribute)(case)
    return made
