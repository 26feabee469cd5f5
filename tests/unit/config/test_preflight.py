"""What a suite will hold is told before it runs: X here is 763 MiB, in chunks of 7.63 MiB."""

import re
from typing import Any

import pytest

from daskbench.benchmarks import find_benchmark
from daskbench.config import KEYS, make_suite, option_name, parameter_key
from daskbench.config.preflight import BASE_BYTES, Forecast, describe, fit, forecasts_of
from daskbench.model import Suite

MIB, GIB = 1 << 20, 1 << 30
X = 1_000_000 * 100 * 8


def suite_of(benchmark: str = "svd", **values: Any) -> Suite:
    """One distributed worker, unless told otherwise."""
    parameters = find_benchmark(benchmark).parameters
    keys = KEYS | {option_name(name): parameter_key(p) for name, p in parameters.items()}
    usual: dict[str, Any] = {"schedulers": "distributed", "workers": 1, "hardware": "off"}
    if benchmark == "svd":
        usual["shape"] = "1e6x100"
    named = {name.replace("_", "-"): value for name, value in (usual | values).items()}
    read = {name: keys[name].read(value) for name, value in named.items()}
    return make_suite("suite", benchmark, read, lambda: 4)


def forecast_of(memory_bytes: int = 64 * GIB, **values: Any) -> Forecast:
    [found] = forecasts_of(suite_of(**values), cores=4, memory_bytes=memory_bytes)
    return found


def fitted(memory_bytes: int, *, force: bool = False, **values: Any) -> Suite:
    suite = suite_of(**values)
    return fit(suite, forecasts_of(suite, 4, memory_bytes), memory_bytes, force=force)


# What comes of a case


@pytest.mark.parametrize(
    ("limit", "verdict"),
    [
        ("1GiB", "fits"),
        ("250MiB", "fits"),
        ("200MiB", "will spill to disk"),
        ("150MiB", "cannot hold one task"),
        ("1KiB", "cannot hold one task"),
    ],
)
def test_a_worker_fits_spills_or_cannot_hold_one_task(limit: str, verdict: str) -> None:
    found = forecast_of(memory_limit=limit)
    assert found.verdict == verdict
    assert (found.skip is not None) == verdict.startswith("cannot")


@pytest.mark.parametrize(
    ("thresholds", "verdict"),
    [
        ({}, "fits"),
        ({"spill": "50%"}, "will spill to disk"),
        ({"target": "5%"}, "will spill to disk"),
        ({"target": "off", "spill": "50%"}, "will spill to disk"),
        ({"target": "off", "spill": "off"}, "fits"),
        ({"terminate": "40%"}, "cannot hold one task"),
        ({"terminate": "off"}, "fits"),
    ],
)
def test_what_comes_of_a_worker_hangs_on_its_thresholds(
    thresholds: dict[str, Any], verdict: str
) -> None:
    found = forecast_of(memory_limit="250MiB", **thresholds)
    assert 0.5 * 250 * MIB < found.worker_bytes < 0.7 * 250 * MIB
    assert found.verdict == verdict


def test_workers_in_one_process_each_see_the_memory_of_all() -> None:
    given: dict[str, Any] = {"workers": 2, "memory_limit": "250MiB"}
    apart, together = (
        forecast_of(schedulers=name, **given) for name in ("distributed", "distributed-inproc")
    )
    assert together.worker_bytes - BASE_BYTES == pytest.approx(
        2 * (apart.worker_bytes - BASE_BYTES), abs=1
    )
    assert (apart.processes, together.processes) == (3, 1)
    assert forecast_of(schedulers="distributed-inproc", memory_limit="1MiB").skip is None
    too_little = forecast_of(schedulers="distributed-inproc", memory_bytes=100 * MIB)
    assert too_little.verdict == "cannot hold one task"


def test_the_workers_that_dask_chooses_share_the_memory() -> None:
    found = forecast_of(schedulers="default-cluster", memory_bytes=4 * GIB)
    assert (found.limit_bytes, found.processes, found.on_workers) == (GIB, 5, True)
    assert forecast_of(schedulers="default").limit_bytes == 64 * GIB


def test_a_worker_that_may_not_spill_is_not_said_to() -> None:
    off: dict[str, Any] = {"target": "off", "spill": "off"}
    found = forecast_of(memory_limit="500MiB", input="persist", **off)
    assert found.worker_bytes > 500 * MIB
    assert found.verdict == "above its limit, with spilling off"


