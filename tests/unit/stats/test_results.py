"""Ways."""

from pathlib import Path

import msgspec
import pytest

from daskbench.events import CaseFailed, Event
from daskbench.stats.result_tables import ResultTable
from tests.unit.builders import (
    NUMPY_S,
    THREADS_S,
    make_case,
    make_compressed_case,
    make_invalid,
    make_lane,
    make_plan,
    make_run,
    make_sample,
    make_suite,
    make_svd_case,
    result_tables_of,
    timed,
)
from tests.unit.stats.resulting import results_of, tables_for


def test_a_case_with_valid_samples_is_ok(tmp_path: Path) -> None:
    numpy, threads = results_of(make_run(tmp_path))
    assert (numpy.status, numpy.reason) == ("ok", None)
    assert (numpy.samples, numpy.proof.invalid_samples, numpy.loops) == (3, 0, 1)
    assert (numpy.proof.tasks_run, numpy.proof.tasks_expected, numpy.proof.answer_ok) == (
        300,
        300,
        True,
    )
    assert numpy.summary is not None
    assert numpy.summary.median_s == pytest.approx(0.101)
    assert (numpy.lane.startup_s, numpy.memory.peak_rss_bytes) == (0.8, 100 << 20)
    assert (threads.place, threads.memory.peak_rss_bytes) == ("threads × 2", 200 << 20)


def test_a_failed_case_says_when_and_why_and_keeps_its_samples(tmp_path: Path) -> None:
    events: list[Event] = [
        *timed(0, NUMPY_S),
        *timed(1, THREADS_S[:2]),
        CaseFailed(1, "in round 3", "its lane was killed (SIGKILL)"),
    ]
    _, threads = results_of(make_run(tmp_path, events))
    assert threads.status == "failed"
    assert threads.reason == "in round 3: its lane was killed (SIGKILL)"
    assert threads.samples == 2


def test_a_case_without_a_valid_sample_is_invalid(tmp_path: Path) -> None:
    events: list[Event] = [*timed(0, NUMPY_S), make_invalid(1, 1), make_invalid(1, 2)]
    _, threads = results_of(make_run(tmp_path, events))
    assert threads.status == "invalid"
    assert threads.reason == "2 of 2 samples invalid: 0 of 100 tasks ran"
    assert threads.summary is None
    assert (threads.proof.tasks_run, threads.proof.tasks_expected) == (0, 200)


def test_a_case_with_some_valid_samples_is_ok_and_says_how_many_are_not(tmp_path: Path) -> None:
    events: list[Event] = [
        *timed(0, NUMPY_S),
        *timed(1, THREADS_S),
        make_invalid(1, 4, answer_ok=False),
    ]
    _, threads = results_of(make_run(tmp_path, events))
    assert threads.status == "ok"
    assert threads.reason == "1 of 4 samples invalid: 0 of 100 tasks ran"
    assert (threads.samples, threads.proof.invalid_samples, threads.proof.answer_ok) == (
        3,
        1,
        False,
    )
    assert threads.summary is not None
    assert threads.summary.min_s == 0.05


def test_a_case_that_was_never_measured_is_incomplete_and_has_no_figures(tmp_path: Path) -> None:
    events: list[Event] = [*timed(0, NUMPY_S), make_sample(1, 0, warmup=True)]
    _, threads = results_of(make_run(tmp_path, events))
    assert threads.status == "incomplete"
    assert threads.summary is None
    assert threads.comparison.ratio is None
    assert threads.proof.tasks_run is None
    assert threads.proof.answer_ok is None
    assert threads.efficiency is None


def test_the_reason_of_an_invalid_warm_up_is_not_taken_for_that_of_a_sample(
    tmp_path: Path,
) -> None:
    events: list[Event] = [
        make_invalid(0, 0, warmup=True, reason="the warm-up's"),
        *timed(0, NUMPY_S),
        make_invalid(0, 4, reason="the sample's"),
    ]
    numpy, _ = results_of(make_run(tmp_path, events))
    assert numpy.reason == "1 of 4 samples invalid: the sample's"
    assert numpy.proof.invalid_samples == 1


