"""Messages between workers: what is compared, and why one does not arrive."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from daskbench.benchmarks.network import messages
from daskbench.benchmarks.network.messages import random_bytes, received, record_of
from daskbench.benchmarks.network.network import Network
from daskbench.errors import UsageError

SOURCE, OWN = "tcp://10.0.0.1:4000", "tcp://10.0.0.2:4000"


class FakeComm:
    """A connection to a worker that holds `data` under the key `k`, and sends messages back."""

    def __init__(self, data: Any = None, status: str = "OK") -> None:
        self.data, self.status, self.sent, self.aborted = data, status, list[Any](), False
        self.name = ""

    async def write(self, message: Any, **_: Any) -> None:
        self.sent.append(message)

    async def read(self, **_: Any) -> Any:
        asked = self.sent[-1]
        if asked["op"] == "echo":
            return asked["data"] if self.data is None or not asked["data"] else self.data
        held = {} if self.data is None else {"k": self.data}
        return {"status": self.status, "data": held}

    def abort(self) -> None:
        self.aborted = True


class FakePool:
    """Connections of a worker to others."""

    def __init__(self, comm: FakeComm | Callable[[], Any]) -> None:
        self._comm, self.reused = comm, list[Any]()

    async def connect(self, address: str) -> FakeComm:
        assert address == SOURCE
        if isinstance(self._comm, FakeComm):
            return self._comm
        raise self._comm()

    def reuse(self, address: str, comm: FakeComm) -> None:
        self.reused.append(comm)


def message(size: int, *, fetched: bool) -> dict[str, Any]:
    return {"size": size, "seed": 7, "keys": {SOURCE: "k"} if fetched else {}, "most": 5}


def receive(pool: FakePool, sent: dict[str, Any]) -> dict[str, Any]:
    return asyncio.run(received(pool, OWN, SOURCE, sent))


@pytest.mark.parametrize(("size", "fetched"), [(1, False), (1 << 20, True)])
def test_a_message_is_sent_several_times_over_one_connection(size: int, fetched: bool) -> None:
    comm = FakeComm(random_bytes(size, 7) if fetched else None)
    pool = FakePool(comm)
    seen = receive(pool, message(size, fetched=fetched))
    assert seen["first_s"] > 0
    assert 1 <= len(seen["seconds"]) <= 5
    assert pool.reused == [comm]
    assert not comm.aborted
    asked = [one for one in comm.sent if isinstance(one, dict)]
    assert len(asked) == 1 + 1 + len(seen["seconds"]), "one more to see that it is alive"
    if fetched:
        assert comm.sent.count("OK") == 1 + len(seen["seconds"]), "as a worker waits for that"
        assert asked[-1]["who"] == OWN


@pytest.mark.parametrize(
    ("comm", "reason"),
    [
        (FakeComm(random_bytes(999, 7)), "999 of 1,000 bytes arrived"),
        (FakeComm(random_bytes(1000, 8)), "other bytes arrived than were sent"),
        (FakeComm(random_bytes(1000, 7), "busy"), "OSError: it is busy"),
        (FakeComm(), "OSError: it has lost the message to send"),
    ],
)
def test_a_message_that_is_not_what_was_sent_has_a_reason(comm: FakeComm, reason: str) -> None:
    assert receive(FakePool(comm), message(1000, fetched=True)) == {"reason": reason}


def test_a_worker_that_can_not_be_reached_has_a_reason() -> None:
    pool = FakePool(lambda: OSError("Connection refused"))
    assert receive(pool, message(1, fetched=False)) == {"reason": "OSError: Connection refused"}


def test_the_time_that_a_worker_had_to_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "REACH_S", 0.01)

    class Silent(FakePool):
        async def connect(self, address: str) -> FakeComm:
            await asyncio.sleep(3600)
            raise AssertionError

    pool = Silent(FakeComm())
    assert receive(pool, message(1, fetched=False)) == {"reason": "no answer within 0.01 s"}


def test_a_connection_that_broke_is_not_used_again() -> None:
    comm = FakeComm(random_bytes(10, 7), "busy")
    receive(FakePool(comm), message(1000, fetched=True))
    assert comm.aborted


def record(source: str, target: str, host: str, seen: dict[str, Any]) -> dict[str, Any]:
    one, two = {"name": source, "host": "a"}, {"name": target, "host": host}
    return record_of(f"tcp://{source}:1", one, f"tcp://{target}:1", two, seen)


def evaluated(records: Sequence[dict[str, Any]]) -> Any:
    nothing: Any = None
    return Network("1B", 0).account(records, nothing)


def test_an_answer_is_right_if_some_message_arrived() -> None:
    good = record("0", "1", "b", {"first_s": 0.1, "seconds": [0.1]})
    bad = record("1", "0", "a", {"reason": "OSError: no"})
    found = evaluated([good, bad])
    assert found.wrong is None
    assert [(one.same_host, one.reason) for one in found.transfers] == [
        (False, None),
        (True, "OSError: no"),
    ]
    assert all(one.returned and one.sent_bytes == 1 for one in found.transfers)
    assert "OSError: no" in (evaluated([bad]).wrong or "")


def test_more_pairs_than_can_be_visited_are_refused() -> None:
    network = Network("1B", 0)
    network.meet(["tcp://10.0.0.1:1"] * 64)
    with pytest.raises(UsageError, match="65 workers have 4,225 pairs; choose up to 64"):
        network.meet(["tcp://10.0.0.1:1"] * 65)
    with pytest.raises(UsageError, match="a single worker has no network"):
        network.meet(["tcp://10.0.0.1:1"])


def test_bytes_are_those_of_the_seed_and_can_not_be_compressed() -> None:
    import zlib

    found = random_bytes(100_000, 3)
    assert (found == random_bytes(100_000, 3)).all()
    assert (found != random_bytes(100_000, 4)).any()
    assert len(zlib.compress(found)) > 99_000
