"""What this job may use: memory and cores, by its control groups, its limits and its scheduler.

Dask reads the outermost control group alone. Lanes need this too: standard library only.
"""

import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from daskbench.cgroups import ROOT, Cgroup, own_and_above

try:
    import resource
except ImportError:  # not on POSIX
    resource = None  # type: ignore[assignment]

_MIB = 1 << 20
#: What limits where nothing else does.
MACHINE = "the machine"
#: A limit of version 1 that is none: the largest number of pages.
_NONE_BYTES = 1 << 62


class Limit(NamedTuple):
    """How much may be used at most, and what says so."""

    amount: float
    source: str


def memory(root: Path = ROOT, environ: Mapping[str, str] = os.environ) -> Limit:
    """Return the bytes of memory that this job may use: the least of all limits.

    The limits of a single process (``ulimit -v``) count too, as in ``distributed.system``.
    """
    return _least(_machine(root), *_group_memory(root), *_slurm_memory(environ), *_own_memory())


def _least(*limits: Limit) -> Limit:
    """Return the least limit, and of equal ones the first."""
    return min(limits, key=lambda limit: limit.amount)


def available_bytes(root: Path = ROOT, environ: Mapping[str, str] = os.environ) -> int:
    """Return the bytes of memory that are free for this job: here, and in each control group.

    Pages of files that were not used of late are free, as the kernel drops them first.
    """
    free = [memory(root, environ).amount]
    if (there := _meminfo(root, "MemAvailable")) is not None:
        free.append(there)
    for group in own_and_above("memory", root):
        limit = min((found.amount for found in _limits_of(group)), default=None)
        used = group.number(_USED[group.version])
        if limit is not None and used is not None:
            dropped = group.field("memory.stat", _INACTIVE[group.version]) or 0
            free.append(limit - max(0, used - dropped))
    return max(0, int(min(free)))


_USED = {1: "memory.usage_in_bytes", 2: "memory.current"}
_INACTIVE = {1: "total_inactive_file", 2: "inactive_file"}
_HARD = {1: ("memory.limit_in_bytes",), 2: ("memory.max", "memory.high")}


def kernel_memory(root: Path = ROOT) -> Limit:
    """Return the bytes at which the kernel ends processes of ours: a group's limit, or all."""
    return _least(_machine(root), *_group_memory(root))


def _machine(root: Path) -> Limit:
    total = _meminfo(root, "MemTotal")
    if total is None:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Limit(total, MACHINE)


def _meminfo(root: Path, name: str) -> int | None:
    with suppress(OSError):
        if found := re.search(rf"^{name}: +(\d+) kB", (root / "proc/meminfo").read_text(), re.M):
            return int(found[1]) << 10
    return None


def _group_memory(root: Path) -> Iterator[Limit]:
    """Yield the limits of the control groups that are seen, and in version 1 of hidden ones."""
    groups = own_and_above("memory", root)
    for group in groups:
        yield from _limits_of(group)
    if groups:
        hidden = groups[0].field("memory.stat", "hierarchical_memory_limit")
        if hidden is not None and hidden < _NONE_BYTES:
            yield Limit(hidden, f"hierarchical_memory_limit of cgroup {groups[0].name}")


def _limits_of(group: Cgroup) -> Iterator[Limit]:
    for file in _HARD[group.version]:
        found = group.number(file)
        if found is not None and found < _NONE_BYTES:
            yield Limit(found, f"{file} of cgroup {group.name}")


def _own_memory() -> Iterator[Limit]:
    """Yield the limits of each process, which what it starts inherits."""
    for name in ("RLIMIT_AS", "RLIMIT_DATA", "RLIMIT_RSS"):
        if resource and hasattr(resource, name):
            soft, _ = resource.getrlimit(getattr(resource, name))
            if soft != resource.RLIM_INFINITY:
                yield Limit(soft, name)


def _slurm_memory(environ: Mapping[str, str]) -> Iterator[Limit]:
    """Yield what SLURM gave to this job here, in MiB there; 0 is all of the node.

    Source: https://slurm.schedmd.com/sbatch.html, output environment variables.
    """
    if each_node := _count(environ, "SLURM_MEM_PER_NODE"):
        yield Limit(each_node * _MIB, "SLURM_MEM_PER_NODE")
    each_cpu, cpus = _count(environ, "SLURM_MEM_PER_CPU"), _slurm_cpus(environ)
    if each_cpu and cpus:
        yield Limit(each_cpu * cpus.amount * _MIB, f"SLURM_MEM_PER_CPU × {cpus.source}")


def cores(root: Path = ROOT, environ: Mapping[str, str] = os.environ) -> Limit:
    """Return the cores that this job may use: the least of all limits, and at least 1.

    A part of a core counts as one, as in ``dask.system.cpu_count``. What a cpuset leaves out is
    not in the affinity either.
    """
    least = _least(_affinity(), *_quotas(root), *_scheduler_cores(environ))
    return Limit(max(1, math.ceil(least.amount)), least.source)


def _affinity() -> Limit:
    if told := getattr(os, "process_cpu_count", lambda: None)():
        return Limit(told, MACHINE)
    if hasattr(os, "sched_getaffinity"):
        return Limit(len(os.sched_getaffinity(0)), MACHINE)
    return Limit(os.cpu_count() or 1, MACHINE)


def _quotas(root: Path) -> Iterator[Limit]:
    for group in own_and_above("cpu", root):
        file = "cpu.max" if group.version == 2 else "cpu.cfs_quota_us"
        parts = group.text(file).split()
        if group.version == 1:
            parts += group.text("cpu.cfs_period_us").split()
        with suppress(ValueError, ZeroDivisionError):
            quota, period = map(int, parts)
            if quota > 0:  # -1 is none in version 1, and "max" in version 2
                yield Limit(quota / period, f"{file} of cgroup {group.name}")


