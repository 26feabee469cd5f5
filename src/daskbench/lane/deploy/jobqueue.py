"""Clusters whose workers are jobs of a batch queue, through dask-jobqueue.

Source: https://jobqueue.dask.org
"""

import getpass
import os
import secrets
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from daskbench.lane.causes import Explained, told
from daskbench.lane.deploy import arguments, ending, states
from daskbench.lane.deploy.base import Deployment
from daskbench.lane.deploy.states import State
from daskbench.lane.protocol import Open

#: How often the queue is asked, at most.
_AGAIN_S = 2.0
_LAST_BYTES = 1 << 12
#: Of folders for the output of jobs (see also `daskbench.processes.reaper`).
_LOGS = ".daskbench-jobs-"
#: Arguments of clusters that jobs don't take.
_OF_SCHEDULER = (
    *("scheduler_options", "scheduler_cls", "shared_temp_directory", "security", "silence_logs"),
    *("name", "loop"),
)


class Queue(NamedTuple):
    """A batch queue: dask-jobqueue's class, and commands that the class does not have.

    `cancel` cancels jobs by their ids, if it differs from that of the class: it succeeds for jobs
    that have ended. `by_name` cancels those of a name. `ask` returns the states of jobs, and
    `refusal` why jobs with a script would not be taken.
    """

    cluster: str
    cancel: tuple[str, ...] = ()
    by_name: tuple[str, ...] = ()
    ask: Callable[[Sequence[str]], list[State] | str] | None = None
    refusal: Callable[[str], str] | None = None


QUEUES = {
    "slurm": Queue(
        "SLURMCluster",
        cancel=("scancel", "--quiet"),
        by_name=("scancel", "--quiet", "--name"),
        ask=states.ask,
        refusal=states.refusal,
    ),
    "pbs": Queue("PBSCluster"),
    "lsf": Queue("LSFCluster"),
    "sge": Queue("SGECluster"),
    "oar": Queue("OARCluster"),
    "moab": Queue("MoabCluster"),
    "htcondor": Queue("HTCondorCluster"),
}


