"""The plugin that watches memory, on a scheduler that is not there."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.lane.probes import memory
from daskbench.lane.probes.memory import MemoryWatch
from tests.unit.fakes import Clock

HERE, OTHER, WRITES, READS = "tcp://here:1", "tcp://other:1", "disk-write", "disk-read"


class FakeScheduler:
    """What the plugin needs of a scheduler."""

    def __init__(self, *addresses: str) -> None:
        self.workers: dict[str, Any] = {}
        self.plugins: dict[str, MemoryWatch] = {}
        self.heard: list[str] = []
        self.told: list[dict[str, Any]] = []
        self.subscribed: set[str] = set()
        self.handlers: dict[str, Callable[..., Any]] = {"heartbeat_worker": self.original}
        self._broker = SimpleNamespace(_topics={})
        for number, address in enumerate(addresses):
            self.join(address, str(number))

    def original(self, address: str, **message: Any) -> dict[str, str]:
        self.heard.append(address)
        return {"status": "OK"}

    def join(self, address: str, name: str, process: int = 100) -> None:
        held = SimpleNamespace(
            process=process, managed=60, unmanaged_old=30, unmanaged_recent=10, spilled=7
        )
        status = SimpleNamespace(name="running")
        self.workers[address] = SimpleNamespace(name=name, memory=held, status=status)
        for plugin in self.plugins.values():
            plugin.add_worker(self, address)

    def leave(self, address: str) -> None:
        del self.workers[address]
        for plugin in self.plugins.values():
            plugin.remove_worker(self, address)

    def log_event(self, topic: str, message: dict[str, Any]) -> None:
        self._broker._topics[topic] = True
        if topic in self.subscribed:
            self.told.append(message)

    def subscribe_topic(self, topic: str, client: str) -> None:
        assert topic.endswith(client)
        self.subscribed.add(topic)

    def remove_plugin(self, name: str) -> None:
        del self.plugins[name]

    def beat(self, address: str = HERE, **digests: float) -> Any:
        """Send a heartbeat; digests as ``execute__disk_write__bytes=5``."""
        found: dict[Any, float] = {
            tuple(part.replace("_", "-") for part in name.split("__")): value
            for name, value in digests.items()
        }
        metrics = {"digests_total_since_heartbeat": {"tick-duration": 0.02, **found}}
        return self.handlers["heartbeat_worker"](address=address, metrics=metrics)

    def status(self, address: str, before: str, after: str) -> None:
        for plugin in self.plugins.values():
            plugin.log_event(address, {"action": "x", "prev-status": before, "status": after})

    def kinds(self) -> list[tuple[str, str]]:
        return [(line["worker"], line["what"]) for line in self.told if line["event"] == "worker"]

    def readings(self) -> list[dict[str, Any]]:
        return [line for line in self.told if line["event"] == "memory"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(memory, "monotonic", clock)
    return clock


def watch(
    scheduler: FakeScheduler,
    interval_s: float | None = None,
    workers: tuple[str, ...] = (),
    client: str = "me",
) -> MemoryWatch:
    plugin = MemoryWatch(client, interval_s, list(workers))

    async def start() -> None:
        await plugin.start(scheduler)
        plugin.ticking.cancel()  # the tests move the clock, and tick by hand

    asyncio.run(start())
    scheduler.plugins[plugin.name] = plugin
    scheduler.told.clear()
    return plugin


def live(plugin: MemoryWatch, clock: Clock, seconds: float) -> None:
    """Let time pass in ticks."""
    end = clock.now + seconds
    while clock.now < end:
        clock.now = min(clock.now + 0.1, end)
        plugin.tick()


def test_each_heartbeat_gives_a_reading_and_has_its_answer(clock: Clock) -> None:
    scheduler = FakeScheduler(HERE)
    plugin = watch(scheduler)
    live(plugin, clock, 0.5)
    assert scheduler.beat() == {"status": "OK"}
    assert scheduler.heard == [HERE]
    assert scheduler.told == [
        {
            "event": "memory",
            "at": clock.now,
            "worker": "0",
            "process_bytes": 100,
            "managed_bytes": 60,
            "unmanaged_bytes": 30,
            "unmanaged_recent_bytes": 10,
            "spilled_bytes": 7,
            "state": "running",
            "span_s": pytest.approx(0.5),
            "written_bytes": 0,
            "monitor_bytes": 0,
            "read_bytes": 0,
            "write_s": 0.0,
            "read_s": 0.0,
            "shuffle_written_bytes": 0,
            "shuffle_read_bytes": 0,
        }
    ]


def test_what_is_known_already_is_told_at_once(clock: Clock) -> None:
    """A run shorter than the time between two heartbeats sees no other reading."""
    scheduler = FakeScheduler(HERE, OTHER, "tcp://odd:1")
    scheduler.workers["tcp://odd:1"].memory = None
    plugin = MemoryWatch("me", 60.0, [HERE, "tcp://odd:1"])

    async def start() -> None:
        await plugin.start(scheduler)
        await plugin.close()

    asyncio.run(start())
    (told,) = scheduler.readings()
    assert (told["worker"], told["process_bytes"], told["span_s"]) == ("0", 100, 0.0)


def test_time_that_was_frozen_is_not_counted(clock: Clock) -> None:
    scheduler = FakeScheduler(HERE)
    plugin = watch(scheduler)
    live(plugin, clock, 0.5)
    scheduler.beat()
    live(plugin, clock, 0.3)
    clock.now += 60
    live(plugin, clock, 0.2)
    scheduler.beat()
    spans = [line["span_s"] for line in scheduler.readings()]
    assert spans == pytest.approx([0.5, 0.5], abs=0.11), "a tick's length may be lost"
    assert scheduler.readings()[1]["at"] == pytest.approx(clock.now)


def test_a_heartbeat_right_after_a_freeze_is_told_with_the_time_before(clock: Clock) -> None:
    scheduler = FakeScheduler(HERE)
    plugin = watch(scheduler)
    live(plugin, clock, 0.4)
    clock.now += 10
    scheduler.beat()
    assert [line["span_s"] for line in scheduler.readings()] == pytest.approx([0.4])


def test_the_clock_of_the_day_plays_no_part(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The module has no other clock than the monotonic one."""
    for name in ("time", "datetime", "perf_counter"):
        assert not hasattr(memory, name)
    assert memory.clock() == clock.now


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=60), st.floats(0.5, 5.0))
def test_an_interval_thins_readings_and_loses_no_bytes(
    written: list[int], interval_s: float
) -> None:
    clock, scheduler = Clock(), FakeScheduler(HERE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory, "monotonic", clock)
        plugin = watch(scheduler, interval_s)
        for number in written:
            live(plugin, clock, 0.5)
            scheduler.beat(execute__disk_write__bytes=number)
        live(plugin, clock, interval_s)
        scheduler.beat()
    readings = scheduler.readings()
    assert sum(line["written_bytes"] for line in readings) == sum(written)
    assert all(line["span_s"] >= interval_s * 0.9 for line in readings)
    assert sum(line["span_s"] for line in readings) == pytest.approx(clock.now - 100.0)


