"""The states of SLURM's jobs.

Source: https://slurm.schedmd.com/squeue.html
"""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from time import sleep
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
#: It gives up by itself after 18 s if the controller does not answer.
_TRY_S = 30.0
#: How long a node that came back just now may not be counted among those that there are.
_BACK_S = 1.0
#: Lines that only lead to the reason, and the beginnings of those that have it.
_CHATTER = ("resolve_ctls_from_dns", "fetch_config", "_establish_config", "If munged is up")
_BEFORE = re.compile(r"(?:\w+: (?:error|fatal): |allocation failure: )?(?:[a-z]+_\w+: )?")
#: What SLURM says where no controller has answered.
_NO_ANSWER = re.compile(
    r"configuration (?:source|file)|unable to contact|munge|authentication|timed out|no answer",
    re.IGNORECASE,
)
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
    """Return why sbatch would refuse a script, after the name of the queue; empty if it takes it.

    Where no node in service is large enough, a job would wait for those that are out of service.

    Source: https://slurm.schedmd.com/sbatch.html
    """
    if (path := os.environ.get("SLURM_CONF")) and not Path(path).is_file():
        return f" can't be asked here: SLURM_CONF is {path}, which is no file"
    try:
        done = _run(_TRY, given=script, patience_s=_TRY_S)
        if done.returncode and _NO_NODE in done.stderr:
            if _is_one_out_of_service():
                return ""
            sleep(_BACK_S)
            done = _run(_TRY, given=script, patience_s=_TRY_S)
        if not done.returncode:
            return ""
        said = done.stderr
    except subprocess.TimeoutExpired as error:
        said = f"{_text(error.stderr)}\nno answer within {_TRY_S:g} s"
    except OSError:
        return ""
    if _NO_ANSWER.search(said):
        return f" can't be asked here: {telling(said)} (try sinfo; set SLURM_CONF if that fails)"
    return f" would refuse its jobs: {telling(said)} (sinfo shows what there is)"


def telling(said: str) -> str:
    """Return the first line of what a command of SLURM's said that has a reason.

    >>> telling("sbatch: error: fetch_config: DNS SRV lookup failed\\nsbatch: fatal: No source")
    'No source'
    """
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    whole = [line for line in lines if not any(word in line for word in _CHATTER)]
    return _BEFORE.sub("", next(iter([*whole, *lines]), "no reason given"), count=1)


def _text(said: str | bytes | None) -> str:
    """Return output as text, which is bytes after a timeout."""
    return said.decode(errors="replace") if isinstance(said, bytes) else said or ""


def _is_one_out_of_service() -> bool:
    states = _run(_NODES).stdout.split()
    return not states or not all(state.rstrip(_FLAGS) in _IN_SERVICE for state in states)


def _run(
    command: Sequence[str], *more: str, given: str | None = None, patience_s: float = _PATIENCE_S
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*command, *more],
        input=given or "",
        capture_output=True,
        text=True,
        errors="replace",
        timeout=patience_s,
        check=False,
    )
