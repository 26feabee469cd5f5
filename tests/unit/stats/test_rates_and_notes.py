"""The machine's own rates, what was skipped, and notes."""

from pathlib import Path

import msgspec
import pytest

from daskbench.cli.session import exit_code
from daskbench.errors import ExitCode
from daskbench.events import CaseFailed, Event
from daskbench.experiments.report import build
from daskbench.model import Case
from tests.unit.builders import (
    NUMPY_S,
    make_hardware_case,
    make_invalid,
    make_plan,
    make_run,
    make_sample,
    make_svd_case,
    make_svd_suite,
    result_tables_of,
    timed,
)
from tests.unit.stats.resulting import results_of, tables_for

HARDWARE = (
    make_hardware_case("dgemm", 1),
    make_hardware_case("dgemm", 4),
    make_hardware_case("triad", 1),
)


def test_rates_are_by_the_median_and_the_share_is_of_the_best_dgemm(tmp_path: Path) -> None:
    plan = make_plan(make_svd_suite(make_svd_case(workers=2), *HARDWARE))
    events: list[Event] = [
        *timed(0, [0.1, 0.2, 9.0], flops=4e9),
        *timed(1, [1.0, 1.0], flops=80e9),
        *timed(2, [1.0, 1.0], flops=50e9),
        *timed(3, [0.5, 0.5], moved_bytes=1e9),
    ]
    svd, hardware = result_tables_of(make_run(tmp_path, events, plan))
    assert (svd.reference, hardware.reference) == (False, True)
    [row] = svd.results
    assert row.rates.flops_per_s == pytest.approx(20e9)
    assert row.rates.dgemm_share == pytest.approx(0.25)
    assert row.rates.bytes_per_s is None
    assert [row.label for row in hardware.results] == [case.place for case in HARDWARE]
    assert [row.rates.flops_per_s for row in hardware.results[:2]] == [80e9, 50e9]
    assert hardware.results[2].rates.bytes_per_s == pytest.approx(2e9)
    assert all(row.comparison.ratio is None and not row.comparison.best for row in hardware.results)


def test_the_dgemm_of_another_suite_is_none_to_compare_with(tmp_path: Path) -> None:
    plan = make_plan(
        make_svd_suite(make_svd_case(workers=2), name="one"),
        make_svd_suite(make_svd_case(workers=2), HARDWARE[0], name="two"),
    )
    events: list[Event] = [
        *timed(0, [1.0], flops=1e9),
        *timed(1, [1.0], flops=1e9),
        *timed(2, [1.0], flops=2e9),
    ]
    one, two, _ = result_tables_of(make_run(tmp_path, events, plan))
    assert one.results[0].rates.flops_per_s == 1e9
    assert (one.results[0].rates.dgemm_share, two.results[0].rates.dgemm_share) == (None, 0.5)


def test_an_invalid_dgemm_is_none_to_compare_with(tmp_path: Path) -> None:
    plan = make_plan(make_svd_suite(make_svd_case(workers=2), HARDWARE[0]))
    events: list[Event] = [*timed(0, [1.0], flops=1e9), make_invalid(1, 1, flops=9e9)]
    svd, _ = result_tables_of(make_run(tmp_path, events, plan))
    assert svd.results[0].rates.dgemm_share is None


def test_looped_work_has_the_rate_of_one_loop(tmp_path: Path) -> None:
    plan = make_plan(make_svd_suite(make_svd_case(workers=2)))
    [table] = result_tables_of(make_run(tmp_path, timed(0, [1.0, 1.0], loops=10, flops=1e9), plan))
    assert table.results[0].rates.flops_per_s == pytest.approx(1e10)


def test_without_operations_there_is_no_rate(tmp_path: Path) -> None:
    numpy, _ = results_of(make_run(tmp_path))
    assert (numpy.rates.flops_per_s, numpy.rates.bytes_per_s, numpy.rates.dgemm_share) == (
        None,
        None,
        None,
    )


def test_a_worker_for_each_core_of_numpy_is_wholly_efficient_where_it_is_as_fast(
    tmp_path: Path,
) -> None:
    numpy = msgspec.structs.replace(make_svd_case("numpy"), blas_threads=4)
    [table] = tables_for(tmp_path, numpy, make_svd_case(workers=4))
    efficiency = table.results[1].efficiency
    assert efficiency is None or efficiency == pytest.approx(1)