def test_what_went_to_disk_is_told_by_who_sent_it(clock: Clock) -> None:
    scheduler = FakeScheduler(HERE)
    plugin = watch(scheduler)
    live(plugin, clock, 0.5)
    scheduler.beat(
        execute__disk_write__bytes=5,
        memory_monitor__disk_write__bytes=7,
        get_data__disk_read__bytes=11,
        execute__disk_write__seconds=0.5,
        memory_monitor__disk_write__seconds=0.25,
        get_data__disk_read__seconds=2.0,
        execute__disk_read__count=9,
    )
    (told,) = scheduler.readings()
    assert (told["written_bytes"], told["monitor_bytes"], told["read_bytes"]) == (12, 7, 11)
    assert (told["write_s"], told["read_s"]) == (0.75, 2.0)


def test_what_shuffles_write_is_no_spilling(clock: Clock) -> None:
    """With these names shuffles tell of what they do, in front and in the background."""
    scheduler = FakeScheduler(HERE)
    plugin = watch(scheduler)
    live(plugin, clock, 0.5)
    scheduler.beat(
        p2p__background_disk__disk_write__bytes=13,
        p2p__background_disk__disk_write__seconds=1.0,
        p2p__foreground__disk_read__bytes=3,
        execute__disk_write__bytes=5,
    )
    live(plugin, clock, 0.5)
    scheduler.beat(p2p__background_disk__disk_write__bytes=2)
    first, second = scheduler.readings()
    assert (first["written_bytes"], first["monitor_bytes"], first["read_bytes"]) == (5, 0, 0)
    assert (first["shuffle_written_bytes"], first["shuffle_read_bytes"]) == (13, 3)
    assert (second["written_bytes"], second["shuffle_written_bytes"]) == (0, 2)
    assert scheduler.kinds() == [("0", "spill-began"), ("0", "spill-ended")]


