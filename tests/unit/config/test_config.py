from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.benchmarks import find_benchmark
from daskbench.benchmarks.base import Parameter
from daskbench.config import FILE, KEYS, SuiteFile, make_suite, option_name, parameter_key
from daskbench.errors import UsageError
from daskbench.experiments import experiment
from daskbench.lane.schedulers import SCHEDULERS
from daskbench.model import Case, Cluster, Published, Settings, Suite, Thresholds
from tests.unit.builders import here

BENCHMARK = {"benchmark": "calc_mean"}


def four_cores() -> int:
    return 4


def read(values: dict[str, object], benchmark: str = "calc_mean") -> dict[str, Any]:
    """Read option values as the command line does."""
    parameters = find_benchmark(benchmark).parameters
    keys = KEYS | {option_name(name): parameter_key(p) for name, p in parameters.items()}
    return {name: keys[name].read(value) for name, value in values.items()}


def suite_of(benchmark: str = "calc_mean", cores: int = 4, **values: Any) -> Suite:
    named = {name.replace("_", "-"): value for name, value in values.items()}
    return make_suite("suite", benchmark, read(named, benchmark), lambda: cores)


def places(cases: tuple[Case, ...]) -> list[str]:
    return [case.place for case in cases]


def file_of(text: str) -> SuiteFile:
    return SuiteFile(Path("benchmarks.toml"), text, experiment)


def suite_in(text: str, name: str = "s", **overrides: object) -> Suite:
    return file_of(text).make(name, read(overrides), here(4))


def message_of(text: str) -> str:
    with pytest.raises(UsageError) as error:
        file_of(text)
    return str(error.value)


# What options ask for


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
    assert len(suite.cases) == len(SCHEDULERS)


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
    where |= {"address", "scheduler-file"}
    tls = {"tls-ca", "tls-cert", "tls-key"}
    thresholds = {"target", "spill", "pause", "terminate", "recent-to-old"}
    how = {"rounds", "warmup", "budget", "timeout", "min-time", "blas-threads", "hardware"}
    how |= {"memory", "memory-interval", "launches", "precision", "wait-for-workers"}
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


# Clusters of others


def test_on_a_cluster_that_is_there_distributed_is_one_row() -> None:
    suite = suite_of(address="tcp://there:8786", schedulers="numpy,distributed")
    assert places(suite.cases) == ["numpy", "distributed"]
    assert suite.cases[1].threads_per_worker is None
    assert suite.cluster == Cluster(address="tcp://there:8786")
    assert suite.cluster.name == "tcp://there:8786"


def test_on_a_cluster_that_is_there_workers_still_sweep() -> None:
    suite = suite_of(address="tcp://there:8786", schedulers="distributed", workers="1,2")
    assert places(suite.cases) == ["distributed × 1", "distributed × 2"]


def test_a_cluster_is_known_by_its_file_and_certificates(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("file", "ca", "cert", "key")]
    for path in paths:
        path.write_text('{"address": "tcp://there:8786"}')
    names = [str(path) for path in paths]
    suite = suite_of(
        scheduler_file=names[0],
        tls_ca=names[1],
        tls_cert=names[2],
        tls_key=names[3],
        schedulers="distributed",
    )
    assert suite.cluster == Cluster(None, *names)
    assert suite.cluster.name == names[0]


def test_files_are_kept_by_their_whole_path(here: Path) -> None:
    (here / "ca.pem").write_text("")
    assert KEYS["tls-ca"].read("ca.pem") == str(here.resolve() / "ca.pem")


def test_a_cluster_has_one_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text('{"address": "tcp://there:8786"}')
    with pytest.raises(UsageError, match="--address and --scheduler-file both"):
        suite_of(address="tcp://there:8786", scheduler_file=str(tmp_path / "file"))


def test_certificates_need_a_cluster(tmp_path: Path) -> None:
    (tmp_path / "ca").write_text("")
    with pytest.raises(UsageError, match="need --address or --scheduler-file"):
        suite_of(tls_ca=str(tmp_path / "ca"))