def skipped(case: Case) -> Case:
    return msgspec.structs.replace(case, skip="would hold 9 GiB")


def test_a_skipped_case_says_why_and_is_no_baseline(tmp_path: Path) -> None:
    plan = make_plan(
        make_svd_suite(skipped(make_svd_case("numpy")), make_svd_case("threads", 2), name="s")
    )
    run = make_run(tmp_path, timed(1, NUMPY_S), plan)
    [table] = result_tables_of(run)
    numpy, threads = table.results
    assert (numpy.status, numpy.reason) == ("skipped", "would hold 9 GiB")
    assert (numpy.summary, numpy.comparison.ratio, numpy.comparison.best) == (None, None, False)
    assert table.baseline == threads.case
    assert threads.comparison.ratio is not None
    assert threads.efficiency is None
    assert exit_code(build(run)) == ExitCode.OK


def test_where_all_is_skipped_there_are_no_figures_and_no_failure(tmp_path: Path) -> None:
    plan = make_plan(make_svd_suite(skipped(make_svd_case("numpy"))))
    run = make_run(tmp_path, [], plan)
    [numpy] = results_of(run)
    assert (numpy.status, numpy.comparison.ratio) == ("skipped", None)
    assert exit_code(build(run)) == ExitCode.OK


def test_a_failed_case_beside_a_skipped_one_is_a_failure(tmp_path: Path) -> None:
    plan = make_plan(make_svd_suite(skipped(make_svd_case("numpy")), make_svd_case("threads", 2)))
    run = make_run(tmp_path, [CaseFailed(1, "at the start", "no port")], plan)
    assert exit_code(build(run)) == ExitCode.CASE_FAILED


def test_what_was_told_of_samples_is_told_once(tmp_path: Path) -> None:
    events: list[Event] = [
        make_sample(0, 0, warmup=True, note="of the warm-up"),
        make_sample(0, 1, note="went over"),
        make_sample(0, 2, note="went over"),
        make_invalid(0, 3, note="of an invalid sample"),
    ]
    numpy, threads = results_of(make_run(tmp_path, events))
    assert (numpy.notes, threads.notes) == (("went over",), ())


def test_figures_are_the_worst_of_the_counted_samples(tmp_path: Path) -> None:
    events: list[Event] = [
        make_sample(0, 0, warmup=True, figures={"error": 9.0}),
        make_sample(0, 1, figures={"error": 1.0, "|U'U-I|": 3.0}),
        make_sample(0, 2, figures={"error": 2.0, "|U'U-I|": 1.0}),
        make_invalid(0, 3, figures={"error": 8.0}),
    ]
    numpy, _ = results_of(make_run(tmp_path, events))
    assert numpy.figures == {"error": 2.0, "|U'U-I|": 3.0}


def test_a_time_spans_building_and_computing_on_both_sides(tmp_path: Path) -> None:
    """NumPy's calls build as they run, where Dask's collections are built beforehand."""
    numpy_s, threads_s = (0.350, 0.351, 0.352, 0.353, 0.354), (0.050, 0.051, 0.052, 0.053, 0.054)
    events: list[Event] = [*timed(0, numpy_s), *timed(1, threads_s, build_s=0.3)]
    numpy, threads = results_of(make_run(tmp_path, events))
    assert numpy.summary is not None
    assert threads.summary is not None
    assert threads.summary.mean_s == pytest.approx(numpy.summary.mean_s)
    assert threads.comparison.ratio is not None
    assert threads.comparison.ratio.value == pytest.approx(1)
    assert numpy.build_s == 0
    assert threads.build_s == pytest.approx(0.3)


def test_building_is_told_for_one_loop(tmp_path: Path) -> None:
    _, threads = results_of(make_run(tmp_path, timed(1, (0.1, 0.1), build_s=0.4, loops=4)))
    assert threads.build_s == pytest.approx(0.1)
    assert threads.summary is not None
    assert threads.summary.mean_s == pytest.approx(0.125)
