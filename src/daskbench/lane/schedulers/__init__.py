"""The registry of schedulers, each in a module of its own."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from math import sqrt
from typing import TYPE_CHECKING

from daskbench.lane.deploy import is_of_ranks, is_started
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
    """A scheduler's class, and its properties that planning needs without importing Dask.

    `baseline` is its rank among the rows that ratios are to: lower ranks go first. `is_plain`: it
    runs the benchmark's plain version, without Dask. `own_workers` is how many workers it chooses
    by itself on so many cores, all of which it uses. `shares_process`: its workers are threads of
    the lane, without nannies: by default one, with a thread for each core. `spills`: its workers
    have memory limits, and tell what they hold. `on_request`: not among `USUAL`. `section` is that
    of Dask's configuration which affects only its kind. `path_if_started`: its class on clusters
    that the lane starts elsewhere, and `path_on_ranks` on those of a launcher
    (`daskbench.lane.deploy`).
    """

    path: str
    footprint: Footprint
    counts_workers: bool = True
    takes_threads: bool = False
    takes_cluster: bool = False
    path_if_started: str = ""
    path_on_ranks: str = ""
    takes_limit: bool = False
    reports: bool = False
    starts_processes: bool = False
    baseline: int | None = None
    is_plain: bool = False
    own_workers: Callable[[int], int] | None = None
    shares_process: bool = False
    spills: bool = False
    on_request: bool = False
    section: str | None = None

    def takes(self, threshold: str) -> bool:
        """Whether a memory threshold can be set; nannies enforce ``terminate``."""
        return self.takes_limit and not (self.shares_process and threshold == "terminate")


def _one_per_core(cores: int) -> int:
    return cores


def processes_of_cluster(cores: int) -> int:
    """Return how many workers ``LocalCluster()`` starts.

    Source: ``distributed.deploy.utils.nprocesses_nthreads``.
    """
    if cores <= 4:
        return cores
    return next(n for n in range(1, cores + 1) if cores % n == 0 and n >= sqrt(cores))


_ALONE = Footprint(files=(6, 0), tasks=(1, 0), mib=(45, 0))
_POOL = Kind(
    "daskbench.lane.schedulers.local:Processes",
    Footprint(files=(16, 2), tasks=(2, 0), mib=(45, 0)),
    starts_processes=True,
    section="multiprocessing",
)
_CLUSTER = Kind(
    "daskbench.lane.schedulers.distributed:Distributed",
    Footprint(files=(22, 10), tasks=(3, 6), mib=(65, 43)),
    reports=True,
    starts_processes=True,
    spills=True,
    section="distributed",
)
SCHEDULERS = {
    "numpy": Kind(
        "daskbench.lane.schedulers.plain:PlainLoop",
        Footprint(files=(6, 0), tasks=(1, 0), mib=(30, 0)),
        counts_workers=False,
        baseline=1,
        is_plain=True,
    ),
    "synchronous": Kind(
        "daskbench.lane.schedulers.local:Synchronous", _ALONE, counts_workers=False, baseline=2
    ),
    "default": Kind(
        "daskbench.lane.schedulers.default:Default",
        _ALONE,
        counts_workers=False,
        own_workers=_one_per_core,
        on_request=True,
        section="multiprocessing",
    ),
    "threads": Kind(
        "daskbench.lane.schedulers.local:Threads",
        Footprint(files=(6, 0), tasks=(1, 1), mib=(45, 0)),
    ),
    "processes": _POOL,
    "processes-warm": replace(
        _POOL,
        path="daskbench.lane.schedulers.warm:WarmProcesses",
        footprint=Footprint(files=(18, 2), tasks=(4, 1), mib=(50, 25)),
    ),
    "distributed": replace(
        _CLUSTER,
        takes_threads=True,
        takes_cluster=True,
        path_if_started="daskbench.lane.schedulers.started:Started",
        path_on_ranks="daskbench.lane.schedulers.ours:OfRanks",
        takes_limit=True,
    ),
    "distributed-inproc": replace(
        _CLUSTER,
        path="daskbench.lane.schedulers.inproc:InProcess",
        footprint=Footprint(files=(10, 3), tasks=(2, 1), mib=(65, 0)),
        starts_processes=False,
        takes_threads=True,
        takes_limit=True,
        shares_process=True,
        on_request=True,
    ),
    "default-cluster": replace(
        _CLUSTER,
        path="daskbench.lane.schedulers.default_cluster:DefaultCluster",
        counts_workers=False,
        own_workers=processes_of_cluster,
        on_request=True,
    ),
}
#: Those of benchmarks that scale (`Traits.scaling`), unless others are named.
USUAL = tuple(name for name, kind in SCHEDULERS.items() if not kind.on_request)


def is_plain(name: str) -> bool:
    """Whether a scheduler runs the plain version, without Dask; False for unknown ones."""
    return name in SCHEDULERS and SCHEDULERS[name].is_plain


def baseline_rank(name: str) -> int | None:
    """Return a scheduler's rank as a baseline; None if it is none, and for unknown ones."""
    return SCHEDULERS[name].baseline if name in SCHEDULERS else None


def spills(name: str) -> bool:
    """Whether a scheduler's workers spill to disk; False for unknown ones."""
    return name in SCHEDULERS and SCHEDULERS[name].spills


def is_light(name: str) -> bool:
    """Whether a scheduler starts neither processes nor a cluster; False for unknown ones."""
    kind = SCHEDULERS.get(name)
    return kind is not None and not (kind.starts_processes or kind.reports)


def config_section(name: str) -> str | None:
    """Return the section of Dask's configuration that affects only a scheduler's kind, if any."""
    return SCHEDULERS[name].section if name in SCHEDULERS else None


def make_scheduler(case: "Open") -> Scheduler:
    """Create the scheduler of a case, without starting it."""
    kind = SCHEDULERS[case.scheduler]
    started = kind.path_if_started if is_started(case.cluster) else ""
    of_ranks = kind.path_on_ranks if is_of_ranks(case.cluster) else ""
    module, _, attribute = (started or of_ranks or kind.path).partition(":")
    made: Scheduler = getattr(import_module(module), attribute)(case)
    return made
