"""What options ask for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.benchmarks.base import Parameter
from daskbench.config import KEYS, make_suite, parameter_key
from daskbench.errors import UsageError
from daskbench.lane.schedulers import SCHEDULERS, USUAL
from daskbench.model import Cluster, Settings, Thresholds
from tests.unit.config.reading_config import places, read, suite_in, suite_of


def four_cores() -> int:
    return 4


def test_without_options_every_scheduler_runs_with_one_worker_and_one_a_core() -> None:
    suite = suite_of()
    assert places(suite.cases) == [
        "numpy",
        "synchronous",
        "threads × 1",
        "threads × 4",
        "processes × 1",
        "processes × 4",
        "processes-warm × 1",
        "processes-warm × 4",
        "distributed × 1",
        "distributed × 4",
    ]
    assert suite.cases[0].parameters == {"n": 100_000, "tasks": 100, "rng": "legacy"}
    assert suite.settings == Settings(10, 1, None, 600.0, 0.01, 1)
    assert suite.cluster == Cluster()


def test_on_one_core_there_is_one_row_a_scheduler() -> None:
    suite = make_suite("suite", "calc_mean", {}, lambda: 1)
    assert tuple(case.scheduler for case in suite.cases) == USUAL
    assert 0 < len(USUAL) < len(SCHEDULERS)


def test_dasks_own_choices_take_no_workers() -> None:
    suite = suite_of(schedulers="default,default-cluster", workers="1,2", threads_per_worker="3")
    assert places(suite.cases) == ["default", "default-cluster"]


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({}, "× 1×4"),
        ({"workers": "2"}, "× 2"),
        ({"threads_per_worker": "3"}, "× 1×3"),
        ({"workers": "2", "threads_per_worker": "3"}, "× 2×3"),
    ],
)
def test_a_cluster_in_one_process_is_one_worker_unless_told_otherwise(
    given: dict[str, Any], place: str
) -> None:
    suite = suite_of(schedulers="distributed-inproc", **given)
    assert places(suite.cases) == [f"distributed-inproc {place}"]


def test_without_nannies_nobody_terminates() -> None:
    given: dict[str, Any] = {"terminate": "off", "spill": "0.5", "workers": "1"}
    both = suite_of(schedulers="distributed,distributed-inproc,default-cluster", **given).cases
    assert [case.thresholds.given for case in both] == [
        {"spill": 0.5, "terminate": 0.0},
        {"spill": 0.5},
        {},
    ]
    with pytest.raises(UsageError, match="--terminate applies only to distributed"):
        suite_of(schedulers="distributed-inproc", terminate="0.9")


def test_memory_is_read_wherever_there_are_workers() -> None:
    assert suite_of(schedulers="default-cluster", memory=True).settings.memory
    with pytest.raises(UsageError, match="--memory-limit applies only to distributed"):
        suite_of(schedulers="default-cluster", memory_limit="1GiB")
    with pytest.raises(UsageError, match="--memory applies only to distributed"):
        suite_of(schedulers="default", memory=True)


def test_distributed_has_one_thread_a_worker_unless_told_otherwise() -> None:
    threads = {case.scheduler: case.threads_per_worker for case in suite_of().cases}
    assert threads["distributed"] == 1
    assert threads["threads"] is None


def test_lists_sweep() -> None:
    values = {"n": (1000, 2000), "tasks": (10, 20), "rng": ("legacy", "generator")}
    suite = make_suite("s", "calc_mean", values | {"schedulers": ("numpy",)}, four_cores)
    found = [tuple(case.parameters.values()) for case in suite.cases]
    assert found == [(n, t, r) for n in (1000, 2000) for t in (10, 20) for r in values["rng"]]


def test_workers_and_threads_sweep_where_they_mean_something() -> None:
    suite = suite_of(
        schedulers="numpy,synchronous,threads,distributed", workers="1,2", threads_per_worker="1,4"
    )
    assert places(suite.cases) == [
        "numpy",
        "synchronous",
        "threads × 1",
        "threads × 2",
        "distributed × 1",
        "distributed × 1×4",
        "distributed × 2",
        "distributed × 2×4",
    ]


def test_what_is_said_twice_is_measured_once() -> None:
    suite = suite_of(schedulers="threads, threads", workers="2,2,1")
    assert places(suite.cases) == ["threads × 2", "threads × 1"]


@pytest.mark.parametrize(
    ("key", "value", "settings"),
    [
        ("rounds", "15", Settings(rounds=15)),
        ("warmup", "3", Settings(warmup=3)),
        ("warmup", "0", Settings(warmup=0)),
        ("budget", "2m", Settings(budget_s=120.0)),
        ("timeout", "500ms", Settings(timeout_s=0.5)),
        ("wait-for-workers", "1m", Settings(wait_for_workers_s=60.0)),
        ("min-time", "1s", Settings(min_time_s=1.0)),
        ("blas-threads", "4", Settings(blas_threads=4)),
        ("blas-threads", "native", Settings(blas_threads=None)),
        ("hardware", "on", Settings(hardware=True)),
        ("hardware", "off", Settings(hardware=False)),
        ("hardware", True, Settings(hardware=True)),
        ("hardware", False, Settings(hardware=False)),
        ("launches", "3", Settings(launches=3)),
        ("precision", "2%", Settings(precision=0.02, budget_s=300.0)),
        ("precision", 0.5, Settings(precision=0.5, budget_s=300.0)),
        ("memory", True, Settings(memory=True)),
        ("memory", False, Settings(memory=False)),
    ],
)
def test_every_key_of_how_to_measure_lands_in_the_settings(
    key: str, value: Any, settings: Settings
) -> None:
    assert suite_of(**{key: value}).settings == settings


@pytest.mark.parametrize(("text", "seconds"), [("500ms", 0.5), ("2s", 2.0)])
def test_an_interval_is_for_memory_that_is_read(text: str, seconds: float) -> None:
    given: dict[str, Any] = {"memory-interval": text}
    found = suite_of(memory=True, **given).settings
    assert found == Settings(memory=True, memory_interval_s=seconds)
    with pytest.raises(UsageError, match="--memory-interval needs --memory"):
        suite_of(**given)


def test_every_key_is_covered_by_these_tests() -> None:
    where = {"schedulers", "workers", "threads-per-worker", "memory-limit"}
    where |= {"address", "scheduler-file", "cluster", "cluster-option", "queue-timeout", "hold"}
    where |= {"protocol", "interface"}
    tls = {"tls-ca", "tls-cert", "tls-key"}
    thresholds = {"target", "spill", "pause", "terminate", "recent-to-old"}
    how = {"rounds", "warmup", "budget", "timeout", "min-time", "blas-threads", "hardware"}
    how |= {"memory", "memory-interval", "why", "launches", "precision", "wait-for-workers"}
    assert set(KEYS) == where | tls | thresholds | how


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("schedulers", "thread", "no 'thread': did you mean 'threads'?"),
        ("schedulers", "", "no '': choose from numpy, synchronous"),
        ("schedulers", [], ""),
        ("workers", [], ""),
        ("workers", "0", "'0' is not a whole number"),
        ("workers", "1,,2", "'' is not a whole number"),
        ("workers", True, "'True' is not a whole number"),
        ("workers", {"1": 2}, "is not a whole number"),
        ("threads-per-worker", "-1", "'-1' is not a whole number"),
        ("rounds", "0", "'0' is not a whole number"),
        ("rounds", "7,8", "'7,8' is not a whole number"),
        ("launches", "0", "'0' is not a whole number"),
        ("precision", "0", "'0' is out of range: use 0.1% to 100%, e.g. 2% or 0.02"),
        ("precision", "200%", "'200%' is out of range"),
        ("precision", "narrow", "'narrow' is out of range"),
        ("rounds", [7], "is not a whole number"),
        ("warmup", "-1", "'-1' is not a whole number"),
        ("budget", "soon", "'soon' is not a duration"),
        ("timeout", 0, "'0' is not a duration"),
        ("min-time", "", "'' is not a duration"),
        ("blas-threads", "all", "'all' is not a whole number"),
        ("memory-limit", "lots", "'lots' is not a size"),
        ("memory-limit", "1GiB,0", "'0' is not a size"),
        ("memory-limit", [], ""),
        *(
            ("target", value, f"'{value}' is not a fraction of the memory limit; write 0.6, 60% or")
            for value in ("0", "0%", "1.5", "150%", "-0.1", "nan", "inf", "", "60 %%", "on", True)
        ),
        ("terminate", [0.9], "is not a fraction of the memory limit"),
        ("recent-to-old", "0", "'0' is not a duration"),
        ("recent-to-old", "off", "'off' is not a duration"),
        ("memory", "yes", "'yes' is neither true nor false"),
        ("memory", 1, "1 is neither true nor false"),
        (
            "memory-interval",
            "100ms",
            "100ms is too short; workers report their memory every 500 ms",
        ),
        ("memory-interval", "499ms", "so use at least that"),
        ("memory-interval", "0", "'0' is not a duration"),
        ("hardware", "of", "no 'of': did you mean 'off'?"),
        ("hardware", 1, "no '1': choose from on, off"),
        ("hardware", [True], "choose from on, off"),
        ("address", "localhost", "write tcp://host:port"),
        ("address", "tcp://localhost", "write tcp://host:port"),
        ("address", "://host:1", "write tcp://host:port"),
        ("address", "tcp://host:port", "write tcp://host:port"),
        ("address", 8786, "is not a text"),
        ("wait-for-workers", "soon", "soon"),
        ("scheduler-file", "/none/such", "there is no file /none/such"),
        ("scheduler-file", "x" * 5000, "File name too long"),
        ("tls-ca", "", "is not a text"),
        ("tls-cert", "/", "there is no file /"),
        ("tls-key", ["x"], "is not a text"),
    ],
)
def test_a_bad_value_is_told(key: str, value: object, message: str) -> None:
    with pytest.raises(UsageError) as error:
        KEYS[key].read(value)
    assert message in str(error.value)


@given(st.sampled_from(list(KEYS)), st.text())
def test_any_text_is_a_value_or_a_usage_error(key: str, text: str) -> None:
    try:
        KEYS[key].read(text)
    except UsageError:
        return


@pytest.mark.parametrize("key", ["target", "spill", "pause", "terminate"])
@pytest.mark.parametrize(
    ("value", "part"),
    [
        *(("0.6", 0.6), (0.6, 0.6), ("60%", 0.6), (" 60% ", 0.6), ("100%", 1.0), ("1", 1.0)),
        *((1, 1.0), ("off", 0.0), (False, 0.0), ("1e-3", 0.001)),
    ],
)
def test_a_threshold_is_a_part_of_the_limit_or_off(key: str, value: object, part: float) -> None:
    assert KEYS[key].read(value) == pytest.approx(part)


@given(st.floats(min_value=1e-6, max_value=1.0))
def test_any_part_is_read_as_a_number_a_text_or_in_percent(part: float) -> None:
    read_part = KEYS["spill"].read
    assert read_part(part) == read_part(repr(part)) == part
    assert read_part(f"{part * 100!r}%") == pytest.approx(part)


@given(st.floats().filter(lambda number: not 0 < number <= 1))
def test_no_other_number_is_a_part(number: float) -> None:
    for text in (repr(number), f"{number * 100!r}%"):
        with pytest.raises(UsageError, match="is not a fraction of the memory limit"):
            KEYS["pause"].read(text)


@given(st.integers(min_value=1, max_value=10_000))
def test_an_interval_is_at_least_that_of_heartbeats(milliseconds: int) -> None:
    text = f"{milliseconds}ms"
    if milliseconds >= 500:
        assert KEYS["memory-interval"].read(text) == pytest.approx(milliseconds / 1000)
    else:
        with pytest.raises(
            UsageError, match=f"{text} is too short; workers report their memory every 500 ms"
        ):
            KEYS["memory-interval"].read(text)


def test_thresholds_are_of_distributed_alone_and_stand_in_its_label() -> None:
    suite = suite_of(
        schedulers="threads,distributed", workers="2", target="off", spill="40%", recent_to_old="5s"
    )
    threads, distributed = suite.cases
    assert threads.thresholds == Thresholds()
    assert distributed.thresholds == Thresholds(target=0.0, spill=0.4, recent_to_old_s=5.0)
    assert places(suite.cases) == [
        "threads × 2",
        "distributed × 2, target off, spill 0.4, recent to old 5 s",
    ]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("target", "off"), ("spill", "0.5"), ("pause", "off"), ("recent-to-old", "5s")),
        *(("memory", True), ("memory-interval", "1s")),
    ],
)
def test_what_is_for_distributed_needs_it(key: str, value: object) -> None:
    with pytest.raises(UsageError, match=f"--{key} applies only to distributed; add that to"):
        make_suite("s", "calc_mean", read({"schedulers": "numpy,threads", key: value}), four_cores)


def test_memory_that_is_not_to_be_read_needs_nothing() -> None:
    assert not suite_of(schedulers="threads", memory=False).settings.memory


@pytest.mark.parametrize("key", ["target", "spill", "pause", "terminate"])
@pytest.mark.parametrize("value", ["0.5", "off"])
def test_the_workers_of_others_have_their_own_thresholds(key: str, value: str) -> None:
    with pytest.raises(
        UsageError, match=f"--{key} applies to workers that daskbench starts; set that of"
    ):
        make_suite("s", "calc_mean", read({"address": "tcp://there:1", key: value}), four_cores)


def test_thresholds_and_memory_may_stand_in_the_file() -> None:
    suite = suite_in(
        '[suites.s]\nbenchmark = "calc_mean"\nschedulers = "distributed"\nworkers = 1\n'
        'target = false\nspill = 0.5\npause = "70%"\nmemory = true\nmemory-interval = "2s"\n'
    )
    assert suite.cases[0].thresholds == Thresholds(target=0.0, spill=0.5, pause=0.7)
    assert suite.settings == Settings(memory=True, memory_interval_s=2.0)


def test_parameters_with_choices_take_no_others() -> None:
    key = parameter_key(Parameter("a", "help", ("a", "b")))
    assert key.read("a,b") == ("a", "b")
    with pytest.raises(UsageError, match="no 'c'"):
        key.read("c")


def test_parameters_without_choices_are_counts() -> None:
    assert parameter_key(Parameter(1, "help")).read("1e3,20") == (1000, 20)
