"""A scheduler plugin that tells what each worker holds, at each of its heartbeats.

Sources: https://distributed.dask.org/en/stable/worker-memory.html, and
``distributed.scheduler.MemoryState`` for the names of what it tells.

This module travels by value to schedulers that lack daskbench, so it imports only distributed.
"""

import asyncio
from contextlib import suppress
from time import monotonic
from typing import Any

import dask
from distributed import SchedulerPlugin

_TICK_S = 0.1
#: A scheduler whose clock made a longer step than this was frozen, and its workers with it.
_FROZEN_S = 2.0
#: Heartbeats come a little early or late.
_SLACK = 0.9
_MOVED = {("disk-write", "bytes"), ("disk-read", "bytes")}
_MOVED |= {("disk-write", "seconds"), ("disk-read", "seconds")}
#: Metrics of a shuffle or rechunk: it writes to disk as it is made to, however much memory is free.
#: Source: ``distributed.shuffle._core.ShuffleRun._capture_metrics``.
_SHUFFLE = "p2p"
_TERMINATED = "worker-restart-memory"  # the nanny's topic


class MemoryWatch(SchedulerPlugin):  # type: ignore[misc]
    """Lives in the scheduler for as long as its client does, and tells that client alone.

    It stands before the scheduler's own handler of heartbeats, and reads when that is done: so
    nothing is read twice, nothing is left out, and where nothing is new nothing is told. Times are
    of a monotonic clock; spans leave out the time for which scheduler and workers were frozen.
    """

    def __init__(self, client: str, interval_s: float | None, workers: list[str]) -> None:
        self.name = topic_of(client)
        self.client, self.interval_s = client, interval_s or 0.0
        self.workers = set(workers)
        self.names: dict[str, str] = {}
        self.moved: dict[str, dict[str, float]] = {}
        self.told: dict[str, float] = {}
        self.writing: set[str] = set()
        self.gone: set[str] = set()
        self.lived = 0.0

    async def start(self, scheduler: Any) -> None:
        """Take the place before the handler of heartbeats."""
        self.scheduler = scheduler
        self.handler = scheduler.handlers["heartbeat_worker"]
        scheduler.handlers["heartbeat_worker"] = self.heartbeat
        self.ticked = monotonic()
        self.ticking = asyncio.create_task(self.keep_time())
        # the client's own subscription comes by another way, and may come later
        scheduler.subscribe_topic(self.name, self.client)
        for address, worker in scheduler.workers.items():
            name = self.know(address, worker)
            if not self.is_other(address):  # a short run may see no heartbeat at all
                with suppress(Exception):
                    self.tell_of(name, worker, 0.0, {})

    async def keep_time(self) -> None:
        """Tick until that is cancelled."""
        while True:
            self.tick()
            await asyncio.sleep(_TICK_S)

    async def close(self) -> None:
        """End with the scheduler."""
        self.ticking.cancel()

    def tick(self) -> None:
        """Count the time, but not that for which all of this was frozen."""
        now = monotonic()
        if now - self.ticked < _FROZEN_S:
            self.lived += now - self.ticked
        self.ticked = now

    def know(self, address: str, worker: Any) -> str:
        """Return the name of a worker, by which its follower after a death is known too."""
        self.told.setdefault(address, self.lived)
        return self.names.setdefault(address, str(worker.name))

    def heartbeat(self, **message: Any) -> Any:
        """Let the scheduler learn from a heartbeat, then tell what it knows of that worker."""
        answer = self.handler(**message)
        with suppress(Exception):  # a worker's heartbeat must not fail for our sake
            if worker := self.scheduler.workers.get(message["address"]):
                self.read(message["address"], worker, message["metrics"])
        return answer

    def read(self, address: str, worker: Any, metrics: Any) -> None:
        """Tell of one worker, unless it was told of just now."""
        if self.is_other(address):
            return
        name = self.know(address, worker)
        moved = self.moved.setdefault(name, {})
        for key, value in metrics["digests_total_since_heartbeat"].items():
            if isinstance(key, tuple) and key[-2:] in _MOVED:
                label = "-".join(key[-2:])
                label = f"shuffle-{label}" if key[0] == _SHUFFLE else label
                moved[label] = moved.get(label, 0) + value
                if key[0] == "memory-monitor":  # what `spill` does; all else is `target`
                    moved[f"monitor-{label}"] = moved.get(f"monitor-{label}", 0) + value
        self.tick()
        span_s = self.lived - self.told[address]
        if span_s < self.interval_s * _SLACK:
            return
        self.told[address] = self.lived
        self.moved[name] = {}
        self.follow_spilling(name, moved.get("disk-write-bytes", 0) > 0)
        self.tell_of(name, worker, span_s, moved)

    def tell_of(self, name: str, worker: Any, span_s: float, moved: dict[str, float]) -> None:
        """Tell what the scheduler knows of a worker by now."""
        memory = worker.memory
        self.tell(
            "memory",
            worker=name,
            process_bytes=memory.process,
            managed_bytes=memory.managed,
            unmanaged_bytes=memory.unmanaged_old,
            unmanaged_recent_bytes=memory.unmanaged_recent,
            spilled_bytes=memory.spilled,
            state=worker.status.name,
            span_s=span_s,
            written_bytes=int(moved.get("disk-write-bytes", 0)),
            monitor_bytes=int(moved.get("monitor-disk-write-bytes", 0)),
            read_bytes=int(moved.get("disk-read-bytes", 0)),
            write_s=moved.get("disk-write-seconds", 0.0),
            read_s=moved.get("disk-read-seconds", 0.0),
            shuffle_written_bytes=int(moved.get("shuffle-disk-write-bytes", 0)),
            shuffle_read_bytes=int(moved.get("shuffle-disk-read-bytes", 0)),
        )

    def is_other(self, address: str) -> bool:
        """Whether a worker is one that we do not use; no list means that all are ours."""
        return bool(self.workers) and address not in self.workers

    def follow_spilling(self, name: str, writes: bool) -> None:
        """Tell when a worker begins to write to disk, and when it has ended."""
        if writes and name not in self.writing:
            self.writing.add(name)
            self.tell("worker", worker=name, what="spill-began")
        elif not writes and name in self.writing:
            self.writing.discard(name)
            self.tell("worker", worker=name, what="spill-ended")

    def log_event(self, topic: str, msg: Any) -> None:
        """Tell when a worker is paused or resumed, or ended by its nanny.

        A nanny's word may come after its worker has left.
        """
        if not isinstance(msg, dict):
            return
        if topic == _TERMINATED:
            address = msg.get("worker", "")
            if address in self.names and not self.is_other(address):
                name = self.names[address]
                self.tell("worker", worker=name, what="terminated", rss_bytes=msg["rss"])
        elif topic in self.names and not self.is_other(topic):
            change = (msg.get("prev-status"), msg.get("status"))
            if change[1] == "paused":
                self.tell("worker", worker=self.names[topic], what="paused")
            elif change == ("paused", "running"):
                self.tell("worker", worker=self.names[topic], what="resumed")

    def add_worker(self, scheduler: Any, worker: str) -> None:
        """Tell when a worker that had died is there again."""
        self.told[worker] = self.lived
        name = self.names[worker] = str(scheduler.workers[worker].name)
        if not self.is_other(worker) and name in self.gone:
            self.gone.discard(name)
            self.tell("worker", worker=name, what="restarted")

    def remove_worker(self, scheduler: Any, worker: str, **_: Any) -> None:
        """Tell when a worker has left, however that came."""
        name = self.names.get(worker)
        if name is not None and not self.is_other(worker):
            self.gone.add(name)
            self.writing.discard(name)
            self.tell("worker", worker=name, what="left")

    def tell(self, kind: str, **what: Any) -> None:
        """Send a line to our client."""
        self.scheduler.log_event(self.name, {"event": kind, "at": monotonic(), **what})

    def remove_client(self, scheduler: Any, client: str) -> None:
        """Leave with the client, however it left, so that nothing stays on the scheduler."""
        if client == self.client:
            self.ticking.cancel()
            self.give_way(scheduler)
            scheduler.remove_plugin(name=self.name)
            with suppress(Exception):  # it is not in the public interface
                del scheduler._broker._topics[self.name]

    def give_way(self, scheduler: Any) -> None:
        """Leave the place before the handler of heartbeats, where others like us may stand too."""
        if scheduler.handlers["heartbeat_worker"] == self.heartbeat:
            scheduler.handlers["heartbeat_worker"] = self.handler
        for plugin in scheduler.plugins.values():
            if getattr(plugin, "handler", None) == self.heartbeat:
                plugin.handler = self.handler


def topic_of(client: str) -> str:
    """Return the topic under which a client's scheduler tells it of memory."""
    return f"daskbench-memory-{client}"


def clock() -> float:
    """Return the scheduler's own clock (runs on the scheduler)."""
    return monotonic()


def limits(dask_worker: Any) -> dict[str, Any]:
    """Return a worker's limit and thresholds, as they are in force there (runs on the worker).

    A threshold that is off is 0. Terminate is the nanny's, which has the worker's configuration.
    """
    manager = dask_worker.memory_manager
    found = {
        "target": manager.memory_target_fraction,
        "spill": manager.memory_spill_fraction,
        "pause": manager.memory_pause_fraction,
        "terminate": dask.config.get("distributed.worker.memory.terminate"),
    }
    return {
        "memory_limit_bytes": manager.memory_limit,
        "thresholds": {name: float(value or 0) for name, value in found.items()},
    }