def test_a_cluster_needs_distributed() -> None:
    with pytest.raises(UsageError, match="tcp://there:8786 is only used by distributed"):
        suite_of(address="tcp://there:8786", schedulers="numpy,threads")


# Memory


def test_memory_limits_sweep_where_they_mean_something() -> None:
    suite = suite_of(schedulers="threads,distributed", workers="2", memory_limit="250MiB,1GiB")
    assert places(suite.cases) == [
        "threads × 2",
        "distributed × 2 of 250 MiB",
        "distributed × 2 of 1 GiB",
    ]
    assert [case.memory_limit_bytes for case in suite.cases] == [None, 250 << 20, 1 << 30]


def test_a_memory_limit_may_stand_in_the_file() -> None:
    text = """
        [suites.s]
        benchmark = "calc_mean"
        schedulers = "distributed"
        workers = 1
        memory-limit = ["500MB", 1000000]
        """
    limits = [case.memory_limit_bytes for case in suite_in(text).cases]
    assert limits == [500_000_000, 1_000_000]


@pytest.mark.parametrize(
    ("key", "value"), [("memory-limit", "1GiB,1025MiB"), ("condition", "1000000,1000001")]
)
def test_values_that_differ_little_are_both_measured(key: str, value: str) -> None:
    values: dict[str, Any] = {key: value, "schedulers": "distributed", "workers": "1"}
    assert len(suite_of("svd", hardware="off", **values).cases) == 2


def test_a_memory_limit_needs_distributed() -> None:
    with pytest.raises(UsageError, match="--memory-limit applies only to distributed"):
        suite_of(schedulers="numpy,threads", memory_limit="1GiB")


def test_the_workers_of_others_have_their_own_memory_limit() -> None:
    with pytest.raises(UsageError, match="set that of tcp://there:8786"):
        suite_of(address="tcp://there:8786", schedulers="distributed", memory_limit="1GiB")


# Ways, BLAS threads, hardware


@pytest.mark.parametrize(
    ("benchmark", "ways"),
    [
        ("calc_mean", ()),
        ("svd", ("chunks", "method")),
        ("svd_compressed", ("chunks", "iterator", "power_iterations", "oversamples")),
    ],
)
def test_a_suite_knows_the_ways_of_its_benchmark(benchmark: str, ways: tuple[str, ...]) -> None:
    assert suite_of(benchmark).ways == ways


def test_numpy_knows_no_ways_and_is_measured_once_under_the_first() -> None:
    suite = suite_of(
        "svd",
        schedulers="synchronous,numpy",
        shape="200x10",
        chunks="50x10,100x10",
        method="gram,tsqr",
        hardware="off",
    )
    found = [(c.scheduler, c.parameters["chunks"], c.parameters["method"]) for c in suite.cases]
    assert sorted(found) == [
        ("numpy", "50x10", "gram"),
        ("synchronous", "100x10", "gram"),
        ("synchronous", "100x10", "tsqr"),
        ("synchronous", "50x10", "gram"),
        ("synchronous", "50x10", "tsqr"),
    ]


def test_numpy_is_measured_again_for_all_that_is_no_way() -> None:
    suite = suite_of(
        "svd", schedulers="numpy", shape="200x10,20000x10", compute="s,usv", hardware="off"
    )
    found = [
        tuple(case.parameters[n] for n in ("shape", "chunks", "compute")) for case in suite.cases
    ]
    assert found == [
        ("200x10", "200x10", "s"),
        ("200x10", "200x10", "usv"),
        ("20000x10", "10000x10", "s"),
        ("20000x10", "10000x10", "usv"),
    ]


