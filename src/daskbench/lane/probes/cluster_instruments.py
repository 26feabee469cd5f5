"""The instruments of distributed: its scheduler's transitions, and what workers measure."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from time import perf_counter, time
from typing import Any, Self, TypeVar
from unittest.mock import patch

import numpy as np
from dask import base
from distributed.utils import nbytes

from daskbench.cgroups import throttled_by_group
from daskbench.lane.accounting.facts import Compute, Facts, Inside, Span, Task
from daskbench.lane.accounting.phases import Call, phases_of
from daskbench.lane.probes import gil, times
from daskbench.lane.probes.clocks import NOTHING, Clocks
from daskbench.lane.probes.marks import FIRST, marked, marked_after
from daskbench.units import format_bytes

#: What transitions and workers tell of the seconds inside tasks may differ by this.
_AGREE, _AGREE_S = 0.05, 0.05
_GRAPH = "update-graph"
#: A graph of so many bytes holds data; at about as many Dask warns, too.
_LARGE_BYTES = 10_000_000
_FIRST_OF_CLIENT = ("compute", "persist", "submit", "map")

T = TypeVar("T")


class _Mark:
    """What the client did for one graph, by its own clock."""

    def __init__(self, begin: float) -> None:
        self.begin = self.sent = self.end = begin


class ClusterInstruments:
    """Marks what the client does, and asks scheduler and workers what they did meanwhile.

    `nthreads` are the threads of the workers in use, which are all of a `local` cluster. `listen`
    waits for heartbeats, which carry metrics.
    """

    def __init__(
        self,
        client: Any,
        nthreads: Mapping[str, int],
        listen: Callable[[], None],
        *,
        local: bool,
    ) -> None:
        self.client, self._listen = client, listen
        self._nthreads = nthreads
        self.threads = sum(nthreads.values())
        self.workers = None if local else [*nthreads]  # dead ones of ours are replaced
        self._name = times.name_of(client.id)
        self._marks: list[_Mark] = []
        self._began: float | None = None
        self._graph_bytes = 0
        self._patches = ExitStack()

    def __enter__(self) -> Self:
        if not self._ask(times.is_there):
            self.client.register_plugin(times.TaskTimes(self.client.id))
        self._listen()  # so that metrics of what came before are in
        before = perf_counter()
        epoch = self._ask(times.begin)
        self._ahead = epoch - (before + perf_counter()) / 2
        if self._shares_clock:
            self._ahead = time() - perf_counter()
        self._clocks = self._run(times.thread_clocks)
        self._throttled = self._throttled_groups()
        self._others = self._run(times.other_clocks)
        self._sent = self._run(times.sent_bytes)
        self._run(gil.begin)
        client = self.client
        replaced: list[AbstractContextManager[Any]] = [
            *(patch.object(*place, marked(getattr(*place), self._begin)) for place in self._first),
            patch.object(client, "_send_to_scheduler", self._sending(client._send_to_scheduler)),
            patch.object(client, "_gather", marked_after(client._gather, self._end)),
        ]
        for one in replaced:
            self._patches.enter_context(one)
        return self

    @property
    def _first(self) -> list[tuple[Any, str]]:
        """What is called first in a compute: a function of Dask's, or of the client itself."""
        return [(base, FIRST), *((self.client, name) for name in _FIRST_OF_CLIENT)]

    def __exit__(self, *_: object) -> None:
        self._patches.close()
        self._gil = self._run(gil.end)
        self._after = self._run(times.thread_clocks)
        sent = self._run(times.sent_bytes)
        self._moved_bytes = sum(n - self._sent.get(one, 0) for one, n in sent.items())
        self._others_after = self._run(times.other_clocks)
        after = self._throttled_groups()
        self._throttled_s = sum(s - self._throttled.get(one, s) for one, s in after.items())

    @property
    def _shares_clock(self) -> bool:
        """Whether the scheduler is a thread of this process."""
        return self.workers is None

    def _ask(self, function: Any) -> Any:
        return self.client.run_on_scheduler(function, name=self._name)

    def _run(self, function: Callable[..., T]) -> dict[str, T]:
        """Return what a function returns on each worker in use."""
        found: dict[str, T] = self.client.run(function, workers=self.workers, on_error="ignore")
        return found

    def _throttled_groups(self) -> dict[str, float]:
        """Return for how long each control group was throttled: workers may share theirs."""
        found = self._run(throttled_by_group).values()
        return {group: seconds for groups in found for group, seconds in groups.items()}

    def _begin(self) -> None:
        self._began = perf_counter()

    def _end(self) -> None:
        if self._marks:
            self._marks[-1].end = perf_counter()

    def _sending(self, send: Callable[[Any], None]) -> Callable[[Any], None]:
        """Return the client's function that sends messages, so that it marks graphs."""

        def send_marked(message: Any) -> None:
            if message.get("op") == _GRAPH:
                now = perf_counter()
                self._marks.append(_Mark(now if self._began is None else self._began))
                self._marks[-1].sent, self._began = now, None
                self._graph_bytes += _size_of(message)
            send(message)

        return send_marked

    def facts(self, start: float, stop: float) -> Facts:
        """Return what was seen of a sample that took from `start` to `stop` (perf_counter)."""
        self._listen()
        told, metrics = self._ask(times.end), self._ask(times.metrics)
        computes, cpu_s = self._computes(told), metrics.get("cpu_s")
        calls = [
            Call(mark.begin, mark.sent, mark.end, compute)
            for mark, compute in zip(self._marks, computes, strict=False)
        ]
        return Facts(
            threads=self.threads,
            start=start,
            stop=stop,
            computes=computes,
            phases=list(phases_of(calls, start, stop)),
            holds=[Span(kind, *self._here(begin, end)) for kind, begin, end in told["holds"]],
            inside=self._inside(cpu_s, failed_s := metrics.get("failed_s", 0.0)),
            disk_s=metrics.get("disk_s", 0.0),
            failed_s=failed_s,
            moved_bytes=self._moved_bytes,
            spilled_bytes=int(metrics.get("spilled_bytes", 0)),
            gil_held_s=self._gil_held_s,
            beside_s=self._beside_s(cpu_s or 0.0),
            throttled_s=self._throttled_s,
            sees_cores=all(threads is not None for *_, threads in self._others_after.values()),
            notes=[
                *_disagreement(computes, metrics.get("execute_s")),
                *_large(self._graph_bytes),
                *_failed(failed_s),
            ],
        )

    @property
    def _gil_held_s(self) -> float | None:
        """Return for how long the GIL was held, in the mean of threads; None if nobody knows."""
        known = {one: held_s for one, held_s in self._gil.items() if held_s is not None}
        threads = [self._nthreads.get(one, 1) for one in known]
        return float(np.average([*known.values()], weights=threads)) if known else None

    def _here(self, *at: float) -> list[float]:
        """Return times of the scheduler by the clock of this process."""
        return [one - self._ahead for one in at]

    def _computes(self, told: Any) -> list[Compute]:
        tasks: list[list[Task]] = [[] for _ in told["known"]]
        for graph, number, begin, end, needs in told["tasks"]:
            start, stop = self._here(begin, end)
            tasks[graph].append(Task(number, start, stop, needs))
        known = self._here(*told["known"])
        return [Compute(*one) for one in zip(known, tasks, strict=True)]

    def _inside(self, cpu_s: float | None, failed_s: float = 0.0) -> Inside:
        """Return what the clocks of all threads of the workers tell, which only run tasks.

        `cpu_s` is their CPU time inside tasks alone, which their clocks can't tell apart. Tries
        that failed are not part of it.
        """
        found = self._in_threads
        if cpu_s is None:
            return Inside(found.cpu_s, found.system_s, found.delay_s)
        cpu_s = min(cpu_s + failed_s, max(cpu_s, found.cpu_s))
        in_kernel = found.system_s / found.cpu_s if found.cpu_s else 0.0
        return Inside(cpu_s, in_kernel * cpu_s, found.delay_s)

    @property
    def _in_threads(self) -> Clocks:
        """Return what the clocks of the threads that run tasks tell."""
        found = NOTHING
        for worker, threads in self._after.items():
            earlier = self._clocks.get(worker, {})
            for thread, clocks in threads.items():
                found = found.plus(Clocks(*clocks).since(Clocks(*earlier.get(thread, NOTHING))))
        return found

    def _beside_s(self, in_tasks_s: float) -> float | None:
        """Return the CPU time of threads of the workers that run neither tasks nor Dask."""
        found = dict.fromkeys((process for process, *_ in self._others_after.values()), 0.0)
        for worker, (process, process_s, threads) in self._others_after.items():
            _, earlier_s, earlier = self._others.get(worker, (process, 0.0, {}))
            if threads is None or earlier is None:
                return None
            dasks_s = sum(cpu_s - earlier.get(one, 0.0) for one, cpu_s in threads.items())
            found[process] = process_s - earlier_s - dasks_s  # that of several workers, once
        return sum(found.values()) - max(in_tasks_s, self._in_threads.cpu_s)


