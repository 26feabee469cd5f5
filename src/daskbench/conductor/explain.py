"""Samples with instruments on, after all others: where the time goes."""

from collections import Counter
from collections.abc import Iterator
from random import Random

from daskbench.conductor.ports import Activity, L
from daskbench.conductor.sampling import Sampling
from daskbench.events import CaseFailed, Event, Unaccounted
from daskbench.processes.talk import LaneError

#: So many samples of each case: as many as it takes to see whether they agree.
_EACH = 3


def explain(sampling: Sampling[L]) -> Iterator[Event | Activity]:
    """Take the samples of a suite that asks for them, in rounds of random order."""
    if not sampling.settings.why:
        return
    done = Counter(sampling.session.before.accounts)
    for turn in range(_EACH):
        cases = [n for n in sorted(sampling.alive) if not sampling.cases[n].reference]
        Random(f"{sampling.session.plan.seed}/{sampling.suite.name}/why {turn}").shuffle(cases)
        for number in cases:
            if done[number] <= turn:
                yield from _one(sampling, number)


def _one(sampling: Sampling[L], number: int) -> Iterator[Event | Activity]:
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
    if sampling.suite.in_turns:
        sampling.end(number)
    else:
        ready.lane.freeze()


def _open(sampling: Sampling[L], number: int) -> Iterator[Event | Activity]:
    """Open a lane again; if it can't be, that is no failure either."""
    failed = sampling.failed
    for event in sampling.open(number):
        if isinstance(event, CaseFailed):
            yield Unaccounted(number, event.reason, event.detail)
        else:
            yield event
    sampling.failed = failed
