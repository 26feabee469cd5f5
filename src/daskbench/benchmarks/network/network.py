"""What lies between workers: messages of a size between each pair of them."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar

from daskbench.benchmarks.base import Compute, Evaluation, Parameter, Traits
from daskbench.benchmarks.network.messages import (
    REACH_S,
    random_bytes,
    received,
    record_of,
    visit_all,
    whoami,
)
from daskbench.benchmarks.workers import Transfer
from daskbench.errors import UsageError
from daskbench.units import format_bytes, parse_bytes

#: Messages up to this size are sent back, larger ones are fetched.
ECHOED = 1024
_MOST = 1 << 30
#: So many workers, so that there are pairs, and all of them are visited in minutes.
_LEAST_WORKERS, MOST_WORKERS = 2, 64
#: At most so many messages of all pairs together in a round, and of each.
_MOST_MESSAGES, _MOST_OF_A_PAIR = 20_000, 50


def read_size(value: object) -> str:
    """Read the size of a message; raises UsageError."""
    text = str(value).strip()
    if (size := parse_bytes(text)) > _MOST:
        raise UsageError(f"a message of {format_bytes(size)} is too large; use up to 1GiB")
    return text


class Network:
    """Each worker receives a message from each other, from itself, and the client from all.

    Small messages are sent there and back, as Dask's servers echo them: half of that is the
    latency. Large ones are fetched as workers fetch results of tasks from each other. Each is sent
    several times over one connection of Dask's, and what arrives is compared in size and checksum.
    They are random bytes, so compression makes no difference.
    """

    traits: ClassVar = Traits(experiment="network")
    parameters: ClassVar = {
        "size": Parameter(
            "8MiB", "Size of messages.", read=read_size, metavar="SIZE,...", variant=True
        )
    }

    def __init__(self, size: str, seed: int) -> None:
        self.size, self.seed = parse_bytes(read_size(size)), seed
        self._workers: list[str] = []
        self._keys: Mapping[str, str] = {}
        self._order = random.Random(seed)

    @property
    def is_echoed(self) -> bool:
        """Whether messages are sent back."""
        return self.size <= ECHOED

    def meet(self, workers: Sequence[str]) -> None:
        """Remember the workers; raises UsageError if there are too many, or no two of them."""
        if len(workers) < _LEAST_WORKERS:
            raise UsageError("a single worker has no network: use --workers 2 or more")
        if len(workers) > MOST_WORKERS:
            raise UsageError(
                f"{len(workers)} workers have {len(workers) ** 2:,} pairs; choose up to "
                f"{MOST_WORKERS} of them with --workers"
            )
        self._workers = [*workers]

    def prepare(self, compute: Compute) -> None:
        """Give each worker the message that others fetch."""
        import dask

        if self.is_echoed:
            return
        make, made = dask.delayed(random_bytes, pure=False), []
        for worker in self._workers:
            with dask.annotate(workers=[worker], allow_other_workers=False):
                made.append(make(self.size, self.seed))
        self._kept = compute.keep(*made)  # for as long as this is alive
        self._keys = {
            worker: str(kept.key) for worker, kept in zip(self._workers, self._kept, strict=True)
        }

    @property
    def _message(self) -> dict[str, Any]:
        pairs = max(1, len(self._workers) ** 2)
        most = max(2, min(_MOST_OF_A_PAIR, _MOST_MESSAGES // pairs))
        return {"size": self.size, "seed": self.seed, "keys": dict(self._keys), "most": most}

    def collection(self) -> Sequence[Any]:
        """Return a task that lets the workers receive the messages, one after the other."""
        from dask import delayed

        order = self._order.randrange(1 << 32)
        return [delayed(visit_all, pure=False)(self._workers, self._message, order)]

    def proceed(self, results: Sequence[Any], compute: Compute) -> list[dict[str, Any]]:
        """Let the client receive the message from each worker, too."""
        from distributed import default_client

        [found] = results
        client = default_client()
        return [*found, *client.sync(self._to_client, client, found)]

    async def _to_client(
        self, client: Any, found: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        about = {one["source_address"]: {"name": one["source"]} for one in found}
        with suppress(Exception):  # then their hosts are unknown
            asked = client.run(whoami, workers=self._workers, on_error="ignore")
            about |= await asyncio.wait_for(asked, REACH_S)
        own, records = whoami(), []
        for worker in self._workers:
            seen = await received(client.rpc, client.id, worker, self._message)
            records.append(record_of(worker, about[worker], "", own, seen))
        return records

    def account(self, answer: Sequence[Mapping[str, Any]], compute: Compute) -> Evaluation:
        """Return the messages; wrong if none arrived."""
        given: dict[str, Any] = {"sent_bytes": self.size, "returned": self.is_echoed}
        return Evaluation(
            self.check(answer), transfers=[Transfer(**given, **one) for one in answer]
        )

    def check(self, answer: Sequence[Mapping[str, Any]]) -> str | None:
        """Return why no message arrived; None if some did."""
        reasons = [one.get("reason") for one in answer]
        return f"no message arrived: {reasons[0]}" if reasons and all(reasons) else None
