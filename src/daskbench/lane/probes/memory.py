"""A scheduler plugin that reports the memory of each worker at its heartbeats.

Sources: https://distributed.dask.org/en/stable/worker-memory.html, and
``distributed.scheduler.MemoryState`` for the terms.

This module travels by value to schedulers that lack daskbench, so it imports only distributed.
"""

import asyncio
from contextlib import suppress
from time import monotonic
from typing import Any

import dask
from distributed import SchedulerPlugin

_TICK_S = 0.1
#: A longer step of the scheduler's clock means that it and its workers were frozen.
_FROZEN_S = 2.0
#: Tolerance for early heartbeats, as a fraction of the interval.
_SLACK = 0.9
_MOVED = {("disk-write", "bytes"), ("disk-read", "bytes")}
_MOVED |= {("disk-write", "seconds"), ("disk-read", "seconds")}
#: Metrics of P2P shuffle and rechunk, which write to disk however much memory is free.
#: Source: ``distributed.shuffle._core.ShuffleRun._capture_metrics``.
_SHUFFLE = "p2p"
_TERMINATED = "worker-restart-memory"  # the nanny's topic


class MemoryWatch(SchedulerPlugin):  # type: ignore[misc]
    """Reports workers' memory to one client, for its lifetime.

    It wraps the scheduler's heartbeat handler, to read every heartbeat exactly once. Times are of
    a monotonic clock; spans exclude the time for which scheduler and workers were frozen.
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
        """Wrap the heartbeat handler, and report the current memory."""
        self.scheduler = scheduler
        self.handler = scheduler.handlers["heartbeat_worker"]
        scheduler.handlers["heartbeat_worker"] = self.heartbeat
        self.ticked = monotonic()
        self.ticking = asyncio.create_task(self.keep_time())
        # the client's own subscription may arrive later
        scheduler.subscribe_topic(self.name, self.client)
        for address, worker in scheduler.workers.items():
            name = self.know(address, worker)
            if not self.is_other(address):  # a short run may see no heartbeat at all
                with suppress(Exception):
                    self.tell_of(name, worker, 0.0, {})

    async def keep_time(self) -> None:
        """Tick until cancelled."""
        while True:
            self.tick()
            await asyncio.sleep(_TICK_S)

    async def close(self) -> None:
        """Stop ticking."""
        self.ticking.cancel()

    def tick(self) -> None:
        """Advance the time, excluding periods frozen."""
        now = monotonic()
        if now - self.ticked < _FROZEN_S:
            self.lived += now - self.ticked
        self.ticked = now

    def know(self, address: str, worker: Any) -> str:
        """Return the name of a worker, which its replacement after a restart keeps."""
        self.told.setdefault(address, self.lived)
        return self.names.setdefault(address, str(worker.name))

    def heartbeat(self, **message: Any) -> Any:
        """Let the scheduler handle a heartbeat, then report that worker's memory."""
        answer = self.handler(**message)
        with suppress(Exception):  # heartbeats must not fail
            if worker := self.scheduler.workers.get(message["address"]):
                self.read(message["address"], worker, message["metrics"])
        return answer

    def read(self, address: str, worker: Any, metrics: Any) -> None:
        """Accumulate a worker's disk traffic, and report it after `interval_s`."""
        if self.is_other(address):
            return
        name = self.know(address, worker)
        moved = self.moved.setdefault(name, {})
        for key, value in metrics["digests_total_since_heartbeat"].items():
            if isinstance(key, tuple) and key[-2:] in _MOVED:
                label = "-".join(key[-2:])
                label = f"shuffle-{label}" if key[0] == _SHUFFLE else label
                moved[label] = moved.get(label, 0) + value
                if key[0] == "memory-monitor":  # due to `spill`; all else is due to `target`
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
        """Report a worker's memory and disk traffic."""
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
        """Whether a worker is not in use; without a list, all are."""
        return bool(self.workers) and address not in self.workers

    def follow_spilling(self, name: str, writes: bool) -> None:
        """Report when a worker begins and ends spilling to disk."""
        if writes and name not in self.writing:
            self.writing.add(name)
            self.tell("worker", worker=name, what="spill-began")
        elif not writes and name in self.writing:
            self.writing.discard(name)
            self.tell("worker", worker=name, what="spill-ended")

    def log_event(self, topic: str, msg: Any) -> None:
        """Report when a worker is paused, resumed, or terminated by its nanny.

        The nanny's event may arrive after its worker has left.
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
        """Report when a dead worker has been restarted."""
        self.told[worker] = self.lived
        name = self.names[worker] = str(scheduler.workers[worker].name)
        if not self.is_other(worker) and name in self.gone:
            self.gone.discard(name)
            self.tell("worker", worker=name, what="restarted")

    def remove_worker(self, scheduler: Any, worker: str, **_: Any) -> None:
        """Report when a worker has left, for whatever reason."""
        name = self.names.get(worker)
        if name is not None and not self.is_other(worker):
            self.gone.add(name)
            self.writing.discard(name)
            self.tell("worker", worker=name, what="left")

    def tell(self, kind: str, **what: Any) -> None:
        """Send a message to the client."""
        self.scheduler.log_event(self.name, {"event": kind, "at": monotonic(), **what})

    def remove_client(self, scheduler: Any, client: str) -> None:
        """Unregister when the client leaves, for whatever reason."""
        if client == self.client:
            self.ticking.cancel()
            self.unwrap_handler(scheduler)
            scheduler.remove_plugin(name=self.name)
            with suppress(Exception):  # not a public interface
                del scheduler._broker._topics[self.name]

    def unwrap_handler(self, scheduler: Any) -> None:
        """Restore the heartbeat handler, which other plugins like this may wrap too."""
        if scheduler.handlers["heartbeat_worker"] == self.heartbeat:
            scheduler.handlers["heartbeat_worker"] = self.handler
        for plugin in scheduler.plugins.values():
            if getattr(plugin, "handler", None) == self.heartbeat:
                plugin.handler = self.handler


def topic_of(client: str) -> str:
    """Return the topic of memory events for a client."""
    return f"daskbench-memory-{client}"


def clock() -> float:
    """Return the monotonic time in seconds (runs on the scheduler)."""
    return monotonic()


def limits(dask_worker: Any) -> dict[str, Any]:
    """Return a worker's memory limit and thresholds in force (runs on the worker).

    A disabled threshold is 0. The nanny enforces ``terminate``, with the same configuration;
    without a nanny there is none.
    """
    manager = dask_worker.memory_manager
    found = {
        "target": manager.memory_target_fraction,
        "spill": manager.memory_spill_fraction,
        "pause": manager.memory_pause_fraction,
        "terminate": dask_worker.nanny and dask.config.get("distributed.worker.memory.terminate"),
    }
    return {
        "memory_limit_bytes": manager.memory_limit,
        "thresholds": {name: float(value or 0) for name, value in found.items()},
    }