def test_why_a_worker_cannot_hold_one_task_is_told_with_what_to_do() -> None:
    assert forecast_of(memory_limit="150MiB").skip == (
        "a worker of 150 MiB cannot hold one task per thread, which takes about 158 MiB; "
        "use smaller chunks or a larger --memory-limit"
    )


def test_smaller_chunks_fit_where_larger_do_not() -> None:
    assert forecast_of(memory_limit="160MiB", chunks="1e5x100").skip
    assert forecast_of(memory_limit="160MiB", chunks="1e3x100").skip is None


def test_each_thread_of_a_worker_holds_a_task() -> None:
    one, four = (
        forecast_of(memory_limit="250MiB", threads_per_worker=threads) for threads in (1, 4)
    )
    assert (one.skip is None, four.skip is None) == (True, False)
    assert one.needs.task_bytes == four.needs.task_bytes


@pytest.mark.parametrize(
    ("threads", "limit"), [(1, 2 * GIB), (2, 4 * GIB), (4, 8 * GIB), (8, 8 * GIB)]
)
def test_an_automatic_limit_is_the_threads_share_of_the_machine(threads: int, limit: int) -> None:
    assert forecast_of(8 * GIB, threads_per_worker=threads).limit_bytes == limit


def test_workers_share_what_is_held() -> None:
    """An X that is held is spread; what a task takes is each worker's own."""
    one, two = (forecast_of(workers=workers, input="persist") for workers in (1, 2))
    assert one.worker_bytes > BASE_BYTES + X
    assert BASE_BYTES + X // 2 < two.worker_bytes < one.worker_bytes


def test_vectors_take_more_than_values() -> None:
    values, vectors = (forecast_of(compute=compute) for compute in ("s", "usv"))
    assert vectors.worker_bytes > values.worker_bytes + X


@pytest.mark.parametrize(
    ("memory_bytes", "compute", "fits"),
    [
        (4 * GIB, "s", True),
        (GIB, "s", False),
        (3 * GIB, "usv", False),
        (4 * GIB, "usv", True),
    ],
)
def test_numpy_holds_x_whole_or_not_at_all(memory_bytes: int, compute: str, fits: bool) -> None:
    found = forecast_of(memory_bytes, schedulers="numpy", compute=compute)
    assert (found.skip is None) == fits
    assert found.verdict == ("fits" if fits else "cannot hold it")


def test_why_numpy_cannot_run_is_told() -> None:
    assert forecast_of(GIB, schedulers="numpy").skip == (
        "would need 1.76 GiB, but the machine has 1 GiB"
    )


def test_threads_have_the_memory_of_the_machine() -> None:
    found = forecast_of(8 * GIB, schedulers="threads", workers=2)
    assert (found.limit_bytes, found.verdict, found.on_workers) == (8 * GIB, "fits", False)


def test_what_a_cluster_of_others_holds_is_not_known() -> None:
    suite = suite_of(schedulers="numpy,distributed", address="tcp://there:1", workers=2)
    numpy, distributed = forecasts_of(suite, cores=4, memory_bytes=GIB)
    assert numpy.skip
    assert (distributed.limit_bytes, distributed.skip) == (None, None)
    assert distributed.verdict == "the cluster's limit is unknown"
    assert distributed.fullness == 0


def test_a_benchmark_that_knows_no_needs_has_no_forecast() -> None:
    suite = suite_of("calc_mean")
    assert forecasts_of(suite, cores=4, memory_bytes=1) == []
    assert fit(suite, [], 1, force=False) == suite


def test_the_approximate_svd_holds_x_between_its_products() -> None:
    [found] = forecasts_of(suite_of("svd_compressed"), cores=4, memory_bytes=64 * GIB)
    assert found.worker_bytes > BASE_BYTES + 10_000**2 * 8


# What comes of a suite


def test_what_cannot_run_is_skipped_and_the_others_are_not() -> None:
    suite = fitted(64 * GIB, memory_limit="150MiB,1GiB")
    assert [case.skip is None for case in suite.cases] == [False, True]
    assert "cannot hold one task" in (suite.cases[0].skip or "")


def test_numpy_that_cannot_fit_is_skipped() -> None:
    numpy, distributed = fitted(GIB, schedulers="numpy,distributed").cases
    assert (numpy.skip or "").startswith("would need 1.76 GiB")
    assert distributed.skip is None


