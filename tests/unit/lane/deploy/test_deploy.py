"""Deployments: what they make of a case's options, without any cluster."""

import asyncio
import logging
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dask
import pytest

from daskbench.lane.causes import Explained
from daskbench.lane.deploy import KINDS, is_started, kind_of, make_deployment, states
from daskbench.lane.deploy.jobqueue import QUEUES, Jobs
from daskbench.lane.deploy.own import Own, find_maker
from daskbench.lane.deploy.ssh import _LIFELINE, Ssh, _last_words
from daskbench.lane.schedulers import make_scheduler
from tests.unit.builders import opening
from tests.unit.lane.laning import OPEN

NEEDS_JOBQUEUE = pytest.mark.skipif(not find_spec("dask_jobqueue"), reason="needs dask-jobqueue")


def deployment(kind: str, options: dict[str, Any] | None = None, **case: Any) -> Any:
    cluster = {"kind": kind, "options": options or {}}
    given = {**OPEN, "scheduler": "distributed", "cluster": cluster, **case}
    return make_deployment(opening(**given))


def test_every_queue_is_a_kind() -> None:
    assert {name for name, kind in KINDS.items() if kind.by_jobs} == {*QUEUES}


def test_what_is_started_has_its_own_scheduler() -> None:
    assert not is_started({})
    assert not is_started({"kind": "local", "options": {}})
    assert not is_started({"address": "tcp://a:1"})
    case = {**OPEN, "scheduler": "distributed", "cluster": {"kind": "a.b:C", "options": {}}}
    made = make_scheduler(opening(**case))
    assert (type(made).__name__, made.local) == ("Started", False)
    local = {**case, "cluster": {"kind": "local", "options": {}}}
    assert make_scheduler(opening(**local)).local


def test_schedulers_that_take_no_cluster_start_their_own() -> None:
    case = {**OPEN, "scheduler": "default-cluster", "cluster": {"kind": "a.b:C", "options": {}}}
    assert make_scheduler(opening(**case)).local


# Classes and functions of the user's