@pytest.mark.parametrize(
    ("benchmark", "shape", "chunks"),
    [
        ("svd", "2000000x100", "10000x100"),
        ("svd", "200x10", "200x10"),
        ("svd", "30000x20", "10000x20"),
        ("svd", "20x30000", "20x10000"),
        ("svd_compressed", "10000x10000", "2000x2000"),
        ("svd_compressed", "500x3000", "500x2000"),
    ],
)
def test_chunks_follow_the_shape_unless_they_are_given(
    benchmark: str, shape: str, chunks: str
) -> None:
    derived = suite_of(benchmark, shape=shape, schedulers="synchronous").cases[0]
    assert derived.parameters["chunks"] == chunks
    told = suite_of(benchmark, shape=shape, chunks="auto", schedulers="synchronous").cases[0]
    assert told.parameters["chunks"] == "auto"


@pytest.mark.parametrize(
    ("values", "threads"),
    [
        ({"schedulers": "numpy,threads", "workers": "1,2"}, 2),
        ({"schedulers": "threads,numpy", "workers": "1"}, 1),
        ({"schedulers": "numpy,distributed", "workers": "1,2", "threads_per_worker": "1,2"}, 4),
        ({"schedulers": "numpy,distributed", "workers": "16"}, 4),
        ({"schedulers": "numpy"}, 4),
        ({"schedulers": "numpy,distributed", "address": "tcp://there:1"}, 4),
        ({"schedulers": "numpy,threads", "blas_threads": "1"}, None),
        ({"schedulers": "numpy,threads", "blas_threads": "native"}, None),
        pytest.param(
            {"schedulers": "numpy,synchronous"},
            1,
        ),
    ],
)
def test_numpy_has_as_many_blas_threads_as_the_widest_other_row_has_cores(
    values: dict[str, Any], threads: int | None
) -> None:
    suite = suite_of("svd", hardware="off", **values)
    for case in suite.cases:
        assert case.blas_threads == (threads if case.scheduler == "numpy" else None)


def test_a_benchmark_without_linear_algebra_leaves_blas_threads_alone() -> None:
    assert {case.blas_threads for case in suite_of().cases} == {None}


@pytest.mark.parametrize("benchmark", ["svd", "svd_compressed"])
@pytest.mark.parametrize(("cores", "threads"), [(4, (1, 4)), (1, (1,))])
def test_what_the_machine_can_do_is_measured_last(
    benchmark: str, cores: int, threads: tuple[int, ...]
) -> None:
    suite = suite_of(benchmark, cores, schedulers="distributed", workers="1")
    assert suite.cases[0].benchmark == benchmark
    assert suite.cases[1:] == tuple(
        Case("hardware", "numpy", {"probe": probe, "threads": n}, blas_threads=n, reference=True)
        for probe in ("dgemm", "triad")
        for n in threads
    )


@pytest.mark.parametrize(
    ("benchmark", "values"),
    [
        ("svd", {"hardware": "off"}),
        ("svd", {"schedulers": "distributed", "address": "tcp://there:1"}),
        ("calc_mean", {}),
    ],
)
def test_what_the_machine_can_do_is_not_measured_where_it_means_nothing(
    benchmark: str, values: dict[str, Any]
) -> None:
    suite = suite_of(benchmark, **values)
    assert {case.benchmark for case in suite.cases} == {benchmark}


# benchmarks.toml


def test_parameters_have_dashes_in_the_file_too() -> None:
    text = """
        [suites.s]
        benchmark = "svd_compressed"
        schedulers = "synchronous"
        hardware = false
        power-iterations = [0, 2]
        k = 3
        """
    found = [case.parameters["power_iterations"] for case in suite_in(text).cases]
    assert found == [0, 2]
    assert message_of(text.replace("power-", "power_")).endswith(
        "[suites.s] has an unknown key 'power_iterations': did you mean 'power-iterations'?"
    )


def test_chunks_of_the_file_hold_for_every_shape() -> None:
    text = """
        defaults = {chunks = "50x10"}
        [suites.s]
        benchmark = "svd"
        schedulers = "synchronous"
        shape = ["200x10", "100x10"]
        """
    suite = suite_in(text, hardware="off")
    assert [case.parameters["chunks"] for case in suite.cases] == ["50x10", "50x10"]


