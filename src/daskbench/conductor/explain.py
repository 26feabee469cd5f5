"""Samples with instruments on, after all others: where the time goes."""

from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from random import Random

from daskbench.conductor.ports import Activity, L
from daskbench.conductor.sampling import Sampling
from daskbench.events import CaseFailed, Event, Unaccounted
from daskbench.processes.talk import LaneError

#: So many samples of each case: as many as it takes to see whether they agree.
_EACH = 3


def explain(sampling: Sampling[L]) -> Iterator[Event | Activity]:
    """Take the samples of a suite that asks for them, in rounds of random order.

    Lanes in turns give all of theirs at once: to start another cluster takes longer.
    """
    if not sampling.settings.why:
        return
    numbers = [*_order(sampling)]
    for number, following in zip_longest(numbers, numbers[1:]):
        if number in sampling.alive:
            yield from _one(sampling, number, ends=number != following)


def _order(sampling: Sampling[L]) -> Iterator[int]:
    """Yield the case of each sample that is missing."""
    done = Counter(sampling.session.before.accounts)
    cases = [n for n in sorted(sampling.alive) if not sampling.cases[n].reference]
    for turn in range(1 if sampling.suite.in_turns else _EACH):
        Random(f"{sampling.session.plan.seed}/{sampling.suite.name}/why {turn}").shuffle(cases)
        for number in cases:
            missing = _EACH - done[number]
            yield from [number] * (missing if sampling.suite.in_turns else done[number] <= turn)


def _one(sampling: Sampling[L], number: int, *, ends: bool) -> Iterator[Event | Activity]:
    """Take one sample; a case that has all others has not failed if this one fails."""
    if number not in sampling.ready:
        yield from _open(sampling, number)
    if (ready := sampling.ready.get(number)) is None:
        return
    yield Activity(number, "looking where the time goes")
    ready.lane.thaw()
    try:
        accounted = sampling.explain(number, ready)
    except LaneError as error:
        yield Unaccounted(number, str(error), error.detail)
        sampling.kill(number)
        sampling.alive.discard(number)
        return
    yield accounted
    if not sampling.suite.in_turns:
        ready.lane.freeze()
    elif ends:
        sampling.end(number)


def _open(sampling: Sampling[L], number: int) -> Iterator[Event | Activity]:
    """Open a lane again; if it can't be, that is no failure either."""
    failed = sampling.failed
    for event in sampling.open(number):
        if isinstance(event, CaseFailed):
            yield Unaccounted(number, event.reason, event.detail)
        else:
            yield event
    sampling.failed = failed
