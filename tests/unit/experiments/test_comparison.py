"""Comparing two runs: which cases are the same, what differs, and what is proved."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtrit

from daskbench.events import CaseFailed
from daskbench.experiments.ab.findings import outcome, remarks, sentence
from daskbench.experiments.ab.rows import (
    compare_runs,
)
from daskbench.model import Case, Cluster, Plan, Suite
from daskbench.stats.environments import changes, version_changes
from daskbench.stats.matching import match
from daskbench.stats.verdict import GateOutcome
from tests.unit.builders import (
    make_case,
    make_hardware_case,
    make_invalid,
    make_plan,
    make_run,
    make_suite,
    timed,
)
from tests.unit.experiments.compared import LAUNCHES, LUCK, runs_of, verdicts_of


def numbered(*suites: Suite) -> Any:
    return Plan(suites).cases


def test_cases_are_matched_by_what_is_measured_not_by_where_they_stand() -> None:
    one = numbered(make_suite(make_case("numpy"), make_case(workers=2), name="one"))
    two = numbered(make_suite(make_case(workers=2), make_case("numpy"), name="two"))
    assert [(a and a[0], b and b[0]) for a, b in match(one, two)] == [(0, 1), (1, 0)]


@pytest.mark.parametrize(
    "other",
    [
        make_case(workers=3),
        make_case("processes", workers=2),
        make_case(workers=2, n=5),
        msgspec.structs.replace(make_case(workers=2), memory_limit_bytes=1),
        msgspec.structs.replace(make_case(workers=2), blas_threads=2),
    ],
)
def test_what_measures_something_else_is_only_in_one(other: Case) -> None:
    one, two = numbered(make_suite(make_case(workers=2))), numbered(make_suite(other))
    assert match(one, two) == [(one[0], None), (None, two[0])]


def test_the_blas_threads_of_a_suite_tell_cases_apart() -> None:
    one, two = (numbered(make_suite(make_case(), blas_threads=n)) for n in (1, 2))
    assert match(one, two) == [(one[0], None), (None, two[0])]


def test_a_reason_to_skip_and_the_folder_of_a_users_own_tell_nothing_apart() -> None:
    one = Case("/here/mine.py:Mine", "threads", {"n": 1.0}, 2)
    two = Case("/there/mine.py:Mine", "threads", {"n": 1}, 2, skip="no")
    [(a, b)] = match(numbered(make_suite(one)), numbered(make_suite(two)))
    assert a
    assert b


def test_suites_decide_where_a_plan_has_a_case_twice() -> None:
    one = numbered(make_suite(make_case(), name="x"), make_suite(make_case(), name="y"))
    two = numbered(make_suite(make_case(), name="y"), make_suite(make_case(), name="x"))
    assert [(a and a[0], b and b[0]) for a, b in match(one, two)] == [(0, 1), (1, 0)]


@given(st.lists(st.integers(1, 4), max_size=8), st.lists(st.integers(1, 4), max_size=8))
def test_every_case_is_in_one_pair(one: list[int], two: list[int]) -> None:
    a, b = (numbered(Suite("s", tuple(make_case(workers=n) for n in side))) for side in (one, two))
    pairs = match(a, b)
    assert sorted(x[0] for x, _ in pairs if x) == [*range(len(one))]
    assert sorted(y[0] for _, y in pairs if y) == [*range(len(two))]
    shared = sum(min(one.count(n), two.count(n)) for n in {*one})
    assert sum(bool(x and y) for x, y in pairs) == shared


def test_what_differs_between_environments_is_told_short() -> None:
    one = {"host": "x", "memory_bytes": 1 << 30, "load_1min": 0.1, "versions": {"dask": "1"}}
    two = {"host": "y", "memory_bytes": 2 << 30, "load_1min": 3.5, "versions": {"numpy": "2"}}
    assert changes(one, two) == [
        "host x -> y",
        "memory 1 GiB -> 2 GiB",
        "load at the start 0.1 -> 3.5",
        "dask 1 -> missing",
        "numpy missing -> 2",
    ]
    assert changes(one, one) == []


def test_what_never_is_twice_the_same_is_not_told() -> None:
    one = {"memory_bytes": 1 << 30, "load_1min": 0.1, "versions": {"rich": "1"}}
    two = {"memory_bytes": (1 << 30) + 4096, "load_1min": 0.9, "versions": {"rich": "2"}}
    assert changes(one, two) == []


def test_versions_of_nothing_do_not_differ() -> None:
    assert version_changes({}, {}) == []


def test_two_runs_are_compared_by_their_launches(tmp_path: Path) -> None:
    compared = compare_runs(*runs_of(tmp_path, [0.1, 0.1, 0.1], [0.2, 0.05, 0.1]))
    assert [row.label for row in compared.rows] == [f"threads × {n}" for n in (1, 2, 3)]
    assert verdicts_of(compared) == ["slower", "faster", "equivalent"]
    ratios = [row.ratio for row in compared.rows if row.ratio]
    assert [r.value for r in ratios] == pytest.approx([2, 0.5, 1])
    assert [(r.rounds, r.launches) for r in ratios] == [(0, LAUNCHES)] * 3
    assert not compared.paired


def test_the_spread_of_launches_is_in_the_interval(tmp_path: Path) -> None:
    [row] = compare_runs(*runs_of(tmp_path, [0.1], [0.1])).rows
    assert row.ratio
    assert row.ratio.low
    assert row.ratio.high
    error = (2 * np.log(LUCK).var(ddof=1) / LAUNCHES) ** 0.5
    half = stdtrit(2 * (LAUNCHES - 1), 0.975) * error
    assert np.log(row.ratio.high / row.ratio.low) / 2 == pytest.approx(half, rel=1e-3)


def test_launches_of_a_single_round_are_launches(tmp_path: Path) -> None:
    plan = make_plan(make_suite(make_case(workers=1), rounds=1, launches=LAUNCHES))
    a, b = (
        make_run(tmp_path, [*timed(0, [s * luck for luck in LUCK])], plan, run_id=name)
        for name, s in (("a", 0.1), ("b", 0.2))
    )
    [row] = compare_runs(a, b).rows
    assert row.ratio
    assert row.ratio.value == pytest.approx(2)
    assert row.ratio.launches == LAUNCHES


def test_a_single_launch_proves_nothing_and_says_what_to_do(tmp_path: Path) -> None:
    compared = compare_runs(*runs_of(tmp_path, [0.1], [9.0], launches=1), limit=0.05)
    [row] = compared.rows
    assert (row.ratio, row.verdict, row.gate) == (None, "undecided", "inconclusive")
    assert row.a
    assert row.a.summary
    told = "\n".join(map(str, remarks(compared)))
    assert "--launches 10" in told
    assert (
        "daskbench ab --config-a KEY=VALUE --config-b KEY=VALUE --benchmark calc_mean --n 100000 "
        "--tasks 100 --rng legacy --schedulers threads --workers 1"
    ) in told


def test_a_run_that_was_resumed_has_more_launches(tmp_path: Path) -> None:
    plan = make_plan(make_suite(make_case(workers=1)))
    a, b = (
        make_run(
            tmp_path,
            [
                sample
                for session in range(5)
                for sample in timed(0, [s * (1 + session / 100)] * 2, session=session)
            ],
            plan,
            run_id=name,
        )
        for name, s in (("a", 0.1), ("b", 0.2))
    )
    [row] = compare_runs(a, b).rows
    assert row.ratio
    assert row.ratio.launches == 5


def test_what_is_only_in_one_run_is_listed_and_judged_by_nobody(tmp_path: Path) -> None:
    a = runs_of(tmp_path, [0.1], [0.1], cases=[make_case(workers=1)])[0]
    b = runs_of(tmp_path / "b", [0.1, 0.2], [0.1, 0.2])[1]
    compared = compare_runs(a, b, limit=0.05)
    _, extra = compared.rows
    assert (extra.label, extra.note) == ("threads × 2", "only in B")
    assert (extra.verdict, extra.gate) == (None, None)
    assert outcome(compared) is GateOutcome.OK
    assert "only in B: threads × 2" in remarks(compared)
    flipped = compare_runs(b, a)
    assert flipped.rows[1].note == "only in A"


def test_hardware_is_not_compared(tmp_path: Path) -> None:
    cases = [make_case(workers=1), make_hardware_case()]
    compared = compare_runs(*runs_of(tmp_path, [0.1, 0.1], [0.1, 0.1], cases=cases))
    assert len(compared.rows) == 1


def test_a_case_that_failed_in_b_has_no_ratio_and_says_why(tmp_path: Path) -> None:
    a, b = runs_of(tmp_path, [0.1, 0.1], [0.1, 0.1])
    b.failures[1] = CaseFailed(1, "in round 3", "its lane was killed")
    compared = compare_runs(a, b, limit=0.1)
    row = compared.rows[1]
    assert row.has_failed
    assert (row.ratio, row.gate) == (None, "inconclusive")
    assert row.note == "failed in B: in round 3: its lane was killed"
    assert "1 of 2 cases failed: threads × 2" in sentence(compared)
    assert outcome(compared) is GateOutcome.FAILED


def test_a_case_that_failed_in_a_proves_nothing(tmp_path: Path) -> None:
    a, b = runs_of(tmp_path, [0.1, 0.1], [0.1, 0.1])
    a.failures[1] = CaseFailed(1, "in round 3", "gone")
    compared = compare_runs(a, b, limit=0.05)
    assert compared.rows[1].has_failed
    assert outcome(compared) is GateOutcome.FAILED


def test_where_all_failed_nothing_was_judged(tmp_path: Path) -> None:
    a, b = runs_of(tmp_path, [0.1], [0.1])
    b.failures[0] = CaseFailed(0, "in round 3", "gone")
    compared = compare_runs(a, b, limit=0.05)
    assert sentence(compared).startswith("nothing was judged; the case failed: ")


def test_a_run_that_is_not_whole_and_samples_without_proof_are_told(tmp_path: Path) -> None:
    a, b = runs_of(tmp_path, [0.1], [0.1])
    a.finished = None
    b.samples[0].append(make_invalid(round=99))
    told = " ".join(map(str, remarks(compare_runs(a, b))))
    assert "the run of A is interrupted: only the samples so far are compared" in told
    assert "the run of B" not in told
    assert "of B: 1 of" in told
    assert "0 of 100 tasks ran" in told


def test_settings_that_change_a_sample_are_told(tmp_path: Path) -> None:
    a, b = runs_of(tmp_path, [0.1], [0.1])
    settings = msgspec.structs.replace(b.plan.suites[0].settings, warmup=0, rounds=99)
    suite = msgspec.structs.replace(b.plan.suites[0], settings=settings)
    b.header = msgspec.structs.replace(b.header, plan=Plan((suite,), seed=7))
    assert {"warmup 1 -> 0", "seed 0 -> 7"} <= set(compare_runs(a, b).differs)


def test_skipped_cases_have_no_verdict(tmp_path: Path) -> None:
    cases = [make_case(workers=1), msgspec.structs.replace(make_case(workers=2), skip="too big")]
    a, b = runs_of(tmp_path, [0.1], [0.1], cases=cases)
    row = compare_runs(a, b, limit=0.05).rows[1]
    assert (row.verdict, row.gate, row.note) == (None, None, "skipped in B: too big")


def test_clusters_that_differ_are_told(tmp_path: Path) -> None:
    a, b = runs_of(tmp_path, [0.1], [0.1])
    suite = msgspec.structs.replace(b.plan.suites[0], cluster=Cluster("tcp://there:1"))
    b.header = msgspec.structs.replace(b.header, plan=Plan((suite,)))
    assert "cluster of its own -> tcp://there:1" in compare_runs(a, b).differs


@given(st.floats(0.02, 0.3))
def test_no_gate_calls_the_same_a_regression(limit: float) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        [row] = compare_runs(*runs_of(Path(folder), [0.1], [0.1]), limit=limit).rows
    assert row.gate is not GateOutcome.REGRESSION
