"""What to change to avoid a cause, by what an account knows of it."""

from collections.abc import Mapping

from daskbench.account import Cause
from daskbench.document.writers import digits
from daskbench.stats.accounts import CaseAccount
from daskbench.units import format_bytes, format_seconds

_ADVICE: Mapping[Cause, str] = {
    "waiting": "tasks wait for a lock, the GIL or I/O: use functions that need no lock, or "
    "processes",
    "cores": "more threads want to run than there are cores: use fewer workers or BLAS "
    "threads, or a quieter machine",
    "starting": "start the pool or cluster once, for several computes",
    "graph": "build fewer, larger tasks, or build the graph once",
    "submitting": "send a smaller graph: fewer tasks, and no data within it",
    "scheduling": "use fewer, larger tasks",
    "moving": "keep data where they are, return less, or use threads, which share memory",
    "disk": "give workers more memory, or use smaller chunks",
    "gathering": "return less, or compute several small results at once",
    "imbalance": "use more, smaller tasks, so that the last ones end together",
    "critical": "more workers do not help: use fewer, or a graph with more tasks side by side",
}
_GIL = (
    "the GIL was held for most of that time, so they may wait for it: use functions that release "
    "it, or processes"
)
_NO_GIL = "tasks wait for a lock or I/O, not for the GIL: use functions that need no lock"
_BESIDE = (
    "tasks may wait for threads or processes that they started, such as those of BLAS, Arrow or a "
    "program: use fewer workers, or fewer of these"
)
_ANY_WAIT = "tasks wait for a lock, the GIL, I/O or a core: here, the system does not tell which"
_THROTTLED = "a control group limits CPU time: raise its quota, or use fewer workers"
_SMALL = "data are moved in many small parts: use fewer, larger tasks"
_SLOW_TO_PICKLE = (
    "few bytes take long: their types are slow to serialise or deserialise, so use arrays or plain "
    "types, or threads, which share memory"
)
_HELD_UP = (
    "Dask starts a task faster than that, so they wait for something else: large data within the "
    "graph, the one worker that has what they need, or workers that are paused"
)
_SLOW_TO_BUILD = (
    "the code that builds it works long beside making tasks: do that work in tasks, or build the "
    "graph once"
)
#: Waiting is for something if more than the first part of it is, and not if less than the other.
_MOSTLY, _HARDLY = 0.5, 0.2
#: A quota counts for core wait from this part of it.
_PART = 0.05
#: Fewer bytes for each task take no time to move: what does is that they are moved at all.
_FEW_BYTES = 10_000
#: What Dask does for a task takes no longer.
_LONGEST_S = 10e-3


def advice_on(one: CaseAccount, cause: Cause) -> str:
    """Return what to change to avoid a cause."""
    if cause == "waiting":
        return _on_waiting(one)
    if cause == "cores" and _is_throttled(one):
        return _THROTTLED
    if cause == "moving" and _has_few_bytes(one):
        return _SMALL if is_of_tasks(one, cause) else _SLOW_TO_PICKLE
    if cause == "scheduling" and not is_of_tasks(one, cause):
        return _HELD_UP
    if cause == "graph" and _is_built_slowly(one):
        return _SLOW_TO_BUILD
    return _ADVICE[cause]


def _on_waiting(one: CaseAccount) -> str:
    """Return what tasks wait for, as far as that was measured."""
    waiting_s = one.causes["waiting"]
    beside_s, gil_s = one.beside_s or 0.0, one.gil_s or 0.0
    if gil_s > _MOSTLY * waiting_s > beside_s:
        return _GIL
    if beside_s > _HARDLY * waiting_s:
        return _BESIDE
    if not one.sees_cores:
        return _ANY_WAIT
    if one.gil_s is not None and one.gil_s < _HARDLY * waiting_s:
        return _NO_GIL
    return _ADVICE["waiting"]


def measured_with(one: CaseAccount, cause: Cause) -> str:
    """Return what was measured of a cause beside its core-seconds; empty if nothing was."""
    match cause:
        case "waiting" if advice_on(one, cause) is _BESIDE:
            beside = digits(one.beside_s or 0.0)
            return f"meanwhile other threads or processes computed for {beside} core-s"
        case "moving" if one.moved_bytes:
            return format_bytes(one.moved_bytes)
        case "graph" if _is_built_slowly(one):
            return f"building it took {format_seconds(one.build_s)}"
        case "scheduling" if not is_of_tasks(one, cause):
            return f"{format_seconds(_each_s(one, cause))} for each task"
        case "disk" if one.spilled_bytes:
            return f"{format_bytes(one.spilled_bytes)} spilled"
        case "critical":
            return f"the longest chain of tasks takes {format_seconds(one.critical_path_s)}"
        case "cores" if _is_throttled(one):
            return f"throttled for {format_seconds(one.throttled_s)}"
    return ""


def _is_throttled(one: CaseAccount) -> bool:
    return one.throttled_s > _PART * one.causes["cores"]


def is_of_tasks(one: CaseAccount, cause: Cause) -> bool:
    """Whether a cause grows with the number of tasks, rather than with what they hold."""
    if cause == "moving":
        return _has_few_bytes(one) and one.causes[cause] <= _LONGEST_S * max(one.tasks, 1)
    return cause in ("graph", "submitting", "scheduling") and _each_s(one, cause) <= _LONGEST_S


def _each_s(one: CaseAccount, cause: Cause) -> float:
    """Return the wall time of a cause for each task, if all threads wait meanwhile."""
    return one.causes[cause] / one.threads / max(one.tasks, 1)


def _has_few_bytes(one: CaseAccount) -> bool:
    return one.moved_bytes < _FEW_BYTES * max(one.tasks, 1)


def _is_built_slowly(one: CaseAccount) -> bool:
    """Whether it is the code that builds the graph, rather than its tasks."""
    mostly = one.build_s * one.threads > _MOSTLY * one.causes["graph"]
    return mostly and not is_of_tasks(one, "graph")