def test_a_suite_is_defaults_then_its_own_then_the_command_line() -> None:
    text = """
        defaults = {rounds = 3, warmup = 2, n = [10, 20]}
        [suites.s]
        benchmark = "calc_mean"
        description = "anything"
        warmup = 4
        schedulers = "numpy"
        """
    assert suite_in(text).settings == Settings(rounds=3, warmup=4)
    assert suite_in(text, warmup="5").settings == Settings(rounds=3, warmup=5)
    assert [case.parameters["n"] for case in suite_in(text).cases] == [10, 20]
    assert suite_in(text, schedulers="synchronous").cases[0].scheduler == "synchronous"


@pytest.mark.parametrize("value", ["[1, 2, 4]", '"1,2,4"', '["1", 2, 4.0]'])
def test_a_list_is_written_as_in_toml_or_as_on_the_command_line(value: str) -> None:
    text = f'[suites.s]\nbenchmark = "calc_mean"\nschedulers = "threads"\nworkers = {value}'
    assert [case.workers for case in suite_in(text).cases] == [1, 2, 4]


def test_every_key_may_stand_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "pem").write_text("")
    pem = f'"{tmp_path / "pem"}"'
    text = f"""
        [suites.s]
        benchmark = "calc_mean"
        schedulers = ["numpy", "distributed"]
        workers = [2]
        threads-per-worker = 2
        address = "tls://there:8786"
        tls-ca = {pem}
        tls-cert = {pem}
        tls-key = {pem}
        rounds = 5
        warmup = 0
        budget = "2m"
        timeout = 30
        min-time = "1ms"
        blas-threads = "native"
        hardware = false
        rng = "generator"
        tasks = 10
        """
    suite = suite_in(text)
    assert suite.settings == Settings(5, 0, 120.0, 30.0, 0.001, None, hardware=False)
    assert suite.cluster == Cluster(
        "tls://there:8786", None, *[str((tmp_path / "pem").resolve())] * 3
    )
    assert suite.cases[1] == Case(
        "calc_mean", "distributed", {"n": 100_000, "tasks": 10, "rng": "generator"}, 2
    )


def test_published_figures_are_read() -> None:
    text = """
        [suites.s]
        benchmark = "calc_mean"
        published = [
          { scheduler = "numpy", mean = "352 ms", std = "925 us" },
          { scheduler = "threads", workers = 2, mean = "1.28 s", std = "1.46 ms" },
        ]
        """
    numpy, threads = suite_in(text).published
    assert numpy == Published("numpy", 0.352, numpy.std_s)
    assert numpy.std_s == pytest.approx(925e-6)
    assert threads == Published("threads", 1.28, threads.std_s, 2)
    assert threads.std_s == pytest.approx(1.46e-3)


SUITES = """
    [suites.a]
    benchmark = "calc_mean"
    [suites.b]
    benchmark = "calc_mean"
    [suites.both]
    suites = ["b", "a"]
    [suites.all]
    suites = ["both", "a"]
    """


@pytest.mark.parametrize(
    ("names", "expanded"),
    [
        ([], ["a", "b"]),
        (["a"], ["a"]),
        (["both"], ["b", "a"]),
        (["all"], ["b", "a"]),
        (["a", "both"], ["a", "b"]),
        (["b", "b"], ["b"]),
    ],
)
def test_groups_stand_for_their_members_once(names: list[str], expanded: list[str]) -> None:
    assert file_of(SUITES).expand(names) == expanded


