"""CSV and JSON."""

import csv
import io
from pathlib import Path

import pytest

from daskbench.events import Blas, CaseFailed, Event
from tests.unit.builders import (
    FIVE_S,
    NUMPY_S,
    PARAMETERS,
    RUN_ID,
    make_case,
    make_invalid,
    make_lane,
    make_plan,
    make_report,
    make_sample,
    make_suite,
    render,
    render_samples,
    timed,
)
from tests.unit.document.viewing import (
    json_of,
    rows_of,
    wide_report,
)

HEADER = (
    "benchmark,scheduler,workers,threads_per_worker,n,tasks,rng,"
    "samples,invalid_samples,loops,mean_s,std_s,median_s,min_s,max_s,"
    "build_s,ratio,ratio_low,ratio_high,verdict,"
    "efficiency,tasks_expected,tasks_run,answer_ok,status,reason,peak_rss_bytes,"
    "peak_pss_bytes,startup_s,suite,run_id"
)


def test_the_csv_header_is_that_of_the_docs(tmp_path: Path) -> None:
    text = render("csv", make_report(tmp_path))
    assert text.split("\r\n")[0] == HEADER


def test_the_csv_is_rfc_4180(tmp_path: Path) -> None:
    text = render("csv", wide_report(tmp_path))
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len(records) == 8
    assert {len(record) for record in records} == {len(HEADER.split(","))}


def test_csv_cells_hold_the_figures_whole(tmp_path: Path) -> None:
    report = make_report(tmp_path, [*timed(0, FIVE_S[0]), *timed(1, FIVE_S[1])])
    numpy, threads = rows_of(render("csv", report))
    result = report.results[1]
    assert result.summary is not None
    assert result.comparison.ratio is not None
    assert float(threads["mean_s"]) == result.summary.mean_s
    assert float(threads["median_s"]) == 0.051
    assert float(threads["ratio_high"]) == result.comparison.ratio.high
    assert float(threads["efficiency"]) == result.efficiency
    assert float(numpy["ratio"]) == 1
    assert numpy["run_id"] == threads["run_id"] == RUN_ID
    assert (numpy["status"], numpy["answer_ok"]) == ("ok", "True")


def test_csv_counts_are_whole_numbers_even_beside_empty_cells(tmp_path: Path) -> None:
    numpy, threads = rows_of(render("csv", make_report(tmp_path)))
    assert (numpy["workers"], threads["workers"]) == ("", "2")
    assert (numpy["n"], numpy["tasks"], numpy["samples"], numpy["loops"]) == (
        "100000",
        "100",
        "3",
        "1",
    )
    assert (numpy["tasks_run"], numpy["tasks_expected"]) == ("300", "300")
    assert (numpy["peak_rss_bytes"], threads["peak_rss_bytes"]) == ("104857600", "209715200")


def test_csv_cells_without_a_figure_are_empty(tmp_path: Path) -> None:
    events: list[Event] = [*timed(0, NUMPY_S), CaseFailed(1, "at the start", "no port")]
    _, failed = rows_of(render("csv", make_report(tmp_path, events)))
    figures = HEADER.split(",")[HEADER.split(",").index("loops") : -2]
    shown = {name: failed[name] for name in figures if failed[name]}
    assert shown == {"status": "failed", "reason": "at the start: no port"}
    assert failed["samples"] == "0"


def test_csv_cells_stay_empty_in_a_column_without_any_figure(tmp_path: Path) -> None:
    plan = make_plan(make_suite(make_case("numpy")))
    [row] = rows_of(render("csv", make_report(tmp_path, [], plan)))
    assert row["status"] == "incomplete"
    assert (row["mean_s"], row["workers"], row["ratio"], row["answer_ok"]) == ("", "", "", "")


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1-1", "@SUM(A1)", '=HYPERLINK("x")'])
def test_csv_text_that_looks_like_a_formula_is_made_harmless(tmp_path: Path, text: str) -> None:
    plan = make_plan(make_suite(make_case("numpy", rng=text)))
    [row] = rows_of(render("csv", make_report(tmp_path, timed(0, NUMPY_S), plan)))
    assert row["rng"] == f"'{text}"


def test_csv_numbers_below_zero_stay_numbers(tmp_path: Path) -> None:
    report = make_report(tmp_path, [make_sample(others_cpu_s=-0.25)])
    [row] = rows_of(render_samples(report))
    assert row["others_cpu_s"] == "-0.25"


