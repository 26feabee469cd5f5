"""The ranks of a launcher, by its environment variables, and how they find each other."""

import socket
from pathlib import Path

import pytest

from daskbench import ranks
from daskbench.ranks import Ranks, started

SLURM = {"SLURM_JOB_ID": "7", "SLURM_STEP_ID": "0", "SLURM_PROCID": "3"} | {
    "SLURM_STEP_NUM_TASKS": "6",
    "SLURM_NODEID": "1",
    "SLURM_STEP_TASKS_PER_NODE": "2(x2),1(x2)",
}
MPI = {
    "OMPI_COMM_WORLD_RANK": "1",
    "OMPI_COMM_WORLD_SIZE": "4",
    "OMPI_COMM_WORLD_LOCAL_SIZE": "4",
    "PMIX_NAMESPACE": "prterun-host@1/2",
}


def test_a_task_of_srun() -> None:
    assert started(SLURM) == Ranks(3, 6, 2, "7.0")
    assert started(SLURM | {"SLURM_NODEID": "3"}) == Ranks(3, 6, 1, "7.0")


def test_a_process_of_mpirun_which_srun_may_have_started() -> None:
    for environment in (MPI, SLURM | MPI):
        assert started(environment) == Ranks(1, 4, 4, "prterun-host-1-2")


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"SLURM_JOB_ID": "7", "SLURM_PROCID": "0", "SLURM_NTASKS": "4"},  # the batch script
        SLURM | {"SLURM_PROCID": "-1"},
        {name: text for name, text in MPI.items() if name != "PMIX_NAMESPACE"},
    ],
)
def test_a_process_that_no_launcher_started(environment: dict[str, str]) -> None:
    assert started(environment) is None


def test_only_ranks_on_one_node_listen_on_localhost() -> None:
    assert Ranks(0, 4, 4, "x").host == "127.0.0.1"
    assert Ranks(0, 4, 2, "x").host == ""


def test_others_find_the_first_and_see_its_end(here: Path) -> None:
    own = Ranks(0, 3, 3, "x")
    assert ranks.place_of_first(own) is None
    ranks.hold(own)
    place = ranks.place_of_first(own)
    assert place
    with socket.create_connection(place, timeout=10) as other:
        ranks._HELD.pop().close()  # as the kernel does for a process that ends
        assert sees_an_end(other)
    ranks.remove(own)
    assert [*here.iterdir()] == []


def sees_an_end(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def test_the_folder_is_nobody_elses(here: Path) -> None:
    own = Ranks(0, 3, 3, "x")
    ranks.hold(own)
    ranks._HELD.pop().close()
    assert own.folder.stat().st_mode & 0o077 == 0
