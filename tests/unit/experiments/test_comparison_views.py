"""Two runs, or the sides of one, in words and in every format."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.cells import cell_len

from daskbench.events import CaseFailed
from daskbench.experiments.ab.findings import remarks, sentence
from daskbench.experiments.ab.paired import commands
from daskbench.experiments.ab.rows import (
    Comparisons,
    compare_cases,
    compare_runs,
    compare_sides,
)
from daskbench.experiments.report import build
from daskbench.formats import FORMATS, Page
from daskbench.model import Case, Side
from daskbench.stats.verdict import Verdict
from tests.unit.builders import (
    make_case,
    make_plan,
    make_run,
    make_suite,
    render,
    render_comparison,
    timed,
)
from tests.unit.experiments.compared import LAUNCHES, ROUNDS, runs_of, sided, verdicts_of


def test_sides_are_compared_in_pairs(tmp_path: Path) -> None:
    compared = compare_sides(sided(tmp_path, [0.1, 0.1], [0.2, 0.1]))
    assert compared
    assert (compared.a, compared.b) == ("dask 2025.1.0", "dask 2026.8.0")
    assert compared.paired
    assert verdicts_of(compared) == ["slower", "equivalent"]
    assert compared.rows[0].ratio
    assert compared.rows[0].ratio.rounds == LAUNCHES * ROUNDS
    assert not any("share no rounds" in str(line) for line in remarks(compared))


def test_suites_beside_it_make_no_interval_wider(tmp_path: Path) -> None:
    alone = compare_sides(sided(tmp_path / "1", [0.1], [0.103]))
    among = compare_sides(sided(tmp_path / "3", [0.1], [0.103], suites=3))
    assert alone
    assert among
    assert [row.ratio for row in among.rows] == [alone.rows[0].ratio] * 3


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
    assert "put both in one suite" in "\n".join(map(str, remarks(other)))


def test_cases_of_two_suites_share_no_rounds(tmp_path: Path) -> None:
    suites = [make_suite(make_case(workers=n), name=f"s{n}", rounds=ROUNDS) for n in (1, 2)]
    run = make_run(
        tmp_path, [e for n in (0, 1) for e in timed(n, [0.1] * ROUNDS)], make_plan(*suites)
    )
    compared = compare_cases((run, 0), (run, 1))
    assert not compared.paired
    assert compared.rows[0].ratio is None


def test_the_command_for_pairs_names_interpreters_where_versions_differ(tmp_path: Path) -> None:
    runs = runs_of(tmp_path, [0.1], [0.1], versions={"dask": "2025.1.0"})
    compared = compare_runs(*runs)
    [command] = commands(compared)
    assert command.startswith("daskbench ab --python A/bin/python --python B/bin/python ")
    assert compared.differs == ("dask 2026.8.0 -> 2025.1.0",)


def test_two_machines_are_not_told_to_share_rounds(tmp_path: Path) -> None:
    told = [*map(str, remarks(compare_runs(*runs_of(tmp_path, [0.1], [0.1], host="there"))))]
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


@pytest.mark.parametrize("view", FORMATS)
def test_a_comparison_ends_with_one_line_end(tmp_path: Path, view: str) -> None:
    text = render_comparison(view, whole(tmp_path, limit=0.05))
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


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
        assert "A: dask 2025.1.0; B: dask 2026.8.0" in text


def test_rows_have_a_verdict_and_their_baseline_has_none(tmp_path: Path) -> None:
    a, _ = runs_of(tmp_path, [0.1, 0.2, 0.1], [0.1, 0.1, 0.1])
    results = build(a).results
    assert [result.comparison.verdict for result in results] == [None, "slower", "equivalent"]


@pytest.mark.parametrize("view", FORMATS)
def test_every_view_shows_verdicts(tmp_path: Path, view: str) -> None:
    a, _ = runs_of(tmp_path, [0.1, 0.2, 0.1], [0.1, 0.1, 0.1])
    text = render(view, build(a), Page(200))
    assert "slower" in text
    assert "equivalent" in text
