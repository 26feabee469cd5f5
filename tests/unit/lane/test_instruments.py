"""The instruments: they see every task, what they replace is put back, and answers stay right."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from threading import Thread
from time import perf_counter, sleep, thread_time
from types import SimpleNamespace
from typing import Any

import dask
import pytest
from dask import base, local, multiprocessing
from dask.delayed import delayed

from daskbench.lane.accounting.account import account_of
from daskbench.lane.probes import times
from daskbench.lane.probes.calls import CallInstruments
from daskbench.lane.probes.clocks import NOTHING, clocks_of, own_clocks
from daskbench.lane.probes.instruments import LocalInstruments
from daskbench.lane.probes.timed import Batch, TimedCall, TimedPool, execute, run_batch
from daskbench.lane.sampling import Sampler
from tests.unit.builders import opening
from tests.unit.lane.laning import SMALL

_NAP_S = 0.02


def nap(before: int = 0) -> int:
    sleep(_NAP_S)
    return before + 1


def summed(*parts: int) -> int:
    return sum(parts)


@pytest.mark.parametrize("scheduler", ["synchronous", "threads"])
def test_every_task_is_timed(scheduler: str) -> None:
    task = delayed(nap, pure=False)
    replaced = (local.execute_task, base.unpack_collections, multiprocessing.ProcessPoolExecutor)
    threads = 1 if scheduler == "synchronous" else 2
    with LocalInstruments(threads) as instruments:
        start = perf_counter()
        total = delayed(summed)(*(task() for _ in range(4)))
        assert dask.compute(total, scheduler=scheduler, num_workers=threads) == (4,)
        stop = perf_counter()
    after = (local.execute_task, base.unpack_collections, multiprocessing.ProcessPoolExecutor)
    assert after == replaced, "all is as it was"
    assert dask.config.get("func_dumps", None) is None
    facts = instruments.facts(start, stop)
    [compute] = facts.computes
    assert len(compute.tasks) == 5
    assert sorted(len(one.needs) for one in compute.tasks) == [0, 0, 0, 0, 4]
    account = account_of(facts)
    assert account.causes["waiting"] >= 4 * _NAP_S * 0.9
    told_s = sum(account.causes.values())
    assert 0.95 * account.whole_s < told_s <= account.whole_s * (1 + 1e-9)


def test_each_compute_is_a_graph_of_its_own() -> None:
    with LocalInstruments(1) as instruments:
        start = perf_counter()
        for _ in range(2):
            delayed(nap)(dask_key_name="same").compute(scheduler="synchronous")
        stop = perf_counter()
    facts = instruments.facts(start, stop)
    assert [len(one.tasks) for one in facts.computes] == [1, 1]
    assert {span.cause for span in facts.phases} == {"own", "graph", "submitting", "gathering"}


def test_tasks_of_graphs_within_tasks_are_not_counted_twice() -> None:
    def inner() -> Any:
        return dask.delayed(nap)().compute(scheduler="synchronous")

    with LocalInstruments(1) as instruments:
        dask.delayed(inner)().compute(scheduler="synchronous")
    assert [len(one.tasks) for one in instruments.facts(0.0, 1.0).computes] == [1]


@pytest.mark.parametrize("scheduler", ["numpy", "synchronous", "threads"])
def test_a_sample_has_an_account_if_asked(scheduler: str) -> None:
    sampler = Sampler.open(opening(scheduler=scheduler, parameters=SMALL | {"rng": "generator"}))
    assert sampler.sample(1).account is None
    sampled = sampler.sample(2, account=True)
    account = sampled.account
    assert account is not None
    assert sampled.reason is None
    assert account.tasks == sampled.tasks_run == 20
    whole_s = (sampled.wall_s + sampled.build_s) * account.threads
    assert account.whole_s == pytest.approx(whole_s)
    assert sum(account.causes.values()) <= whole_s * (1 + 1e-6)
    assert account.causes["computing"] > 0
    assert sampler.sample(1).account is None


def test_threads_that_tasks_start_are_seen_beside_them() -> None:
    def spin(seconds: float) -> None:
        end = thread_time() + seconds
        while thread_time() < end:
            pass

    def starting() -> None:
        thread = Thread(target=spin, args=(0.05,))
        thread.start()
        thread.join()

    def beside_s(*given: Any) -> float:
        with LocalInstruments(1) as instruments:
            start = perf_counter()
            delayed(given[0], pure=False)(*given[1:]).compute(scheduler="threads", num_workers=1)
        found = instruments.facts(start, perf_counter()).beside_s
        assert found is not None
        return found

    assert beside_s(starting) > 0.045
    assert beside_s(spin, 0.05) < 0.045, "that is CPU time of the task"


def test_a_pool_passes_on_results_and_errors() -> None:
    def fail() -> None:
        raise KeyError("mine")

    batches: list[Batch] = []
    with ThreadPoolExecutor(1) as threads:
        pool = TimedPool(threads, batches.append)  # type: ignore[arg-type]
        given = ("key", (lambda data: data, 5), _same, _same, lambda: 1, _packed)
        assert pool.submit(local.batch_execute_tasks, [given]).result() == [("key", (5, 1), False)]
        assert pool.submit(max, (1, 2)).result() == 2
        with pytest.raises(TypeError):
            pool.submit(local.batch_execute_tasks, 5).result()
        failing = ("key", (lambda _: fail(), 5), _same, _same, lambda: 1, _packed)
        assert pool.submit(local.batch_execute_tasks, [failing]).result() == [
            ("key", "KeyError('mine')", True)
        ]
        pool.shutdown()
    assert len(batches) == 2
    assert batches[0].begin <= batches[0].end <= batches[0].received
    assert batches[0].submitted <= batches[0].begin
    assert pool.ended is not None
    assert pool.closed is not None


def _same(value: Any) -> Any:
    return value


def test_large_tasks_are_on_their_way_to_a_process_of_a_pool() -> None:
    ran = [execute("key", (lambda data: data, 5), _same, _same, lambda: 1, _packed)[1]]

    def holds(sent_bytes: int) -> list[tuple[float, float]]:
        instruments = LocalInstruments(1)
        instruments._batches = [
            Batch(1, 2.0, 3.0, ran, submitted=1.0, received=3.0, sent_bytes=sent_bytes),
            Batch(1, 6.0, 7.0, ran, submitted=2.0, received=7.5, sent_bytes=sent_bytes),
        ]
        found = instruments.facts(0.0, 9.0).holds
        assert {one.cause for one in found} == {"moving"}
        return [(one.start, one.stop) for one in found if one.stop > one.start]

    assert holds(1000) == [(7.0, 7.5)]
    assert holds(10_000_000) == [(1.0, 2.0), (3.0, 6.0), (7.0, 7.5)]


def test_a_pool_knows_how_much_it_sends() -> None:
    batches: list[Batch] = []
    with ThreadPoolExecutor(1) as threads:
        pool = TimedPool(threads, batches.append)  # type: ignore[arg-type]
        given = ("key", b"12345", _same, lambda _: (len, b"123"), lambda: 1, _packed)
        assert pool.submit(local.batch_execute_tasks, [given, given]).result()[0][1] == (3, 1)
    assert [one.sent_bytes for one in batches] == [10]


def test_the_cpu_time_of_programs_that_tasks_run_is_beside_them() -> None:
    code = "from time import process_time\nwhile process_time() < 0.05: pass"

    def program() -> None:
        subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)

    with LocalInstruments(1) as instruments:
        start = perf_counter()
        delayed(program, pure=False)().compute(scheduler="threads", num_workers=1)
    assert (instruments.facts(start, perf_counter()).beside_s or 0.0) >= 0.049


def _packed(error: BaseException, dumps: Any) -> str:
    return repr(error)


def test_a_task_is_executed_as_dask_does() -> None:
    given = ("key", (lambda data: data + 1, 5), _same, _same, lambda: 7, _packed)
    done, ran = execute(*given)
    assert done == local.execute_task(*given) == ("key", (6, 7), False)
    assert ran.start <= ran.begun <= ran.ended <= ran.stop
    assert ran.bare.moving_s == 0 < ran.moving_s
    results, batch = run_batch([given, given])
    assert results == local.batch_execute_tasks([given, given])
    assert [one.key for one in batch.ran] == ["key", "key"]
    assert [one.given for one in batch._replace(submitted=5.0).given] == [None, 5.0]


def test_data_whose_loading_imports_a_module_are_not_moved_but_a_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "imported_by_a_task.py").write_text("from time import sleep\nsleep(0.02)\n")
    monkeypatch.syspath_prepend(tmp_path)

    def loads(info: Any) -> Any:
        import_module("imported_by_a_task")
        return info

    given = ("key", (lambda data: data, 5), _same, loads, lambda: 7, _packed)
    [_, started], [_, moved] = execute(*given), execute(*given)
    assert started.importing_s >= 0.02 > started.moving_s
    assert moved.importing_s == 0.0


def test_moved_data_are_counted_here_and_not_in_other_processes() -> None:
    import pickle

    seen: list[int] = []
    dumps = TimedCall(pickle.dumps, lambda _start, _stop, size: seen.append(size))
    assert pickle.loads(dumps([1, 2])) == [1, 2]
    assert seen == [len(pickle.dumps([1, 2]))]
    assert pickle.loads(pickle.dumps(dumps)) is pickle.dumps


def test_clocks_go_on() -> None:
    import threading

    before = own_clocks()
    end = before.cpu_s + 0.005
    while own_clocks().cpu_s < end:
        pass
    passed = own_clocks().since(before)
    assert passed.cpu_s >= 0.005
    assert passed.plus(NOTHING) == passed
    assert min(passed) >= 0
    if (found := clocks_of(threading.get_native_id())) is not None:  # Linux
        assert found.cpu_s > 0
    assert clocks_of(2**30) is None


def test_calls_are_timed_for_all_blas_threads() -> None:
    instruments = CallInstruments(2)
    calls = [lambda: 1, lambda: 2]
    assert instruments.timed(calls) is calls, "not within the context"
    with instruments:
        start = perf_counter()
        assert [call() for call in instruments.timed(calls)] == [1, 2]
        stop = perf_counter()
    assert account_of(instruments.facts(start, stop)).tasks == 4


def scheduler_with(**tasks: tuple[str, ...]) -> Any:
    known = {key: SimpleNamespace(key=key, dependencies=[]) for key in tasks}
    for key, needs in tasks.items():
        known[key].dependencies = [known[need] for need in needs]
    plugin = times.TaskTimes("ours")
    metrics: dict[Any, float] = {("execute", "f", "disk-read", "seconds"): 1.0, "latency": 3.0}
    return SimpleNamespace(
        plugins={plugin.name: plugin}, tasks=known, cumulative_worker_metrics=metrics
    )


def spans(*actions: tuple[str, float, float]) -> list[dict[str, Any]]:
    return [{"action": action, "start": start, "stop": stop} for action, start, stop in actions]


def test_a_cluster_tells_when_tasks_ran_and_what_they_waited_for() -> None:
    scheduler, name = scheduler_with(a=(), b=("a",), c=()), times.name_of("ours")
    plugin = scheduler.plugins[name]
    assert times.is_there(scheduler, name)
    plugin.update_graph(scheduler, client="ours", tasks=["c"])  # not asked to record yet
    times.begin(scheduler, name)
    plugin.update_graph(scheduler, client="other", tasks=["c"])
    plugin.update_graph(scheduler, client="ours", tasks=["a", "b"])
    finished = ("processing", "memory")
    plugin.transition("a", *finished, startstops=spans(("compute", 1.0, 2.0)))
    plugin.transition("c", *finished, startstops=spans(("compute", 1.0, 2.0)))
    plugin.transition("b", "waiting", "processing")
    moved = ("transfer", 2.0, 3.0), ("transfer", 2.5, 3.5), ("disk-read", 3.5, 4.0)
    plugin.transition("b", *finished, startstops=spans(*moved, ("compute", 4.0, 5.0)))
    told = times.end(scheduler, name)
    assert told["tasks"] == [(0, 0, 1.0, 2.0, []), (0, 1, 4.0, 5.0, [0])]
    assert told["holds"] == [("moving", 2.0, 3.0), ("moving", 3.0, 3.5), ("disk", 3.5, 4.0)]
    assert len(told["known"]) == 1
    plugin.update_graph(scheduler, client="ours", tasks=["c"])
    assert len(plugin.known) == 1, "the check of the answer is not recorded"


def test_a_task_that_runs_again_is_another() -> None:
    """Its first result was lost with its worker."""
    scheduler, name = scheduler_with(a=(), b=("a",)), times.name_of("ours")
    plugin = scheduler.plugins[name]
    times.begin(scheduler, name)
    plugin.update_graph(scheduler, client="ours", tasks=["a", "b"])
    for key, start in (("a", 1.0), ("a", 3.0), ("b", 4.0)):
        ran = spans(("compute", start, start + 1))
        plugin.transition(key, "processing", "memory", startstops=ran)
    assert times.end(scheduler, name)["tasks"] == [
        (0, 0, 1.0, 2.0, []),
        (0, 1, 3.0, 4.0, []),
        (0, 2, 4.0, 5.0, [1]),
    ]


def test_metrics_are_differences() -> None:
    scheduler, name = scheduler_with(), times.name_of("ours")
    times.begin(scheduler, name)
    scheduler.cumulative_worker_metrics |= {
        ("execute", "f", "disk-read", "seconds"): 1.5,
        ("memory-monitor", "disk-write", "seconds"): 0.25,
        ("memory-monitor", "disk-write", "bytes"): 100,
        ("p2p", "background", "disk-write", "seconds"): 9.0,
        ("execute", "f", "thread-cpu", "seconds"): 2.0,
        ("execute", "f", "failed", "seconds"): 1.5,
        "latency": 9.0,
    }
    assert times.metrics(scheduler, name) == {
        "disk_s": 0.75,
        "spilled_bytes": 100,
        "execute_s": 2.0,
        "cpu_s": 2.0,
        "failed_s": 1.5,
    }


def test_the_plugin_leaves_with_its_client() -> None:
    scheduler, name = scheduler_with(), times.name_of("ours")
    scheduler.remove_plugin = scheduler.plugins.pop
    plugin = scheduler.plugins[name]
    scheduler.remove_plugin = lambda *, name: scheduler.plugins.pop(name)
    plugin.remove_client(scheduler, "other")
    assert times.is_there(scheduler, name)
    plugin.remove_client(scheduler, "ours")
    assert not times.is_there(scheduler, name)
