"""Follow the memory of a cluster's workers, by a plugin on its scheduler."""

from collections.abc import Callable, Collection
from time import monotonic

from distributed import Client

from daskbench.lane.probes import memory
from daskbench.lane.protocol import Message, Told


def follow(
    client: Client,
    workers: Collection[str],
    interval_s: float | None,
    tell: Callable[[Told], None],
) -> None:
    """Pass messages about these workers, or all without any, to `tell`, with local times."""
    before = monotonic()
    ahead = client.run_on_scheduler(memory.clock) - (before + monotonic()) / 2

    def pass_on(event: tuple[float, Message]) -> None:
        fields = dict(event[1])
        tell(Told(fields.pop("event"), fields.pop("at") - ahead, fields))

    client.subscribe_topic(memory.topic_of(client.id), pass_on)
    client.register_plugin(memory.MemoryWatch(client.id, interval_s, [*workers]))
