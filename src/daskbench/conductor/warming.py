"""Warm up a lane: samples that count nowhere, until the number of loops is found."""

from collections.abc import Generator, Iterator
from typing import Protocol

from daskbench.conductor.loops import more_loops
from daskbench.conductor.ports import Activity, L
from daskbench.conductor.session import Ready, Session
from daskbench.events import Event, Sample
from daskbench.model import Settings
from daskbench.processes.talk import LaneError
from daskbench.units import format_seconds

#: A first sample may be slow for reasons of its own; one shorter than this many times the least
#: time is taken again before the loops are settled.
_SURELY_LONG = 20
_CONFIRMED = 2
#: No loop is shorter: it takes longer even to do nothing.
_LEAST_LOOP_S = 1e-7


class Samples(Protocol[L]):
    """What takes the samples."""

    session: Session[L]
    settings: Settings

    def take(self, number: int, ready: Ready[L], round_number: int) -> Sample:
        """Take one of a case, in a round; 0 is the warm-up."""
        ...


def warm_up(sampling: Samples[L], number: int, ready: Ready[L]) -> Iterator[Event | Activity]:
    """Take the warm-up samples, and more until the number of loops is found."""
    settled, ready.loops = ready.loops, ready.loops or 1
    wall_s = 0.0
    for _ in range(sampling.settings.warmup):
        yield Activity(number, "warming up")
        wall_s = yield from _warm_sample(sampling, number, ready)
    surely_long = wall_s >= sampling.settings.min_time_s * _SURELY_LONG
    if settled or surely_long or not sampling.settings.warmup:
        return
    yield from _settle(sampling, number, ready)


def _settle(sampling: Samples[L], number: int, ready: Ready[L]) -> Iterator[Event | Activity]:
    """Find how many loops take the minimum time; fails if the lane's clock is wrong."""
    long_enough, least_s, start = 0, sampling.settings.min_time_s, sampling.session.elapsed_s
    while long_enough < _CONFIRMED:  # a hiccup of the machine makes one sample long
        wall_s = yield from _warm_sample(sampling, number, ready)
        long_enough = long_enough + 1 if wall_s >= least_s else 0
        if not long_enough:
            ready.loops = more_loops(ready.loops, least_s / max(wall_s, 1e-9))
        spent_s = sampling.session.elapsed_s - start
        if ready.loops > least_s / _LEAST_LOOP_S or spent_s > sampling.settings.timeout_s:
            raise LaneError(
                f"no number of loops that takes {format_seconds(least_s)} (--min-time) was "
                f"found in {format_seconds(spent_s)}: the last sample took "
                f"{format_seconds(wall_s)} by its own clock"
            )


def _warm_sample(
    sampling: Samples[L], number: int, ready: Ready[L]
) -> Generator[Event, None, float]:
    """Take one, and return its seconds, including building."""
    sample = sampling.take(number, ready, 0)
    yield sample
    return sample.wall_s + sample.build_s