def test_an_unknown_suite_is_named_with_file_and_the_nearest() -> None:
    with pytest.raises(UsageError) as error:
        file_of(SUITES).expand(["bot"])
    assert str(error.value) == "benchmarks.toml: no suite 'bot': did you mean 'both'?"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rounds = ", "benchmarks.toml: not TOML: "),
        ("[suite.s]", "benchmarks.toml: no section [suite]: did you mean 'suites'?"),
        ("defaults = 5", "benchmarks.toml: [defaults] is not a table"),
        ("suites = 5", "benchmarks.toml: [suites] is not a table"),
        ("suites.s = 5", "benchmarks.toml: [suites.s] is not a table"),
        (
            "[defaults]\nround = 5",
            "benchmarks.toml: [defaults] has an unknown key 'round': did you mean 'rounds'?",
        ),
        (
            "[defaults]\nmin_time = 5",
            "benchmarks.toml: [defaults] has an unknown key 'min_time': did you mean 'min-time'?",
        ),
        ("[defaults]\nrounds = 0", "benchmarks.toml: [defaults] rounds: '0' is not a whole number"),
        ("[suites.s]", "benchmarks.toml: [suites.s] lacks the key 'benchmark'"),
        (
            '[suites.s]\nbenchmark = "calc_mea"',
            "benchmarks.toml: [suites.s] benchmark: no benchmark 'calc_mea': did you mean",
        ),
        ("[suites.s]\nbenchmark = 5", "benchmarks.toml: [suites.s] benchmark: "),
        ('[suites.s]\nbenchmark = ["calc_mean"]', "benchmarks.toml: [suites.s] benchmark: "),
        (
            '[suites.s]\nbenchmark = "calc_mean"\nworker = 1',
            "benchmarks.toml: [suites.s] has an unknown key 'worker': did you mean 'workers'?",
        ),
        (
            '[suites.s]\nbenchmark = "calc_mean"\nschedulers = ["dask"]',
            "benchmarks.toml: [suites.s] schedulers: no 'dask': choose from numpy",
        ),
        (
            '[suites.s]\nbenchmark = "calc_mean"\nn = []',
            "benchmarks.toml: [suites.s] n: ",
        ),
        ('[suites.s]\nsuites = ["t"]', "benchmarks.toml: [suites.s] suites: no suite 't'"),
        ('[suites.s]\nsuites = ["s"]', "benchmarks.toml: [suites.s] suites: "),
        (
            '[suites.s]\nsuites = ["t"]\n[suites.t]\nsuites = ["s"]',
            "benchmarks.toml: [suites.s] suites: ",
        ),
        ("[suites.s]\nsuites = 5", "benchmarks.toml: [suites.s] suites: "),
        ("[suites.s]\nsuites = [5]", "benchmarks.toml: [suites.s] suites: "),
        ("[suites.s]\nsuites = []", "benchmarks.toml: [suites.s] suites: "),
        (
            SUITES + 'bogus = "x"',
            "benchmarks.toml: [suites.all] has an unknown key 'bogus'",
        ),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(text: str, message: str) -> None:
    assert message_of(text).startswith(message)


@pytest.mark.parametrize(
    ("published", "message"),
    [
        ("5", "published: "),
        ('["numpy"]', "published: "),
        ('[{scheduler = "numpy", mean = "1s"}]', "published: a row lacks 'std'"),
        ('[{mean = "1s", std = "1s"}]', "published: a row lacks 'scheduler'"),
        ('[{scheduler = "nump", mean = "1s", std = "1s"}]', "published: no 'nump': did you mean"),
        ('[{scheduler = "numpy", mean = "x", std = "1s"}]', "published: 'x' is not a duration"),
        ('[{scheduler = "numpy", mean = 1, std = {}}]', "published: "),
        ('[{scheduler = "threads", workers = "two", mean = "1s", std = "1s"}]', "published: "),
        ('[{scheduler = "numpy", mean = "1s", std = "1s", stdev = "1s"}]', "published: "),
    ],
)
def test_what_is_wrong_with_published_figures_is_named(published: str, message: str) -> None:
    text = f'[suites.s]\nbenchmark = "calc_mean"\npublished = {published}'
    assert message_of(text).startswith(f"benchmarks.toml: [suites.s] {message}")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*none\.toml"):
        SuiteFile.load(tmp_path / "none.toml", experiment)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match=r"cannot read .*bytes\.toml"):
        SuiteFile.load(tmp_path / "bytes.toml", experiment)