def test_spilling_begins_and_ends_once(clock: Clock) -> None:
    scheduler = FakeScheduler(HERE)
    plugin = watch(scheduler)
    for written in (0, 5, 5, 0, 0):
        live(plugin, clock, 0.5)
        scheduler.beat(execute__disk_write__bytes=written)
    assert scheduler.kinds() == [("0", "spill-began"), ("0", "spill-ended")]


def test_paused_and_resumed(clock: Clock) -> None:
    scheduler = FakeScheduler(HERE)
    watch(scheduler)
    scheduler.status(HERE, "init", "running")
    scheduler.status(HERE, "running", "paused")
    scheduler.status(HERE, "paused", "running")
    assert scheduler.kinds() == [("0", "paused"), ("0", "resumed")]


@pytest.mark.parametrize("late", [False, True])
def test_a_worker_that_its_nanny_ends_and_starts_again(clock: Clock, late: bool) -> None:
    """The nanny's word and the worker's leave come over two connections, so in any order."""
    scheduler = FakeScheduler(HERE)
    plugin = watch(scheduler)
    terminated = {"worker": HERE, "pid": 1, "rss": 99}
    if not late:
        plugin.log_event("worker-restart-memory", terminated)
    scheduler.leave(HERE)
    if late:
        plugin.log_event("worker-restart-memory", terminated)
    scheduler.join("tcp://here:2", "0")
    assert sorted(scheduler.kinds()[:2]) == [("0", "left"), ("0", "terminated")]
    assert scheduler.kinds()[2:] == [("0", "restarted")]
    assert [line["rss_bytes"] for line in scheduler.told if "rss_bytes" in line] == [99]


@pytest.mark.parametrize("address", [HERE, "tcp://here:2"])
def test_a_follower_has_the_name_and_what_is_still_to_tell(clock: Clock, address: str) -> None:
    scheduler = FakeScheduler(HERE)
    plugin = watch(scheduler, 1.0)
    live(plugin, clock, 0.5)
    scheduler.beat(execute__disk_write__bytes=5)
    scheduler.leave(HERE)
    live(plugin, clock, 3.0)
    scheduler.join(address, "0")
    live(plugin, clock, 1.0)
    scheduler.beat(address, execute__disk_write__bytes=7)
    (told,) = scheduler.readings()
    assert (told["worker"], told["written_bytes"]) == ("0", 12)
    assert told["span_s"] == pytest.approx(1.0), "nobody was there in between"
    assert scheduler.kinds() == [("0", "left"), ("0", "restarted"), ("0", "spill-began")]


def test_a_worker_that_is_new_is_not_restarted(clock: Clock) -> None:
    scheduler = FakeScheduler(HERE)
    watch(scheduler)
    scheduler.join("tcp://here:2", "1")
    assert scheduler.told == []


def test_an_address_may_go_to_a_worker_of_another_name(clock: Clock) -> None:
    scheduler = FakeScheduler(HERE)
    watch(scheduler)
    scheduler.leave(HERE)
    scheduler.join(HERE, "9")
    scheduler.beat()
    assert scheduler.kinds() == [("0", "left")]
    assert [line["worker"] for line in scheduler.readings()] == ["9"]


