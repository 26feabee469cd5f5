"""Published figures, and decompositions."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.cells import cell_len

from daskbench.document.writers import digits, ratio_text
from daskbench.events import Event
from daskbench.experiments.report import Report
from daskbench.formats import FORMATS, Page
from daskbench.model import Published
from daskbench.stats.ratio import Ratio
from daskbench.stats.result_tables import published_for
from tests.unit.builders import (
    FIVE_S,
    NUMPY_S,
    THREADS_S,
    make_case,
    make_compressed_case,
    make_hardware_case,
    make_lane,
    make_plan,
    make_report,
    make_sample,
    make_suite,
    make_svd_case,
    make_svd_suite,
    render,
    render_samples,
    timed,
)
from tests.unit.document.viewing import (
    cells_of,
    json_of,
    rows_of,
    table_lines,
    wide_report,
)


@pytest.mark.parametrize("view", ["table", "markdown"])
def test_published_figures_stand_beside_the_measured(tmp_path: Path, view: str) -> None:
    text = render(view, wide_report(tmp_path, published=True), Page(120))
    assert "published" in text
    assert "its ratio" in text
    threads = [line for line in text.splitlines() if "1.28 s ± 1.46 ms" in line]
    assert len(threads) == 1
    assert "threads × 2" in threads[0]
    assert "3.64" in threads[0]


@pytest.mark.parametrize("view", ["table", "markdown"])
def test_published_figures_are_shown_only_when_asked_for(tmp_path: Path, view: str) -> None:
    assert "its ratio" not in render(view, wide_report(tmp_path), Page(120))


def test_published_figures_belong_to_their_scheduler_and_workers(tmp_path: Path) -> None:
    [group] = wide_report(tmp_path).tables
    assert published_for(group, make_case("threads", 2)) == Published("threads", 1.28, 1.46e-3, 2)
    assert published_for(group, make_case("threads", 4)) is None
    assert published_for(group, make_case("processes", 2)) is None


def test_a_ratio_is_written_with_its_interval(tmp_path: Path) -> None:
    events = [*timed(0, FIVE_S[0]), *timed(1, FIVE_S[1])]
    result = make_report(tmp_path, events).results[1]
    assert result.comparison.ratio is not None
    assert re.fullmatch(r"0\.50 \[0\.\d\d, 0\.\d\d\]", ratio_text(result.comparison.ratio))


@pytest.mark.parametrize("view", ["table", "markdown"])
def test_below_five_rounds_there_is_no_interval_and_no_verdict(tmp_path: Path, view: str) -> None:
    text = render(view, make_report(tmp_path), Page(250))
    assert "needs 5 rounds" in text
    assert "0.50" in text
    assert not re.search(r"\d, \d", text)
    assert "mean 95 % CI" not in text


def test_report_results_stand_in_the_order_of_the_tables(tmp_path: Path) -> None:
    cases = [make_case("numpy", n=1), make_case("numpy", n=2), make_case("synchronous", n=1)]
    report = make_report(tmp_path, timed(0, THREADS_S), make_plan(make_suite(*cases)))
    assert [result.number for result in report.results] == [0, 2, 1]


@pytest.mark.parametrize("value", [0.0036, 0.00021, 0.052])
def test_a_small_ratio_keeps_its_digits(value: float) -> None:
    written = float(ratio_text(Ratio(value, value * 0.9, value * 1.1, 7, 1)).split()[0])
    assert written == pytest.approx(value, rel=0.05)


def test_a_huge_ratio_takes_little_room() -> None:
    assert [digits(one) for one in (99_999.0, 600_123.0, 3.65e12)] == ["99999", "6e+05", "3.65e+12"]


@pytest.mark.parametrize(("value", "text"), [(0.5, "0.50"), (3.636, "3.64"), (12.34, "12.3")])
def test_a_ratio_has_three_digits_at_most(value: float, text: str) -> None:
    assert ratio_text(Ratio(value, value, value, 7, 1)) == f"{text} [{text}, {text}]"


SHOWN = ("table", "plain", "markdown")
WAYS = (make_svd_case("numpy"), make_svd_case(workers=2), make_svd_case(workers=2, method="gram"))


def svd_report(folder: Path, **sample: Any) -> Report:
    """NumPy and two methods beside it, then two rates of the machine, the best of 100 GFLOP/s."""
    probes = (make_hardware_case("dgemm", 4), make_hardware_case("triad", 4))
    limited = msgspec.structs.replace(WAYS[2], memory_limit_bytes=250 << 20)
    plan = make_plan(make_svd_suite(*WAYS[:2], limited, *probes))
    usual: dict[str, Any] = {"flops": 2e9, "figures": {"error": 1.5e-15}}
    events: list[Event] = [
        make_lane(1, workers=2),
        *timed(0, [0.1, 0.1], **usual | sample),
        *timed(1, [0.2, 0.2], **usual | sample),
        *timed(2, [0.05, 0.05], **usual | sample),
        *timed(3, [1.0, 1.0], flops=1e11),
        *timed(4, [1.0, 1.0], moved_bytes=2e10),
    ]
    return make_report(folder, events, plan)


@pytest.mark.parametrize("view", SHOWN)
def test_ways_stand_beside_each_other_and_what_is_the_same_above(tmp_path: Path, view: str) -> None:
    text = render(view, svd_report(tmp_path), Page(200))
    assert re.search(r"svd shape=200x10 chunks=50x10( \(|\n)10 rounds", text)
    assert "distributed × 2, tsqr" in text
    assert "distributed × 2 of 250 MiB, gram" in text
    assert "method=" not in text


@pytest.mark.parametrize("view", SHOWN)
def test_what_the_machine_can_do_is_a_line_and_no_table(tmp_path: Path, view: str) -> None:
    text = render(view, svd_report(tmp_path), Page(200))
    assert "- hardware, in the same rounds: dgemm 100 GFLOP/s on 4 cores" in text
    assert "probe=" not in text
    assert "BLAS thread" not in text.replace("BLAS threads unknown", "")
    assert text.count("10 rounds") == 1


def test_what_the_machine_can_do_has_its_rows_in_csv_and_json(tmp_path: Path) -> None:
    report = svd_report(tmp_path)
    rows, cases = rows_of(render("csv", report)), json_of(report)["cases"]
    assert [row["probe"] for row in rows] == ["", "", "", "dgemm", "triad"]
    assert [float(row["flops_per_s"]) for row in rows[:4]] == pytest.approx(
        [2e10, 1e10, 4e10, 1e11]
    )
    assert float(rows[4]["bytes_per_s"]) == float(rows[4]["moved_bytes"]) == 2e10
    assert rows[4]["flops_per_s"] == ""
    assert [case["parameters"] for case in cases[3:]] == [
        {"probe": "dgemm", "threads": 4},
        {"probe": "triad", "threads": 4},
    ]
    assert cases[2]["dgemm_share"] == pytest.approx(0.4)


def test_columns_that_only_some_rows_have_are_empty_in_the_others(tmp_path: Path) -> None:
    rows = rows_of(render("csv", svd_report(tmp_path)))
    assert [row["memory_limit_bytes"] for row in rows] == ["", "", "262144000", "", ""]
    assert [row["error"] for row in rows] == ["1.5e-15"] * 3 + [""] * 2


def test_columns_that_no_row_has_are_left_out(tmp_path: Path) -> None:
    header = render("csv", make_report(tmp_path)).splitlines()[0].split(",")
    for name in (
        "memory_limit_bytes",
        "flops",
        "flops_per_s",
        "dgemm_share",
        "bytes_per_s",
        "notes",
    ):
        assert name not in header


@pytest.mark.parametrize("view", ["table", "markdown"])
def test_rates_have_columns_where_they_are_known(tmp_path: Path, view: str) -> None:
    text = render(view, svd_report(tmp_path), Page(250, columns=("all",), explain=True))
    rows = [line for line in text.splitlines() if "MiB, gram" in line]
    [gram] = [line for line in rows if "40.0" in line]
    cells = [cell for cell in re.split(r"\s*\|\s*|\s{2,}", gram) if cell]
    assert {"40.0", "40%"} <= set(cells)
    unfolded = " ".join(text.split())
    assert "1.5e-15" in unfolded
    assert "GFLOP/s: by the textbook operation count" in unfolded
    assert "% dgemm: relative to the fastest dgemm" in unfolded


@pytest.mark.parametrize("view", ["table", "markdown"])
def test_rates_have_no_columns_where_they_are_not_known(tmp_path: Path, view: str) -> None:
    text = render(view, make_report(tmp_path), Page(250, columns=("all",), explain=True))
    assert "GFLOP/s" not in text
    assert "dgemm" not in text


def test_without_dgemm_there_is_a_rate_but_no_share(tmp_path: Path) -> None:
    plan = make_plan(make_svd_suite(*WAYS))
    report = make_report(tmp_path, timed(0, [0.1], flops=1e9), plan)
    text = render("table", report, Page(250, columns=("all",), explain=True))
    assert "GFLOP/s" in text
    assert "dgemm" not in text


@pytest.mark.parametrize("view", ["table", "markdown"])
def test_efficiency_has_a_column_only_where_there_is_one(tmp_path: Path, view: str) -> None:
    events: list[Event] = [*timed(0, NUMPY_S), *timed(1, THREADS_S)]
    with_numpy = make_report(tmp_path / "with", events)
    plan = make_plan(make_suite(make_case(workers=1), make_case(workers=2)))
    without = make_report(tmp_path / "without", events, plan)
    page = Page(250, columns=("all",), explain=True)
    assert "eff." in render(view, with_numpy, page)
    assert "eff." not in render(view, without, page)


def test_a_row_that_is_alone_is_compared_with_nothing(tmp_path: Path) -> None:
    plan = make_plan(make_suite(make_case("numpy")))
    text = render("markdown", make_report(tmp_path, timed(0, NUMPY_S), plan))
    assert "high water: sum of the kernel's peak of each of its processes" in text
    assert "ratio: time" not in text
    assert "lowest median" not in text


def test_the_legend_names_the_row_that_the_others_are_compared_with(tmp_path: Path) -> None:
    plan = make_plan(make_svd_suite(*WAYS[1:]))
    events: list[Event] = [*timed(0, NUMPY_S), *timed(1, THREADS_S)]
    text = render("markdown", make_report(tmp_path, events, plan))
    assert "ratio: time / time of distributed × 2, tsqr in the same rounds" in text


@pytest.mark.parametrize("view", ["plain", "json"])
def test_a_baseline_is_told_from_rows_at_the_same_place(tmp_path: Path, view: str) -> None:
    plan = make_plan(make_svd_suite(*WAYS[1:]))
    events: list[Event] = [*timed(0, FIVE_S[0]), *timed(1, FIVE_S[1])]
    text = render(view, make_report(tmp_path, events, plan))
    assert re.search(r'(\] × |"baseline": ")distributed × 2, tsqr', text)


def test_a_table_has_eleven_columns_of_figures_at_most(tmp_path: Path) -> None:
    figures = {"error": 1.0} | {f"error_{number}": 1.0 for number in range(1, 21)}
    plan = make_plan(make_svd_suite(make_compressed_case(k=20)))
    report = make_report(tmp_path, timed(0, [0.1, 0.1], figures=figures), plan)
    head, *_ = table_lines(render("markdown", report))
    shown = [cell for cell in cells_of(head) if cell.startswith("error")]
    assert shown == ["error", *(f"error_{number}" for number in range(1, 11))]
    [row] = rows_of(render("csv", report))
    assert set(figures) <= set(row)


@pytest.mark.parametrize("view", FORMATS)
def test_a_skipped_row_says_why(tmp_path: Path, view: str) -> None:
    skipped = msgspec.structs.replace(WAYS[0], skip="would hold 9 GiB")
    plan = make_plan(make_svd_suite(skipped, *WAYS[1:]))
    text = render(view, make_report(tmp_path, timed(1, NUMPY_S), plan), Page(200))
    assert "skipped" in text
    assert "would hold 9 GiB" in text


def test_notes_are_in_csv_and_json(tmp_path: Path) -> None:
    events: list[Event] = [
        make_lane(0, notes=("odd",)),
        make_sample(0, 1, note="went over"),
        make_sample(0, 2, note="and back"),
        make_sample(1, 1),
    ]
    report = make_report(tmp_path, events)
    assert [case["notes"] for case in json_of(report)["cases"]] == [
        ["odd", "went over", "and back"],
        [],
    ]
    assert json_of(report)["cases"][0]["raw_samples"][0]["note"] == "went over"
    assert [row["notes"] for row in rows_of(render("csv", report))] == ["went over; and back", ""]


def test_samples_say_what_memory_their_workers_had(tmp_path: Path) -> None:
    rows = rows_of(render_samples(svd_report(tmp_path)))
    assert {row.get("memory_limit_bytes", "") for row in rows} == {"", "262144000"}


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_wide_table_of_a_decomposition_fits_its_page(tmp_path: Path, width: int) -> None:
    text = render("table", svd_report(tmp_path), Page(width, explain=True))
    assert [line for line in text.splitlines() if cell_len(line) > width] == []
    assert "…" not in text


@pytest.mark.parametrize("view", ["table", "markdown"])
@pytest.mark.parametrize(("build_s", "stands"), [(0.0, False), (0.0005, False), (0.07, True)])
def test_building_has_a_column_where_it_is_over_a_hundredth_of_a_sample(
    tmp_path: Path, view: str, build_s: float, stands: bool
) -> None:
    events: list[Event] = [*timed(0, NUMPY_S), *timed(1, THREADS_S, build_s=build_s)]
    text = render(view, make_report(tmp_path, events), Page(250, columns=("all",), explain=True))
    assert ("build: time in the mean" in " ".join(text.split())) is stands
    assert ("70 ms" in text) is stands


def test_a_figure_of_a_benchmark_replaces_none_of_ours(tmp_path: Path) -> None:
    named = ("mean_s", "ratio", "status", "suite", "wall_s", "n", "own")
    figures = dict.fromkeys(named, 77.0)
    report = make_report(tmp_path, [make_lane(0), *timed(0, NUMPY_S, figures=figures)])
    [row, *_] = csv.DictReader(io.StringIO(render("csv", report)))
    assert float(row["mean_s"]) == pytest.approx(0.101)
    assert (row["n"], row["status"], row["suite"]) == ("100000", "ok", "suite")
    assert (row["own"], row["figure_ratio"]) == ("77", "77")
    frame = report.run.frame()
    assert frame["wall_s"].tolist() == [*NUMPY_S]
    assert frame.columns.is_unique
    assert {f"figure_{name}" for name in ("wall_s", "n", "suite")} <= {*frame.columns}
