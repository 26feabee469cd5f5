"""The search for the smallest memory limit: which limit to try next, given the outcomes so far.

Pure: limits are indices from 0, the smallest, and the outcomes of those tried are the only state.
So a search can resume from any outcomes, of whatever session.
"""

import re
from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import NamedTuple

from daskbench.events import CaseFailed, Event, Reading, Sample, WorkerEvent


class Outcome(IntEnum):
    """The outcome of a trial, from worst to best; each one includes the ones before it.

    FAILED means for lack of memory or time. BROKEN means for another reason, so that other limits
    won't do better, and the search ends.
    """

    BROKEN = -1
    FAILED = 0
    FINISHED = 1
    UNPAUSED = 2
    UNSPILLED = 3


#: The goals of the search, each with its own smallest limit.
GOALS = (Outcome.UNSPILLED, Outcome.UNPAUSED, Outcome.FINISHED)

_ENDED = ("terminated", "left")
#: Failures for lack of memory or time, recognised by exception types and our own messages. Other
#: text of an exception is its author's, and may mention memory in any sense.
_WANTS = re.compile(
    r"(?:^|: |\(after )(?:\w*MemoryError\b|\[Errno 12\]|OSError: Cannot allocate memory)"
    r"|^KilledWorker: |^its lane was killed \(SIGKILL\)|^no answer within |^\w*TimeoutError: "
    r"|^\d+ of \d+ workers stayed paused"
    r"|^\d+ workers of .+ died while .+ for (?:its|lack of) memory"
)
#: A timeout raised in a user's own code, recognised by the location at the end of its reason.
_OWN_TIMEOUT = re.compile(r"\w*TimeoutError: .*\(\S+:\d+\b[^()]*\)$")


class Bracket(NamedTuple):
    """The smallest limit from which all tried limits reach a goal, and the largest that does not.

    None if there is no such limit.
    """

    good: int | None
    bad: int | None


def sign_of(event: Event) -> Outcome:
    """Return the best possible outcome of a trial in which this event occurred.

    A worker that ended is worse than one that paused, even if Dask recomputed the data it had held:
    such a trial has merely finished.
    """
    match event:
        case CaseFailed(reason=reason):
            return Outcome.FAILED if _is_want(reason) else Outcome.BROKEN
        case Sample(valid=False, workers_lost=lost):
            return Outcome.FAILED if lost else Outcome.BROKEN
        case Sample(workers_lost=lost) if lost:
            return Outcome.FINISHED
        case WorkerEvent(what=what) if what == "paused" or what in _ENDED:
            return Outcome.FINISHED
        case Reading(state="paused"):
            return Outcome.FINISHED
        case Reading() if event.spilled_bytes or event.written_bytes:
            return Outcome.UNPAUSED
        case WorkerEvent(what="spill-began"):
            return Outcome.UNPAUSED
    return Outcome.UNSPILLED


def _is_want(reason: str) -> bool:
    """Whether a case failed for lack of memory or time."""
    return not _OWN_TIMEOUT.match(reason) and bool(_WANTS.search(reason))


def after_termination(sign: Outcome) -> Outcome:
    """Return the outcome given that a nanny terminated a worker in the same trial.

    A failure is then for lack of memory, whatever Dask's message says.
    """
    return max(sign, Outcome.FAILED)


def worst(signs: Iterable[Outcome]) -> Outcome:
    """Return the worst of these outcomes of a trial."""
    return min(signs, default=Outcome.UNSPILLED)


def bracket(outcomes: Mapping[int, Outcome], goal: Outcome) -> Bracket:
    """Return the bracket of a goal given these outcomes.

    If they are not monotone, a limit that reached the goal below one that did not is unreliable,
    and does not count.
    """
    bad = max((limit for limit, found in outcomes.items() if found < goal), default=None)
    fine = (limit for limit, found in outcomes.items() if found >= goal)
    return Bracket(min((limit for limit in fine if bad is None or limit > bad), default=None), bad)


def next_trial(outcomes: Mapping[int, Outcome], count: int) -> int | None:
    """Return the next of `count` limits to try, or None if all bounds are known.

    First the largest: a goal that it misses is out of reach. Then, goal after goal, the middle of
    the remaining bracket; each trial informs all goals. A broken trial ends the search.
    """
    if Outcome.BROKEN in outcomes.values():
        return None
    if count - 1 not in outcomes:
        return count - 1
    for goal in GOALS:
        good, bad = bracket(outcomes, goal)
        below = -1 if bad is None else bad
        if good is not None and good - below > 1:
            return (below + good) // 2
    return None


def most_trials(count: int) -> int:
    """Return the largest number of trials of a search, if outcomes are monotone."""
    return min(count, 1 + len(GOALS) * (count - 1).bit_length())


def is_monotone(outcomes: Mapping[int, Outcome], goal: Outcome) -> bool:
    """Whether no limit missed a goal that a smaller one reached."""
    reached = [outcomes[limit] >= goal for limit in sorted(outcomes)]
    return reached == sorted(reached)
