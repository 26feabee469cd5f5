"""For how long the GIL is not to be had: by a thread that asks, where there is one."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from daskbench.lane.accounting.account import account_of
from daskbench.lane.probes import gil
from daskbench.lane.probes.cluster_instruments import ClusterInstruments
from daskbench.lane.probes.instruments import LocalInstruments


class KnockKnock:
    """What gilknocker has: a thread that found the GIL taken for half of the time."""

    made: "list[KnockKnock]"

    def __init__(self, polling_interval_micros: int, *, sleeping_interval_micros: int) -> None:
        self.contention_metric, self.running = 0.5, False
        self.made.append(self)

    def start(self) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False


@pytest.fixture
def knocking(monkeypatch: pytest.MonkeyPatch) -> list[KnockKnock]:
    KnockKnock.made = []
    monkeypatch.setitem(sys.modules, "gilknocker", SimpleNamespace(KnockKnock=KnockKnock))
    monkeypatch.setattr(gil, "perf_counter", iter(float(n) for n in range(100)).__next__)
    return KnockKnock.made


def test_without_the_package_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gilknocker", None)
    assert gil.knocker() is None
    worker = SimpleNamespace()
    gil.begin(worker)
    assert gil.end(worker) is None


def test_without_a_gil_nothing_is_told(
    knocking: list[KnockKnock], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
    assert gil.knocker() is None
    assert knocking == []


def test_a_worker_tells_for_how_long(knocking: list[KnockKnock]) -> None:
    worker = SimpleNamespace()
    gil.begin(worker)
    [thread] = knocking
    assert thread.running
    assert gil.end(worker) == 0.5, "of the second that passed"
    assert not thread.running
    assert gil.end(worker) is None


def test_graphs_are_counted_and_what_is_between_them_is_not(knocking: list[KnockKnock]) -> None:
    import dask

    with LocalInstruments(1) as instruments:
        for _ in range(2):
            assert dask.compute(dask.delayed(int)(3), scheduler="synchronous") == (3,)
    [thread] = knocking
    assert not thread.running
    facts = instruments.facts(0.0, 1.0)
    assert facts.gil_held_s == 1.0, "half of the second that each graph took"
    assert account_of(facts).gil_s is not None


def test_workers_count_by_their_threads() -> None:
    client: Any = SimpleNamespace(id="one", cluster=None)
    instruments = ClusterInstruments(client, {"a": 1, "b": 3}, lambda: None, local=True)
    instruments._gil = {"a": 1.0, "b": 2.0}
    assert instruments._gil_held_s == 1.75
    instruments._gil = {"a": 1.0, "b": None}
    assert instruments._gil_held_s == 1.0
    instruments._gil = {"a": None}
    assert instruments._gil_held_s is None