class Jobs(Deployment):
    """A scheduler in this process, and workers that are jobs."""

    def __init__(self, case: Open) -> None:
        super().__init__(case)
        self.queue = QUEUES[self.kind]
        self.jobs: list[str] = []
        self.refused = ""
        self._found: list[State] | str = []
        self._asked_at = self._begun_at = 0.0
        self._seen: set[str] = set()
        self._logs: str | None = None
        self._folder = ""

    def start(self) -> Any:
        """Start the scheduler, and submit the jobs."""
        cluster_class, given = self._class(), self.arguments()
        self._choose_folders(given)
        self._name = given.setdefault("job_name", f"daskbench-{secrets.token_hex(4)}")
        if self.queue.by_name and "job_name" not in self.options:
            ending.note_job([*self.queue.by_name, self._name, *self._own_user()])
        with self._explained():
            cluster = cluster_class(job_cls=self._noting(cluster_class.job_cls), **given)
        self.script = cluster.job_script()
        self._begun_at = monotonic()
        cluster.scale(self.case.workers or 1)
        return cluster

    def makers(self) -> Sequence[Callable[..., Any]]:
        """Return dask-jobqueue's classes of clusters and of jobs, with the bases of the latter."""
        cluster_class = self._class()
        return (cluster_class, *cluster_class.job_cls.__mro__[:-1])

    def check(self) -> None:
        """Raise Explained for what this machine, dask-jobqueue or the queue would refuse."""
        super().check()
        script = self.script_of()
        arguments.check_interface(self.kind, self.arguments())
        if self.queue.refusal and (why := self.queue.refusal(script)):
            raise Explained(f"{self.kind}{why}")

    def script_of(self) -> str:
        """Return the script of a job, without starting anything. Raises Explained."""
        job_class, given = self._class().job_cls, self.arguments()
        for name in _OF_SCHEDULER:
            given.pop(name, None)
        given.setdefault("job_name", "daskbench")
        logs = given.get("log_directory") or arguments.configured(given, "log-directory")
        with self._explained(), _without_new_folders(logs):
            return str(job_class("tcp://SCHEDULER:PORT", name="NAME", **given).job_script())

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Raise Explained for what dask-jobqueue does not take."""
        try:
            yield
        except OSError as error:
            if not error.filename:
                raise
            text = f"{self.kind}: cannot make {error.filename}: {error.strerror}"
            raise Explained(text) from error
        except (ValueError, TypeError) as error:
            raise Explained(f"{self.kind}: {_first_line(error)}") from error

    def _class(self) -> Any:
        import dask_jobqueue

        return getattr(dask_jobqueue, self.queue.cluster)

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of dask-jobqueue's class. Raises Explained if some can't be."""
        return arguments.of_jobs(self.case, self.kind, self.options)

    def _choose_folders(self, given: dict[str, Any]) -> None:
        """Let output and certificates of jobs go to a folder of ours, unless there is a choice.

        It is in the working folder, as nodes may not see the temporary one.
        """
        self._logs = given.get("log_directory") or arguments.configured(given, "log-directory")
        if self._logs and given.get("security") is not True:
            return
        with suppress(OSError):
            self._folder = tempfile.mkdtemp(prefix=_LOGS, dir=os.getcwd())  # noqa: PTH109
            ending.note_folder(self._folder)
            given["log_directory"] = self._logs = self._logs or self._folder
            if not arguments.configured(given, "shared-temp-directory"):
                given.setdefault("shared_temp_directory", self._folder)

    def _own_user(self) -> list[str]:
        return ["--user", getpass.getuser()] if self.kind == "slurm" else []

    def _noting(self, job_class: Any) -> Any:
        """Return a class of jobs that notes how to cancel each, and why one was refused."""

        async def start(job: Any) -> None:
            try:
                await job_class.start(job)
            except BaseException as error:
                self.refused = self.refused or _said_by_command(error)
                raise
            self.jobs.append(job.job_id)
            ending.note_job([*(self.queue.cancel or shlex.split(job.cancel_command)), job.job_id])

        return type(job_class.__name__, (job_class,), {"start": start})

    def expected(self, cluster: Any) -> int:
        """Return the number of workers; a job may have several processes."""
        return self.case.workers or int(self.arguments()["processes"])

    def waiting(self) -> str:
        """Return the states of the jobs that have not begun."""
        found = self._states()
        if isinstance(found, str):
            return found
        if found and self.queued_s is None and all(state.has_begun for state in found):
            self.queued_s = monotonic() - self._begun_at
        if not found:
            return f"jobs {', '.join(self.jobs)}" if self.jobs else "submitting jobs"
        return ", ".join(map(str, found))

    def lost(self, *, afresh: bool = False) -> str:
        """Return why jobs were refused, or how one ended, with the last line of its output."""
        if self.refused:
            return self.refused
        found = self._states(afresh=afresh)
        if isinstance(found, str):
            return ""
        over = [state for state in found if state.is_over]
        texts = [f"{state}{self._last_line(state.job)}" for state in over]
        known = {state.job for state in found}
        texts += [f"job {job} is no longer in the queue" for job in sorted(self._seen - known)]
        return "; ".join(texts)

    def _states(self, *, afresh: bool = False) -> list[State] | str:
        """Return the states of the jobs, asked for every few seconds at most, or `afresh`."""
        is_old = afresh or monotonic() - self._asked_at > _AGAIN_S
        if self.queue.ask and self.jobs and is_old:
            self._found = self.queue.ask(self.jobs)
            self._asked_at = monotonic()
            if not isinstance(self._found, str):
                self._seen |= {state.job for state in self._found}
        return self._found

    def _last_line(self, job: str) -> str:
        """Return the last line of a job's errors, after a colon."""
        if not self._logs:
            return ""
        with suppress(OSError):
            for path in Path(self._logs).glob(f"*{job}.err"):
                with path.open("rb") as file:
                    file.seek(max(0, path.stat().st_size - _LAST_BYTES))
                    lines = file.read().decode(errors="replace").strip().splitlines()
                return f": {lines[-1]}" if lines else ""
        return ""

    def is_left(self) -> bool:
        """Whether a job is still in the queue; remove the output of all others."""
        found = self._states(afresh=True)
        if isinstance(found, str) or not all(state.is_over for state in found):
            return True
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        return False


@contextmanager
def _without_new_folders(path: Any) -> Iterator[None]:
    """Remove a folder again that was not there before, with its parents, while they are empty."""
    whole = Path(str(path)).absolute() if path else None
    new = [one for one in (whole, *whole.parents) if not one.exists()] if whole else []
    try:
        yield
    finally:
        with suppress(OSError):
            for one in new:
                one.rmdir()


def _first_line(error: BaseException) -> str:
    text = told(error).partition(": ")[2]
    for rest in (", for example:", " Very likely"):
        text = text.partition(rest)[0]
    return text.rstrip(".")


def _said_by_command(error: BaseException) -> str:
    """Return what a command said before it failed, as dask-jobqueue tells it."""
    text = str(error).partition("stderr:\n")[2].strip()
    return " ".join(text.split()) or told(error)