def toml_of(value: object) -> str:
    """Write a value as TOML, in one line."""
    match value:
        case bool():
            return str(value).lower()
        case dict():
            pairs = (f"{toml_of(key)} = {toml_of(item)}" for key, item in value.items())
            return f"{{{', '.join(pairs)}}}"
        case list():
            return f"[{', '.join(map(toml_of, value))}]"
        case str():
            return '"' + "".join(f"\\U{ord(letter):08x}" for letter in value) + '"'
        case _:
            return repr(value)


LEAVES = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
    | st.sampled_from(["calc_mean", "numpy", "threads", "s", "1,2", "2m", "tcp://a:1"])
)
NAMES = st.sampled_from(
    [*KEYS, "benchmark", "suites", "published", "description", "n", "scheduler", "mean", "std"]
) | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(NAMES, VALUES, max_size=4), st.dictionaries(NAMES, VALUES, max_size=3))
def test_any_table_is_a_suite_or_a_usage_error(
    table: dict[str, object], defaults: dict[str, object]
) -> None:
    text = f"defaults = {toml_of(defaults)}\nsuites.s = {toml_of(BENCHMARK | table)}"
    _make_all(lambda: file_of(text))


PARAMETERS_OF_SVD = st.sampled_from(
    ["shape", "chunks", "k", "power-iterations", "oversamples", "condition", "method", "compute"]
)
SIZES = st.sampled_from(["10x5", "1e3x10", "5x5x5", "auto", "gram", "usv", "1e6", "0", "9"])


@pytest.mark.parametrize("benchmark", ["svd", "svd_compressed"])
@given(table=st.dictionaries(PARAMETERS_OF_SVD, SIZES | st.lists(SIZES, max_size=2) | LEAVES))
def test_any_table_of_a_decomposition_is_a_suite_or_a_usage_error(
    benchmark: str, table: dict[str, object]
) -> None:
    text = f"suites.s = {toml_of({'benchmark': benchmark} | table)}"
    _make_all(lambda: file_of(text))


@given(st.dictionaries(st.sampled_from(["suites", "defaults"]) | NAMES, VALUES, max_size=3))
def test_any_file_is_read_or_a_usage_error(content: dict[str, object]) -> None:
    text = "\n".join(f"{toml_of(key)} = {toml_of(value)}" for key, value in content.items())
    _make_all(lambda: file_of(text))


def _make_all(load: Callable[[], SuiteFile]) -> None:
    try:
        file = load()
        for name in file.expand([]):
            suite = file.make(name, {}, here(4))
            assert suite.cases
    except UsageError:
        return


# The file that ships


def shipped() -> SuiteFile:
    return file_of((files("daskbench") / FILE).read_text(encoding="utf-8"))


def test_the_shipped_file_is_valid_and_quick_is_in_it() -> None:
    assert {"quick", "lesson", "lesson-schedulers"} <= set(shipped().suites)
    assert shipped().expand(["lesson"])[0] == "lesson-schedulers"


def test_the_lessons_suite_is_the_lessons_work() -> None:
    suite = shipped().make("lesson-schedulers", {}, here(4))
    assert all(
        case.parameters == {"n": 100_000, "tasks": 100, "rng": "legacy"} for case in suite.cases
    )
    assert {case.scheduler for case in suite.cases} == set(SCHEDULERS)
    assert {case.workers for case in suite.cases} == {None, 1, 2, 4}
    assert (suite.settings.rounds, suite.settings.warmup) == (7, 1)
    assert {case.threads_per_worker for case in suite.cases if case.scheduler == "distributed"} == {
        1
    }


def test_the_lessons_published_figures_are_those_of_its_page() -> None:
    milliseconds = {
        ("numpy", None): (352, 0.925),
        ("threads", 1): (395, 18.5),
        ("threads", 2): (1280, 1.46),
        ("threads", 4): (1280, 3.84),
        ("processes", 1): (990, 39.9),
        ("processes", 2): (881, 17.9),
        ("processes", 4): (836, 10.9),
        ("distributed", 1): (619, 253),
        ("distributed", 2): (357, 131),
        ("distributed", 4): (265, 53.2),
    }
    published = shipped().make("lesson-schedulers", {}, here(4)).published
    found = {(p.scheduler, p.workers): (p.mean_s * 1e3, p.std_s * 1e3) for p in published}
    assert found.keys() == milliseconds.keys()
    for place, figures in milliseconds.items():
        assert found[place] == pytest.approx(figures)


