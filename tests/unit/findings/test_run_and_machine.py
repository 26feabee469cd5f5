"""Findings on the run, the machine and what it can do."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from daskbench.events import Blas, CaseFailed, Event, Finished, Sample, SuiteFinished, Transfer
from daskbench.model import Case, Cluster, Plan, Settings, Suite
from tests.unit.builders import (
    NUMPY_S,
    THREADS_S,
    make_case,
    make_compressed_case,
    make_hardware_case,
    make_invalid,
    make_lane,
    make_plan,
    make_sample,
    make_suite,
    make_svd_case,
    make_svd_suite,
    timed,
)
from tests.unit.findings.finding import found_in


def test_a_good_run_has_no_findings(tmp_path: Path) -> None:
    assert found_in(tmp_path) == []


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
        ({"rounds": 5}, 5, "5 rounds, before each case had all of them"),
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


def sent(size: int, *seconds: float, reason: str | None = None) -> Transfer:
    return Transfer(
        source="a",
        target="b",
        source_address="tcp://10.0.0.1:4000",
        target_address="tcp://10.0.0.2:4000",
        sent_bytes=size,
        returned=size == 1,
        seconds=seconds,
        reason=reason,
    )


def test_the_network_between_hosts_is_told_for_the_largest_cluster(tmp_path: Path) -> None:
    plan = make_plan(make_svd_suite(*(make_svd_case("distributed", n) for n in (2, 4))))
    slow, fast = sent(1, 0.2), sent(1, 0.002)
    lanes: list[Event] = [
        make_lane(0, workers=2, transfers=(slow, sent(10**6, 1.2))),
        make_lane(1, workers=4, transfers=(fast, sent(2**20, 0.102))),
    ]
    lines = found_in(tmp_path, [*lanes, *timed(0, [1.0, 1.0]), *timed(1, [1.0, 1.0])], plan)
    assert lines == [
        "network between hosts of distributed × 4, before its samples: "
        "latency 1 ms and bandwidth 10 MiB/s"
    ]


def test_hosts_that_did_not_reach_each_other_are_told(tmp_path: Path) -> None:
    plan = make_plan(make_svd_suite(make_svd_case("distributed", 2)))
    lost = sent(1, reason="no answer within 5 s")
    lane = make_lane(0, workers=2, transfers=(lost,))
    [line] = found_in(tmp_path, [lane, *timed(0, [1.0, 1.0])], plan)
    assert line.endswith(
        "samples: 1 of 1 pair failed, a (10.0.0.1) -> b (10.0.0.2): "
        "1 of 1 visits failed: no answer within 5 s"
    )


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
