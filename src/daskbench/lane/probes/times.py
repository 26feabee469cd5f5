"""When and where tasks of one client ran on a cluster, and the clocks of its workers' threads.

Times are in seconds since the epoch by the clock of the scheduler, to which workers adjust theirs.
Sources: https://distributed.dask.org/en/stable/plugins.html,
https://distributed.dask.org/en/stable/fine-performance-metrics.html

This module travels by value to clusters that lack daskbench, so it imports only distributed and
the standard library.
"""

import os
import threading
from collections import defaultdict
from socket import gethostname
from time import time
from typing import Any

from distributed import SchedulerPlugin

from daskbench.lane.probes.clocks import NOTHING, clocks_of, process_clock

#: Metrics of the disk, of moving data, and of tasks.
_DISK = ("disk-read", "disk-write")
_SHUFFLE = "p2p"
#: Dask's threads in a worker's process beside those that run tasks.
_OTHERS = (
    *("MainThread", "IO loop", "Profile", "TCP-Executor", "AsyncProcess", "Nanny"),
    *("Dask-Offload", "Dask-Actor", "Dask-Callback"),
)


class TaskTimes(SchedulerPlugin):  # type: ignore[misc]
    """Records the tasks of one client, for its lifetime, while it is asked to."""

    def __init__(self, client: str) -> None:
        self.name = name_of(client)
        self.client = client
        self.recording = False
        self.begin()
        self.recording = False

    def begin(self) -> None:
        """Forget what was recorded, and record."""
        self.recording = True
        self.known: list[float] = []
        self.graph_of: dict[Any, int] = {}
        self.numbers: dict[Any, int] = {}
        self.ran = 0
        self.tasks: list[tuple[int, int, float, float, list[int]]] = []
        self.holds: list[tuple[str, float, float]] = []
        self.metrics: dict[Any, float] = {}

    def update_graph(self, scheduler: Any, *, client: str, tasks: list[Any], **_: Any) -> None:
        """Record when a graph of this client was known, and what is in it."""
        self.scheduler = scheduler
        if self.recording and client == self.client:
            self.graph_of.update(dict.fromkeys(tasks, len(self.known)))
            self.known.append(time())

    def transition(
        self, key: Any, start: str, finish: str, *_: Any, startstops: Any = (), **__: Any
    ) -> None:
        """Record what a worker reports of a task that has run."""
        if not (self.recording and start == "processing" and finish == "memory"):
            return
        if key in self.graph_of:
            self.take(key, startstops or ())

    def take(self, key: Any, startstops: Any) -> None:
        """Record the period of a task, and those in which its data were moved before."""
        task = self.scheduler.tasks.get(key)
        needs = [self.numbers[one.key] for one in task.dependencies if one.key in self.numbers]
        number = self.numbers[key] = self.ran  # a new one if it ran before, and was lost
        self.ran += 1
        until = 0.0
        for one in sorted(startstops, key=lambda one: one["start"]):
            action, begin, end = one["action"], one["start"], one["stop"]
            if action == "compute":
                self.tasks.append((self.graph_of[key], number, begin, end, needs))
            elif end > max(begin, until):  # a task's transfers overlap, but hold one thread
                kind = "disk" if action in _DISK else "moving"
                self.holds.append((kind, max(begin, until), end))
                until = end

    def remove_client(self, scheduler: Any, client: str) -> None:
        """Unregister when the client leaves, for whatever reason."""
        if client == self.client:
            scheduler.remove_plugin(name=self.name)


def name_of(client: str) -> str:
    """Return the name of the plugin for a client."""
    return f"daskbench-times-{client}"


def is_there(dask_scheduler: Any, name: str) -> bool:
    """Whether the plugin is registered (runs on the scheduler)."""
    return name in dask_scheduler.plugins


def begin(dask_scheduler: Any, name: str) -> float:
    """Begin to record, and return the time (runs on the scheduler)."""
    plugin = dask_scheduler.plugins[name]
    plugin.begin()
    plugin.metrics = dict(dask_scheduler.cumulative_worker_metrics)
    return time()


def end(dask_scheduler: Any, name: str) -> dict[str, Any]:
    """Stop recording, and return what was recorded (runs on the scheduler)."""
    plugin = dask_scheduler.plugins[name]
    plugin.recording = False
    return {"known": plugin.known, "tasks": plugin.tasks, "holds": plugin.holds}


def metrics(dask_scheduler: Any, name: str) -> dict[str, float]:
    """Return what workers measured since `begin`, by their last heartbeats.

    Workers took ``disk_s`` to spill ``spilled_bytes`` and to read spilled data back, which P2P
    shuffles do not count for. Tasks took ``execute_s``, of it ``cpu_s`` of CPU time, and beside it
    ``failed_s`` in tries that raised (runs on the scheduler).
    """
    before = dask_scheduler.plugins[name].metrics
    found: defaultdict[str, float] = defaultdict(float)
    for key, value in dask_scheduler.cumulative_worker_metrics.items():
        more = value - before.get(key, 0)
        if not isinstance(key, tuple) or not more or key[0] == _SHUFFLE:
            continue
        activity, label, unit = key[0], *key[-2:]
        if label in _DISK and unit == "seconds":
            found["disk_s"] += more
        elif label == "disk-write" and unit == "bytes":
            found["spilled_bytes"] += more
        elif activity == "execute" and (label, unit) == ("failed", "seconds"):
            found["failed_s"] += more
        elif activity == "execute" and label in ("thread-cpu", "thread-noncpu"):
            found["execute_s"] += more
            found["cpu_s"] += more if label == "thread-cpu" else 0
    return dict(found)


def sent_bytes(dask_worker: Any) -> int:
    """Return the size of all data that a worker has sent for others to use (runs on the worker).

    Dask's metrics have the seconds of transfers alone.
    """
    total: int = dask_worker.transfer_outgoing_bytes_total
    return total


def other_clocks(dask_worker: Any) -> tuple[str, float, dict[int, float] | None]:
    """Return a worker's process, its CPU time, and that of Dask's threads which run no tasks.

    The CPU time includes that of children that ended. The last is None where the system does not
    tell (runs on the worker).
    """
    ours = [one.native_id for one in threading.enumerate() if one.name.startswith(_OTHERS)]
    clocks = {one: clocks_of(one) for one in ours if one is not None}
    cpu_s = {one: found.cpu_s for one, found in clocks.items() if found is not None}
    process = f"{gethostname()} {os.getpid()}"
    return process, process_clock(), cpu_s if len(cpu_s) == len(clocks) else None


def thread_clocks(dask_worker: Any) -> dict[int, tuple[float, ...]]:
    """Return the clocks of the threads that run a worker's tasks (runs on the worker)."""
    threads = getattr(dask_worker.executors["default"], "_threads", ())
    numbers = [thread.native_id for thread in threads]
    return {one: tuple(clocks_of(one) or NOTHING) for one in numbers if one is not None}
