"""From what the instruments saw to an account whose parts and residual are the whole."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from daskbench.lane.accounting.facts import Facts
from daskbench.lane.accounting.graph import critical_path_s
from daskbench.lane.accounting.timeline import InTasks, free_threads, inside_tasks
from daskbench.lane.protocol import CAUSES, Account

#: What a thread in a task looks like if no instrument saw when, as one that failed.
_HIDES_TASKS = ("scheduling", "critical", "imbalance")
#: The same of one that waits for the disk.
_HIDES_DISK = (*_HIDES_TASKS, "waiting")
#: Tasks that run beyond the threads are told if they are this part of the whole.
_BEYOND = 0.05


def account_of(facts: Facts, build_s: float = 0.0) -> Account:
    """Return the account of a sample whose collections took `build_s` to build before."""
    causes, ran = dict.fromkeys(CAUSES, 0.0) | free_threads(facts), inside_tasks(facts)
    failed_s = _take(causes, facts.failed_s, _HIDES_TASKS)
    for cause, seconds in _inside(facts, ran.core_s + failed_s).items():
        causes[cause] += seconds
    causes["disk"] += _take(causes, facts.disk_s - causes["disk"], _HIDES_DISK)
    causes["graph"] += build_s * facts.threads
    tasks = [task for compute in facts.computes for task in compute.tasks]
    whole_s = (build_s + facts.stop - facts.start) * facts.threads
    return Account(
        threads=facts.threads,
        whole_s=whole_s,
        causes=causes,
        system_s=min(facts.inside.system_s, causes["computing"]),
        critical_path_s=sum(map(critical_path_s, facts.computes)),
        longest_task_s=max((task.stop - task.start for task in tasks), default=0.0),
        tasks=len(tasks),
        moved_bytes=facts.moved_bytes,
        spilled_bytes=facts.spilled_bytes,
        gil_s=_gil_s(facts, causes["waiting"], ran),
        beside_s=_beside_s(facts, causes["waiting"]),
        throttled_s=facts.throttled_s,
        sees_cores=facts.sees_cores,
        notes=(*facts.notes, *_beyond(ran, whole_s)),
    )


def _inside(facts: Facts, left: float) -> dict[str, float]:
    """Divide the time inside tasks, which is `left`; clocks that disagree with it are cut to it."""
    inside = facts.inside
    found = {}
    measured = {
        "computing": inside.cpu_s,
        "starting": inside.importing_s,
        "moving": inside.moving_s,
        "cores": inside.delay_s,
    }
    for cause, seconds in measured.items():
        found[cause] = min(max(seconds, 0.0), left)
        left -= found[cause]
    return {**found, "waiting": left}


def _gil_s(facts: Facts, waiting_s: float, ran: InTasks) -> float | None:
    """Return what of the waiting was while the GIL was held: all that can be waiting for it."""
    if facts.gil_held_s is None:
        return None
    return waiting_s * min(max(facts.gil_held_s / ran.any_s, 0.0), 1.0) if ran.any_s else 0.0


def _beside_s(facts: Facts, waiting_s: float) -> float | None:
    """Return what of the waiting can be for other threads of the processes that computed then."""
    return None if facts.beside_s is None else min(max(facts.beside_s, 0.0), waiting_s)


def _beyond(ran: InTasks, whole_s: float) -> Iterator[str]:
    """Yield that more tasks ran than there are threads: the time of those is paid for once."""
    if ran.beyond_s > _BEYOND * whole_s:
        yield (
            f"more tasks ran at a time than there are threads, for {ran.beyond_s:.3g} core-s in "
            "all: they waited for others that they started, or for a pool of the work's own"
        )


def _take(causes: dict[str, float], seconds: float, hides: Sequence[str]) -> float:
    """Take seconds from the causes that hide them; return how many these have."""
    missing = seconds = max(seconds, 0.0)
    for cause in hides:
        taken = min(missing, causes[cause])
        causes[cause] -= taken
        missing -= taken
    return seconds - missing


def total(accounts: Sequence[Account]) -> Account | None:
    """Return the account of several parts of a sample together; None without any."""
    if len(accounts) < 2:
        return next(iter(accounts), None)
    return replace(
        accounts[0],
        whole_s=sum(one.whole_s for one in accounts),
        causes={cause: sum(one.causes[cause] for one in accounts) for cause in CAUSES},
        system_s=sum(one.system_s for one in accounts),
        critical_path_s=sum(one.critical_path_s for one in accounts),
        longest_task_s=max(one.longest_task_s for one in accounts),
        tasks=sum(one.tasks for one in accounts),
        moved_bytes=sum(one.moved_bytes for one in accounts),
        spilled_bytes=sum(one.spilled_bytes for one in accounts),
        gil_s=_sum_of([one.gil_s for one in accounts]),
        beside_s=_sum_of([one.beside_s for one in accounts]),
        throttled_s=sum(one.throttled_s for one in accounts),
        notes=tuple(dict.fromkeys(note for one in accounts for note in one.notes)),
    )


def _sum_of(known: Sequence[float | None]) -> float | None:
    """Return a sum; None if a part of it is unknown."""
    found = [one for one in known if one is not None]
    return sum(found) if len(found) == len(known) else None
