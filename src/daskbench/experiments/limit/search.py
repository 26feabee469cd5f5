"""The search for the smallest memory limit: which one to try next, by what came of the others.

Pure: the limits are numbers from 0, the smallest, and nothing is known of them but the outcomes of
those that were tried. So a search goes on from any of them, in whatever session they were tried.
"""

import re
from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import NamedTuple

from daskbench.events import CaseFailed, Event, Reading, Sample, WorkerEvent


class Outcome(IntEnum):
    """What came of a trial, from bad to good: each is also what the better ones reach.

    FAILED is for lack of memory or time. BROKEN is for another reason, so that other limits won't
    do better, and the search ends.
    """

    BROKEN = -1
    FAILED = 0
    FINISHED = 1
    UNPAUSED = 2
    UNSPILLED = 3


#: What is searched for, each its own smallest limit.
GOALS = (Outcome.UNSPILLED, Outcome.UNPAUSED, Outcome.FINISHED)

_ENDED = ("terminated", "left")
#: How failures for lack of memory, or of time, read: the types of exceptions and the words of our
#: own tell. What else an exception says is its author's, and may speak of memory in any sense.
_WANTS = re.compile(
    r"(?:^|: |\(after )(?:\w*MemoryError\b|\[Errno 12\]|OSError: Cannot allocate memory)"
    r"|^KilledWorker: |^its lane was killed \(SIGKILL\)|^no answer within |^\w*TimeoutError: "
    r"|^\d+ of \d+ workers stayed paused"
    r"|^\d+ workers of .+ died while .+ for (?:its|lack of) memory"
)
#: A time-out in a user's own code, by the place there that ends its reason.
_OWN_TIMEOUT = re.compile(r"\w*TimeoutError: .*\(\S+:\d+\b[^()]*\)$")


class Bracket(NamedTuple):
    """The smallest limit from which on all that were tried reach a goal, and the largest that
    does not; None where none was tried.
    """

    good: int | None
    bad: int | None


def sign_of(event: Event) -> Outcome:
    """Return the best that can be said of a trial in which this happened.

    A worker that was ended is worse than one that was paused, even where Dask computed again what
    it had held: such a trial has finished, and that is all.
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
    """Whether a case failed for lack of memory or of time."""
    return not _OWN_TIMEOUT.match(reason) and bool(_WANTS.search(reason))


def after_termination(sign: Outcome) -> Outcome:
    """Return what a sign says where a nanny has ended a worker for its memory in the same trial.

    However Dask words what failed then, it is for lack of memory.
    """
    return max(sign, Outcome.FAILED)


def worst(signs: Iterable[Outcome]) -> Outcome:
    """Return what all these signs together say of a trial."""
    return min(signs, default=Outcome.UNSPILLED)


def bracket(outcomes: Mapping[int, Outcome], goal: Outcome) -> Bracket:
    """Return where a goal is by these outcomes.

    Where they are not monotone, a limit that reached the goal below one that did not is nothing to
    rely on, and does not count.
    """
    bad = max((limit for limit, found in outcomes.items() if found < goal), default=None)
    fine = (limit for limit, found in outcomes.items() if found >= goal)
    return Bracket(min((limit for limit in fine if bad is None or limit > bad), default=None), bad)


def next_trial(outcomes: Mapping[int, Outcome], count: int) -> int | None:
    """Return the limit to try next of so many, or None where all is known.

    First the largest: what that does not reach, none does. Then, goal after goal, the middle of
    what is left of its bracket; each trial tells of all goals. One that is broken ends the search.
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
    """Return how many trials a search takes at the most, where outcomes are monotone."""
    return min(count, 1 + len(GOALS) * (count - 1).bit_length())


def is_monotone(outcomes: Mapping[int, Outcome], goal: Outcome) -> bool:
    """Return whether no limit missed a goal that a smaller one reached."""
    reached = [outcomes[limit] >= goal for limit in sorted(outcomes)]
    return reached == sorted(reached)
