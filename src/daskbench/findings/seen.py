"""What a row of the run shows of a change: it is as another row, with less of a cause."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from daskbench.account import Cause
from daskbench.benchmarks import known
from daskbench.document.writers import digits
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import Case
from daskbench.stats.accounts import CaseAccount
from daskbench.stats.tables import is_numpy
from daskbench.units import format_seconds

#: Another row is without a cause if it has less than this part of its core-seconds.
_WITHOUT = 0.5
#: What is below this part of the whole is as good as nothing.
_WORTH = 0.02


def seen(
    one: CaseAccount,
    cause: Cause,
    table: Sequence[CaseAccount],
    others: Sequence[CaseAccount],
) -> str:
    """Return what another row took that has less of a cause; empty if there is none.

    `others` are the accounts of the whole run.
    """
    if (best := changed(one, cause, table, others)) is None:
        return ""
    assert best.result.summary
    assert one.result.summary
    took, whole = best.result.summary.median_s, one.result.summary.median_s
    left = f"{digits(best.causes[cause])} core-s" if best.share(cause) >= _WORTH else "almost none"
    name = best.label if best in table else str(best.result.case)
    return (
        f"{name}, which has {left} of it, took {format_seconds(took)} instead of "
        f"{format_seconds(whole)}"
    )


def changed(
    one: CaseAccount,
    cause: Cause,
    table: Sequence[CaseAccount],
    others: Sequence[CaseAccount],
) -> CaseAccount | None:
    """Return the row that differs by what avoids a cause, and has less of it."""
    if one.result.summary is None:
        return None
    among = [other for other in table if _is_comparable(one, other)]
    is_change = _CHANGES.get(cause, _elsewhere)
    found = [other for other in among if is_change(one.result.case, other.result.case)]
    if cause == "waiting":
        found += without_lock(one, others)
    less = [other for other in found if _has_less(one, other, cause)]
    return min(less, key=lambda other: _unlike(one.result.case, other), default=None)


def _is_comparable(one: CaseAccount, other: CaseAccount) -> bool:
    same_side = other.result.case.side == one.result.case.side
    return same_side and other.threads <= one.threads and not is_numpy(other.result.case)


def _has_less(one: CaseAccount, other: CaseAccount, cause: Cause) -> bool:
    less = other.causes[cause] < _WITHOUT * one.causes[cause]
    return less and other is not one and other.result.summary is not None


def _unlike(case: Case, other: CaseAccount) -> tuple[bool, bool, float]:
    """Return how unlike a row is: another family of schedulers, other workers; then its time."""
    beside, summary = other.result.case, other.result.summary
    family = case.scheduler.partition("-")[0] != beside.scheduler.partition("-")[0]
    return family, beside.workers != case.workers, summary.median_s if summary else 0.0


def _elsewhere(case: Case, other: Case) -> bool:
    """Whether another scheduler runs it."""
    return other.scheduler != case.scheduler


def _apart(case: Case, other: Case) -> bool:
    """Whether its workers are processes, which share neither locks nor the GIL."""
    kind = SCHEDULERS.get(other.scheduler)
    return _elsewhere(case, other) and kind is not None and kind.starts_processes


def _narrower(case: Case, other: Case) -> bool:
    """Whether the same scheduler runs it with fewer threads."""
    return other.scheduler == case.scheduler and other.place != case.place


def _same_place(case: Case, other: Case) -> bool:
    """Whether it is another variant at the same place."""
    return other.place == case.place


#: What is changed to avoid a cause; for all others, the scheduler.
_CHANGES: Mapping[Cause, Callable[[Case, Case], bool]] = {
    "waiting": _apart,
    "cores": _narrower,
    "critical": _narrower,
    "imbalance": _same_place,
    "disk": lambda case, other: True,
}


def without_lock(one: CaseAccount, others: Iterable[CaseAccount]) -> Iterator[CaseAccount]:
    """Yield the same case without the lock that the benchmark declares."""
    case = one.result.case
    lock = known(case.benchmark).lock
    if lock is None or case.parameters.get(lock.parameter) != lock.held_with:
        return
    wanted = {**case.parameters, lock.parameter: lock.free_with}
    for other in others:
        beside = other.result.case
        same = (beside.benchmark, beside.place) == (case.benchmark, case.place)
        if same and beside.side == case.side and dict(beside.parameters) == wanted:
            yield other