def test_numpy_is_the_baseline_wherever_it_stands(tmp_path: Path) -> None:
    plan = make_plan(make_suite(make_case(workers=2), make_case("numpy")))
    table = result_tables_of(make_run(tmp_path, [*timed(0, THREADS_S), *timed(1, NUMPY_S)], plan))[
        0
    ]
    assert table.baseline == make_case("numpy")
    threads, numpy = table.results
    assert numpy.comparison.ratio is not None
    assert threads.comparison.ratio is not None
    assert numpy.comparison.ratio.value == 1
    assert threads.comparison.ratio.value == pytest.approx(0.5, rel=0.02)


@pytest.mark.parametrize(
    ("schedulers", "baseline"),
    [
        (("threads", "synchronous", "default"), "synchronous"),
        (("default", "threads"), "default"),
        (("threads", "default"), "threads"),
        (("synchronous", "numpy"), "numpy"),
        (("of another version", "threads"), "of another version"),
    ],
)
def test_without_numpy_the_baseline_is_synchronous_or_else_the_first(
    tmp_path: Path, schedulers: tuple[str, ...], baseline: str
) -> None:
    plan = make_plan(make_suite(*map(make_case, schedulers)))
    assert result_tables_of(make_run(tmp_path, plan=plan))[0].baseline == make_case(baseline)


def test_without_samples_of_the_baseline_there_is_no_ratio(tmp_path: Path) -> None:
    events: list[Event] = [CaseFailed(0, "at the start", "no memory"), *timed(1, THREADS_S)]
    _, threads = results_of(make_run(tmp_path, events))
    assert threads.summary is not None
    assert threads.comparison.ratio is None


def test_the_lowest_median_is_best_and_not_the_lowest_mean(tmp_path: Path) -> None:
    events: list[Event] = [*timed(0, [0.10, 0.10, 0.10]), *timed(1, [0.09, 0.09, 9.0])]
    assert [row.comparison.best for row in results_of(make_run(tmp_path, events))] == [False, True]


def test_a_failed_row_is_never_best(tmp_path: Path) -> None:
    plan = make_plan(make_suite(make_case("numpy"), make_case(workers=1), make_case(workers=2)))
    events: list[Event] = [
        *timed(0, NUMPY_S),
        *timed(1, THREADS_S),
        *timed(2, [0.001]),
        CaseFailed(2, "in round 2", "gone"),
    ]
    assert [row.comparison.best for row in results_of(make_run(tmp_path, events, plan))] == [
        False,
        True,
        False,
    ]


def test_a_row_that_is_alone_is_not_marked_best(tmp_path: Path) -> None:
    plan = make_plan(make_suite(make_case("numpy")))
    run = make_run(tmp_path, timed(0, NUMPY_S), plan)
    assert [row.comparison.best for row in results_of(run)] == [False]


def test_sweeps_make_a_group_for_each_thing_computed(tmp_path: Path) -> None:
    cases = [make_case(name, n=n) for n in (1000, 2000) for name in ("numpy", "synchronous")]
    events: list[Event] = [
        sample for number in range(4) for sample in timed(number, [0.1 + number, 0.1])
    ]
    tables = result_tables_of(make_run(tmp_path, events, make_plan(make_suite(*cases))))
    assert [table.what for table in tables] == [
        "calc_mean n=1000 tasks=100 rng=legacy",
        "calc_mean n=2000 tasks=100 rng=legacy",
    ]
    assert [[row.number for row in table.results] for table in tables] == [[0, 1], [2, 3]]
    assert all(table.baseline == table.results[0].case for table in tables)


def test_cases_that_compute_the_same_stand_together_even_if_planned_apart(tmp_path: Path) -> None:
    cases = [make_case("numpy", n=n) for n in (1000, 2000)]
    cases += [make_case("synchronous", n=n) for n in (1000, 2000)]
    tables = result_tables_of(make_run(tmp_path, [], make_plan(make_suite(*cases))))
    assert [[row.number for row in table.results] for table in tables] == [[0, 2], [1, 3]]