#: Other schedulers: what tells that a job of theirs runs, and the cores that they gave to it.
_SCHEDULERS = (("PBS_JOBID", "NCPUS"), ("LSB_JOBID", "LSB_DJOB_NUMPROC"), ("SGE_ROOT", "NSLOTS"))


def _scheduler_cores(environ: Mapping[str, str]) -> Iterator[Limit]:
    """Yield the cores that SLURM, PBS, LSF or Grid Engine gave to this job on this node.

    A batch script of SLURM has those of all its tasks, and a task that srun started its own.
    """
    node, task = _slurm_cpus(environ), _count(environ, "SLURM_CPUS_PER_TASK")
    if node:
        yield node
    if task and (not node or "SLURM_STEP_ID" in environ):
        yield Limit(task, "SLURM_CPUS_PER_TASK")
    for job, name in _SCHEDULERS:
        if job in environ and (count := _count(environ, name)):
            yield Limit(count, name)


def _slurm_cpus(environ: Mapping[str, str]) -> Limit | None:
    """Return the CPUs that SLURM gave on this node: ``4``, or of each node, as ``4(x2),2``."""
    if count := _count(environ, "SLURM_CPUS_ON_NODE"):
        return Limit(count, "SLURM_CPUS_ON_NODE")
    node = _count(environ, "SLURM_NODEID") or 0
    for cpus, times in re.findall(
        r"(\d+)(?:\(x(\d+)\))?", environ.get("SLURM_JOB_CPUS_PER_NODE", "")
    ):
        node -= int(times or 1)
        if node < 0 < int(cpus):
            return Limit(int(cpus), "SLURM_JOB_CPUS_PER_NODE")
    return None


def _count(environ: Mapping[str, str], name: str) -> int | None:
    text = environ.get(name, "")
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else None


def throttled_s(groups: Iterable[Cgroup]) -> float:
    """Return the seconds for which quotas withheld the CPU, in these groups together."""
    total = 0.0
    for group in groups:
        # version 2 counts microseconds, version 1 nanoseconds
        total += (group.field("cpu.stat", "throttled_usec") or 0) / 1e6
        total += (group.field("cpu.stat", "throttled_time") or 0) / 1e9
    return total


def files(*, hard: bool = False) -> Limit:
    """Return how many files a process may have open, now or after `raise_file_limit`."""
    if resource is None:
        return Limit(math.inf, "no limit")
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[hard and hasattr(resource, "prlimit")]
    return Limit(math.inf if most == resource.RLIM_INFINITY else most, "ulimit -n")


def files_left(root: Path = ROOT) -> Limit:
    """Return how many files this process may still open, once its soft limit is the hard one."""
    most, source = files(hard=True)
    try:
        used = len(os.listdir(root / "proc/self/fd"))  # noqa: PTH208 -- names are enough
    except OSError:
        used = 3
    return Limit(max(0, most - used), source)


def tasks_left(root: Path = ROOT) -> Limit:
    """Return how many processes and threads this job may still start."""
    return _least(Limit(math.inf, "no limit"), *_group_tasks(root), *_own_tasks(root))


def tasks_refused(root: Path = ROOT) -> Limit:
    """Return how often the kernel refused to start a process or a thread, and by which limit."""
    found = (
        Limit(group.field("pids.events", "max") or 0, f"pids.max of cgroup {group.name}")
        for group in own_and_above("pids", root)
    )
    return max(found, key=lambda limit: limit.amount, default=Limit(0, "no limit"))


def _group_tasks(root: Path) -> Iterator[Limit]:
    for group in own_and_above("pids", root):
        most, used = group.number("pids.max"), group.number("pids.current")
        if most is not None and used is not None:
            yield Limit(max(0, most - used), f"pids.max of cgroup {group.name}")


def _own_tasks(root: Path) -> Iterator[Limit]:
    """Yield what ``ulimit -u`` leaves, which counts all threads of a user; root has no limit."""
    if resource is None or not hasattr(resource, "RLIMIT_NPROC") or os.geteuid() == 0:
        return
    soft, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    if soft != resource.RLIM_INFINITY:
        yield Limit(max(0, soft - _threads_of(os.getuid(), root)), "ulimit -u")


def _threads_of(user: int, root: Path) -> int:
    """Return how many threads all processes of a user have."""
    total = 0
    for process in (root / "proc").glob("[0-9]*"):
        with suppress(OSError):
            if process.stat().st_uid == user:
                total += len(os.listdir(process / "task"))  # noqa: PTH208
    return total


def raise_file_limit() -> int | None:
    """Let this process open as many files as it may; return what its limit was, if that was less.

    None too where what it starts could not be given the old limit again.
    """
    if resource is None or not hasattr(resource, "prlimit"):
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return soft if soft != hard else None


def limit_files(pid: int, soft: int) -> None:
    """Give a process that was just started its own soft limit of open files."""
    with suppress(OSError):  # it has ended
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))


def oom_kills(root: Path = ROOT) -> int | None:
    """Return how many processes of our group the kernel has killed for lack of memory.

    None where it does not tell. Without a group that counts, it is those of the whole machine.
    """
    for group in own_and_above("memory", root)[:1]:
        file = "memory.events" if group.version == 2 else "memory.oom_control"
        if (found := group.field(file, "oom_kill")) is not None:
            return found
    with suppress(OSError):
        if all_of := re.search(r"^oom_kill (\d+)$", (root / "proc/vmstat").read_text(), re.M):
            return int(all_of[1])
    return None
