"""Two runs, two cases, two sides: what is matched, what is proved, and how that is shown."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from daskbench.events import CaseFailed, Event
from daskbench.experiments.ab.findings import outcome, remarks, sentence
from daskbench.experiments.ab.paired import commands
from daskbench.experiments.ab.rows import (
    Comparisons,
    compare_cases,
    compare_runs,
    compare_sides,
)
from daskbench.experiments.report import build
from daskbench.formats import FORMATS, Page
from daskbench.journal.run import Run
from daskbench.model import Case, Cluster, Plan, Side, Suite
from daskbench.stats.environments import changes, version_changes
from daskbench.stats.matching import match
from daskbench.stats.verdict import GateOutcome, Verdict
from tests.unit.builders import (
    make_case,
    make_hardware_case,
    make_invalid,
    make_plan,
    make_run,
    make_suite,
    render,
    render_comparison,
    timed,
)

LAUNCHES, ROUNDS = 5, 4
#: What each launch has by luck: 1 % up or down.
LUCK = (0.99, 1.0, 1.01, 0.995, 1.005)


def launched(case: int, seconds: float, launches: int = LAUNCHES) -> list[Event]:
    """Samples of several launches, each with its luck, and a little noise in its rounds."""
    noise = (0.999, 1.001, 1.0, 1.0)
    return [*timed(case, [seconds * luck * n for luck in LUCK[:launches] for n in noise])]


def runs_of(
    folder: Path,
    a: Sequence[float],
    b: Sequence[float],
    launches: int = LAUNCHES,
    cases: Sequence[Case] | None = None,
    **environment: Any,
) -> tuple[Run, Run]:
    """Two runs of the same cases, which take so many seconds on either side."""
    cases = cases or [make_case(workers=n) for n in range(1, len(a) + 1)]
    plan = make_plan(make_suite(*cases, rounds=ROUNDS, launches=launches))

    def one(name: str, seconds: Sequence[float], **more: Any) -> Run:
        events = [e for n, s in enumerate(seconds) for e in launched(n, s, launches)]
        return make_run(folder, events, plan, run_id=name, **more)

    return one("20260101-a", a), one("20260102-b", b, **environment)


def sided(folder: Path, a: Sequence[float], b: Sequence[float]) -> Run:
    """A run of two sides, paired."""
    sides = [Side(name, versions={"dask": v}) for name, v in (("A", "2025.1.0"), ("B", "2026.8.0"))]
    cases = [
        msgspec.structs.replace(make_case(workers=n), side=side)
        for n in range(1, len(a) + 1)
        for side in sides
    ]
    plan = make_plan(make_suite(*cases, rounds=ROUNDS, launches=LAUNCHES))
    seconds = [s for pair in zip(a, b, strict=True) for s in pair]
    return make_run(folder, [e for n, s in enumerate(seconds) for e in launched(n, s)], plan)


def verdicts_of(compared: Comparisons) -> list[str | None]:
    return [row.verdict for row in compared.rows]


# Which cases are the same


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


# What differs


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


# Two runs


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
    logs = np.log(LUCK)
    error = (2 * logs.var(ddof=1) / LAUNCHES) ** 0.5
    assert row.ratio.log
    assert row.ratio.log.standard_error == pytest.approx(error, rel=1e-3)


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
    assert (row.ratio, row.verdict, row.gate) == (None, "inconclusive", "inconclusive")
    assert row.a
    assert row.a.summary
    told = "\n".join(remarks(compared))
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
    told = " ".join(remarks(compare_runs(a, b)))
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


# Sides and cases


def test_sides_are_compared_in_pairs(tmp_path: Path) -> None:
    compared = compare_sides(sided(tmp_path, [0.1, 0.1], [0.2, 0.1]))
    assert compared
    assert (compared.a, compared.b) == ("dask 2025.1.0", "dask 2026.8.0")
    assert compared.paired
    assert verdicts_of(compared) == ["slower", "equivalent"]
    assert compared.rows[0].ratio
    assert compared.rows[0].ratio.rounds == LAUNCHES * ROUNDS
    assert not any("share no rounds" in line for line in remarks(compared))


def test_a_run_without_sides_has_none_to_compare(tmp_path: Path) -> None:
    assert compare_sides(make_run(tmp_path)) is None


def test_sides_that_run_no_race_are_not_compared(tmp_path: Path) -> None:
    cases = [
        Case("thresholds", "distributed", {"threshold": "pause"}, 1, side=Side(name))
        for name in "AB"
    ]
    suite = msgspec.structs.replace(make_suite(*cases), race=False)
    run = make_run(tmp_path, [], make_plan(suite))
    assert compare_sides(run) is None
    assert build(run).document.chapters


@pytest.mark.parametrize("view", FORMATS)
def test_sides_without_a_sample_are_shown_all_the_same(tmp_path: Path, view: str) -> None:
    whole = sided(tmp_path, [0.1], [0.1])
    run = make_run(tmp_path / "empty", [], whole.plan, finish=False)
    assert "incomplete" in render(view, build(run), Page(200))


def test_cases_of_one_suite_are_paired(tmp_path: Path) -> None:
    a, _ = runs_of(tmp_path, [0.1, 0.2], [0.1, 0.1])
    compared = compare_cases((a, 0), (a, 1))
    [row] = compared.rows
    assert compared.paired
    assert row.label == "threads × 2 against threads × 1"
    assert row.ratio
    assert row.ratio.value == pytest.approx(2)
    assert row.verdict is Verdict.SLOWER


def test_cases_of_two_runs_are_not_paired(tmp_path: Path) -> None:
    a, b = runs_of(tmp_path, [0.1, 0.2], [0.1, 0.4])
    compared = compare_cases((a, 1), (b, 1))
    assert not compared.paired
    assert compared.rows[0].label == "threads × 2"
    other = compare_cases((a, 0), (b, 1))
    assert "put both in one suite" in "\n".join(remarks(other))


def test_cases_of_two_suites_share_no_rounds(tmp_path: Path) -> None:
    suites = [make_suite(make_case(workers=n), name=f"s{n}", rounds=ROUNDS) for n in (1, 2)]
    run = make_run(
        tmp_path, [e for n in (0, 1) for e in timed(n, [0.1] * ROUNDS)], make_plan(*suites)
    )
    compared = compare_cases((run, 0), (run, 1))
    assert not compared.paired
    assert compared.rows[0].ratio is None


# In words


def test_the_command_for_pairs_names_interpreters_where_versions_differ(tmp_path: Path) -> None:
    runs = runs_of(tmp_path, [0.1], [0.1], versions={"dask": "2025.1.0"})
    compared = compare_runs(*runs)
    [command] = commands(compared)
    assert command.startswith("daskbench ab --python A/bin/python --python B/bin/python ")
    assert compared.differs == ("dask 2026.8.0 -> 2025.1.0",)


def test_two_machines_are_not_told_to_share_rounds(tmp_path: Path) -> None:
    told = remarks(compare_runs(*runs_of(tmp_path, [0.1], [0.1], host="there")))
    assert "from A to B: host here -> there" in told
    assert not any(line.startswith("daskbench ab") for line in told)


def test_the_gates_word_is_one_sentence(tmp_path: Path) -> None:
    runs = runs_of(tmp_path, [0.1] * 3, [0.2, 0.1, 0.3])
    assert sentence(compare_runs(*runs, limit=0.05)) == (
        "2 of 3 cases are proved to be slower by more than 5 %: threads × 3 (3 times A), "
        "threads × 1 (2 times A)"
    )
    assert sentence(compare_runs(*runs)) == "of 3 cases 2 slower, 1 equivalent within 2 %"
    fine = runs_of(tmp_path / "fine", [0.1], [0.1])
    assert sentence(compare_runs(*fine, limit=0.05)) == (
        "the case is proved not to be slower by more than 5 %"
    )
    unsure = compare_runs(*runs_of(tmp_path / "few", [0.1], [0.1], launches=1), limit=0.05)
    assert sentence(unsure) == (
        "none is proved to be slower by more than 5 %, but the case may be: threads × 1"
    )


# In every view


def whole(folder: Path, **more: Any) -> Comparisons:
    """Every kind of row at once."""
    a, b = runs_of(folder, [0.1] * 5, [0.2, 0.05, 0.1, 0.1, 0.1])
    b.failures[3] = CaseFailed(3, "in round 3", "gone | for <ever>")
    return compare_runs(a, b, **more)


@pytest.mark.parametrize("view", FORMATS)
@pytest.mark.parametrize("limit", [None, 0.05])
def test_every_view_shows_a_comparison(tmp_path: Path, view: str, limit: float | None) -> None:
    text = render_comparison(view, whole(tmp_path, limit=limit), Page(200))
    assert text.endswith("\n")
    for word in ("slower", "faster", "equivalent", "failed"):
        assert word in text
    assert ("regression" in text) is (limit is not None)


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_a_comparison_fits_its_page(tmp_path: Path, width: int) -> None:
    text = render_comparison("table", whole(tmp_path, limit=0.05), Page(width))
    assert max(cell_len(line) for line in text.splitlines()) <= width


def test_colour_tells_slower_from_faster(tmp_path: Path) -> None:
    text = render_comparison("table", whole(tmp_path), Page(200, color=True))
    assert "\x1b[31m" in text
    assert "\x1b[32m" in text


def test_markdown_begins_with_the_outcome_and_escapes(tmp_path: Path) -> None:
    text = render_comparison("markdown", whole(tmp_path, limit=0.05))
    assert text.startswith("**regression**: 1 of 5 cases is proved to be slower")
    assert "gone \\| for &lt;ever>" in text
    assert "<details>" not in text


def test_markdown_says_that_a_case_failed(tmp_path: Path) -> None:
    a, b = runs_of(tmp_path, [0.1, 0.1], [0.1, 0.1])
    b.failures[1] = CaseFailed(1, "in round 3", "gone")
    assert render_comparison("markdown", compare_runs(a, b, limit=0.1)).startswith("**failed**: ")


def test_markdown_of_many_cases_is_folded_and_shows_what_tells(tmp_path: Path) -> None:
    text = render_comparison(
        "markdown", compare_runs(*runs_of(tmp_path, [0.1] * 21, [0.1] * 20 + [0.2]), limit=0.05)
    )
    before, _, folded = text.partition("<details><summary>all 21 cases</summary>")
    assert "| threads × 21 |" in before
    assert "| threads × 1 |" not in before
    assert "| threads × 1 |" in folded
    assert folded.rstrip().endswith("</details>")


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_csv_has_a_row_for_each_comparison(tmp_path: Path) -> None:
    compared = whole(tmp_path, limit=0.05)
    text = render_comparison("csv", compared)
    assert text.split("\r\n")[0] == (
        "benchmark,scheduler,workers,threads_per_worker,n,tasks,rng,memory_limit_bytes,"
        "a_status,a_samples,a_mean_s,a_std_s,a_median_s,a_min_s,"
        "b_status,b_samples,b_mean_s,b_std_s,b_median_s,b_min_s,"
        "ratio,ratio_low,ratio_high,paired,rounds,launches,verdict,gate,reason,suite,a,b"
    )
    slower, *_, failed, _ = rows_of(text)
    assert compared.rows[0].ratio
    assert float(slower["ratio_low"]) == compared.rows[0].ratio.low
    assert (slower["verdict"], slower["gate"]) == ("slower", "regression")
    assert (slower["rounds"], slower["launches"], slower["paired"]) == ("0", "5", "False")
    assert (failed["ratio"], failed["b_status"]) == ("", "failed")


def test_json_has_the_same_names_and_what_was_found(tmp_path: Path) -> None:
    compared = whole(tmp_path, limit=0.05)
    document = json.loads(render_comparison("json", compared))
    [row, *_] = rows_of(render_comparison("csv", compared))
    assert {*row} <= {*document["comparisons"][0]}
    assert (document["gate"], document["limit"], document["margin"]) == ("regression", 0.05, 0.02)
    assert document["environment_a"]["cores"] == 4
    assert document["comparisons"][0]["parameters"]["n"] == 100_000


@pytest.mark.parametrize("view", FORMATS)
def test_a_run_of_two_sides_is_shown_as_one_comparison(tmp_path: Path, view: str) -> None:
    text = render(view, build(sided(tmp_path, [0.1, 0.1], [0.2, 0.1])), Page(200))
    if view == "json":
        document = json.loads(text)
        assert [row["verdict"] for row in document["comparison"]["comparisons"]] == [
            "slower",
            "equivalent",
        ]
        assert len(document["cases"]) == 4
    elif view == "csv":
        assert [row["verdict"] for row in rows_of(text)] == ["slower", "equivalent"]
    else:
        assert "B/A [95 % CI]" in text
        assert "A: threads" not in text
        assert "A dask 2025.1.0, B dask 2026.8.0" in text


# The verdict beside each ratio


def test_rows_have_a_verdict_and_their_baseline_has_none(tmp_path: Path) -> None:
    a, _ = runs_of(tmp_path, [0.1, 0.2, 0.1], [0.1, 0.1, 0.1])
    results = build(a).results
    assert [result.verdict for result in results] == [None, "slower", "equivalent"]


@pytest.mark.parametrize("view", FORMATS)
def test_every_view_shows_verdicts(tmp_path: Path, view: str) -> None:
    a, _ = runs_of(tmp_path, [0.1, 0.2, 0.1], [0.1, 0.1, 0.1])
    text = render(view, build(a), Page(200))
    assert "slower" in text
    assert "equivalent" in text
