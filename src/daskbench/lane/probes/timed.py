"""Tasks of Dask's single-machine schedulers, timed where they run: in threads or in pools.

It replaces ``dask.local.execute_task`` and wraps the pools, for one sample at a time.
"""

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from time import perf_counter, thread_time
from typing import Any, NamedTuple

from dask.local import batch_execute_tasks

from daskbench.lane.probes.clocks import NOTHING, Clocks, own_clocks, process_clock


class Ran(NamedTuple):
    """A task that ran: its key, its period with and without serialisation, and its clocks.

    `imported`: as it was deserialised, modules were imported, as in a process that has just
    started. From `given` on it waited for others of its batch; None for the first.
    """

    key: Any
    start: float
    stop: float
    begun: float
    ended: float
    clocks: Clocks
    imported: bool = False
    given: float | None = None

    @property
    def importing_s(self) -> float:
        """The seconds of deserialising it, if that imported modules."""
        return self.begun - self.start if self.imported else 0.0

    @property
    def moving_s(self) -> float:
        """The other seconds of its serialisation."""
        return self.begun - self.start - self.importing_s + self.stop - self.ended

    @property
    def bare(self) -> "Ran":
        """It without serialisation, which threads of one process have not."""
        return self._replace(start=self.begun, stop=self.ended)


class Batch(NamedTuple):
    """Tasks that a pool's process ran, one after the other, and when they came back.

    Meanwhile its other threads, and children that ended, used `beside_s` of CPU time. Sent to the
    process, the tasks with their data were `sent_bytes`.
    """

    process: int
    begin: float
    end: float
    ran: Sequence[Ran]
    beside_s: float = 0.0
    submitted: float = 0.0
    received: float = 0.0
    sent_bytes: int = 0

    @property
    def given(self) -> list[Ran]:
        """Its tasks, of which those after the first had to wait for others."""
        first, *others = self.ran
        return [first, *(one._replace(given=self.submitted) for one in others)]


def execute(
    key: Any, task_info: Any, dumps: Any, loads: Any, get_id: Any, pack_exception: Any
) -> tuple[tuple[Any, Any, bool], Ran]:
    """Do what ``dask.local.execute_task`` does, and return when it was done, too."""
    start = begun = ended = perf_counter()
    clocks, failed, imported, modules = NOTHING, False, False, len(sys.modules)
    try:
        task, data = loads(task_info)
        imported = len(sys.modules) != modules
        before, begun = own_clocks(), perf_counter()
        result = task(data)
        clocks, ended = own_clocks().since(before), perf_counter()
        result = dumps((result, get_id()))
    except BaseException as error:
        result, failed = pack_exception(error, dumps), True
    stop = perf_counter()
    if failed:
        begun, ended = start, stop
    return (key, result, failed), Ran(key, start, stop, begun, ended, clocks, imported)


def run_batch(batch: Sequence[Sequence[Any]]) -> tuple[list[Any], Batch]:
    """Do what ``dask.local.batch_execute_tasks`` does; runs in a process of a pool."""
    begin, beside_s = perf_counter(), thread_time() - process_clock()
    done = [execute(*one) for one in batch]
    ran = [one for _, one in done]
    beside_s += process_clock() - thread_time()
    return [result for result, _ in done], Batch(os.getpid(), begin, perf_counter(), ran, beside_s)


class TimedPool:
    """A pool of processes as Dask uses it, which passes each batch to `took` when it is back."""

    def __init__(self, pool: ProcessPoolExecutor, took: Callable[[Batch], None]) -> None:
        self.pool, self._took = pool, took
        self._max_workers: int = pool._max_workers  # type: ignore[attr-defined]
        self.made = perf_counter()
        self.ended: float | None = None
        self.closed: float | None = None

    def submit(self, function: Any, *given: Any) -> "Future[Any]":
        """Run a batch of tasks; anything else as it is."""
        if function is not batch_execute_tasks:
            return self.pool.submit(function, *given)
        outer: Future[Any] = Future()
        now, size = perf_counter(), sum(map(_size_of, *given))
        inner = self.pool.submit(run_batch, *given)
        inner.add_done_callback(partial(self._pass_on, outer, now, size))
        return outer

    def _pass_on(
        self,
        outer: "Future[Any]",
        submitted: float,
        sent_bytes: int,
        inner: "Future[tuple[list[Any], Batch]]",
    ) -> None:
        try:
            results, batch = inner.result()
        except BaseException as error:
            outer.set_exception(error)
            return
        received = perf_counter()
        self._took(batch._replace(submitted=submitted, received=received, sent_bytes=sent_bytes))
        outer.set_result(results)

    def shutdown(self, *given: Any, **more: Any) -> None:
        """End the pool, and remember how long that took."""
        self.ended = perf_counter()
        self.pool.shutdown(*given, **more)
        self.closed = perf_counter()


class TimedCall:
    """A function that moves data, whose periods are passed to `took` with how much it moved.

    Pickled, it is the function alone: only this process is watched.
    """

    def __init__(self, function: Any, took: Callable[[float, float, int], None]) -> None:
        self.function, self._took = function, took

    def __call__(self, given: Any) -> Any:
        """Call the function."""
        start = perf_counter()
        result = self.function(given)
        size = next((len(one) for one in (given, result) if isinstance(one, bytes)), 0)
        self._took(start, perf_counter(), size)
        return result

    def __reduce__(self) -> Any:
        """Pickle as the function."""
        return _itself, (self.function,)


def _size_of(task: Sequence[Any]) -> int:
    """Return the bytes of a task with its data, as Dask hands it to a pool."""
    _, data, *_ = task
    return len(data) if isinstance(data, bytes) else 0


def _itself(function: Any) -> Any:
    return function
