"""The instruments of the plain loop: the clocks of its calls."""

from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter, process_time
from typing import Any, Self

from daskbench.lane.accounting.facts import Compute, Facts, Inside, Span, Task
from daskbench.lane.probes.clocks import NOTHING, Clocks, own_clocks, tells_delay
from daskbench.resources import own_throttled_s


class CallInstruments:
    """Times every call. With several BLAS threads, each call is a task of all of them."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._spans: list[tuple[float, float]] = []
        self._clocks = NOTHING
        self._on, self._throttled_s = False, 0.0

    def __enter__(self) -> Self:
        self._on, self._throttled_s = True, -own_throttled_s()
        return self

    def __exit__(self, *_: object) -> None:
        self._on = False
        self._throttled_s += own_throttled_s()

    def timed(self, calls: Sequence[Callable[[], Any]]) -> Sequence[Callable[[], Any]]:
        """Return calls that are timed, within the context."""
        return [partial(self._time, call) for call in calls] if self._on else calls

    def _time(self, call: Callable[[], Any]) -> Any:
        start, before = perf_counter(), self._read()
        result = call()
        self._clocks = self._clocks.plus(self._read().since(before))
        self._spans.append((start, perf_counter()))
        return result

    def _read(self) -> Clocks:
        return own_clocks() if self.threads == 1 else Clocks(process_time(), 0.0, 0.0)

    def facts(self, start: float, stop: float) -> Facts:
        """Return what was seen of a sample that took from `start` to `stop`."""
        tasks = [Task(number, *span) for number, span in enumerate(self._spans * self.threads)]
        return Facts(
            threads=self.threads,
            start=start,
            stop=stop,
            computes=[Compute(stop, tasks)],
            phases=[Span("own", start, stop)],
            inside=Inside(*self._clocks),
            throttled_s=self._throttled_s,
            sees_cores=self.threads == 1 and tells_delay(),
        )
