"""What the client did, while threads were free or not, from the marks of its calls."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from daskbench.lane.accounting.facts import Compute, Span


class Call(NamedTuple):
    """A compute of the client: when it began, sent its graph, and returned.

    The graph is known to the scheduler from `compute.known` on.
    """

    begin: float
    sent: float
    end: float
    compute: Compute


def phases_of(calls: Sequence[Call], start: float, stop: float) -> Iterator[Span]:
    """Yield the phases of all calls, and between them what is not Dask's."""
    until = start
    for call in sorted(calls, key=lambda one: one.begin):
        known = call.compute.known
        last = max((task.stop for task in call.compute.tasks), default=known)
        yield Span("own", until, call.begin)
        yield Span("graph", call.begin, call.sent)
        yield Span("submitting", call.sent, known)
        yield Span("gathering", last, call.end)
        until = max(until, last, call.end)
    yield Span("own", until, stop)