def test_workers_that_are_not_ours_are_left_out(clock: Clock) -> None:
    scheduler = FakeScheduler(HERE, OTHER)
    plugin = watch(scheduler, workers=(HERE,))
    live(plugin, clock, 0.5)
    scheduler.beat(OTHER, execute__disk_write__bytes=5)
    scheduler.status(OTHER, "running", "paused")
    plugin.log_event("worker-restart-memory", {"worker": OTHER, "pid": 1, "rss": 99})
    plugin.log_event("worker-restart-memory", {"worker": "tcp://never:1", "pid": 1, "rss": 99})
    scheduler.leave(OTHER)
    scheduler.join(OTHER, "1")
    assert scheduler.told == []
    assert scheduler.heard == [OTHER]
    scheduler.beat(HERE)
    assert len(scheduler.readings()) == 1


@pytest.mark.parametrize("metrics", [{}, {"digests_total_since_heartbeat": None}])
def test_a_heartbeat_that_cannot_be_read_is_answered(clock: Clock, metrics: Any) -> None:
    scheduler = FakeScheduler(HERE)
    watch(scheduler)
    handler = scheduler.handlers["heartbeat_worker"]
    assert handler(address=HERE, metrics=metrics) == {"status": "OK"}
    assert handler(address="tcp://unknown:1", metrics={}) == {"status": "OK"}
    scheduler.workers[HERE].memory = None
    assert scheduler.beat() == {"status": "OK"}
    assert scheduler.told == []


def test_what_the_scheduler_raises_is_still_raised(clock: Clock) -> None:
    """A heartbeat of which the scheduler itself can make nothing must not look like a good one."""
    scheduler = FakeScheduler(HERE)
    watch(scheduler)
    with pytest.raises(TypeError):
        scheduler.handlers["heartbeat_worker"](metrics={})


def test_events_of_others_are_no_matter(clock: Clock) -> None:
    scheduler = FakeScheduler(HERE)
    plugin = watch(scheduler)
    for topic in (HERE, "worker-restart-memory", "all"):
        for message in ("text", None, 5, ["list"], {}, {"status": None}):
            plugin.log_event(topic, message)
    assert scheduler.told == []


def test_nothing_is_left_when_its_client_is_gone(clock: Clock) -> None:
    scheduler = FakeScheduler(HERE)
    plugin = watch(scheduler)
    live(plugin, clock, 0.5)
    scheduler.beat()
    plugin.remove_client(scheduler, "somebody else")
    assert scheduler.plugins
    plugin.remove_client(scheduler, "me")
    assert scheduler.plugins == {}
    assert scheduler.handlers == {"heartbeat_worker": scheduler.original}
    assert scheduler._broker._topics == {}
    live(plugin, clock, 0.5)
    assert scheduler.beat() == {"status": "OK"}
    assert len(scheduler.readings()) == 1


def test_it_leaves_a_scheduler_whose_inside_is_another(clock: Clock) -> None:
    scheduler = FakeScheduler(HERE)
    plugin = watch(scheduler)
    del scheduler._broker
    plugin.remove_client(scheduler, "me")
    assert scheduler.handlers == {"heartbeat_worker": scheduler.original}


@given(st.permutations(["a", "b", "c"]))
def test_several_clients_leave_in_any_order(order: list[str]) -> None:
    """Each lane on a cluster is a client: they stand before one another."""
    clock, scheduler = Clock(), FakeScheduler(HERE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory, "monotonic", clock)
        plugins = {name: watch(scheduler, client=name) for name in ("a", "b", "c")}
        for gone, name in enumerate(order):
            scheduler.told.clear()
            clock.now += 0.5
            scheduler.beat()
            assert len(scheduler.readings()) == 3 - gone
            plugins[name].remove_client(scheduler, name)
    assert (scheduler.handlers["heartbeat_worker"], scheduler.plugins) == (scheduler.original, {})
    assert scheduler.heard == [HERE] * 3
