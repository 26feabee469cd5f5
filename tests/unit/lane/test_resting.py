"""Workers that rest while a row uses only some of them: on a real cluster in this process."""

from collections.abc import Iterator
from time import sleep
from types import SimpleNamespace
from typing import Any

import pytest
from distributed import Client, LocalCluster

from daskbench.lane.probes import resting, watch
from daskbench.lane.probes.watch import TaskWatch
from daskbench.lane.proving import shortfall
from daskbench.lane.schedulers.base import Counted
from tests.unit.lane.laning import watched


@pytest.fixture
def client() -> Iterator[Client]:
    where: dict[str, Any] = {"processes": False, "dashboard_address": None, "n_workers": 3}
    with LocalCluster(threads_per_worker=1, **where) as cluster, Client(cluster) as client:
        yield client


def use(client: Client, workers: list[str]) -> None:
    client.run(resting.rest, used=workers)
    for _ in range(500):
        if {*client.run_on_scheduler(resting.running)} == {*workers}:
            return
        sleep(0.01)
    raise AssertionError("workers are not as they should be")


def test_tasks_run_only_on_workers_that_do_not_rest(client: Client) -> None:
    plugin = TaskWatch(client.id)
    client.register_plugin(plugin)
    every = sorted(client.nthreads())
    for used in (every[:1], every[1:], every):
        use(client, used)
        sleep(0.3)  # longer than the memory monitor waits, which would resume them
        client.run_on_scheduler(watch.begin, name=plugin.name, workers=used)
        client.gather(client.map(str, range(30), pure=False))
        assert client.run_on_scheduler(watch.received, name=plugin.name)[2] == 0
        assert client.run_on_scheduler(watch.counts, name=plugin.name)[1] == 30


def test_a_worker_has_its_threshold_again_afterwards(client: Client) -> None:
    def pause(dask_worker: Any) -> Any:
        return dask_worker.memory_manager.memory_pause_fraction

    before, every = client.run(pause), sorted(client.nthreads())
    for used in (every[:1], every[:2], every):
        use(client, used)
    assert client.run(pause) == before


def test_a_task_on_another_worker_is_counted_and_no_proof() -> None:
    plugin, scheduler = watched("x", "y")
    watch.begin(scheduler, plugin.name, ["tcp://a"])
    plugin.update_graph(scheduler, client="ours", tasks=["x", "y"])
    plugin.transition("x", "processing", "memory", worker="tcp://a")
    plugin.transition("y", "processing", "memory", worker="tcp://b")
    assert watch.received(scheduler, plugin.name) == (1, 0, 1)
    assert watch.counts(scheduler, plugin.name)[:2] == (2, 2)
    assert shortfall([SimpleNamespace()], Counted(tasks_astray=1)) == (
        "1 task ran on workers that this row does not use"
    )
