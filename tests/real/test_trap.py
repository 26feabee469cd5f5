"""The trap of FACTS 1: a repetition that computes the same collection again may run nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import dask
import pytest
from distributed import Client, LocalCluster

from daskbench.benchmarks.base import Benchmark
from daskbench.benchmarks.calc_mean import CalcMean
from daskbench.lane.probes import watch
from daskbench.lane.sampling import Sampler
from daskbench.lane.schedulers.distributed import Distributed
from tests.unit.builders import opening

from .tool import Tool

pytestmark = pytest.mark.real

TASKS = 20
SAMPLES = 20
CASE: dict[str, Any] = {
    "workers": 1,
    "threads_per_worker": 2,
    "blas_threads": None,
    "cluster": {},
}


class NaiveMean(CalcMean):
    """What ``%timeit`` of a notebook does: the collection is built once."""

    made: Sequence[Any] = ()

    def collection(self) -> Sequence[Any]:
        self.made = self.made or super().collection()
        return self.made


def calc_mean(rng: str, kind: type[CalcMean] = CalcMean) -> CalcMean:
    return kind(n=1000, tasks=TASKS, rng=rng, seed=1)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Client]:
    """A LocalCluster in this process: threads, so that nothing has to be spawned."""
    monkeypatch.chdir(tmp_path)
    # results that a test holds on purpose are not waited for
    monkeypatch.setattr("daskbench.lane.schedulers.distributed._RELEASE_S", 0.2)
    cluster = LocalCluster(
        n_workers=1,
        threads_per_worker=2,
        processes=False,
        protocol="tcp",
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    )
    with cluster, Client(cluster, set_as_default=False) as client:
        yield client


@contextmanager
def opened(scheduler: Distributed, client: Client, benchmark: Benchmark) -> Iterator[Sampler]:
    """A sampler on our client."""
    scheduler.client = client
    scheduler.plugin = watch.TaskWatch(client.id)
    client.register_plugin(scheduler.plugin)
    scheduler.nthreads = client.nthreads()
    try:
        yield Sampler(benchmark, scheduler)
    finally:
        client.unregister_scheduler_plugin(scheduler.plugin.name)


def registered(client: Client) -> watch.TaskWatch:
    """Return a plugin on the scheduler that has begun to count."""
    plugin = watch.TaskWatch(client.id)
    client.register_plugin(plugin)
    client.run_on_scheduler(watch.begin, name=plugin.name)
    return plugin


def ran(client: Client, plugin: watch.TaskWatch) -> int:
    """Return what the plugin on the scheduler has counted since it last began."""
    tasks: int = client.run_on_scheduler(watch.counts, name=plugin.name)[1]
    client.run_on_scheduler(watch.begin, name=plugin.name)
    return tasks


def test_the_same_collection_again_runs_nothing(client: Client) -> None:
    """While its results are held, all of it is taken from memory."""
    plugin = registered(client)
    collection = calc_mean("generator").collection()
    held = client.compute(list(collection))
    first = client.gather(held)
    assert ran(client, plugin) == TASKS
    again = dask.compute(*collection, scheduler=client)
    assert list(again) == first
    assert ran(client, plugin) == 0
    del held


@pytest.mark.parametrize("rng", ["legacy", "generator"])
def test_a_naive_repetition_is_caught(client: Client, rng: str) -> None:
    benchmark = calc_mean(rng, NaiveMean)
    with opened(Distributed(opening(**CASE)), client, benchmark) as sampler:
        first = sampler.sample(1)
        held = client.compute(list(benchmark.collection()))
        client.gather(held)
        second = sampler.sample(1)
        del held
    assert (first.reason, first.tasks_run) == (None, TASKS)
    assert second.tasks_run == 0
    assert second.tasks_expected == TASKS
    assert second.reason == f"0 of {TASKS} tasks ran"


def test_a_naive_repetition_runs_whole_within_one_sample(client: Client) -> None:
    """Loops whose keys are the same are computed apart: none meets what the last one left."""
    with opened(Distributed(opening(**CASE)), client, calc_mean("legacy", NaiveMean)) as sampler:
        sample = sampler.sample(loops=SAMPLES)
    assert sample.tasks_run == sample.tasks_expected == SAMPLES * TASKS


def test_naive_loop_is_told_from_ours_by_the_count(client: Client) -> None:
    """The plain loop of FACTS 1: a repetition runs all or less; never is less taken for all."""
    plugin = registered(client)
    collection = calc_mean("legacy").collection()
    answers, counts = [], []
    for _ in range(SAMPLES):
        answers.append(dask.compute(*collection, scheduler=client))
        counts.append(ran(client, plugin))
    assert counts[0] == TASKS
    for before, after, count in zip(answers, answers[1:], counts[1:], strict=False):
        old = len(set(before) & set(after))
        assert count == TASKS - old


def test_ours_is_immune(client: Client) -> None:
    """Though another client holds results of the same functions on the same workers."""
    scheduler, benchmark = Distributed(opening(**CASE)), calc_mean("legacy")
    address = client.scheduler.address
    with (
        opened(scheduler, client, benchmark) as sampler,
        Client(address, set_as_default=False) as other,
    ):
        held = []
        for _ in range(SAMPLES):
            held.append(other.compute(list(benchmark.collection())))
            sample = sampler.sample(1)
            assert (sample.tasks_run, sample.reason) == (TASKS, None)
        assert len(other.gather(held)) == SAMPLES


def test_ours_is_immune_from_the_command_line(tool: Tool) -> None:
    done = tool.run(
        *("schedulers", "--schedulers", "distributed", "--workers", "2"),
        *("--n", "1000", "--tasks", "20", "--rounds", str(SAMPLES)),
    )
    assert done.code == 0, done.err
    (case,) = tool.results()["cases"]
    assert (case["samples"], case["invalid_samples"]) == (SAMPLES, 0)
    assert case["tasks_run"] == case["tasks_expected"] == 20 * SAMPLES * case["loops"]
    # Without --memory nothing is read.
    assert tool.events("memory") == tool.events("worker") == []
    assert "thresholds" not in tool.events("lane")[0]
    refused = tool.run("export", "--timeline", "t.csv")
    assert refused.code == 2
    assert "with --memory" in refused.err