def test_csv_text_with_commas_quotes_and_line_ends_survives(tmp_path: Path) -> None:
    reason = 'a "quoted", reason\nof two lines'
    events: list[Event] = [*timed(0, NUMPY_S), CaseFailed(1, "in round 1", reason)]
    _, failed = rows_of(render("csv", make_report(tmp_path, events)))
    assert failed["reason"] == f"in round 1: {reason}"


def test_csv_has_the_parameters_of_all_benchmarks_together(tmp_path: Path) -> None:
    other = make_case("numpy", tall=5)
    plan = make_plan(make_suite(make_case("numpy")), make_suite(other, name="other"))
    text = render("csv", make_report(tmp_path, [], plan))
    header = text.split("\r\n")[0].split(",")
    assert set(header[4 : header.index("samples")]) == {"n", "tasks", "rng", "tall"}
    assert [name for name in header if name != "tall"] == HEADER.split(",")
    one, two = rows_of(text)
    assert (one["tall"], two["tall"]) == ("", "5")


def test_csv_of_samples_has_one_row_a_sample(tmp_path: Path) -> None:
    events: list[Event] = [
        make_sample(0, 0, 0.5, warmup=True),
        make_sample(0, 1, 0.1, cpu_s=0.25),
        make_invalid(1, 1),
    ]
    text = render_samples(make_report(tmp_path, events))
    assert "\n" not in text.replace("\r\n", "")
    rows = rows_of(text)
    assert [row["scheduler"] for row in rows] == ["numpy", "numpy", "threads"]
    assert [row["wall_s"] for row in rows] == ["0.5", "0.1", "0.001"]
    assert [row["warmup"] for row in rows] == ["True", "False", "False"]
    assert [row["valid"] for row in rows] == ["True", "True", "False"]
    assert [row["round"] for row in rows] == ["0", "1", "1"]
    assert [row["cpu_s"] for row in rows] == ["", "0.25", ""]
    assert [row["reason"] for row in rows] == ["", "", "0 of 100 tasks ran"]


def test_csv_of_no_samples_has_its_header_all_the_same(tmp_path: Path) -> None:
    text = render_samples(make_report(tmp_path, []))
    assert text.startswith("benchmark,scheduler,workers,threads_per_worker,")
    assert "wall_s" in text
    assert rows_of(text) == []


def test_json_cases_have_the_keys_of_the_csv(tmp_path: Path) -> None:
    report = wide_report(tmp_path)
    document = json_of(report)
    rows = rows_of(render("csv", report))
    assert len(document["cases"]) == len(rows) == 7
    for case, row in zip(document["cases"], rows, strict=True):
        assert set(row) <= set(case)
        for name, cell in row.items():
            assert cell == ("" if case[name] is None else cell)
            if isinstance(case[name], int | float) and not isinstance(case[name], bool):
                assert float(cell) == case[name]


def test_json_holds_every_raw_sample(tmp_path: Path) -> None:
    events: list[Event] = [make_sample(0, 0, 0.5, warmup=True), make_invalid(0, 1, 0.001)]
    warm, invalid = json_of(make_report(tmp_path, events))["cases"][0]["raw_samples"]
    assert (warm["wall_s"], warm["valid"], warm["warmup"]) == (0.5, True, True)
    assert invalid["wall_s"] == 0.001
    assert invalid["valid"] is False
    assert (invalid["tasks_run"], invalid["tasks_expected"]) == (0, 100)
    assert invalid["reason"] == "0 of 100 tasks ran"
    assert invalid["cpu_s"] is None


def test_json_holds_environment_plan_and_what_was_found(tmp_path: Path) -> None:
    blas = Blas("openblas", 2, "0.3")
    lane = make_lane(0, blas=(blas,), versions={"dask": "2026.8.0"}, notes=("odd",))
    report = make_report(tmp_path, [lane, *timed(0, FIVE_S[0])])
    document = json_of(report)
    assert document["run_id"] == RUN_ID
    assert document["status"] == "complete"
    assert document["environment"]["cores"] == 4
    assert document["plan"]["suites"][0]["cases"][0]["scheduler"] == "numpy"
    assert document["findings"] == report.findings == ["numpy: odd"]
    case = document["cases"][0]
    assert case["parameters"] == PARAMETERS
    assert case["blas"] == [{"api": "openblas", "threads": 2, "version": "0.3"}]
    assert case["versions"] == {"dask": "2026.8.0"}
    assert case["suite"] == "suite"
    assert case["baseline"] == "numpy"
    assert case["min_s"] <= case["mean_s"]


def test_json_has_null_and_never_nan_where_there_is_no_figure(tmp_path: Path) -> None:
    case = json_of(make_report(tmp_path, []))["cases"][1]
    assert case["mean_s"] is None
    assert case["ratio"] is None
    assert case["raw_samples"] == []