def test_force_skips_nothing() -> None:
    values: dict[str, Any] = {"schedulers": "numpy,distributed", "memory_limit": "150MiB,1GiB"}
    suite = fitted(GIB, force=True, **values)
    assert [case.skip for case in suite.cases] == [None, None, None]


def test_the_hardware_is_skipped_where_it_would_not_fit_either() -> None:
    cases = fitted(256 * MIB, hardware="on", shape="200x10").cases
    skipped = {case.parameters["probe"]: bool(case.skip) for case in cases[1:]}
    assert skipped == {"dgemm": False, "triad": True}


@pytest.mark.parametrize(
    ("values", "memory_bytes", "in_turns"),
    [
        ({"workers": "1,2", "input": "persist"}, 2 * GIB, True),
        ({"workers": "1,2", "input": "persist"}, 64 * GIB, False),
        ({"workers": "1,2", "input": "generate"}, GIB // 2, False),
        ({"workers": "1", "input": "persist"}, GIB, False),
    ],
)
def test_lanes_that_would_hold_too_much_together_are_opened_in_turns(
    values: dict[str, Any], memory_bytes: int, in_turns: bool
) -> None:
    suite = fitted(memory_bytes, force=True, **values)
    assert (suite.in_turns is not None) == in_turns


def test_why_lanes_are_opened_in_turns_is_told() -> None:
    suite = fitted(2 * GIB, workers="1,2", input="persist")
    assert (suite.in_turns or "").startswith("lanes run one at a time: together they would hold 2.")
    assert (suite.in_turns or "").endswith("GiB of 2 GiB")


def test_what_is_skipped_holds_nothing() -> None:
    """NumPy is skipped, and one lane alone is no reason for turns."""
    suite = fitted(GIB, schedulers="numpy,distributed", input="persist", memory_limit="4GiB")
    assert suite.cases[0].skip
    assert suite.in_turns is None


def test_the_processes_of_what_is_skipped_are_not_counted() -> None:
    values: dict[str, Any] = {"workers": "1,2", "input": "persist", "schedulers": "distributed"}
    without = fitted(2 * GIB, memory_limit="4GiB", **values)
    beside = fitted(2 * GIB, memory_limit="4GiB,1MiB", **values)
    assert [bool(case.skip) for case in beside.cases] == [False, True, False, True]
    assert beside.in_turns == without.in_turns


def test_what_a_cluster_of_others_holds_is_not_held_here() -> None:
    suite = fitted(GIB, workers="1,2", input="persist", address="tcp://there:1")
    assert suite.in_turns is None


# In words


def test_a_forecast_is_one_line() -> None:
    line = describe(forecast_of(memory_limit="200MiB"))
    # how many tasks Dask fuses differs from one build to the next
    assert re.fullmatch(
        r"X is 763 MiB in chunks of 7\.63 MiB, 2\d\d tasks, "
        r"about 166 MiB of 200 MiB per worker: will spill to disk",
        line,
    )


def test_numpy_has_neither_chunks_nor_tasks() -> None:
    assert describe(forecast_of(4 * GIB, schedulers="numpy")) == (
        "X is 763 MiB, about 1.76 GiB of 4 GiB: fits"
    )


def test_without_a_limit_none_is_named() -> None:
    found = forecast_of(address="tcp://there:1", workers=2)
    line = describe(found)
    assert line.endswith("MiB per worker: the cluster's limit is unknown")
    assert " of " not in line.split("about")[1].split(":")[0]


def test_threads_are_no_workers_with_memory_of_their_own() -> None:
    line = describe(forecast_of(8 * GIB, schedulers="threads", workers=2))
    assert "a worker" not in line


def test_the_limit_of_a_cluster_that_is_started_is_known_if_it_is_given() -> None:
    started: dict[str, Any] = {"cluster": "some.module:Class"}
    assert forecast_of(**started).verdict == "the cluster's limit is unknown"
    assert forecast_of(**started, memory_limit="1GiB").verdict == "fits"
    found = forecast_of(**started, memory_limit="150MiB")
    assert found.verdict == "cannot hold one task"
    assert found.skip


def test_what_workers_elsewhere_hold_takes_no_memory_here() -> None:
    """Their lanes run in turns for another reason; a held cluster stays beside all lanes."""
    started: dict[str, Any] = {"cluster": "some.module:Class", "workers": "1,2", "hold": True}
    kept: dict[str, Any] = {"input": "persist", "memory_limit": "2GiB"}
    assert fitted(GIB, **started, **kept).in_turns is None
    assert fitted(GIB, workers="1,2", **kept).in_turns
