"""Clusters whose workers are jobs of a batch queue, through dask-jobqueue.

Source: https://jobqueue.dask.org
"""

import getpass
import os
import secrets
import shlex
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

import dask

from daskbench.lane.causes import Explained, told
from daskbench.lane.deploy import ending, states
from daskbench.lane.deploy.base import Deployment
from daskbench.lane.deploy.states import State
from daskbench.lane.probes.blas import BLAS_VARIABLES
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
    that have ended. `by_name` cancels those of a name. `ask` returns the states of jobs.
    """

    cluster: str
    cancel: tuple[str, ...] = ()
    by_name: tuple[str, ...] = ()
    ask: Callable[[Sequence[str]], list[State] | str] | None = None


QUEUES = {
    "slurm": Queue(
        "SLURMCluster",
        cancel=("scancel", "--quiet"),
        by_name=("scancel", "--quiet", "--name"),
        ask=states.ask,
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

    def start(self) -> Any:
        """Start the scheduler, and submit the jobs."""
        cluster_class, arguments = self._class(), self.arguments()
        self._logs = self._log_folder(arguments)
        self._name = arguments.setdefault("job_name", f"daskbench-{secrets.token_hex(4)}")
        if self.queue.by_name and "job_name" not in self.options:
            ending.note_job([*self.queue.by_name, self._name, *self._own_user()])
        try:
            cluster = cluster_class(job_cls=self._noting(cluster_class.job_cls), **arguments)
        except (ValueError, TypeError) as error:
            raise Explained(f"{self.kind}: {_first_line(error)}") from error
        self.script = cluster.job_script()
        self._begun_at = monotonic()
        cluster.scale(self.case.workers or 1)
        return cluster

    def script_of(self) -> str:
        """Return the script of a job, without starting anything. Raises Explained."""
        job_class, arguments = self._class().job_cls, self.arguments()
        for name in _OF_SCHEDULER:
            arguments.pop(name, None)
        arguments.setdefault("job_name", "daskbench")
        try:
            job = job_class("tcp://SCHEDULER:PORT", name="NAME", **arguments)
        except (ValueError, TypeError) as error:
            raise Explained(f"{self.kind}: {_first_line(error)}") from error
        return str(job.job_script())

    def _class(self) -> Any:
        import dask_jobqueue

        return getattr(dask_jobqueue, self.queue.cluster)

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of dask-jobqueue's class. Raises Explained if memory is missing."""
        case, given = self.case, dict(self.options)
        processes = int(given.get("processes") or self._configured("processes") or 1)
        given["processes"] = processes
        if case.threads_per_worker or not (given.get("cores") or self._configured("cores")):
            given["cores"] = (case.threads_per_worker or 1) * processes
        if case.memory_limit_bytes:
            given["memory"] = f"{case.memory_limit_bytes * processes} B"
        if not (given.get("memory") or self._configured("memory")):
            raise Explained(
                f"{self.kind} needs the memory of a job: --memory-limit 4GiB for each worker, "
                "--cluster-option memory=16GiB, or jobqueue.yaml"
            )
        prologue = given.get("job_script_prologue") or self._configured("job-script-prologue") or []
        lines = [prologue] if isinstance(prologue, str) else [*prologue]
        given["job_script_prologue"] = [*self._exports(), *lines]
        given["scheduler_options"] = {
            "dashboard_address": "127.0.0.1:0",
            **(self._configured("scheduler-options") or {}),
            **(given.get("scheduler_options") or {}),
        }
        return given

    def _configured(self, key: str) -> Any:
        name = self.options.get("config_name") or self.kind
        return dask.config.get(f"jobqueue.{name}.{key}", None)

    def _exports(self) -> list[str]:
        """Return lines that set BLAS threads and memory thresholds, as jobs don't inherit them."""
        case = self.case
        found: dict[str, str] = {}
        if case.blas_threads is not None:
            found |= dict.fromkeys(BLAS_VARIABLES, str(case.blas_threads))
        for name, value in case.thresholds.items():
            key = "recent_to_old_time" if name == "recent_to_old_s" else name
            shown = f"{value:g}s" if name.endswith("_s") else f"{value:g}" if value else "False"
            found[f"DASK_DISTRIBUTED__WORKER__MEMORY__{key.upper()}"] = shown
        return [*_without_our_folder(), *(f"export {n}={value}" for n, value in found.items())]

    def _log_folder(self, arguments: dict[str, Any]) -> str | None:
        """Return the folder of the jobs' output: one of ours, unless there is a choice.

        It is in the working folder, as nodes may not see the temporary one.
        """
        if chosen := arguments.get("log_directory") or self._configured("log-directory"):
            return str(chosen)
        with suppress(OSError):
            folder = tempfile.mkdtemp(prefix=_LOGS, dir=os.getcwd())  # noqa: PTH109
            ending.note_folder(folder)
            arguments["log_directory"] = folder
            return folder
        return None

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
        if self._logs and Path(self._logs).name.startswith(_LOGS):
            shutil.rmtree(self._logs, ignore_errors=True)
        return False


def _without_our_folder() -> list[str]:
    """Return a line that forgets the lane's temporary folder, which nodes may not have."""
    if not os.environ.get("DASKBENCH_LANE"):
        return []
    ours = shlex.quote(os.environ.get("TMPDIR", ""))
    return [f'[ "$TMPDIR" != {ours} ] || unset TMPDIR DASK_TEMPORARY_DIRECTORY']


def _first_line(error: BaseException) -> str:
    text = told(error).partition(": ")[2]
    for rest in (", for example:", " Very likely"):
        text = text.partition(rest)[0]
    return text.rstrip(".")


def _said_by_command(error: BaseException) -> str:
    """Return what a command said before it failed, as dask-jobqueue tells it."""
    text = str(error).partition("stderr:\n")[2].strip()
    return " ".join(text.split()) or told(error)
