"""The resources of this job: limits by control groups, ulimit and batch scheduler.

Dask itself reads only the outermost control group. Lanes use this too: standard library only.
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
#: The source of a limit if nothing else imposes one.
MACHINE = "the machine"
#: Values from here on mean "no limit" in cgroup version 1.
_NONE_BYTES = 1 << 62


class Limit(NamedTuple):
    """An upper limit, and what imposes it."""

    amount: float
    source: str


def memory(root: Path = ROOT, environ: Mapping[str, str] = os.environ) -> Limit:
    """Return the memory limit of this job in bytes: the lowest of all limits.

    Limits of a single process (``ulimit -v``) count too, as in ``distributed.system``.
    """
    return _least(_machine(root), *_group_memory(root), *_slurm_memory(environ), *_own_memory())


def _least(*limits: Limit) -> Limit:
    """Return the lowest limit, and of equal ones the first."""
    return min(limits, key=lambda limit: limit.amount)


def available_bytes(root: Path = ROOT, environ: Mapping[str, str] = os.environ) -> int:
    """Return the bytes free for this job: the minimum over the machine and all control groups.

    Inactive file pages count as free, as the kernel reclaims them first.
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
    """Return the bytes at which the kernel kills our processes: a group's limit, or all memory."""
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
    """Yield the limits of the visible control groups and, in version 1, of hidden ones."""
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
    """Yield the limits of this process, which its children inherit."""
    for name in ("RLIMIT_AS", "RLIMIT_DATA", "RLIMIT_RSS"):
        if resource and hasattr(resource, name):
            soft, _ = resource.getrlimit(getattr(resource, name))
            if soft != resource.RLIM_INFINITY:
                yield Limit(soft, name)


def _slurm_memory(environ: Mapping[str, str]) -> Iterator[Limit]:
    """Yield the job's memory on this node as SLURM sets it, in MiB; 0 is all of the node.

    Source: https://slurm.schedmd.com/sbatch.html, output environment variables.
    """
    if each_node := _count(environ, "SLURM_MEM_PER_NODE"):
        yield Limit(each_node * _MIB, "SLURM_MEM_PER_NODE")
    each_cpu, cpus = _count(environ, "SLURM_MEM_PER_CPU"), _slurm_cpus(environ)
    if each_cpu and cpus:
        yield Limit(each_cpu * cpus.amount * _MIB, f"SLURM_MEM_PER_CPU × {cpus.source}")


def cores(root: Path = ROOT, environ: Mapping[str, str] = os.environ) -> Limit:
    """Return the number of cores of this job: the lowest of all limits, and at least 1.

    Fractions are rounded up, as in ``dask.system.cpu_count``. Cpusets need no check, as the
    affinity reflects them.
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


#: Other schedulers: the variables that mark a job of theirs, and hold its number of cores.
_SCHEDULERS = (("PBS_JOBID", "NCPUS"), ("LSB_JOBID", "LSB_DJOB_NUMPROC"), ("SGE_ROOT", "NSLOTS"))


def _scheduler_cores(environ: Mapping[str, str]) -> Iterator[Limit]:
    """Yield the cores that SLURM, PBS, LSF or Grid Engine allocated to this job on this node.

    A SLURM batch script has those of all its tasks, a task started by srun only its own.
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
    """Return SLURM's CPUs on this node: ``4``, or one entry per node, as in ``4(x2),2``."""
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


def own_throttled_s() -> float:
    """Return the seconds for which CPU quotas throttled the groups of this process, so far."""
    return throttled_s(own_and_above("cpu"))


def throttled_s(groups: Iterable[Cgroup]) -> float:
    """Return the seconds for which CPU quotas throttled these groups, in total."""
    return sum(group.throttled_s for group in groups)


def files(*, hard: bool = False) -> Limit:
    """Return the limit of open files per process, now or (`hard`) after `raise_file_limit`."""
    if resource is None:
        return Limit(math.inf, "no limit")
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[hard and hasattr(resource, "prlimit")]
    return Limit(math.inf if most == resource.RLIM_INFINITY else most, "ulimit -n")


def files_left(root: Path = ROOT) -> Limit:
    """Return how many more files this process can open, after `raise_file_limit`."""
    most, source = files(hard=True)
    try:
        used = len(os.listdir(root / "proc/self/fd"))  # noqa: PTH208 -- names are enough
    except OSError:
        used = 3
    return Limit(max(0, most - used), source)


def tasks_left(root: Path = ROOT) -> Limit:
    """Return how many more processes and threads this job can start."""
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
    """Yield what is left of ``ulimit -u``, which counts a user's threads; root has no limit."""
    if resource is None or not hasattr(resource, "RLIMIT_NPROC") or os.geteuid() == 0:
        return
    soft, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    if soft != resource.RLIM_INFINITY:
        yield Limit(max(0, soft - _threads_of(os.getuid(), root)), "ulimit -u")


def _threads_of(user: int, root: Path) -> int:
    """Return the number of threads of all of a user's processes."""
    total = 0
    for process in (root / "proc").glob("[0-9]*"):
        with suppress(OSError):
            if process.stat().st_uid == user:
                total += len(os.listdir(process / "task"))  # noqa: PTH208
    return total


def raise_file_limit() -> int | None:
    """Raise this process's soft limit of open files to the hard one; return the old soft limit.

    None if it is left unchanged: already hard, or child processes could not get it back.
    """
    if resource is None or not hasattr(resource, "prlimit"):
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return soft if soft != hard else None


def limit_files(pid: int, soft: int) -> None:
    """Set the soft limit of open files of a process that was just started."""
    with suppress(OSError):  # it has ended
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))


def oom_kills(root: Path = ROOT) -> int | None:
    """Return the number of OOM kills in our control group; None if unknown.

    Without a group that counts them, it is the number for the whole machine.
    """
    for group in own_and_above("memory", root)[:1]:
        file = "memory.events" if group.version == 2 else "memory.oom_control"
        if (found := group.field(file, "oom_kill")) is not None:
            return found
    with suppress(OSError):
        if all_of := re.search(r"^oom_kill (\d+)$", (root / "proc/vmstat").read_text(), re.M):
            return int(all_of[1])
    return None