def test_the_same_work_in_two_suites_makes_two_groups(tmp_path: Path) -> None:
    plan = make_plan(make_suite(name="one"), make_suite(name="two"))
    tables = result_tables_of(make_run(tmp_path, [], plan))
    assert [table.suite.name for table in tables] == ["one", "two"]
    assert [row.number for table in tables for row in table.results] == [0, 1, 2, 3]


def test_efficiency_is_the_speed_up_for_each_thread(tmp_path: Path) -> None:
    plan = make_plan(make_suite(make_case("numpy"), make_case("distributed", 2, 2)))
    events: list[Event] = [
        make_lane(1, workers=2, threads_per_worker=2),
        *timed(0, [0.4, 0.4]),
        *timed(1, [0.2, 0.2]),
    ]
    numpy, distributed = results_of(make_run(tmp_path, events, plan))
    assert distributed.efficiency == pytest.approx(0.5)
    assert numpy.efficiency is None


def test_times_are_those_of_one_loop(tmp_path: Path) -> None:
    events: list[Event] = [*timed(0, [0.5, 0.5], loops=5), *timed(1, [0.5, 0.5])]
    numpy, threads = results_of(make_run(tmp_path, events))
    assert numpy.loops == 5
    assert numpy.summary is not None
    assert numpy.summary.mean_s == pytest.approx(0.1)
    assert threads.comparison.ratio is not None
    assert threads.comparison.ratio.value == pytest.approx(5)


def test_workers_are_those_that_were_found(tmp_path: Path) -> None:
    plan = make_plan(make_suite(make_case("numpy"), make_case("distributed")))
    events: list[Event] = [make_lane(1, workers=3, threads_per_worker=4), *timed(1, [0.1])]
    _, distributed = results_of(make_run(tmp_path, events, plan))
    assert (distributed.lane.workers, distributed.lane.threads_per_worker) == (3, 4)
    assert distributed.place == "distributed × 3×4"


def test_what_dask_chose_is_in_the_name_and_the_row_of_that_name_is_skipped(tmp_path: Path) -> None:
    cases = (make_case("default"), make_case(workers=2), make_case(workers=1))
    events: list[Event] = [make_lane(0, workers=2, chosen="threads"), *timed(0, [0.1])]
    default, two, one = results_of(make_run(tmp_path, events, make_plan(make_suite(*cases))))
    assert default.place == "default (threads) × 2"
    assert (two.status, two.reason) == ("skipped", "the same as default")
    assert one.status == "incomplete"


def test_the_workers_of_a_case_that_never_started_are_those_asked_for(tmp_path: Path) -> None:
    plan = make_plan(make_suite(make_case("distributed", 2, 4)))
    run = make_run(tmp_path, [CaseFailed(0, "at the start", "no port")], plan)
    assert results_of(run)[0].place == "distributed × 2×4"


def test_peak_memory_is_the_highest_of_the_measured_samples(tmp_path: Path) -> None:
    events: list[Event] = [
        make_sample(0, 0, warmup=True, peak_rss_bytes=9000),
        make_sample(0, 1, peak_rss_bytes=100),
        make_sample(0, 2),
    ]
    numpy, threads = results_of(make_run(tmp_path, events))
    assert numpy.memory.peak_rss_bytes == 100  # the warm-up also makes references
    assert threads.memory.peak_rss_bytes is None


def test_samples_of_two_sessions_are_no_pairs(tmp_path: Path) -> None:
    numpy = [make_sample(0, number, wall_s=0.1 * number) for number in (1, 2, 3)]
    early = [make_sample(1, number, wall_s=0.2 * number) for number in (1, 2)]
    late = make_sample(1, 3, wall_s=9.0, session=1)
    _, threads = results_of(make_run(tmp_path, [*numpy, *early, late]))
    assert threads.comparison.ratio is not None
    assert (threads.comparison.ratio.rounds, threads.samples) == (2, 3)
    assert threads.comparison.ratio.value == pytest.approx(2)


