"""Counting tasks, and the probes."""

import os
import time
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import dask
import numpy as np
import pytest

from daskbench.benchmarks import make_benchmark
from daskbench.benchmarks.calc_mean import CalcMean
from daskbench.errors import UsageError
from daskbench.lane.probes.blas import blas_info
from daskbench.lane.probes.cpu import cpu_seconds
from daskbench.lane.probes.tasks import TaskCounter, count_tasks
from daskbench.lane.probes.tree import cpu_s, members, rss_bytes
from daskbench.lane.probes.watch import TaskWatch, begin, counts, hold, left_over
from tests.unit.lane.laning import SMALL, watched


def test_tasks_are_counted_without_running_any() -> None:
    ran: list[int] = []
    collection = [dask.delayed(ran.append)(i) for i in range(7)]
    assert count_tasks(collection) == 7
    assert ran == []


def test_the_counter_sees_what_ran_and_when_first() -> None:
    before = time.perf_counter()
    with TaskCounter() as counter:
        dask.compute(*[dask.delayed(abs)(i) for i in range(5)], scheduler="synchronous")
    assert counter.tasks_run == 5
    assert counter.first_task is not None
    assert before <= counter.first_task <= time.perf_counter()
    assert TaskCounter().first_task is None


def test_the_watch_counts_the_tasks_of_its_client_alone() -> None:
    watch = TaskWatch("ours")
    scheduler = SimpleNamespace(
        plugins={watch.name: watch}, workers={"a": 1, "b": 2}, tasks={"x": 1, "z": 1}
    )
    begin(scheduler, watch.name)
    watch.update_graph(scheduler, client="ours", tasks=["x", "y"])
    watch.update_graph(scheduler, client="theirs", tasks=["z"])
    for key in ("x", "z"):
        watch.transition(key, "processing", "memory")
    watch.transition("y", "waiting", "processing")
    watch.transition("y", "memory", "released")
    watch.remove_worker(scheduler, worker="a")
    assert counts(scheduler, watch.name) == (2, 1, 1)
    assert left_over(scheduler, watch.name) == 1
    begin(scheduler, watch.name)
    assert counts(scheduler, watch.name) == (0, 0, 0)


def test_the_same_key_in_two_graphs_has_to_run_twice() -> None:
    """What the second finds in memory has not run, and what ran again for a lost worker is one."""
    watch = TaskWatch("ours")
    scheduler = SimpleNamespace(plugins={watch.name: watch}, workers={}, tasks={})
    begin(scheduler, watch.name)
    for _ in range(2):
        watch.update_graph(scheduler, client="ours", tasks=["x", "y"])
        for _ in range(2):
            watch.transition("x", "processing", "memory")
    assert counts(scheduler, watch.name) == (4, 2, 0)


def arrive(watch: TaskWatch, scheduler: Any, *tasks: str, run: Sequence[str] = ()) -> None:
    """Let a graph of ours arrive, of which these tasks run."""
    watch.update_graph(scheduler, client="ours", tasks=list(tasks))
    for key in run:
        watch.transition(key, "processing", "memory")


def test_data_that_are_held_need_not_run() -> None:
    watch, scheduler = watched("x", "y")
    hold(scheduler, watch.name, ["x"])
    for _ in range(2):
        begin(scheduler, watch.name)
        arrive(watch, scheduler, "x", "y", "z", run="yz")
        assert left_over(scheduler, watch.name) == 1  # y; what is held may stay
        assert counts(scheduler, watch.name) == (2, 2, 0)


def test_data_that_are_held_count_for_no_graph_when_they_run_again() -> None:
    """As when the worker that held them was lost."""
    watch, scheduler = watched()
    hold(scheduler, watch.name, ["x"])
    hold(scheduler, watch.name, ["w"])
    begin(scheduler, watch.name)
    arrive(watch, scheduler, "w", "x", "y", run="wxy")
    assert counts(scheduler, watch.name) == (1, 1, 0)


def test_nothing_is_counted_before_a_sample_nor_after_it() -> None:
    watch, scheduler = watched("a", "x", "b")
    arrive(watch, scheduler, "a", run="a")  # to prepare
    assert counts(scheduler, watch.name) == (0, 0, 0)
    begin(scheduler, watch.name)
    arrive(watch, scheduler, "x", run="x")
    assert counts(scheduler, watch.name) == (1, 1, 0)
    arrive(watch, scheduler, "b", run="b")  # to judge the answer
    assert counts(scheduler, watch.name) == (1, 1, 0)
    assert left_over(scheduler, watch.name) == 1  # x alone: what judges may stay
    begin(scheduler, watch.name)
    assert counts(scheduler, watch.name) == (0, 0, 0)


