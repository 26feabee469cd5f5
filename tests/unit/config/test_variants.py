"""What tells cases apart; BLAS threads and hardware."""

from pathlib import Path
from typing import Any

import pytest

from daskbench.model import Case, Cluster, Published, Settings
from tests.unit.config.reading_config import message_of, suite_in, suite_of


@pytest.mark.parametrize(
    ("benchmark", "variants"),
    [
        ("calc_mean", ()),
        ("svd", ("chunks", "method")),
        ("svd_compressed", ("chunks", "iterator", "power_iterations", "oversamples")),
    ],
)
def test_a_suite_knows_the_ways_of_its_benchmark(benchmark: str, variants: tuple[str, ...]) -> None:
    assert suite_of(benchmark).variants == variants


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
    pem = str((tmp_path / "pem").resolve())
    assert suite.cluster == Cluster("tls://there:8786", None, pem, pem, pem)
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
