"""What is summed over the workers of a cluster: what they share counts once."""

from types import SimpleNamespace
from typing import Any

import pytest

from daskbench.cgroups import Cgroup, throttled_by_group
from daskbench.lane.probes import times
from daskbench.lane.probes.cluster_instruments import ClusterInstruments, _large, _size_of


def instruments(told: Any) -> ClusterInstruments:
    """Instruments of a cluster whose workers answer this."""
    client: Any = SimpleNamespace(id="ours", run=lambda *_, **__: told)
    return ClusterInstruments(client, {"a": 1, "b": 1}, lambda: None, local=True)


def test_a_control_group_that_workers_share_is_throttled_once() -> None:
    told = {"a": {"group": 2.0, "a alone": 1.0}, "b": {"group": 2.0}}
    assert instruments(told)._throttled_groups() == {"group": 2.0, "a alone": 1.0}


def test_a_control_group_is_known_by_what_it_is(tmp_path: Any) -> None:
    (tmp_path / "cpu.stat").write_text("throttled_usec 1500000\n")
    (tmp_path / "other").mkdir()
    one, same, other = (
        Cgroup(name, tmp_path / folder, 2)
        for name, folder in (("/", ""), ("/from/outside", ""), ("/", "other"))
    )
    assert one.identity == same.identity != other.identity
    assert [one.throttled_s, other.throttled_s] == [1.5, 0]
    assert min(throttled_by_group().values(), default=0) >= 0


def test_threads_beside_tasks_are_those_that_neither_run_tasks_nor_are_dasks() -> None:
    found = instruments({})
    found._clocks, found._after = {"a": {7: (1.0, 0, 0)}}, {"a": {7: (3.0, 0, 0)}}
    found._others = {"a": ("host 1", 10.0, {1: 5.0})}
    found._others_after = {"a": ("host 1", 20.0, {1: 6.0, 2: 1.0})}
    assert found._beside_s(2.5) == pytest.approx(20 - 10 - (1 + 1) - 2.5)
    assert found._beside_s(0.0) == pytest.approx(20 - 10 - (1 + 1) - 2.0)


def test_cpu_time_of_tries_that_failed_is_in_the_clocks_of_threads_alone() -> None:
    found = instruments({})
    found._clocks, found._after = {"a": {7: (1.0, 0, 0)}}, {"a": {7: (4.0, 0, 0)}}
    cpu_s = [found._inside(2.0, failed_s).cpu_s for failed_s in (0.0, 0.5, 2.0)]
    assert cpu_s == [2.0, 2.5, 3.0]
    assert found._inside(3.5, 1.0).cpu_s == 3.5


def test_a_graph_that_holds_data_is_noted() -> None:
    frames = [b"1" * 6_000_000, memoryview(b"1" * 6_000_000)]
    for message in ({"graph_frames": frames}, {"expr_ser": SimpleNamespace(frames=frames)}):
        assert "holds 11.4 MiB, which go to the scheduler" in _large(_size_of(message))[0]
    assert _large(_size_of({"graph_frames": frames[:1]})) == _large(_size_of({})) == []


def test_workers_of_one_process_have_its_cpu_time_once() -> None:
    found = instruments({})
    found._clocks = found._after = {}
    found._others = {worker: ("host 1", 10.0, {1: 5.0}) for worker in "ab"}
    found._others_after = {worker: ("host 1", 14.0, {1: 6.0}) for worker in "ab"}
    assert found._beside_s(1.0) == pytest.approx(4 - 1 - 1)
    found._others_after["b"] = ("host 2", 14.0, None)
    assert found._beside_s(1.0) is None, "a system that does not tell"


def test_dasks_own_threads_are_known_by_their_names() -> None:
    process, whole_s, threads = times.other_clocks(None)
    assert process == times.other_clocks(None)[0]
    if threads is not None:  # Linux
        assert 0 < sum(threads.values()) <= times.other_clocks(None)[1]
        assert whole_s > 0
