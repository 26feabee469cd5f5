"""Findings on schedulers."""

from pathlib import Path

import msgspec
import pytest

from daskbench.model import Plan, Published
from tests.unit.builders import (
    NUMPY_S,
    make_case,
    make_plan,
    make_suite,
    timed,
)
from tests.unit.findings.finding import found_in, threads

THREADS = make_plan(make_suite(make_case("numpy"), make_case(workers=1), make_case(workers=4)))


def test_threads_that_wait_for_the_lock_of_the_legacy_generator_are_told(tmp_path: Path) -> None:
    [finding] = found_in(tmp_path, threads(0.42), THREADS)
    assert finding.startswith("threads gave no speedup: 4 of them kept 1.0 cores busy")
    assert "--rng generator" in finding


def test_the_lock_may_be_the_cause_where_the_same_without_it_was_faster(tmp_path: Path) -> None:
    generator = [make_case(workers=workers, rng="generator") for workers in (1, 4)]
    plan = make_plan(*THREADS.suites, make_suite(*generator, name="generator"))
    for wide_s, rounds, told in (
        (
            0.12,
            5,
            "a process-wide lock, which may be the cause: with --rng generator they took 0.29",
        ),
        (0.40, 5, "not shown to be the cause: with --rng generator they took 0.98 times"),
        (0.12, 3, "to see whether that is the cause"),  # no interval, and so no cause
    ):
        without = [*timed(3, [0.41] * rounds), *timed(4, [wide_s] * rounds)]
        folder = tmp_path / f"{wide_s}-{rounds}"
        findings = found_in(folder, [*threads(0.42), *without], plan)
        [finding] = [line for line in findings if "lock" in line]
        assert told in finding


def published() -> Plan:
    figures = (
        Published("threads", 0.395, 0.01, 1),
        Published("threads", 1.28, 0.01, 4),
    )
    return make_plan(msgspec.structs.replace(THREADS.suites[0], published=figures))


def test_a_lock_that_was_published_and_not_seen_is_told_of(tmp_path: Path) -> None:
    fast = [*threads(0.12)[:-5], *timed(2, [0.12] * 5, cpu_s=0.42)]
    [finding] = found_in(tmp_path, fast, published())
    assert finding.startswith("threads × 4: 0.30 times the time of threads × 1, with 3.5 cores")
    assert "published: 3.24" in finding
    assert finding.endswith("np.random.normal was not seen here")
    [finding] = found_in(tmp_path / "seen", threads(0.42), published())
    assert finding.startswith("threads gave no speedup")


def test_where_a_published_lock_is_neither_seen_nor_not_that_is_told(tmp_path: Path) -> None:
    """Seen: on busy cores two threads took 0.95 of one's time, and the lock "was not seen"."""
    busy = [*threads(0.42)[:-5], *timed(2, [0.42] * 5, cpu_s=1.2)]
    [finding] = found_in(tmp_path, busy, published())
    assert finding.endswith("np.random.normal is neither shown nor ruled out here")


def test_without_a_row_of_one_thread_numpys_stands_for_it(tmp_path: Path) -> None:
    """The lesson's threads × 2: 3.64 times NumPy's time published, 1.09 measured."""
    figures = (Published("numpy", 0.352, 0.001, None), Published("threads", 1.28, 0.001, 4))
    suite = make_suite(make_case("numpy"), make_case(workers=2), make_case(workers=4))
    plan = make_plan(msgspec.structs.replace(suite, published=figures))
    numpy, wide = timed(0, [0.35] * 5), timed(1, [0.17] * 5, cpu_s=0.34)
    [finding] = found_in(tmp_path, [*numpy, *wide, *timed(2, [0.38] * 5, cpu_s=0.4)], plan)
    assert finding.startswith("threads gave no speedup: 4 of them kept 1.1 cores busy")
    fast = [*numpy, *wide, *timed(2, [0.09] * 5, cpu_s=0.34)]
    [finding] = found_in(tmp_path / "fast", fast, plan)
    assert finding.startswith("threads × 4: 0.26 times the time of numpy, with 3.8 cores busy")
    assert "published: 3.64" in finding


def test_a_benchmark_of_ones_own_waits_for_no_lock_of_numpys(tmp_path: Path) -> None:
    cases = [msgspec.structs.replace(c, benchmark="b.py:B") for c in THREADS.suites[0].cases]
    assert found_in(tmp_path, threads(0.42), make_plan(make_suite(*cases))) == []


def test_threads_that_speed_up_are_not_told_of(tmp_path: Path) -> None:
    assert found_in(tmp_path, threads(0.12), THREADS) == []


def test_threads_that_wait_for_another_reason_are_not_told_of(tmp_path: Path) -> None:
    cases = [make_case(workers=workers, rng="generator") for workers in (1, 2, 4)]
    assert found_in(tmp_path, threads(0.42), make_plan(make_suite(*cases))) == []


def test_more_threads_than_cores_prove_no_lock(tmp_path: Path) -> None:
    findings = found_in(tmp_path, threads(0.42), THREADS, cores=2)
    assert not any("lock" in finding for finding in findings)


def test_threads_that_keep_their_cores_busy_wait_for_no_lock(tmp_path: Path) -> None:
    samples = [*threads(0.42)[:-5], *timed(2, [0.42] * 5, cpu_s=1.6)]
    assert found_in(tmp_path, samples, THREADS) == []


