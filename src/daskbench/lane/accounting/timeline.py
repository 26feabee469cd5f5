"""Divide the time of threads among causes: a sweep over the moments at which anything changed."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from daskbench.lane.accounting.facts import Facts
from daskbench.lane.accounting.graph import placed

#: What keeps a free thread from working, most certain first.
_HOLDS = ("starting", "disk", "moving")
#: What the client does while threads are free.
_PHASES = ("starting", "graph", "submitting", "gathering", "own")
_BUSY, _READY, _GIVEN, _WIDE, _READY_WIDE = "busy", "ready", "given", "wide", "ready-wide"


class _Change(NamedTuple):
    at: float
    what: tuple[str, str]
    by: int


def free_threads(facts: Facts) -> dict[str, float]:
    """Return the core-seconds of threads that were in no task, by cause."""
    found: defaultdict[str, float] = defaultdict(float)
    for length, counts in _segments(facts):
        for cause, threads in _shares(counts, facts.threads):
            found[cause] += threads * length
    return dict(found)


class InTasks(NamedTuple):
    """Seconds in which any task ran, core-seconds inside tasks, and those beyond all threads.

    A task that waits for others which it started has no thread of its own.
    """

    any_s: float
    core_s: float
    beyond_s: float


def inside_tasks(facts: Facts) -> InTasks:
    """Return for how long tasks ran."""
    any_s = core_s = beyond_s = 0.0
    for length, counts in _segments(facts):
        busy = counts["task", _BUSY]
        any_s += length if busy else 0.0
        core_s += length * min(busy, facts.threads)
        beyond_s += length * max(busy - facts.threads, 0)
    return InTasks(any_s, core_s, beyond_s)


def _shares(counts: Mapping[tuple[str, str], int], threads: int) -> Iterator[tuple[str, int]]:
    """Yield what keeps each of the free threads from working at one moment.

    Those with no reason are not among them.
    """
    busy, ready = counts["task", _BUSY], counts["task", _READY]
    free = max(threads - busy, 0)
    for cause in _HOLDS:
        held = min(free, counts["hold", cause])
        yield cause, held
        free -= held
        ready -= held  # each has a task: on its way, or for the process that starts
    waiting = min(free, max(ready, 0))
    yield "moving" if counts["transfer", "moving"] else "scheduling", waiting
    if cause := _of_the_rest(counts, busy):
        yield cause, free - waiting


def _of_the_rest(counts: Mapping[tuple[str, str], int], busy: int) -> str:
    """Return why there is no task for a free thread; empty if that is unknown."""
    if phase := next((phase for phase in _PHASES if counts["phase", phase]), ""):
        return phase
    if busy:
        return "imbalance" if counts["task", _WIDE] else "critical"
    if cause := _of_the_next(counts):
        return cause
    if counts["task", _READY] or counts["task", _GIVEN]:  # but too few, and none runs yet
        return "imbalance" if counts["task", _READY_WIDE] else "critical"
    return ""


def _of_the_next(counts: Mapping[tuple[str, str], int]) -> str:
    """Return what the next task waits for, while none runs: free threads wait for that, too."""
    if counts["transfer", "moving"] and counts["task", _READY]:
        return "moving"
    return next((cause for cause in _HOLDS if counts["hold", cause]), "")


def _segments(facts: Facts) -> Iterator[tuple[float, Counter[tuple[str, str]]]]:
    """Yield each length of time in which nothing changed, and what there was in it."""
    counts: Counter[tuple[str, str]] = Counter()
    last = facts.start
    for change in sorted(_changes(facts), key=lambda one: one.at):
        at = min(max(change.at, facts.start), facts.stop)
        if at > last:
            yield at - last, counts
            last = at
        counts[change.what] += change.by
    if facts.stop > last:
        yield facts.stop - last, counts


def _changes(facts: Facts) -> Iterator[_Change]:
    for compute in facts.computes:
        for task, ready, width in placed(compute):
            first = task.start if task.given is None else min(max(ready, task.given), task.start)
            yield from _period(("task", _READY), ready, first)
            yield from _period(("task", _GIVEN), first, task.start)
            yield from _period(("task", _BUSY), task.start, task.stop)
            if width >= facts.threads:
                yield from _period(("task", _READY_WIDE), ready, task.start)
                yield from _period(("task", _WIDE), task.start, task.stop)
    spanned = ("hold", facts.holds), ("phase", facts.phases), ("transfer", facts.transfers)
    for kind, spans in spanned:
        for span in spans:
            yield from _period((kind, span.cause), span.start, span.stop)


def _period(what: tuple[str, str], start: float, stop: float) -> Iterator[_Change]:
    if stop > start:
        yield _Change(start, what, 1)
        yield _Change(stop, what, -1)