def test_every_published_figure_has_its_row() -> None:
    suite = shipped().make("lesson-schedulers", {}, here(4))
    rows = {(case.scheduler, case.workers) for case in suite.cases}
    assert {(p.scheduler, p.workers) for p in suite.published} <= rows


def test_every_key_has_help_and_a_metavar() -> None:
    assert all(key.help.strip() for key in KEYS.values())
    assert {name for name, key in KEYS.items() if not key.metavar.strip()} == {"memory"}
    assert KEYS["memory"].flag


@pytest.mark.parametrize(
    "name",
    [
        *("rounds", "samples", "ratio", "scheduler", "hardware", "flops", "suite", "help"),
        pytest.param(
            "dgemm_share",
        ),
    ],
)
def test_a_parameter_with_the_name_of_something_else_is_told(tmp_path: Path, name: str) -> None:
    own = tmp_path / f"own_{len(name)}_{name[0]}.py"
    own.write_text(
        "from daskbench.benchmarks.base import Parameter\n"
        f"class Own:\n    parameters = {{'{name}': Parameter(1, 'help')}}\n"
        "    def __init__(self, **given): ...\n"
        "    def calls(self): ...\n    def check(self, answer): ...\n"
    )
    suites = SuiteFile(
        Path("benchmarks.toml"), f'[suites.s]\nbenchmark = "{own}:Own"\n', experiment
    )
    with pytest.raises(UsageError, match=f"rename its parameter '{name}'"):
        suites.make("s", {}, here(4))


def test_parameters_are_read_as_their_defaults_are() -> None:
    assert parameter_key(Parameter(0.5, "help")).read("0.25,1e-3") == (0.25, 0.001)
    assert parameter_key(Parameter("a", "help")).read(["x", "y"]) == ("x", "y")
    with pytest.raises(UsageError, match="is not a number"):
        parameter_key(Parameter(0.5, "help")).read("nan")


def test_a_users_own_benchmark_is_beside_its_file(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text(
        "from daskbench.benchmarks.base import Parameter\n"
        "class Own:\n    parameters = {'size': Parameter(1, 'help')}\n"
        "    def __init__(self, size, seed): pass\n"
        "    def calls(self): ...\n    def check(self, answer): ...\n"
    )
    path = tmp_path / "benchmarks.toml"
    path.write_text('[suites.s]\nbenchmark = "beside.py:Own"\n')
    case = SuiteFile.load(path, experiment).make("s", {}, here(4)).cases[0]
    assert case.benchmark == f"{tmp_path / 'beside.py'}:Own"
    assert case.what == "beside.py:Own size=1"


def test_absurdly_many_workers_are_told() -> None:
    with pytest.raises(UsageError, match="1000000 workers are too many for 4 cores"):
        suite_of(workers="1e6")


def test_a_suite_cannot_be_named_like_a_folder() -> None:
    assert "'a/b': use only letters" in message_of('[suites."a/b"]\nbenchmark = "calc_mean"\n')


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("\n", "is empty"),
        ('{"addr', "has no address"),
        ("{}", "has no address"),
        ("[]", "has no address"),
        ('{"address": 3}', "has no address"),
        ('{"address": "here"}', "has no address"),
        ("\x00" * 9, "has no address"),
    ],
)
def test_a_scheduler_file_holds_an_address(tmp_path: Path, text: str, told: str) -> None:
    (file := tmp_path / "s.json").write_text(text)
    with pytest.raises(UsageError, match=told):
        KEYS["scheduler-file"].read(str(file))
    file.write_text('{"address": "tcp://127.0.0.1:8786"}')
    assert KEYS["scheduler-file"].read(str(file)) == str(file)