def test_efficiency_is_to_numpy_or_not_at_all(tmp_path: Path) -> None:
    plan = make_plan(make_suite(make_case(workers=2), make_case(workers=4)))
    samples = [make_sample(case, number) for case in (0, 1) for number in (1, 2)]
    assert [row.efficiency for row in results_of(make_run(tmp_path, samples, plan))] == [None, None]


def labels(table: ResultTable) -> list[str]:
    return [row.label for row in table.results]


def test_cases_that_differ_in_ways_alone_stand_in_one_table(tmp_path: Path) -> None:
    cases = [make_svd_case(workers=2, method=name) for name in ("tsqr", "gram")]
    [table] = tables_for(tmp_path, make_svd_case("numpy"), *cases)
    assert labels(table) == ["numpy", "distributed × 2, tsqr", "distributed × 2, gram"]
    assert table.what == "svd shape=200x10 chunks=50x10"
    assert table.baseline == make_svd_case("numpy")


def test_only_the_ways_that_differ_are_named(tmp_path: Path) -> None:
    one, two = make_svd_case(workers=1), make_svd_case(workers=2)
    [table] = tables_for(tmp_path, one, two)
    assert labels(table) == ["distributed × 1", "distributed × 2"]
    assert table.what == "svd shape=200x10 chunks=50x10 method=tsqr"


def test_several_ways_are_named_in_the_order_of_the_parameters(tmp_path: Path) -> None:
    cases = [
        make_svd_case(workers=2, method=method, chunks=chunks)
        for chunks in ("50x10", "100x10")
        for method in ("tsqr", "gram")
    ]
    [table] = tables_for(tmp_path, *cases)
    assert labels(table)[-1] == "distributed × 2, 100x10, gram"
    assert len(set(labels(table))) == 4
    assert table.what == "svd shape=200x10"


def test_ways_that_are_numbers_are_named_with_what_they_count(tmp_path: Path) -> None:
    cases = [make_compressed_case(power_iterations=number) for number in (0, 2)]
    [table] = tables_for(tmp_path, *cases)
    assert labels(table) == [
        "distributed × 2, power iterations 0",
        "distributed × 2, power iterations 2",
    ]
    assert table.what == "svd_compressed k=5 iterator=power"


def test_ways_that_are_large_numbers_keep_their_digits(tmp_path: Path) -> None:
    cases = [make_compressed_case(oversamples=number) for number in (1_234_567, 1_234_568)]
    [table] = tables_for(tmp_path, *cases)
    assert len(set(labels(table))) == 2


def test_what_numpy_was_measured_under_makes_no_way(tmp_path: Path) -> None:
    """NumPy is measured under the first way, which says nothing of Dask's rows."""
    cases = [make_svd_case(workers=workers, method="gram") for workers in (2, 4)]
    [table] = tables_for(tmp_path, make_svd_case("numpy"), *cases)
    assert labels(table) == ["numpy", "distributed × 2", "distributed × 4"]


def test_cases_that_compute_something_else_make_a_table_of_their_own(tmp_path: Path) -> None:
    cases = [
        make_svd_case(workers=2, method=method, shape=shape)
        for shape in ("200x10", "100x10")
        for method in ("tsqr", "gram")
    ]
    tables = tables_for(tmp_path, *cases)
    assert [table.what for table in tables] == [
        "svd shape=200x10 chunks=50x10",
        "svd shape=100x10 chunks=50x10",
    ]


def test_the_memory_limit_is_a_part_of_the_label(tmp_path: Path) -> None:
    case = msgspec.structs.replace(make_svd_case(workers=2), memory_limit_bytes=250 << 20)
    [table] = tables_for(tmp_path, make_svd_case(workers=2), case)
    assert labels(table) == ["distributed × 2", "distributed × 2 of 250 MiB"]
