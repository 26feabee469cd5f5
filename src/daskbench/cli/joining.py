"""A run on ``--cluster mpi``: rank 0 of the launcher measures, and all others serve it."""

import json
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from daskbench import ranks as all_ranks
from daskbench import vault
from daskbench.conductor.opening import command_of
from daskbench.errors import UsageError
from daskbench.lane.causes import Explained
from daskbench.lane.deploy import kind_of
from daskbench.lane.deploy.options import check_servers
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import Suite
from daskbench.ranks import FEWEST, OPTIONS, Ranks

_SERVING = "daskbench.lane.deploy.mpi"
#: What all workers of a job step have in common, as they are started once.
_COMMON = ("threads_per_worker", "memory_limit_bytes", "thresholds", "blas_threads")
#: Rank 0 says how workers have ended; others would say it in between.
_QUIET = {"DASK_LOGGING__DISTRIBUTED": "error"}
_PLACE: dict[str, Any] = {"host": "", "interface": "", "protocol": ""}
_OPTIONS: dict[str, Any] = {**_PLACE, "scheduler_options": {}, "worker_options": {}}


def join(suites: Iterable[Suite], *, dry_run: bool = False) -> None:
    """Return in rank 0, and wherever no suite runs on ranks; other ranks serve, and then exit.

    Raises UsageError if the launcher or the suites do not allow it.
    """
    on_ranks = [suite for suite in suites if kind_of(suite.cluster.kind).by_ranks]
    asked = [one for suite in on_ranks for one in _asked(suite)]
    if not asked:
        return
    ranks = all_ranks.started()
    if dry_run and ranks and ranks.rank:
        sys.exit(0)
    if dry_run:
        return
    if ranks is None or ranks.size < FEWEST:
        raise UsageError(
            "--cluster mpi needs daskbench to be started by srun or Open MPI's mpirun, in "
            f"{FEWEST} processes or more (itself, a scheduler, and workers): "
            "'mpirun -n 4 daskbench ... --cluster mpi'"
        )
    _take_part(ranks, asked)


def _take_part(ranks: Ranks, asked: list[dict[str, Any]]) -> None:
    """Serve, or in rank 0 let the others know where it is."""
    most = max(one.pop("workers") or 1 for one in asked)
    if most > ranks.workers:
        raise UsageError(
            f"--workers {most} is too many: of {ranks.size} processes, {ranks.workers} are workers"
        )
    if any(one != asked[0] for one in asked):
        raise UsageError(
            "all rows on --cluster mpi share its workers, which are started once: choose one of "
            "each of --threads-per-worker, --memory-limit, --blas-threads and --cluster-option"
        )
    if ranks.rank:
        _serve(asked[0])
    try:
        all_ranks.hold(ranks, str(asked[0]["host"]))
    except OSError as error:
        raise UsageError(
            f"cannot tell the other processes about this one in {ranks.folder}: {error.strerror}; "
            "start daskbench in a folder that all nodes can write"
        ) from error


def _asked(suite: Suite) -> list[dict[str, Any]]:
    """Return what the cases of a suite ask of the ranks. Raises UsageError."""
    found = []
    for case in suite.cases:
        if SCHEDULERS[case.scheduler].takes_cluster and not case.skip:
            command = command_of(case, suite, 0, None)
            common = {name: getattr(command, name) for name in (*_COMMON, "workers")}
            found.append({**_OPTIONS, **_given(command.cluster), **common})
    return found


def _given(cluster: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a cluster, as it goes over the pipe. Raises UsageError."""
    given: dict[str, Any] = vault.revealed_within(cluster.get("options") or {})
    if unknown := given.keys() - _OPTIONS.keys():
        raise UsageError(
            f"--cluster mpi: no option '{min(unknown)}': choose from {', '.join(_OPTIONS)}"
        )
    try:
        check_servers("mpi", given)
    except Explained as error:
        raise UsageError(f"--cluster {error}") from error
    return given


def _serve(options: dict[str, Any]) -> NoReturn:
    """Become Dask's scheduler or worker, in place of this process."""
    environment = {**_QUIET, **os.environ, OPTIONS: json.dumps(options)}
    os.execve(sys.executable, [sys.executable, "-P", "-m", _SERVING], environment)
