"""The proof of a sample: whether all that a work consists of ran on the scheduler."""

from collections.abc import Callable, Sequence
from typing import Any

from daskbench.benchmarks.work.base import Whole
from daskbench.lane.schedulers.base import Proof
from daskbench.lane.work import Work
from daskbench.units import counted


def expected_tasks(works: Sequence[Any], proof: Proof, count: Callable[[Any], int]) -> int:
    """Return how many tasks should have run.

    Of a work that computes by itself: as many as in its reference run on a single-machine
    scheduler. Graphs for distributed differ (it shuffles between workers), so there all that its
    scheduler received, but for what the work itself left in memory; at least one anywhere.
    """
    if whole := _whole(works):
        if proof.tasks_known is None:
            return whole.tasks or max(tasks_run(works, proof), 1)
        return proof.tasks_known - proof.tasks_reused or 1
    return proof.tasks_known or sum(map(count, works))


def tasks_run(works: Sequence[Any], proof: Proof) -> int:
    """Return how many tasks ran, those on clusters that the works started included."""
    own = (work.tasks_elsewhere for work in works if isinstance(work, Work))
    return proof.tasks_run + sum(own)


def shortfall(works: Sequence[Any], proof: Proof) -> str | None:
    """Return what was not computed on the workers or the scheduler meant; None if nothing."""
    if proof.tasks_astray:
        return f"{counted(proof.tasks_astray, 'task')} ran on workers that this row does not use"
    whole = _whole(works)
    if whole is None:
        return None
    if not tasks_run(works, proof):
        return (
            "no task ran: it returned no Dask collection and computed none, or chose a scheduler "
            "itself"
        )
    if proof.stray and not whole.anywhere:
        return f"tasks ran on {proof.stray}: the work chose that scheduler itself"
    if whole.computes and proof.computes != whole.computes:
        return (
            f"{counted(proof.computes, 'compute')} reached this scheduler, but {whole.computes} in "
            "the reference run: the work chose a scheduler itself, or its computes vary"
        )
    return None


def _whole(works: Sequence[Any]) -> Whole | None:
    """Return what a work that computes by itself does; such works are measured one by one."""
    return works[0].whole if isinstance(works[0], Work) else None


def apart(works: Sequence[Any]) -> list[Sequence[Any]]:
    """Return groups of works to compute together; singletons if works may share keys.

    With shared keys (persisted or deterministic data), a work could reuse the previous results
    before they are released. The keys of those that compute by themselves are unknown.
    """
    keys = [key for work in works if isinstance(work, Work) for key in work.keys]
    alone = _whole(works) is not None or len({*keys}) < len(keys)
    return [[work] for work in works] if alone else [works]


def reason(run: int, expected: int, short: str | None, wrong: Sequence[str]) -> str | None:
    """Return why a sample is invalid; None if it is proved."""
    if short:
        return short
    if run != expected:
        return f"{run} of {expected} tasks ran"
    return f"wrong answer: {wrong[0]}" if wrong else None