def test_the_watch_leaves_with_its_client() -> None:
    removed: list[str] = []
    scheduler = SimpleNamespace(remove_plugin=lambda name: removed.append(name))
    watch = TaskWatch("ours")
    watch.remove_client(scheduler, client="theirs")
    assert removed == []
    watch.remove_client(scheduler, client="ours")
    assert removed == [watch.name]


def test_the_memory_and_cpu_of_this_process_are_seen() -> None:
    assert next(members(os.getpid())) == os.getpid()
    assert 1 << 20 < rss_bytes(os.getpid()) <= rss_bytes(os.getpid(), high_water=True)
    assert cpu_s(os.getpid()) > 0


def test_of_a_process_that_is_gone_nothing_is_seen() -> None:
    gone = 2**22 + 1  # above the kernel's highest id
    assert rss_bytes(gone) == 0
    assert cpu_s(gone) == 0


def test_cpu_seconds_grow_with_work() -> None:
    first = cpu_seconds()
    while (now := cpu_seconds()) <= first:
        sum(range(1000))
    assert now > first


def test_blas_threads_are_found() -> None:
    found = blas_info()
    assert found
    assert all(blas["threads"] >= 1 and blas["api"] for blas in found)


def checked(rng: str, *answers: list[float], n: int = 100, tasks: int = 3) -> str | None:
    """What the check says of the last of these answers."""
    benchmark = CalcMean(n, tasks, rng, seed=5)
    said = [benchmark.check(answer) for answer in answers]
    return said[-1]


def test_every_way_to_compute_gives_the_same_means_with_generator() -> None:
    benchmark = make_benchmark("calc_mean", SMALL | {"rng": "generator"}, 3)
    loop = [call() for call in benchmark.calls()]
    computed = dask.compute(*benchmark.collection(), scheduler="synchronous")
    assert list(computed) == loop
    assert benchmark.check(loop) is None
    assert len(set(loop)) == 10


def test_the_seed_changes_the_means() -> None:
    one, two = (
        [call() for call in make_benchmark("calc_mean", SMALL | {"rng": "generator"}, s).calls()]
        for s in (1, 2)
    )
    assert not set(one) & set(two)


def test_legacy_means_are_new_each_time() -> None:
    benchmark = make_benchmark("calc_mean", SMALL | {"rng": "legacy"}, 1)
    for _ in range(2):
        answer = dask.compute(*benchmark.collection(), scheduler="synchronous")
        assert benchmark.check(answer) is None


def test_a_collection_has_new_keys_each_time() -> None:
    benchmark = make_benchmark("calc_mean", SMALL | {"rng": "generator"}, 1)
    one, two = ({item.key for item in benchmark.collection()} for _ in range(2))
    assert len(one) == len(two) == 10
    assert not one & two


@pytest.mark.parametrize("rng", ["legacy", "generator"])
def test_too_few_means_are_wrong(rng: str) -> None:
    assert checked(rng, [0.1, 0.2]) == "2 means instead of 3"


def test_a_mean_that_is_off_by_the_least_is_wrong() -> None:
    means = [float(call()) for call in CalcMean(100, 3, "generator", 5).calls()]
    assert checked("generator", means) is None
    means[1] = float(np.nextafter(means[1], 1))
    assert checked("generator", means) == "1 of 3 means differ from NumPy's"


def test_implausible_means_are_wrong() -> None:
    said = checked("legacy", [0.1, 0.61, -0.7])
    assert said == "2 of 3 means are further than 6/sqrt(n) = 0.6 from 0"
    assert checked("legacy", [0.1, float("nan"), 0.2]) is not None


def test_means_of_an_earlier_sample_are_wrong() -> None:
    first = [0.1, 0.2, 0.3]
    assert checked("legacy", first, [0.4, 0.2, 0.5]) == (
        "1 of 3 means are from the previous sample"
    )


def test_means_that_occur_twice_are_wrong() -> None:
    assert checked("legacy", [0.1, 0.1, 0.2]) == "1 of 3 means occur twice"


def test_an_unknown_benchmark_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="no benchmark 'calc_men': did you mean 'calc_mean'"):
        make_benchmark("calc_men", {}, 0)
