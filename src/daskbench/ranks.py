"""The processes that srun, or Open MPI's mpirun, started together: the ranks of a job step.

Rank 0 is daskbench, rank 1 Dask's scheduler, and every further rank a worker. Rank 0 listens as
long as it lives, and all others keep a connection to it: its end, also by ``kill -9``, is theirs.

Sources: https://slurm.schedmd.com/srun.html (output environment variables) and
https://docs.open-mpi.org/en/main/tuning-apps/environment-var.html
"""

import os
import re
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

#: Fewer ranks are no cluster.
FEWEST = 3
#: Environment variable with what a rank runs, as JSON (`daskbench.lane.deploy.mpi`).
OPTIONS = "DASKBENCH_RANK"
_LOCAL = "127.0.0.1"
#: Sockets that are open until this process ends.
_HELD: list[socket.socket] = []


class Ranks(NamedTuple):
    """This process among `size` others, `here` of which run on this node; they share a `name`."""

    rank: int
    size: int
    here: int
    name: str

    @property
    def workers(self) -> int:
        """The number of ranks that are workers."""
        return self.size - 2

    @property
    def host(self) -> str:
        """Where to listen: on localhost if all ranks are on this node; empty for everywhere."""
        return _LOCAL if self.here == self.size else ""

    @property
    def folder(self) -> Path:
        """The folder by which ranks find each other, which all nodes have to see."""
        return Path(f".daskbench-ranks-{self.name}").absolute()

    @property
    def scheduler_file(self) -> Path:
        """The file that has the scheduler's address, as of ``dask scheduler --scheduler-file``."""
        return self.folder / "scheduler.json"


def started(environ: Mapping[str, str] = os.environ) -> Ranks | None:
    """Return this process's rank; None if no launcher started it."""
    of_mpi = _numbers(environ, "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE")
    if of_mpi and (name := environ.get("PMIX_NAMESPACE")):
        here = _numbers(environ, "OMPI_COMM_WORLD_LOCAL_SIZE") or [1]
        return Ranks(of_mpi[0], of_mpi[1], here[0], re.sub(r"[^\w.-]", "-", name))
    of_step = _numbers(environ, "SLURM_PROCID", "SLURM_STEP_NUM_TASKS")
    names = [environ.get(name) for name in ("SLURM_JOB_ID", "SLURM_STEP_ID")]
    if of_step and all(names):
        return Ranks(of_step[0], of_step[1], _on_this_node(environ), ".".join(map(str, names)))
    return None


def is_other() -> bool:
    """Whether another process says everything that this one would say, too."""
    ranks = started()
    return ranks is not None and ranks.rank > 0


def _numbers(environ: Mapping[str, str], *names: str) -> list[int]:
    """Return the values of variables; none unless all are numbers."""
    found = [environ.get(name, "") for name in names]
    return [int(text) for text in found] if all(map(str.isdecimal, found)) else []


def _on_this_node(environ: Mapping[str, str]) -> int:
    """Return how many tasks of a step run here; SLURM lists them by node, as in ``2(x3),1``."""
    node = next(iter(_numbers(environ, "SLURM_NODEID")), 0)
    listed = environ.get("SLURM_STEP_TASKS_PER_NODE", "")
    for tasks, times in re.findall(r"(\d+)(?:\(x(\d+)\))?", listed):
        node -= int(times or 1)
        if node < 0:
            return int(tasks)
    return 1


def hold(ranks: Ranks, host: str = "") -> None:
    """Listen until this process ends, and tell the other ranks where. Raises OSError.

    Nothing is accepted or read: the kernel keeps the connections.
    """
    host = host or ranks.host
    ranks.folder.mkdir(mode=0o700, exist_ok=True)
    listening = socket.create_server((host, 0), backlog=ranks.size)
    _HELD.append(listening)
    write(ranks.folder / "rank-0", f"{host or socket.gethostname()} {listening.getsockname()[1]}")


def place_of_first(ranks: Ranks) -> tuple[str, int] | None:
    """Return host and port at which rank 0 listens; None before it does."""
    try:
        host, port = (ranks.folder / "rank-0").read_text().split()
    except (OSError, ValueError):
        return None
    return host, int(port)


def write(path: Path, text: str) -> None:
    """Write a file that nobody sees half-written. Raises OSError."""
    half = path.with_suffix(".half")
    half.write_text(text)
    half.replace(path)


def remove(ranks: Ranks) -> None:
    """Remove the folder of the ranks."""
    shutil.rmtree(ranks.folder, ignore_errors=True)
