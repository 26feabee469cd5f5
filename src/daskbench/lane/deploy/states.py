"""The states of SLURM's jobs.

Source: https://slurm.schedmd.com/squeue.html
"""

import subprocess
from collections.abc import Sequence
from typing import NamedTuple

#: States in which a job has not ended; all others are final.
_ALIVE = frozenset(
    (
        *("PENDING", "CONFIGURING", "RUNNING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT"),
        *("REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "RESIZING", "SPECIAL_EXIT", "RESV_DEL_HOLD"),
    )
)
_COMMAND = ("squeue", "--noheader", "--states=all", "--format=%i|%T|%r")
_PATIENCE_S = 20.0
#: It takes no job, but says whether it would take one, as nodes are now.
_TRY = ("sbatch", "--test-only")
_NO_NODE = "Requested node configuration is not available"
_NODES = ("sinfo", "--noheader", "--Node", "--format=%T")
_IN_SERVICE = frozenset(("idle", "mixed", "allocated", "completing"))
#: After a state, of nodes that don't respond, are powered down, rebooted, and so on.
_FLAGS = "*~#!%$@^-+"


class State(NamedTuple):
    """A job's state, and the reason that the queue gives for it."""

    job: str
    name: str
    reason: str = ""

    @property
    def is_over(self) -> bool:
        """Whether the job has ended."""
        return self.name not in _ALIVE

    @property
    def has_begun(self) -> bool:
        """Whether the job is not waiting any more."""
        return self.name not in ("PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD")

    def __str__(self) -> str:
        return f"job {self.job} {self.name}{f' ({self.reason})' if self.reason else ''}"


def read_states(text: str) -> list[State]:
    """Read what squeue printed.

    >>> read_states("12|PENDING|Resources")
    [State(job='12', name='PENDING', reason='Resources')]
    """
    found = []
    for line in text.splitlines():
        job, _, rest = line.strip().partition("|")
        name, _, reason = rest.partition("|")
        if name:
            found.append(State(job, name, "" if reason in ("None", "(null)") else reason))
    return found


def ask(jobs: Sequence[str]) -> list[State] | str:
    """Return the states of jobs that the queue still knows, or why it can't be asked."""
    try:
        done = _run(_COMMAND, f"--jobs={','.join(jobs)}")
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"squeue failed: {error}"
    if done.returncode and "Invalid job id" not in done.stderr:  # of jobs that it has forgotten
        return (done.stderr.strip().splitlines() or [f"squeue: exit {done.returncode}"])[-1]
    return read_states(done.stdout)


def refusal(script: str) -> str:
    """Return why sbatch would refuse a script; empty if it takes it, or can't tell.

    Where no node in service is large enough, a job would wait for those that are out of service.

    Source: https://slurm.schedmd.com/sbatch.html
    """
    try:
        done = _run(_TRY, given=script)
        said = "; ".join(line.strip() for line in done.stderr.splitlines() if line.strip())
        if not done.returncode or (_NO_NODE in said and _is_one_out_of_service()):
            return ""
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return f"{said} (sinfo shows what there is)"


def _is_one_out_of_service() -> bool:
    states = _run(_NODES).stdout.split()
    return not states or not all(state.rstrip(_FLAGS) in _IN_SERVICE for state in states)


def _run(
    command: Sequence[str], *more: str, given: str | None = None
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*command, *more],
        input=given or "",
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_PATIENCE_S,
        check=False,
    )