def test_where_dask_itself_takes_the_time_nothing_is_said_of_the_lock(tmp_path: Path) -> None:
    samples = [*timed(0, [0.01] * 5), *threads(0.42)[5:]]
    assert not any("lock" in finding for finding in found_in(tmp_path, samples, THREADS))


def test_on_a_noisy_machine_the_lock_is_told_of_all_the_same(tmp_path: Path) -> None:
    """Seen: a ratio of 1.04 whose interval goes down to 0.85, with one core busy."""
    samples = [
        *timed(0, [0.35, 0.36, 0.35, 0.36, 0.35]),
        *timed(1, [0.40, 0.46, 0.38, 0.43, 0.40], cpu_s=0.40),
        *timed(2, [0.42, 0.41, 0.44, 0.42, 0.42], cpu_s=0.42),
    ]
    assert any("lock" in finding for finding in found_in(tmp_path, samples, THREADS))


def test_an_uncertain_difference_is_not_told_of(tmp_path: Path) -> None:
    samples = [*timed(1, [0.4, 0.4, 0.4]), *timed(2, [0.2, 0.6, 0.4])]
    assert found_in(tmp_path, samples, THREADS) == []


PROCESSES = make_plan(
    make_suite(make_case("numpy"), make_case("processes", 2), make_case("processes-warm", 2))
)


@pytest.mark.parametrize(
    ("warm", "told"),
    [
        ([], "; add processes-warm, which keeps its pool, to see whether"),
        ([0.3] * 5, "; Dask starts a new pool for each compute, which may be the cause"),
        ([0.002] * 5, "(processes-warm, which keeps its pool, took 0.002 times as long)"),
        (
            [1.0, 0.99, 1.0, 1.01, 1.0],
            "; starting the pool is not shown to be the cause (processes",
        ),
        ([0.3] * 2, "; too few rounds to tell whether starting the pool is the cause (processes-"),
    ],
)
def test_the_start_of_a_pool_may_be_the_cause_where_a_warm_pool_is_faster(
    tmp_path: Path, warm: list[float], told: str
) -> None:
    cold = timed(1, [1.0, 1.0, 1.0, 1.0, 1.0], first_task_s=0.801)
    [finding] = found_in(tmp_path, [*timed(0, NUMPY_S), *cold, *timed(2, warm)], PROCESSES)
    assert finding.startswith("processes × 2: its first result came after 801 ms of 1 s (80%)")
    assert told in finding


@pytest.mark.parametrize("first_task_s", [0.3, None])
def test_a_pool_that_starts_quickly_is_not_told_of(
    tmp_path: Path, first_task_s: float | None
) -> None:
    samples = timed(1, [1.0, 1.0], first_task_s=first_task_s)
    assert found_in(tmp_path, samples, PROCESSES) == []


def test_a_long_first_task_is_not_taken_for_the_start_of_the_pool(tmp_path: Path) -> None:
    one_task = {"tasks_expected": 1, "tasks_run": 1}
    samples = [
        *timed(0, [0.7, 0.7, 0.7], **one_task),
        *timed(1, [1.0, 1.0, 1.0], first_task_s=0.9, **one_task),
    ]
    assert found_in(tmp_path, samples, PROCESSES) == []


def test_a_warm_pool_is_not_blamed(tmp_path: Path) -> None:
    assert found_in(tmp_path, timed(2, [1.0, 1.0], first_task_s=0.9), PROCESSES) == []


DISTRIBUTED = make_plan(make_suite(make_case("numpy"), make_case("distributed", 1)))


def test_a_scheduler_that_is_mostly_overhead_is_told(tmp_path: Path) -> None:
    samples = [*timed(0, [0.1] * 5), *timed(1, [0.4] * 5)]
    [finding] = found_in(tmp_path, samples, DISTRIBUTED)
    assert finding.startswith(
        "distributed × 1: 300 ms more than numpy for the same 100 calls, 3 ms per task; "
    )


def test_the_same_tasks_as_on_the_synchronous_scheduler_need_not_be_known(tmp_path: Path) -> None:
    wide = make_case("distributed-inproc", 1, 2)
    plan = make_plan(make_suite(make_case("threads", 1), make_case("synchronous"), wide))
    samples = [*timed(0, [0.4] * 5), *timed(1, [0.1] * 5), *timed(2, [0.4] * 5)]
    [finding] = found_in(tmp_path, samples, plan)  # of one thread alone
    assert finding.startswith(
        "threads × 1: 300 ms more than synchronous for the same 100 tasks, 3 ms per task"
    )


def test_of_works_that_are_not_known_nothing_is_blamed_on_dask(tmp_path: Path) -> None:
    """Seen: 160 MB results that were serialised, and calls that were vectorised."""
    cases = [msgspec.structs.replace(c, benchmark="b.py:B") for c in DISTRIBUTED.suites[0].cases]
    samples = [*timed(0, [0.1] * 5), *timed(1, [0.4] * 5)]
    assert found_in(tmp_path, samples, make_plan(make_suite(*cases))) == []


def test_a_scheduler_that_mostly_works_is_not_told_of(tmp_path: Path) -> None:
    samples = [*timed(0, [0.3, 0.3, 0.3]), *timed(1, [0.4, 0.4, 0.4])]
    assert found_in(tmp_path, samples, DISTRIBUTED) == []
