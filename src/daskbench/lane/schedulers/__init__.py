"""The registry of schedulers, each in a module of its own."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from daskbench.lane.schedulers.base import Scheduler

if TYPE_CHECKING:
    from daskbench.lane.protocol import Open


@dataclass(frozen=True)
class Footprint:
    """Minimum resources of a lane: for itself, and in addition for each worker.

    `files`: open files of the lane's own process at startup. `tasks`: processes and threads of an
    idle lane. `mib`: its memory in MiB, shared pages counted once (PSS). Measured with Python 3.11,
    Dask 2026.8 and NumPy 2.4 on Linux.
    """

    files: tuple[int, int]
    tasks: tuple[int, int]
    mib: tuple[int, int]


@dataclass(frozen=True)
class Kind:
    """A scheduler's class, and its properties that planning needs without importing Dask."""

    path: str
    footprint: Footprint
    counts_workers: bool = True
    takes_threads: bool = False
    takes_cluster: bool = False
    takes_limit: bool = False
    reports: bool = False
    starts_processes: bool = False
    is_baseline: bool = False


SCHEDULERS = {
    "numpy": Kind(
        "daskbench.lane.schedulers.plain:PlainLoop",
        Footprint(files=(6, 0), tasks=(1, 0), mib=(30, 0)),
        counts_workers=False,
        is_baseline=True,
    ),
    "synchronous": Kind(
        "daskbench.lane.schedulers.local:Synchronous",
        Footprint(files=(6, 0), tasks=(1, 0), mib=(45, 0)),
        counts_workers=False,
    ),
    "threads": Kind(
        "daskbench.lane.schedulers.local:Threads",
        Footprint(files=(6, 0), tasks=(1, 1), mib=(45, 0)),
    ),
    "processes": Kind(
        "daskbench.lane.schedulers.local:Processes",
        Footprint(files=(16, 2), tasks=(2, 0), mib=(45, 0)),
        starts_processes=True,
    ),
    "processes-warm": Kind(
        "daskbench.lane.schedulers.warm:WarmProcesses",
        Footprint(files=(18, 2), tasks=(4, 1), mib=(50, 25)),
        starts_processes=True,
    ),
    "distributed": Kind(
        "daskbench.lane.schedulers.distributed:Distributed",
        Footprint(files=(22, 10), tasks=(3, 6), mib=(65, 43)),
        takes_threads=True,
        takes_cluster=True,
        takes_limit=True,
        reports=True,
        starts_processes=True,
    ),
}


def is_baseline(name: str) -> bool:
    """Whether a scheduler is a baseline; False for unknown ones."""
    return name in SCHEDULERS and SCHEDULERS[name].is_baseline


def make_scheduler(case: "Open") -> Scheduler:
    """Create the scheduler of a case, without starting it."""
    module, _, attribute = SCHEDULERS[case.scheduler].path.partition(":")
    made: Scheduler = getattr(import_module(module), attribute)(case)
    return made
