"""The cost of a task: the suite, what its samples tell, and what is shown of that."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from daskbench.cli import main
from daskbench.errors import UsageError
from daskbench.events import Sample
from daskbench.experiments.overhead.document import answer_of
from daskbench.experiments.overhead.findings import smallest_task, uncertain
from daskbench.experiments.overhead.larger import larger_tasks
from daskbench.experiments.overhead.rows import (
    BYTE,
    DEPENDENCY,
    FIXED,
    STEP,
    TASK,
    WORK,
    Cost,
    CostTable,
)
from daskbench.experiments.overhead.sizes import sentence_of
from daskbench.experiments.overhead.writing import excess_text
from daskbench.experiments.report import build
from daskbench.formats import FORMATS, Page
from daskbench.model import Plan
from daskbench.stats.estimate import Interval
from tests.unit.builders import make_run, render
from tests.unit.experiments.costed import BETWEEN, SERIAL, costs_of, events_of, report_of, suite_of


def whole(text: str) -> str:
    return " ".join(text.split())


# The suite


def test_each_graph_is_measured_at_each_place_by_shared_lanes() -> None:
    suite = suite_of()
    assert suite.shares_lanes
    assert suite.settings.budget_s == 60
    places = [case.place for case in suite.cases]
    assert places[:4] == ["synchronous", "distributed × 2"] * 2
    shapes = {str(case.parameters["shape"]) for case in suite.cases}
    assert shapes == {"wide", "chain", "tree", "grid"}
    counts = {case.parameters["tasks"] for case in suite.cases}
    assert {100, 500, 10_000} <= counts
    busy = [case.parameters["busy"] for case in suite.cases if case.parameters["busy"]]
    assert busy == ["0.05ms", "1ms", "0.25ms", "5ms", "1.25ms", "25ms"]
    assert [case.parameters["returns"] for case in suite.cases][-1] == "1MB"


def test_counts_and_shapes_that_are_given_are_all_combined() -> None:
    suite = suite_of(tasks=(100, 10**5), shape=("wide", "grid"), schedulers=("threads",))
    every = [case.parameters for case in suite.cases]
    empty = [one for one in every if not (one["busy"] or one["returns"])]
    found = [(one["shape"], one["tasks"]) for one in empty]
    assert found == [("wide", 100), ("wide", 10**5), ("grid", 100), ("grid", 10**5)]


@pytest.mark.parametrize(("count", "other"), [(1000, 100), (20, 200)])
def test_of_a_single_count_there_is_another_that_tells_graph_and_work_apart(
    count: int, other: int, tmp_path: Path
) -> None:
    suite = suite_of(tasks=(count,), shape=("wide",), schedulers=("threads",))
    assert [case.parameters["tasks"] for case in suite.cases[:2]] == [count, other]
    costs = costs_of(report_of(tmp_path, suite, noise=0.0))["threads × 2"]
    truths = {"fixed": SERIAL["fixed"], "task": SERIAL["task"], "work": 1.0}
    found = {term: cost.value for term in truths if (cost := costs.by_term[term])}
    assert found == pytest.approx(truths, rel=0.1)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (("10ms",), {"10ms": 301, "50ms": 61, "250ms": 13}),
        (("1ms", "1.0ms", "2ms"), {"1ms": 301, "2ms": 151}),
        (("1ms", "1.0ms"), {"1ms": 301, "5ms": 61, "25ms": 13}),
        (("1ms", "500ms"), {"1ms": 6001, "500ms": 13}),
        (("",), {}),
    ],
    ids=["one", "twice", "one, twice", "far apart", "none"],
)
def test_busy_tasks_of_all_times_do_the_same_work_on_all_threads(
    given: tuple[str, ...], found: dict[str, int]
) -> None:
    suite = suite_of(schedulers=("threads",), tasks=(50,), busy=given, budget=3600.0)
    every = [case.parameters for case in suite.cases if case.parameters["busy"]]
    assert {one["busy"]: one["tasks"] for one in every} == found
    assert len(every) == len(found)


def test_another_benchmark_is_measured_beside_them_and_one_task_at_a_time() -> None:
    suite = suite_of("calc_mean", schedulers=("threads",), n=(1000, 2000))
    own = [case for case in suite.cases if case.benchmark == "calc_mean"]
    assert [(case.place, case.parameters["n"]) for case in own] == [
        ("synchronous", 1000),
        ("threads × 2", 1000),
        ("synchronous", 2000),
        ("threads × 2", 2000),
    ]


@pytest.mark.parametrize(
    ("benchmark", "values", "message"),
    [
        ("thresholds", {}, "has workers of its own"),
        ("empty_tasks", {"sleep": ("1ms", "2ms")}, "--sleep takes one value here"),
        ("empty_tasks", {"tasks": (1,)}, "--tasks 1 is out of range"),
    ],
)
def test_what_makes_no_suite_is_refused(benchmark: str, values: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        suite_of(benchmark, **values)


# What its samples tell


def test_the_costs_are_found(tmp_path: Path) -> None:
    costs = costs_of(report_of(tmp_path, suite_of()))["distributed × 2"]
    names = {FIXED: "fixed", TASK: "task", DEPENDENCY: "dependency", STEP: "step", BYTE: "byte"}
    for term, name in names.items():
        cost = costs.by_term[term]
        assert cost
        assert cost.value == pytest.approx(BETWEEN[name], rel=0.25), term
        assert cost.interval
        assert cost.interval.low <= BETWEEN[name] * 1.1
        assert cost.interval.high >= BETWEEN[name] * 0.9
    work = costs.by_term[WORK]
    assert work
    assert work.value == pytest.approx(1, rel=0.05)


def test_the_smallest_task_is_nine_times_what_a_thread_loses(tmp_path: Path) -> None:
    costs = costs_of(report_of(tmp_path, suite_of(), noise=0.0005))["distributed × 2"]
    assert costs.lost
    assert costs.smallest
    lost_s = 2 * BETWEEN["busy"]
    assert costs.lost.value == pytest.approx(lost_s, rel=0.05)
    assert costs.smallest.value == pytest.approx(9 * lost_s, rel=0.05)
    other = costs_of(report_of(tmp_path / "b", suite_of(efficiency=0.5), noise=0.0005))
    half = other["distributed × 2"].smallest
    assert half
    assert half.value == pytest.approx(lost_s, rel=0.05)


def test_a_scheduler_that_hands_out_tasks_too_slowly_bounds_the_smallest(tmp_path: Path) -> None:
    """Many threads wait for it, however little each of them loses."""
    suite = suite_of(workers=(64,))
    costs = costs_of(report_of(tmp_path, suite, noise=0.0005))["distributed × 64"]
    assert costs.lost
    assert costs.smallest
    assert costs.smallest.value >= 0.9 * 64 * BETWEEN["task"]


def test_a_machine_that_is_slower_throughout_tells_the_same_size(tmp_path: Path) -> None:
    """Work that takes longer, as other programs run beside it, is work all the same."""
    quiet, busy = (
        costs_of(report_of(tmp_path / str(slow), suite_of(), noise=0.0005, slower=slow))
        for slow in (1.0, 1.5)
    )
    for place, costs in busy.items():
        before, after = quiet[place].smallest, costs.smallest
        assert before
        assert after
        assert after.value == pytest.approx(before.value, rel=0.05)
        assert costs.share(after.value) == pytest.approx(0.9, abs=0.005)


def test_the_share_of_work_that_was_seen_is_told(tmp_path: Path) -> None:
    report = report_of(tmp_path, suite_of(schedulers=("synchronous",)), noise=0.0005)
    shares = [n * b / (n * b + (n + 1) * SERIAL["busy"]) for n, b in ((150, 5e-5), (30, 25e-5))]
    text = whole(render("table", report, Page(width=160, explain=True)))
    assert f"synchronous: {shares[0]:.0%} work in tasks of 50 µs, {shares[1]:.0%} work in" in text


def test_a_size_that_noise_hides_is_told(tmp_path: Path) -> None:
    for noise, told in ((0.0005, False), (0.4, True)):
        report = report_of(tmp_path / str(noise), suite_of(), noise=noise)
        found = [line for line in report.findings if "times as large as reported" in line]
        assert bool(found) is told, report.findings


def test_building_the_graph_is_not_counted(tmp_path: Path) -> None:
    fixed = costs_of(report_of(tmp_path, suite_of()))["synchronous"].by_term[FIXED]
    assert fixed
    assert fixed.value < 0.1  # each sample took a second to build


def test_few_rounds_have_no_interval(tmp_path: Path) -> None:
    report = report_of(tmp_path, suite_of(), rounds=3)
    text = whole(render("plain", report))
    assert "on distributed × 2 (rough: 3 of the 5 rounds that intervals need)" in text
    assert "too few rounds (3 of 5) to tell how certain costs are" in text
    assert "3 of the 5 rounds" in next(n for n in report.notes if n.code == "smallest-task").text
    enough = whole(render("plain", report_of(tmp_path / "enough", suite_of(), rounds=5)))
    assert "rough" not in enough
    assert "too few rounds" not in enough
    costs = costs_of(report)["synchronous"]
    assert costs.smallest
    assert costs.smallest.interval is None
    assert costs.misfits == []


def test_a_cost_that_grows_with_the_graph_is_told(tmp_path: Path) -> None:
    steady, growing = (
        " ".join(report_of(tmp_path / str(grows), suite_of(), grows=grows).findings)
        for grows in (1.0, 1.5)
    )
    assert "depends on the size of the graph" not in steady
    assert (
        "distributed × 2: the cost of a task depends on the size of the graph: 10,000 wide"
        in growing
    )
    assert "more time than the fit to smaller graphs predicts" in growing


@pytest.mark.parametrize(("grows", "word"), [(1.5, "more"), (0.5, "less")])
def test_whether_a_task_of_a_large_graph_costs_more_or_less(
    tmp_path: Path, grows: float, word: str
) -> None:
    notes = report_of(tmp_path, suite_of(), grows=grows).notes
    told = [n.brief for n in notes if n.brief and "10,000 wide" in n.brief]
    assert told
    for brief in told:
        assert f"a task costs {word} in a large graph" in brief
        assert brief.endswith(f"{word} time")


def test_no_difference_from_the_fit_is_less_than_nothing() -> None:
    texts = [excess_text(Cost(value, None)) for value in (-0.004, 0.004, -0.06)]
    assert texts == ["+0%", "+0%", "-6%"]


def test_large_graphs_that_were_not_measured_are_told(tmp_path: Path) -> None:
    suite = suite_of()
    large = {n for n, case in enumerate(suite.cases) if case.parameters["tasks"] == 10_000}
    events = [e for e in events_of(suite) if getattr(e, "case", None) not in large]
    report = build(make_run(tmp_path, events, Plan((suite,))))
    assert not report.failed
    assert any("the budget was too small for the large graphs on" in f for f in report.findings)


# A benchmark's own tasks


def test_a_benchmark_is_told_how_large_its_tasks_should_be(tmp_path: Path) -> None:
    suite = suite_of("calc_mean", n=(10_000,), tasks=(1000,))
    report = report_of(tmp_path, suite, noise=0.0005)
    [table] = [table for table in report.tables if isinstance(table, CostTable)]
    size = next(one for one in table.sizes if one.result.case.scheduler == "distributed")
    assert size.work_s == pytest.approx(2e-4, rel=0.02)
    assert size.factor.value == pytest.approx(18 * 2e-4 / 2e-4, rel=0.1)
    assert size.options.startswith("--tasks 5")
    text = whole(render("table", report, Page(width=160)))
    what = "calc_mean n=10000 tasks=1000 rng=legacy"
    assert f"the tasks of {what}: 1000 with 200 µs of work each" in text
    told = " ".join(report.findings)
    assert f"distributed × 2: a task of {what} has 200 µs of work, 90% work takes 3." in told


def test_tasks_that_do_nothing_are_told(tmp_path: Path) -> None:
    suite = suite_of("calc_mean", n=(1, 10_000), tasks=(1000,))
    report = report_of(tmp_path, suite)
    [told] = [line for line in report.findings if "no work can be told from" in line]
    assert told.startswith("calc_mean n=1 tasks=1000 rng=legacy: no work")
    [table] = [table for table in report.tables if isinstance(table, CostTable)]
    assert {size.result.case.parameters["n"] for size in table.sizes} == {10_000}


@pytest.mark.parametrize(("prepared_s", "work_s"), [(0.4, 2e-4), (9.0, 82e-4)])
def test_a_graph_that_takes_long_to_prepare_is_no_work(
    tmp_path: Path, prepared_s: float, work_s: float
) -> None:
    """Delayed objects take longer than tasks of their own; more than Dask can need is a task."""
    suite = suite_of("calc_mean", n=(10_000,), tasks=(1000,))
    own = {n for n, case in enumerate(suite.cases) if case.benchmark == "calc_mean"}
    events = [
        msgspec.structs.replace(
            event, wall_s=event.wall_s + prepared_s, first_task_s=prepared_s + 2.3e-4
        )
        if isinstance(event, Sample) and event.case in own
        else event
        for event in events_of(suite, noise=0.0005)
    ]
    report = build(make_run(tmp_path, events, Plan((suite,))))
    [table] = [table for table in report.tables if isinstance(table, CostTable)]
    assert table.sizes[0].work_s == pytest.approx(work_s, rel=0.05)


def test_a_size_is_told_as_its_factor_says(tmp_path: Path) -> None:
    """Where noise hides how small tasks may be, both are the end of the interval."""
    suite = suite_of("calc_mean", n=(10_000,), tasks=(1000,))
    report = report_of(tmp_path, suite, noise=0.0005)
    [table] = [table for table in report.tables if isinstance(table, CostTable)]
    size = replace(table.sizes[0], work_s=2e-4, factor=Cost(0.7, Interval(-0.1, 1.5)))
    size = replace(size, smallest=Cost(1.4e-4, Interval(-2e-5, 3e-4)))
    assert "90% work takes < 300 µs: make tasks 1.50 times as large" in sentence_of(size, "90%")
    assert size.options == larger_tasks(size.result.case, 1.5)


# What is shown


def test_shares_are_told_as_asked_for_and_rounds_are_counted(tmp_path: Path) -> None:
    report = report_of(tmp_path, suite_of(efficiency=0.925), rounds=1)
    text = whole(render("table", report, Page(width=160)))
    assert "fitted to 1 round of" in text
    assert "tasks are 92.5% work or more" in text
    assert "92.5% work from" in text
    facts = json.loads(render("json", report_of(tmp_path / "b", suite_of(), noise=0.4)))
    shares = [graph["work_share"] for one in facts["overheads"] for graph in one["graphs"]]
    assert max(share for share in shares if share) <= 1


def test_a_size_that_can_t_be_told_from_nothing_is_not_recommended(tmp_path: Path) -> None:
    report = report_of(tmp_path, suite_of())
    [table] = [table for table in report.tables if isinstance(table, CostTable)]
    nothing = Cost(0.0, Interval(0.0, 0.0))
    for costs in table.costs:
        costs.__dict__["smallest"] = nothing
    assert answer_of(table.costs) == ""
    told = [str(said) for said in uncertain(report.run, [table])]
    assert len(told) == 2
    assert all("noise hides the smallest task that is 90% work" in line for line in told)
    assert [*smallest_task(report.run, [table])] == []


@pytest.mark.parametrize("view", [name for name in FORMATS if name not in ("csv", "json")])
def test_every_view_shows_costs_and_fit(tmp_path: Path, view: str) -> None:
    text = whole(render(view, report_of(tmp_path, suite_of()), Page(width=160)))
    assert "the cost of a task" in text
    assert "10,000 wide" in text
    assert "301 wide of 1ms" in text
    told = (
        "tasks are 90% work or more if" if view == "table" else "smallest task that is 90% work: "
    )
    assert told in text
    assert "mean ± std" not in text


def test_json_has_the_costs_and_every_graph(tmp_path: Path) -> None:
    facts = json.loads(render("json", report_of(tmp_path, suite_of())))
    serial, between = facts["overheads"]
    assert (serial["place"], between["place"]) == ("synchronous", "distributed × 2")
    assert between["threads"] == 2
    assert between["smallest_task_low_s"] < between["smallest_task_s"]
    graphs = {graph["graph"]: graph for graph in between["graphs"]}
    assert graphs["10,000 wide"]["is_fitted"] is False
    assert graphs["100 grid"]["dependencies"] > 200
    assert len(facts["cases"]) == len(suite_of().cases)


def test_doctor_tells_of_the_last_one(tmp_path: Path) -> None:
    answer = CliRunner().invoke(main, ["doctor", "--store", str(tmp_path)])
    assert "not yet: 'daskbench overhead' measures what a task costs" in answer.output
    suite = suite_of()
    make_run(tmp_path, events_of(suite), Plan((suite,)), run_id="20261123-1-overhead-ab12")
    answer = CliRunner().invoke(main, ["doctor", "--store", str(tmp_path)])
    assert "2026-11-23, smallest task that is 90% work: " in answer.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--efficiency", "100%"), "100% can't be reached by any task; use up to 99%"),
        (("--schedulers", "numpy"), "no 'numpy'"),
        (("--shape", "round"), "no 'round'"),
        (("--busy", "long"), "'long' is not a duration"),
        (("--returns", "much"), "'much' is not a size"),
        (("--busy", "1h", "--tasks", "1e4"), "use fewer or shorter ones"),
        (("--busy", "1s"), "takes 2min 30s on each thread, more than --budget 1min; use shorter"),
    ],
)
def test_bad_input_is_told_before_anything_starts(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    answer = CliRunner().invoke(main, ["overhead", *arguments, "--store", str(tmp_path / "s")])
    assert answer.exit_code == 2, answer.output
    assert message in whole(answer.output)
    assert not (tmp_path / "s").exists()
