"""The instruments of Dask's single-machine schedulers, on for one sample."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import reduce
from threading import get_ident
from time import perf_counter, thread_time
from typing import Any, Self
from unittest.mock import patch

import dask
from dask import base, local, multiprocessing
from dask.callbacks import Callback

from daskbench.lane.accounting.facts import Compute, Facts, Inside, Span, Task
from daskbench.lane.accounting.phases import Call, phases_of
from daskbench.lane.probes.clocks import NOTHING, Clocks, process_clock, tells_delay
from daskbench.lane.probes.gil import knocker
from daskbench.lane.probes.marks import FIRST, marked
from daskbench.lane.probes.timed import Batch, Ran, TimedCall, TimedPool, execute
from daskbench.resources import own_throttled_s

#: Batches of so many bytes, which a pipe does not take at once, are on their way to a process.
_LARGE_BYTES = 100_000


class _Graph:
    """A graph that is being computed: marks of the client, and what ran."""

    def __init__(self, begin: float) -> None:
        self.begin = begin
        self.known = self.end = perf_counter()
        self.needs: dict[Any, Any] = {}
        self.ran: list[Ran] = []

    def call(self) -> Call:
        """Return it with its tasks numbered."""
        numbers = {one.key: number for number, one in enumerate(self.ran)}
        tasks = [
            Task(number, one.start, one.stop, [*self._needs_of(one, numbers)], one.given)
            for number, one in enumerate(self.ran)
        ]
        return Call(self.begin, self.known, self.end, Compute(self.known, tasks))

    def _needs_of(self, one: Ran, numbers: dict[Any, int]) -> Iterator[int]:
        return (numbers[key] for key in self.needs.get(one.key, ()) if key in numbers)


class LocalInstruments(Callback):  # type: ignore[misc]
    """Times every task, and marks what the client does; all times are of ``perf_counter``."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        self.threads = threads
        self._graphs: list[_Graph] = []
        self._began: float | None = None
        self._batches: list[Batch] = []
        self._pools: list[TimedPool] = []
        self._transfers: list[Span] = []
        self._moved_bytes = 0
        self._in_pool: dict[int, tuple[float, float]] = {}
        self._gil_held_s = self._throttled_s = self._beside_s = 0.0
        self._patches = ExitStack()

    def __enter__(self) -> Self:
        self._start_process_pool = multiprocessing.ProcessPoolExecutor
        replaced = (
            patch.object(local, "execute_task", self._execute),
            patch.object(base, FIRST, marked(getattr(base, FIRST), self._begin)),
            patch.object(multiprocessing, "ProcessPoolExecutor", self._make_pool),
            dask.config.set(self._timed_config()),
        )
        for one in replaced:
            self._patches.enter_context(one)
        self._knocker = knocker()
        self._throttled_s = -own_throttled_s()
        self._client, self._beside_s = get_ident(), thread_time() - process_clock()
        super().__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        self._beside_s += process_clock() - thread_time()
        self._throttled_s += own_throttled_s()
        if self._knocker:
            self._knocker.stop()
        self._patches.close()

    def _timed_config(self) -> dict[str, Any]:
        """Return Dask's configuration with a timed pool, if there is one, and timed pickling."""
        config: dict[str, Any] = {
            name: TimedCall(dask.config.get(name, None) or own, self._took_data)
            for name, own in (
                ("func_dumps", multiprocessing._dumps),
                ("func_loads", multiprocessing._loads),
            )
        }
        pool = dask.config.get("pool", None)
        if isinstance(pool, self._start_process_pool):
            config["pool"] = TimedPool(pool, self._took_batch)
        return config

    def _make_pool(self, *given: Any, **more: Any) -> TimedPool:
        made = perf_counter()
        pool = TimedPool(self._start_process_pool(*given, **more), self._took_batch)
        pool.made = made
        self._pools.append(pool)
        return pool

    def _begin(self) -> None:
        """Mark that a compute began: every one of them calls this function of Dask's first."""
        self._began = perf_counter()

    def _start(self, graph: Any) -> None:
        now = perf_counter()
        self._graphs.append(_Graph(now if self._began is None else self._began))
        self._began = None

    def _start_state(self, graph: Any, state: Any) -> None:
        self._graphs[-1].needs = state["dependencies"]
        self._graphs[-1].known = perf_counter()
        if self._knocker:
            self._gil_held_s -= self._knocker.held_s

    def _finish(self, graph: Any, state: Any, failed: bool) -> None:
        self._graphs[-1].end = perf_counter()
        if self._knocker:
            self._gil_held_s += self._knocker.held_s

    def _execute(self, *given: Any) -> Any:
        before_s = thread_time()
        done, ran = execute(*given)
        if self._took([ran.bare]) and (thread := get_ident()) != self._client:
            first_s, _ = self._in_pool.get(thread, (before_s, before_s))
            self._in_pool[thread] = first_s, thread_time()
        return done

    def _took_batch(self, batch: Batch) -> None:
        self._batches.append(batch)
        self._took(batch.given)

    def _took(self, ran: Sequence[Ran]) -> bool:
        """Keep tasks of the current graph; tasks that compute graphs of their own run others."""
        graph = self._graphs[-1] if self._graphs else None
        kept = [one for one in ran if graph and one.key in graph.needs]
        if graph:
            graph.ran += kept
        return bool(kept)

    def _took_data(self, start: float, stop: float, size: int) -> None:
        self._transfers.append(Span("moving", start, stop))
        self._moved_bytes += size

    def facts(self, start: float, stop: float) -> Facts:
        """Return what was seen of a sample that took from `start` to `stop`."""
        calls = [graph.call() for graph in self._graphs]
        return Facts(
            threads=self.threads,
            start=start,
            stop=stop,
            computes=[call.compute for call in calls],
            phases=[*phases_of(calls, start, stop), *self._ends()],
            holds=[*self._starts(), *self._moves()],
            transfers=self._transfers,
            inside=self._inside(),
            moved_bytes=self._moved_bytes,
            gil_held_s=None if self._batches or not self._knocker else self._gil_held_s,
            beside_s=self._beside_tasks_s,
            throttled_s=self._throttled_s,
            sees_cores=tells_delay(),
        )

    @property
    def _beside_tasks_s(self) -> float:
        """Return the CPU time of threads and children that run neither tasks nor Dask."""
        if self._batches:
            return sum(one.beside_s for one in self._batches)
        return self._beside_s - sum(last_s - first_s for first_s, last_s in self._in_pool.values())

    def _inside(self) -> Inside:
        ran = [one for graph in self._graphs for one in graph.ran]
        clocks = reduce(Clocks.plus, (one.clocks for one in ran), NOTHING)
        moving_s, importing_s = (
            sum(one.moving_s for one in ran),
            sum(one.importing_s for one in ran),
        )
        return Inside(clocks.cpu_s, clocks.system_s, clocks.delay_s, moving_s, importing_s)

    def _ends(self) -> Iterator[Span]:
        """Yield for how long pools were ended, which a compute waits for."""
        for pool in self._pools:
            if pool.ended is not None and pool.closed is not None:
                yield Span("starting", pool.ended, pool.closed)

    def _starts(self) -> Iterator[Span]:
        """Yield for each new process the time until its first batch."""
        first: dict[int, Batch] = {}
        for batch in sorted(self._batches, key=lambda one: one.begin):
            if self._is_first(batch, first):
                yield Span("starting", batch.submitted, batch.begin)
            first[batch.process] = batch

    def _moves(self) -> Iterator[Span]:
        """Yield for how long large tasks, and the results of each batch, were on their way."""
        last: dict[int, Batch] = {}
        for batch in sorted(self._batches, key=lambda one: one.begin):
            came = batch.submitted
            if before := last.get(batch.process):
                came = max(came, before.received)
                yield Span("moving", before.end, min(before.received, batch.begin))
            if batch.sent_bytes >= _LARGE_BYTES and not self._is_first(batch, last):
                yield Span("moving", came, batch.begin)
            last[batch.process] = batch
        yield from (Span("moving", batch.end, batch.received) for batch in last.values())

    def _is_first(self, batch: Batch, last: dict[int, Batch]) -> bool:
        """Whether it is the first batch of a process that was started for this sample."""
        return batch.process not in last and any(one.made <= batch.begin for one in self._pools)