def _size_of(message: Mapping[str, Any]) -> int:
    """Return the bytes of a graph that is sent, by the names that versions of Dask give it."""
    frames = message.get("graph_frames") or getattr(message.get("expr_ser"), "frames", None)
    return sum(map(nbytes, frames or ()))


def _large(graph_bytes: int) -> list[str]:
    """Return a note on a graph that holds data."""
    if graph_bytes < _LARGE_BYTES:
        return []
    return [
        f"its graph holds {format_bytes(graph_bytes)}, which go to the scheduler, and from there "
        "to workers: load or create data in tasks"
    ]


def _failed(failed_s: float) -> list[str]:
    """Return a note on tasks that ran again."""
    if failed_s < _AGREE_S:
        return []
    return [
        f"tasks that raised ran for {failed_s:.3g} core-s, and then again: counted as inside tasks"
    ]


def _disagreement(computes: Sequence[Compute], execute_s: float | None) -> list[str]:
    """Return a note if the two sources of the time inside tasks disagree."""
    tasks_s = sum(task.stop - task.start for one in computes for task in one.tasks)
    if execute_s is None or abs(tasks_s - execute_s) <= _AGREE * tasks_s + _AGREE_S:
        return []
    return [
        f"tasks ran for {tasks_s:.3g} s by the scheduler's transitions, but for {execute_s:.3g} s "
        "by the workers' metrics"
    ]
