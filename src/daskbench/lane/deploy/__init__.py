"""The registry of clusters that lanes start through Dask's deploy classes, a module for each kind.

Source: https://docs.dask.org/en/stable/deploying.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # looking up names must not import Dask
    from daskbench.lane.deploy.base import Deployment
    from daskbench.lane.protocol import Open


@dataclass(frozen=True)
class Kind:
    """How a kind of cluster is started, and its properties that planning needs without Dask.

    `path` is empty for a LocalCluster, which `distributed` starts anyway. `package` is needed
    beside Dask, and installed by the `extra` of that name; `program` has to be on PATH. `required`
    are options without which it can't be started. `by_jobs`: its workers are jobs of a queue.
    `by_ranks`: it is there for the whole run, as the ranks of a launcher (`daskbench.ranks`).
    `ours` maps options that daskbench sets itself to what sets them. `comms_at` are the tables of
    options that hold protocol and interface, if these are no options themselves. `checked_by` is a
    function that checks the options of a kind without `path`.
    """

    path: str = ""
    package: str = ""
    extra: str = ""
    program: str = ""
    required: tuple[str, ...] = ()
    by_jobs: bool = False
    by_ranks: bool = False
    ours: Mapping[str, str] = field(default_factory=dict)
    comms_at: tuple[str, ...] = ()
    checked_by: str = ""


_WORKERS = {"n_workers": "--workers", "asynchronous": ""}
_EACH = {"threads_per_worker": "--threads-per-worker", "memory_limit": "--memory-limit"}


def _queue(name: str, program: str) -> Kind:
    return Kind(
        path="daskbench.lane.deploy.jobqueue:Jobs",
        package="dask_jobqueue",
        extra=name,
        program=program,
        by_jobs=True,
        ours={**_WORKERS, "job_cls": ""},
    )


KINDS = {
    "local": Kind(
        ours={**_WORKERS, **_EACH, "processes": "--schedulers distributed-inproc"},
        checked_by="daskbench.lane.deploy.options:check_local",
    ),
    "ssh": Kind(
        path="daskbench.lane.deploy.ssh:Ssh",
        package="asyncssh",
        extra="ssh",
        required=("hosts",),
        ours=_WORKERS,
        comms_at=("scheduler_options", "worker_options"),
    ),
    **{
        name: _queue(name, program)
        for name, program in (
            ("slurm", "sbatch"),
            ("pbs", "qsub"),
            ("lsf", "bsub"),
            ("sge", "qsub"),
            ("oar", "oarsub"),
            ("moab", "msub"),
            ("htcondor", "condor_submit"),
        )
    },
    "mpi": Kind(by_ranks=True, ours={**_WORKERS, **_EACH}),
}
#: A class or function of the user's.
OWN = Kind(path="daskbench.lane.deploy.own:Own", ours=_WORKERS)


def kind_of(name: str) -> Kind:
    """Return a kind by its name; other names are those of a user's class or function."""
    return KINDS.get(name, OWN)


def is_queue(name: str) -> bool:
    """Whether the workers of a cluster of this kind are jobs of a queue; without a name, none."""
    return bool(name) and kind_of(name).by_jobs


def is_started(where: Mapping[str, Any]) -> bool:
    """Whether the lane starts this cluster, as it goes over the pipe, by a deploy class."""
    name = where.get("kind")
    return bool(name) and bool(kind_of(str(name)).path)


def is_of_ranks(where: Mapping[str, Any]) -> bool:
    """Whether this cluster, as it goes over the pipe, consists of the ranks of a launcher."""
    return kind_of(str(where.get("kind", ""))).by_ranks


def is_elsewhere(where: Mapping[str, Any]) -> bool:
    """Whether this cluster, as it goes over the pipe, is no LocalCluster of the lane."""
    is_there = where.get("address") or where.get("scheduler_file")
    return bool(is_there) or is_started(where) or is_of_ranks(where)


def is_encrypted(protocol: str) -> bool:
    """Whether a protocol needs certificates."""
    return protocol.startswith(("tls", "wss"))


def make_deployment(case: "Open") -> "Deployment":
    """Create the deployment of a case, without starting it."""
    made: Deployment = _load(kind_of(case.cluster["kind"]).path)(case)
    return made


def check(case: "Open") -> None:
    """Raise Explained if it is known that the cluster of a case can't be started."""
    kind = kind_of(str(case.cluster.get("kind", "")))
    if is_started(case.cluster):
        make_deployment(case).check()
    elif kind.checked_by and (options := case.cluster.get("options")):
        _load(kind.checked_by)(options)


def _load(path: str) -> Any:
    module, _, attribute = path.partition(":")
    return getattr(import_module(module), attribute)
