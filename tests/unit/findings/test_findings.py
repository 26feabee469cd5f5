"""Each rule speaks where samples show it, and is silent where they don't."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from daskbench.events import Blas, CaseFailed, Event, Finished, Sample, SuiteFinished
from daskbench.experiments.report import build
from daskbench.model import Case, Cluster, Plan, Published, Settings, Suite
from tests.unit.builders import (
    NUMPY_S,
    THREADS_S,
    make_case,
    make_compressed_case,
    make_hardware_case,
    make_invalid,
    make_lane,
    make_plan,
    make_run,
    make_sample,
    make_suite,
    make_svd_case,
    make_svd_suite,
    timed,
)


def found_in(
    folder: Path,
    events: Sequence[Event] | None = None,
    plan: Plan | None = None,
    *,
    finish: bool = True,
    **environment: object,
) -> list[str]:
    run = make_run(folder, events, plan, finish=finish, **environment)  # type: ignore[arg-type]
    return build(run).findings


def test_a_good_run_has_no_findings(tmp_path: Path) -> None:
    assert found_in(tmp_path) == []


# The run


def test_a_spent_budget_is_told(tmp_path: Path) -> None:
    plan = make_plan(make_suite(rounds=7, budget_s=60.0))
    events: list[Event] = [*timed(0, NUMPY_S), SuiteFinished("suite", 3, "budget")]
    assert found_in(tmp_path, events, plan) == [
        "stopped after 3 of 7 rounds: the budget of 1min was spent"
    ]


@pytest.mark.parametrize(
    ("settings", "rounds", "words"),
    [
        ({"rounds": 20, "launches": 3}, 25, "25 of 60 rounds in 3 launches"),
        ({"precision": 0.02}, 5, "5 of 7 rounds"),
        ({"precision": 0.02}, 289, "289 rounds, before all cases reached a precision of 2%"),
        (
            {"precision": 0.005, "launches": 2},
            14,
            "14 rounds, before all cases reached a precision of 0.5%",
        ),
    ],
)
def test_what_a_budget_ended_is_told_in_launches_and_precision(
    tmp_path: Path, settings: dict[str, Any], rounds: int, words: str
) -> None:
    plan = make_plan(make_suite(budget_s=60.0, **settings))
    findings = found_in(tmp_path, [SuiteFinished("suite", rounds, "budget")], plan)
    assert findings == [f"stopped after {words}: the budget of 1min was spent"]


def test_a_budget_that_was_enough_is_not_told(tmp_path: Path) -> None:
    plan = make_plan(make_suite(rounds=3, budget_s=60.0))
    events: list[Event] = [*timed(0, NUMPY_S), SuiteFinished("suite", 3, "complete")]
    assert found_in(tmp_path, events, plan) == []


def test_an_interrupted_run_says_how_to_go_on(tmp_path: Path) -> None:
    events: list[Event] = [*timed(0, NUMPY_S), Finished("interrupted", 5.0)]
    [finding] = found_in(tmp_path, events, finish=False)
    assert finding.startswith("interrupted: continue with 'daskbench resume 2026")


def test_a_killed_run_says_how_to_go_on(tmp_path: Path) -> None:
    [finding] = found_in(tmp_path, timed(0, NUMPY_S), finish=False)
    assert finding.startswith("interrupted: continue with")


def test_invalid_samples_are_told(tmp_path: Path) -> None:
    assert found_in(tmp_path, [*timed(0, NUMPY_S), make_invalid(0, 4)]) == [
        "numpy: 1 of 4 samples invalid: 0 of 100 tasks ran; excluded from the results"
    ]


def test_an_invalid_warm_up_is_not_told(tmp_path: Path) -> None:
    warm = make_invalid(0, 0, warmup=True)
    assert found_in(tmp_path, [warm, *timed(0, NUMPY_S)]) == []


def test_a_failure_is_not_taken_for_the_reason_of_invalid_samples(tmp_path: Path) -> None:
    events: list[Event] = [
        *timed(0, NUMPY_S),
        make_invalid(0, 4),
        CaseFailed(0, "in round 5", "its lane ended"),
    ]
    assert not any(
        "its lane ended; they count" in finding for finding in found_in(tmp_path, events)
    )


@pytest.mark.parametrize(("lost", "words"), [(1, "1 worker left"), (3, "3 workers left")])
def test_lost_workers_are_told(tmp_path: Path, lost: int, words: str) -> None:
    events = [make_sample(1, 1, workers_lost=lost), make_sample(1, 2)]
    [finding] = found_in(tmp_path, events)
    assert finding.startswith(f"threads × 2: {words} while samples ran")


def test_what_a_lane_noticed_is_told(tmp_path: Path) -> None:
    events: list[Event] = [make_lane(1, workers=2, notes=("numpy is 2.4 here",)), *timed(1, [0.1])]
    assert found_in(tmp_path, events) == ["threads × 2: numpy is 2.4 here"]


# Schedulers

THREADS = make_plan(make_suite(make_case("numpy"), make_case(workers=1), make_case(workers=4)))


def threads(wide_s: float, **changes: object) -> list[Sample]:
    numpy = timed(0, [0.35, 0.35, 0.36, 0.35, 0.35])
    narrow = timed(1, [0.40, 0.41, 0.40, 0.40, 0.40], cpu_s=0.40)
    return [*numpy, *narrow, *timed(2, [wide_s] * 5, cpu_s=0.42, **changes)]


def test_threads_that_wait_for_the_lock_of_the_legacy_generator_are_told(tmp_path: Path) -> None:
    [finding] = found_in(tmp_path, threads(0.42), THREADS)
    assert finding.startswith("threads gave no speedup: 4 of them kept 1.0 cores busy")
    assert "--rng generator" in finding


def test_the_lock_is_the_cause_where_the_same_without_it_was_faster(tmp_path: Path) -> None:
    generator = [make_case(workers=workers, rng="generator") for workers in (1, 4)]
    plan = make_plan(*THREADS.suites, make_suite(*generator, name="generator"))
    for wide_s, rounds, told in (
        (0.12, 5, ", because np.random.normal takes a process-wide lock"),
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
        ([0.3] * 5, ": Dask starts a new pool for each compute, whose processes import everything"),
        ([0.002] * 5, "(processes-warm, which keeps its pool, took 0.002 times as long)"),
        (
            [1.0, 0.99, 1.0, 1.01, 1.0],
            "; starting the pool is not shown to be the cause (processes",
        ),
        ([0.3] * 2, "; too few rounds to tell whether starting the pool is the cause (processes-"),
    ],
)
def test_the_start_of_a_pool_is_blamed_where_the_warm_pool_proves_it(
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


def test_of_works_that_are_not_known_nothing_is_blamed_on_dask(tmp_path: Path) -> None:
    """Seen: 160 MB results that were serialised, and calls that were vectorised."""
    cases = [msgspec.structs.replace(c, benchmark="b.py:B") for c in DISTRIBUTED.suites[0].cases]
    samples = [*timed(0, [0.1] * 5), *timed(1, [0.4] * 5)]
    assert found_in(tmp_path, samples, make_plan(make_suite(*cases))) == []


def test_a_scheduler_that_mostly_works_is_not_told_of(tmp_path: Path) -> None:
    samples = [*timed(0, [0.3, 0.3, 0.3]), *timed(1, [0.4, 0.4, 0.4])]
    assert found_in(tmp_path, samples, DISTRIBUTED) == []


# The machine


def test_other_programs_are_told(tmp_path: Path) -> None:
    [finding] = found_in(tmp_path, timed(0, [1.0, 1.0], others_cpu_s=1.5, watched_s=1.0))
    assert finding.startswith("other programs used 1.5 cores while samples ran")


@pytest.mark.parametrize("others_cpu_s", [0.0, 0.05, -0.3])
def test_what_is_always_there_is_not_told(tmp_path: Path, others_cpu_s: float) -> None:
    assert found_in(tmp_path, timed(0, [1.0, 1.0], others_cpu_s=others_cpu_s, watched_s=1.0)) == []


def test_swapping_is_told(tmp_path: Path) -> None:
    [finding] = found_in(tmp_path, timed(0, [1.0, 1.0], swap_bytes=1 << 20))
    assert finding.startswith("the machine swapped 2 MiB while samples ran")


def test_throttling_is_told(tmp_path: Path) -> None:
    [finding] = found_in(tmp_path, timed(0, [1.0, 1.0], throttled_s=0.25))
    assert finding.startswith("the cgroup's CPU quota withheld 500 ms while samples ran")


@pytest.mark.parametrize(("cores", "told"), [(8, False), (4, True)])
def test_more_workers_than_cores_are_told(tmp_path: Path, cores: int, told: bool) -> None:
    plan = make_plan(make_suite(make_case("numpy"), make_case("distributed", 2, 4)))
    events: list[Event] = [
        make_lane(1, workers=2, threads_per_worker=4),
        *timed(0, [0.1]),
        *timed(1, [0.1]),
    ]
    expected = ["more workers than cores (4): distributed × 2×4"] if told else []
    assert found_in(tmp_path, events, plan, cores=cores) == expected


def test_the_cores_of_a_cluster_of_others_are_not_ours_to_count(tmp_path: Path) -> None:
    suite = Suite("s", (make_case("distributed"),), Settings(), Cluster(address="tcp://there:1"))
    events: list[Event] = [make_lane(0, workers=64, threads_per_worker=2), *timed(0, [0.1])]
    assert found_in(tmp_path, events, make_plan(suite)) == []


def test_differing_blas_threads_are_told(tmp_path: Path) -> None:
    lanes = [make_lane(case, blas=(Blas("openblas", case + 1),)) for case in (0, 1)]
    [finding] = found_in(tmp_path, [*lanes, *timed(0, [0.1])])
    assert finding.startswith("BLAS threads differ: 1 in numpy; 2 in threads × 2")


def test_the_same_blas_threads_are_not_told(tmp_path: Path) -> None:
    lanes = [make_lane(case, blas=(Blas("openblas", 2),)) for case in (0, 1)]
    assert found_in(tmp_path, [*lanes, *timed(0, [0.1])]) == []


def test_blas_threads_that_differ_on_purpose_are_not_told(tmp_path: Path) -> None:
    numpy = msgspec.structs.replace(make_svd_case("numpy"), blas_threads=2)
    lanes = [make_lane(case, blas=(Blas("openblas", 2 - case),)) for case in (0, 1)]
    plan = make_plan(make_svd_suite(numpy, make_svd_case("threads", 2)))
    assert found_in(tmp_path, [*lanes, *timed(0, [0.1])], plan) == []


@pytest.mark.parametrize(
    ("scheduler", "filesystem", "told"),
    [("distributed", "tmpfs", 1), ("distributed", "ext4", 0), ("threads", "tmpfs", 0)],
)
def test_spilling_into_memory_is_told(
    tmp_path: Path, scheduler: str, filesystem: str, told: int
) -> None:
    plan = make_plan(make_suite(make_case(scheduler, 2)))
    findings = found_in(tmp_path, timed(0, [0.1]), plan, temp_filesystem=filesystem)
    assert len([f for f in findings if f.startswith("/tmp is in memory")]) == told


def test_figures_of_one_suite_say_nothing_of_another(tmp_path: Path) -> None:
    plan = make_plan(make_suite(make_case(workers=1), name="one"), make_suite(name="two"))
    samples = [*timed(0, [0.1, 0.1]), *timed(2, THREADS_S)]
    assert found_in(tmp_path, samples, plan) == []


# Decompositions, and what the machine can do

HARDWARE = tuple(
    make_hardware_case(probe, threads) for probe in ("dgemm", "triad") for threads in (1, 4)
)
RATES: list[Event] = [
    *timed(0, [1.0, 1.0], flops=5e10),
    *timed(1, [1.0, 1.0], flops=1.8e11),
    *timed(2, [1.0, 1.0], moved_bytes=10 * 2**30),
    *timed(3, [1.0, 1.0], moved_bytes=20 * 2**30),
]


def hardware_plan(*more: Case) -> Plan:
    return make_plan(make_svd_suite(*HARDWARE, *more))


def test_what_the_machine_can_do_is_one_line(tmp_path: Path) -> None:
    assert found_in(tmp_path, RATES, hardware_plan()) == [
        "hardware, in the same rounds: dgemm 50 GFLOP/s on 1 core, 180 GFLOP/s on 4 cores; "
        "memory 10 GiB/s on 1 core, 20 GiB/s on 4 cores"
    ]


def test_a_rate_that_failed_is_told_and_the_others_still_are(tmp_path: Path) -> None:
    events: list[Event] = [*RATES, CaseFailed(1, "in round 3", "its lane was killed")]
    failed, rates = found_in(tmp_path, [e for e in events if e not in RATES[2:4]], hardware_plan())
    assert failed == "hardware, dgemm on 4 cores: failed: in round 3: its lane was killed"
    assert rates.startswith("hardware, in the same rounds: dgemm 50 GFLOP/s on 1 core; memory")


def test_a_rate_that_was_skipped_is_told(tmp_path: Path) -> None:
    skipped = msgspec.structs.replace(HARDWARE[3], skip="would hold 632 MiB")
    plan = make_plan(make_svd_suite(*HARDWARE[:3], skipped))
    first, _ = found_in(tmp_path, RATES[:6], plan)
    assert first == "hardware, triad on 4 cores: skipped: would hold 632 MiB"


def test_an_invalid_rate_is_told_once(tmp_path: Path) -> None:
    findings = found_in(tmp_path, [*RATES, make_invalid(0, 3)], hardware_plan())
    assert len([line for line in findings if "1 of 3 samples invalid" in line]) == 1


def test_a_way_that_was_not_the_one_asked_for_is_told_once(tmp_path: Path) -> None:
    plan = make_plan(
        make_svd_suite(*(make_svd_case("threads", 2, method=m) for m in ("tsqr", "gram")))
    )
    events = [
        *timed(0, [0.1, 0.1]),
        *timed(1, [0.1, 0.1], note="gram went over to cholesky-qr2"),
        make_sample(0, 0, warmup=True, note="of the warm-up"),
    ]
    assert found_in(tmp_path, events, plan) == ["threads × 2, gram: gram went over to cholesky-qr2"]


def compressed(error: float, **parameters: Any) -> tuple[list[Sample], Plan]:
    figures = {"error": error, "error_1": 1e-9, "error_2": error, "error_3": error / 2}
    plan = make_plan(make_svd_suite(make_compressed_case(k=3, **parameters)))
    return timed(0, [0.1, 0.1], figures=figures), plan


def test_a_poor_approximation_is_told_with_what_to_turn(tmp_path: Path) -> None:
    assert found_in(tmp_path, *compressed(0.2)) == [
        "distributed × 2: value 2 of 3 is 20% too small with 0 power iterations; "
        "try --power-iterations 2 or --oversamples 20"
    ]


@pytest.mark.parametrize("iterations", [4, 6])
def test_where_power_iterations_are_many_already_others_are_to_be_turned(
    tmp_path: Path, iterations: int
) -> None:
    [finding] = found_in(tmp_path, *compressed(0.02, power_iterations=iterations))
    assert finding.endswith("try --iterator QR or --oversamples 20")
    assert f"is 2% too small with {iterations} power iterations" in finding


@pytest.mark.parametrize("error", [0.0, 1e-9, 0.005])
def test_a_good_approximation_is_not_told_of(tmp_path: Path, error: float) -> None:
    assert found_in(tmp_path, *compressed(error)) == []


def test_what_is_turned_already_is_not_advised(tmp_path: Path) -> None:
    [finding] = found_in(tmp_path, *compressed(0.02, iterator="QR"))
    assert "--iterator QR" not in finding


def test_errors_of_the_exact_svd_are_not_poor_approximations(tmp_path: Path) -> None:
    samples = timed(0, [0.1, 0.1], figures={"error": 0.2})
    assert found_in(tmp_path, samples, make_plan(make_svd_suite(make_svd_case("threads", 2)))) == []


def test_lanes_that_were_opened_in_turns_are_told_of_once(tmp_path: Path) -> None:
    shapes = [make_svd_case("threads", 2, shape=shape) for shape in ("200x10", "100x10")]
    plan = make_plan(make_svd_suite(*shapes, in_turns="lanes run one at a time"))
    assert found_in(tmp_path, timed(0, [0.1, 0.1]), plan) == ["lanes run one at a time"]


def test_cores_that_only_numpy_has_are_not_dasks_overhead(tmp_path: Path) -> None:
    numpy = msgspec.structs.replace(make_svd_case("numpy"), blas_threads=4)
    plan = make_plan(make_svd_suite(numpy, make_svd_case(workers=1)))
    samples = [*timed(0, [0.1, 0.1, 0.1]), *timed(1, [0.4, 0.4, 0.4])]
    assert found_in(tmp_path, samples, plan) == []