SITE = """
class Cluster:
    scheduler_address = "tcp://127.0.0.1:1"
    scaled = None
    def __init__(self, n_workers=0, memory_limit=None, **more):
        self.given = dict(n_workers=n_workers, memory_limit=memory_limit, **more)
    def scale(self, n):
        self.scaled = n
    def close(self):
        closed.append("close")
closed = []
def unscalable():
    def scale(n):
        raise OSError("no quota")
    cluster = Cluster()
    cluster.scale = scale
    return cluster
def owned():
    client = Client()
    client.cluster = Cluster()
    return client
class Client:
    def __await__(self):  # as that of Dask
        yield
class Status:
    name = "closed"
class Later(Cluster):
    asynchronous = True
def over():
    with_block = Cluster()
    with_block.status = Status()
    return with_block
def generated():
    yield Cluster()
def other(name="x"):
    return Cluster(name=name)
def client():
    return Client()
async def later():
    return 1
def needy(zone):
    return Cluster()
NUMBER = 1
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "path", [*sys.path])
    path = tmp_path / f"site_{tmp_path.name.replace('-', '_')}.py"
    path.write_text(SITE)
    return str(path)


def test_a_class_gets_its_options_and_what_it_knows_of_the_case(site: str) -> None:
    own = deployment(f"{site}:Cluster", {"zone": "a"}, workers=3, memory_limit_bytes=1 << 30)
    assert isinstance(own, Own)
    cluster = own.start()
    assert cluster.given == {"n_workers": 3, "memory_limit": 1 << 30, "zone": "a"}
    assert cluster.scaled is None


def test_what_takes_no_number_of_workers_is_scaled(site: str) -> None:
    cluster = deployment(f"{site}:other", {"name": "y"}, workers=3).start()
    assert (cluster.given["name"], cluster.scaled) == ("y", 3)


@pytest.mark.parametrize(
    ("name", "case", "words"),
    [
        (
            "other",
            {"threads_per_worker": 2},
            "no argument threads_per_worker, so --threads-per",
        ),
        ("client", {}, "returned a Client, not a cluster of Dask's; return its cluster"),
        ("later", {}, "later is an async function: write a function that returns a cluster"),
        ("generated", {}, "generated is a generator: write a function that returns a cluster"),
        ("over", {}, "over returned a cluster that is closed: return it without 'with'"),
        ("Later", {}, "returned something to await: leave out asynchronous=True"),
        ("nothing", {}, "has no function or class 'nothing'"),
        ("NUMBER", {}, "NUMBER is a int, not a function or class that makes a cluster"),
        ("needy", {}, "missing a required argument: 'zone'; its arguments are: zone"),
    ],
)
def test_what_makes_no_cluster_is_told(
    site: str, name: str, case: dict[str, Any], words: str
) -> None:
    with pytest.raises(Explained, match=words):
        deployment(f"{site}:{name}", **case).start()


def test_what_was_started_and_can_not_be_used_is_closed(site: str) -> None:
    """Otherwise its jobs, if it has some, may stay in their queue."""
    for name in ("unscalable", "owned"):
        with pytest.raises((Explained, OSError)):
            deployment(f"{site}:{name}", workers=2).start()
    assert sys.modules[find_maker(f"{site}:other").__module__].closed == ["close", "close"]


# SSH


def test_the_first_host_schedules_and_the_others_work_in_turn() -> None:
    ssh = deployment("ssh", {"hosts": ["a", "b", "c"]}, workers=3)
    assert isinstance(ssh, Ssh)
    assert ssh._places() == [0, 1, 2, 1]
    assert deployment("ssh", {"hosts": ["a", "b", "c"]})._places() == [0, 1, 2]
    assert deployment("ssh", {"hosts": ["a"]}, workers=2)._places() == [0, 0, 0]
    each = {"hosts": ["a", "b"], "worker_options": {"n_workers": 2}}
    assert deployment("ssh", each, workers=3)._places() == [0, 1, 1]


def test_on_this_host_alone_nothing_listens_elsewhere() -> None:
    here = deployment("ssh", {"hosts": ["127.0.0.1", "localhost"]}, threads_per_worker=2)
    assert here._worker_options() == {"host": "127.0.0.1", "nthreads": 2}
    assert here._scheduler_options()["host"] == "127.0.0.1"
    there = deployment("ssh", {"hosts": ["a", "127.0.0.1"], "scheduler_options": {"port": 9}})
    assert there._worker_options() == {}
    assert there._scheduler_options() == {"port": 9, "dashboard_address": "127.0.0.1:0"}


def test_a_list_of_another_length_than_the_hosts_is_told() -> None:
    with pytest.raises(Explained, match="1 values for 2 hosts"):
        deployment("ssh", {"hosts": ["a", "b"], "connect_options": [{}]})


@pytest.mark.parametrize("hosts", [3, {"a": 1}, ["a", 3], ["a", ""], [["a"]]])
def test_hosts_are_names(hosts: Any) -> None:
    with pytest.raises(Explained, match="write the names of hosts, as in hosts=A,B"):
        deployment("ssh", {"hosts": hosts})


def fail_to_start(*lines: str) -> None:
    """Log lines as SSHCluster does, and fail as it does."""
    with _last_words():
        for line in lines:
            logging.getLogger("distributed.deploy.ssh").info("%s", line)
        raise Exception("Worker failed to start")


def test_what_a_remote_process_printed_before_it_failed_is_the_reason() -> None:
    logger = logging.getLogger("distributed.deploy.ssh")
    before = logger.level, [*logger.handlers]
    with pytest.raises(Explained, match=r"failed to start: OSError: \[Errno 98\] in use$"):
        fail_to_start("Traceback:", "OSError: [Errno 98] in use", "a line after it")
    with pytest.raises(Explained, match="failed to start: bash: no such command"):
        fail_to_start("bash: no such command")
    with pytest.raises(Exception, match=r"^Worker failed to start"):
        fail_to_start()
    assert (logger.level, [*logger.handlers]) == before


def test_processes_of_a_session_end_with_its_stdin(tmp_path: Path) -> None:
    """As sshd closes it when a connection breaks, however that came about."""
    script = f"sleep 100 & echo $$ $! > {tmp_path}/pids; wait"
    session = subprocess.Popen(
        ["sh", "-c", _LIFELINE, "sh", "-c", script], stdin=subprocess.PIPE, start_new_session=True
    )
    deadline = time.monotonic() + 20
    while not (tmp_path / "pids").exists() or not (tmp_path / "pids").read_text().strip():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert session.poll() is None
    assert session.stdin
    session.stdin.close()
    assert session.wait(20) < 0
    while any(map(_is_alive, pids)):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


# Queues


def test_the_memory_of_a_job_has_to_be_known() -> None:
    with pytest.raises(Explained, match="slurm needs the memory of a job: --memory-limit 4GiB"):
        deployment("slurm").arguments()


def test_a_job_has_as_many_cores_and_bytes_as_its_workers_need() -> None:
    case = {"threads_per_worker": 2, "memory_limit_bytes": 1 << 30, "blas_threads": 3}
    found = deployment("slurm", {"processes": 4}, **case).arguments()
    assert (found["cores"], found["processes"], found["memory"]) == (8, 4, f"{4 << 30} B")
    assert "export OMP_NUM_THREADS=3" in found["job_script_prologue"]
    assert found["scheduler_options"] == {"dashboard_address": "127.0.0.1:0"}


def test_the_sites_configuration_is_used() -> None:
    own = {"cores": 8, "memory": "8GiB", "job-script-prologue": ["module load x"]}
    with dask.config.set({"jobqueue.slurm": own}):
        case = {"thresholds": {"spill": 0.5, "pause": 0.0, "recent_to_old_s": 3.0}}
        found = deployment("slurm", **case, blas_threads=None).arguments()
    assert "cores" not in found
    assert "memory" not in found
    assert found["job_script_prologue"] == [
        "export DASK_DISTRIBUTED__WORKER__MEMORY__SPILL=0.5",
        "export DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE=False",
        "export DASK_DISTRIBUTED__WORKER__MEMORY__RECENT_TO_OLD_TIME=3s",
        "module load x",
    ]


@NEEDS_JOBQUEUE
@pytest.mark.filterwarnings("ignore:OAR Job memory")
@pytest.mark.parametrize("name", sorted(QUEUES))
def test_every_queue_has_a_script_for_its_jobs(name: str) -> None:
    more = {"disk": "1GB"} if name == "htcondor" else {}
    script = deployment(name, {"memory": "1GiB", **more}, threads_per_worker=1).script_of()
    assert "distributed.cli.dask_worker tcp://SCHEDULER:PORT" in script
    assert "OMP_NUM_THREADS=1" in script


@NEEDS_JOBQUEUE
def test_a_script_that_is_only_shown_leaves_no_folder(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    for name in (tmp_path / "new" / "logs", there, there / "new"):
        options = {"memory": "1GiB", "log_directory": str(name)}
        assert str(name) in deployment("slurm", options).script_of()
    assert [*tmp_path.iterdir()] == [there]
    assert [*there.iterdir()] == []
    with dask.config.set({"jobqueue.slurm.log-directory": str(tmp_path / "sites")}):
        deployment("slurm", {"memory": "1GiB"}).script_of()
    assert not (tmp_path / "sites").exists()


class Queue:
    """A deployment whose queue answers from a list."""

    def __init__(self, *answers: str) -> None:
        self.jobs: Jobs = deployment("slurm", {"memory": "1GiB"})
        self.jobs.jobs, self.jobs._logs = ["1", "2"], None
        self._answers = [states.read_states(answer) for answer in answers]
        self.jobs.queue = self.jobs.queue._replace(ask=lambda jobs: self._answers.pop(0))


def test_jobs_that_wait_are_told_and_how_long_they_waited_is_known() -> None:
    queue = Queue("1|RUNNING|None\n2|PENDING|Priority", "1|RUNNING|None\n2|RUNNING|None")
    assert queue.jobs.waiting() == "job 1 RUNNING, job 2 PENDING (Priority)"
    assert queue.jobs.queued_s is None
    assert queue.jobs.lost(afresh=True) == ""
    assert queue.jobs.waiting() == "job 1 RUNNING, job 2 RUNNING"
    assert queue.jobs.queued_s


def test_how_a_job_ended_is_told_with_the_last_line_of_its_errors(tmp_path: Path) -> None:
    queue = Queue("1|RUNNING|None\n2|FAILED|NonZeroExitCode", "1|RUNNING|None")
    queue.jobs._logs = str(tmp_path)
    (tmp_path / "daskbench-x-2.err").write_text("python: not found\n")
    assert queue.jobs.lost(afresh=True) == "job 2 FAILED (NonZeroExitCode): python: not found"
    assert queue.jobs.lost(afresh=True) == "job 2 is no longer in the queue"


def test_a_job_that_is_left_is_not_forgotten(tmp_path: Path) -> None:
    folder = tmp_path / ".daskbench-jobs-x"
    folder.mkdir()
    queue = Queue("1|RUNNING|None", "1|CANCELLED|None\n2|COMPLETING|None")
    queue.jobs._folder = str(folder)
    assert queue.jobs.is_left()
    assert folder.exists()
    assert not queue.jobs.is_left()
    assert not folder.exists()


def test_what_sbatch_says_is_the_reason() -> None:
    class Job:
        cancel_command = "scancel"

        async def start(self) -> None:
            raise RuntimeError("Command exited\nstdout:\n\nstderr:\nsbatch: error: no such queue\n")

    jobs: Jobs = deployment("slurm", {"memory": "1GiB"})
    job = jobs._noting(Job)()
    with pytest.raises(RuntimeError):
        asyncio.run(job.start())
    assert jobs.lost() == "sbatch: error: no such queue"


def test_kinds_are_found_by_name() -> None:
    assert kind_of("slurm").by_jobs
    assert kind_of("a.b:C").path.endswith("own:Own")
    assert kind_of("local").path == ""


# The row


class Client:
    """A client of a cluster without workers."""

    def nthreads(self) -> dict[str, int]:
        return {}

    def wait_for_workers(self, *_: Any, **__: Any) -> None:
        raise TimeoutError


def waiting(states_of_jobs: str) -> Any:
    """Return a scheduler whose jobs are in these states."""
    cluster = {"kind": "slurm", "options": {"memory": "1GiB"}}
    case = {**OPEN, "scheduler": "distributed", "cluster": cluster, "queue_timeout_s": 0.01}
    made: Any = make_scheduler(opening(**case))
    made.client, made.deployment = Client(), Queue(*[states_of_jobs] * 9).jobs
    return made


def test_the_time_in_a_queue_is_limited() -> None:
    with pytest.raises(Explained) as told:
        waiting("1|PENDING|Resources")._wait_for(2)
    assert str(told.value) == (
        "only 0 of 2 workers available after 10 ms (--queue-timeout): job 1 PENDING (Resources)"
    )


def test_nobody_waits_for_jobs_that_have_ended() -> None:
    with pytest.raises(Explained, match=r"did not start: job 1 NODE_FAIL \(x\)"):
        waiting("1|NODE_FAIL|x")._wait_for(2)


def test_a_loss_is_told_with_how_the_job_ended() -> None:
    scheduler = waiting("1|CANCELLED|None")
    with pytest.raises(Explained) as told, scheduler._loss_explained():
        raise RuntimeError("1 of 2 workers have left the cluster")
    assert str(told.value).endswith("1 of 2 workers have left the cluster: job 1 CANCELLED")


def test_other_errors_stay_as_they_are() -> None:
    with pytest.raises(RuntimeError, match=r"^mine$"), waiting("1|RUNNING|None")._loss_explained():
        raise RuntimeError("mine")
