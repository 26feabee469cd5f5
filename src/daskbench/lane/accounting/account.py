"""From what the instruments saw to an account whose parts and residual are the whole."""

from collections.abc import Sequence
from dataclasses import replace

from daskbench.lane.accounting.facts import Facts
from daskbench.lane.accounting.graph import critical_path_s
from daskbench.lane.accounting.timeline import busy_s, free_threads, inside_tasks
from daskbench.lane.protocol import CAUSES, Account

#: What a thread that waits for the disk looks like if no instrument saw when.
_HIDES_DISK = ("scheduling", "critical", "imbalance", "waiting")


def account_of(facts: Facts, build_s: float = 0.0) -> Account:
    """Return the account of a sample whose collections took `build_s` to build before."""
    causes = dict.fromkeys(CAUSES, 0.0) | free_threads(facts)
    for cause, seconds in _inside(facts).items():
        causes[cause] += seconds
    _find_disk(causes, facts.disk_s)
    causes["graph"] += build_s * facts.threads
    tasks = [task for compute in facts.computes for task in compute.tasks]
    return Account(
        threads=facts.threads,
        whole_s=(build_s + facts.stop - facts.start) * facts.threads,
        causes=causes,
        system_s=min(facts.inside.system_s, causes["computing"]),
        critical_path_s=sum(map(critical_path_s, facts.computes)),
        longest_task_s=max((task.stop - task.start for task in tasks), default=0.0),
        tasks=len(tasks),
        moved_bytes=facts.moved_bytes,
        spilled_bytes=facts.spilled_bytes,
        gil_s=_gil_s(facts, causes["waiting"]),
        throttled_s=facts.throttled_s,
        notes=tuple(facts.notes),
    )


def _inside(facts: Facts) -> dict[str, float]:
    """Divide the time inside tasks; clocks that disagree with it are cut to it."""
    left, inside = inside_tasks(facts), facts.inside
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


def _gil_s(facts: Facts, waiting_s: float) -> float | None:
    """Return what of the waiting was while the GIL was held: all that can be waiting for it."""
    if facts.gil_held_s is None:
        return None
    busy = busy_s(facts)
    return waiting_s * min(max(facts.gil_held_s / busy, 0.0), 1.0) if busy else 0.0


def _find_disk(causes: dict[str, float], disk_s: float) -> None:
    """Charge the disk with what it took beyond what is charged, at the cost of what hides it."""
    missing = max(disk_s - causes["disk"], 0.0)
    for cause in _HIDES_DISK:
        moved = min(missing, causes[cause])
        causes[cause] -= moved
        causes["disk"] += moved
        missing -= moved


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
        throttled_s=sum(one.throttled_s for one in accounts),
        notes=tuple(dict.fromkeys(note for one in accounts for note in one.notes)),
    )


def _sum_of(known: Sequence[float | None]) -> float | None:
    """Return a sum; None if a part of it is unknown."""
    found = [one for one in known if one is not None]
    return sum(found) if len(found) == len(known) else None
