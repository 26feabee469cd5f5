import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.cells import cell_len

from daskbench.document.writers import ratio_text
from daskbench.events import Blas, CaseFailed, Event
from daskbench.experiments.report import Report
from daskbench.formats import FORMATS, Page
from daskbench.model import Cluster, Published, Suite
from daskbench.stats.estimate import Estimate
from daskbench.stats.groups import published_for
from daskbench.stats.ratio import Ratio
from tests.unit.builders import (
    FIVE_S,
    NUMPY_S,
    PARAMETERS,
    RUN_ID,
    THREADS_S,
    make_case,
    make_compressed_case,
    make_hardware_case,
    make_invalid,
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

HEADER = (
    "benchmark,scheduler,workers,threads_per_worker,n,tasks,rng,"
    "samples,invalid_samples,loops,mean_s,std_s,median_s,min_s,max_s,"
    "build_s,ratio,ratio_low,ratio_high,verdict,"
    "efficiency,tasks_expected,tasks_run,answer_ok,status,reason,peak_rss_bytes,"
    "peak_pss_bytes,startup_s,suite,run_id"
)
TITLES = (
    "scheduler × workers",
    "mean ± std",
    "ratio [95 % CI]",
    "eff.",
    "tasks",
    "loops",
    "median",
    "min",
    "mean 95 % CI",
    "memory",
    "high water",
    "start-up",
)
ANSI = re.compile(r"\x1b\[")
#: 352 ms ± 925 µs over seven runs: population deviation, as timeit has it.
LESSON_S = [0.352 + step * 0.000925 for step in (0, -1, 1, -1, 1, -1.2247449, 1.2247449)]
LONG_WORD = "tcp://a-very-long-host-name.of-a-cluster.example.org:8786/and-more-behind-it"


def wide_report(folder: Path, *, published: bool = False) -> Report:
    """Every kind of row at once: good, best, looped, failed with and without figures, invalid."""
    cases = (
        make_case("numpy"),
        make_case("threads", 2),
        make_case("processes-warm", 16),
        make_case("distributed", 16, 4),
        make_case("processes", 4),
        make_case("synchronous"),
        make_case("distributed", 2, 1),
    )
    figures = (Published("numpy", 0.352, 925e-6), Published("threads", 1.28, 1.46e-3, 2))
    suite = Suite("lesson", cases, make_suite(budget_s=60.0).settings, published=figures)
    events: list[Event] = [
        *[
            make_lane(number, workers=case.workers, threads_per_worker=case.threads_per_worker)
            for number, case in enumerate(cases)
        ],
        *timed(0, LESSON_S, peak_rss_bytes=99_999_999, peak_pss_bytes=88_888_888),
        *timed(1, [s * 3600 for s in LESSON_S], loops=1000, peak_rss_bytes=1 << 33),
        *timed(2, [s * (1 + i / 3) / 20 for i, s in enumerate(LESSON_S)]),
        CaseFailed(3, "at the start", f"OSError: cannot reach {LONG_WORD}"),
        *timed(4, [75.0, 95.0]),
        CaseFailed(4, "in round 3", "its lane was killed (SIGKILL)"),
        *[make_invalid(5, number) for number in (1, 2, 3)],
    ]
    return make_report(folder, events, make_plan(suite), published=published)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


# CSV


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
    assert result.ratio is not None
    assert float(threads["mean_s"]) == result.summary.mean_s
    assert float(threads["median_s"]) == 0.051
    assert float(threads["ratio_high"]) == result.ratio.high
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


# JSON


def json_of(report: Report) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(render("json", report), parse_constant=refuse)


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
    assert case["mean_low_s"] < case["mean_s"] < case["mean_high_s"]


def test_json_has_null_and_never_nan_where_there_is_no_figure(tmp_path: Path) -> None:
    case = json_of(make_report(tmp_path, []))["cases"][1]
    assert case["mean_s"] is None
    assert case["ratio"] is None
    assert case["raw_samples"] == []


# Markdown


def table_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("|")]


def cells_of(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def test_the_markdown_table_is_well_formed(tmp_path: Path) -> None:
    head, rule, *rows = table_lines(render("markdown", wide_report(tmp_path)))
    assert len(rows) == 7
    assert {len(cells_of(line)) for line in (head, rule, *rows)} == {len(cells_of(head))}
    assert all(re.fullmatch(r":---|---:", cell) for cell in cells_of(rule))
    assert cells_of(head)[0] == "scheduler × workers"


def test_markdown_escapes_what_would_break_a_table(tmp_path: Path) -> None:
    reason = "a | b\nc * d <script>"
    events: list[Event] = [*timed(0, NUMPY_S), CaseFailed(1, "in round 1", reason)]
    text = render("markdown", make_report(tmp_path, events))
    head, _, _, failed = table_lines(text)
    assert len(cells_of(failed)) == len(cells_of(head))
    assert r"a \| b\\nc \* d &lt;script>" in failed


def test_markdown_lists_what_was_found(tmp_path: Path) -> None:
    report = make_report(tmp_path, [make_lane(0, notes=("a | note",)), *timed(0, NUMPY_S)])
    assert r"- numpy: a \| note" in render("markdown", report).splitlines()


SENTENCE = "352 ms ± 925 µs per loop (mean ± std. dev. of 7 runs, 1 loop each)"


def lesson_report(folder: Path, **changes: Any) -> Report:
    plan = make_plan(make_suite(make_case("numpy"), make_case("threads", 2)))
    loops = changes.get("loops", 1)
    seconds = [s * loops for s in LESSON_S]
    return make_report(folder, [*timed(0, seconds, **changes), *timed(1, NUMPY_S[:1])], plan)


@pytest.mark.parametrize("view", ["plain", "markdown"])
def test_timeits_sentence_stands_whole(tmp_path: Path, view: str) -> None:
    text = render(view, lesson_report(tmp_path))
    assert SENTENCE in text
    assert "(mean ± std. dev. of 1 run, 1 loop each)" in text


@pytest.mark.parametrize("view", ["plain", "markdown"])
def test_timeits_sentence_tells_the_loops(tmp_path: Path, view: str) -> None:
    text = render(view, lesson_report(tmp_path, loops=1000))
    assert SENTENCE.replace("1 loop each", "1,000 loops each") in text


# Plain


def test_plain_has_a_line_for_each_case(tmp_path: Path) -> None:
    heading, numpy, threads, *_ = render("plain", make_report(tmp_path)).splitlines()
    assert heading.startswith("calc_mean n=100000 tasks=100 rng=legacy (7 rounds, 1 warm-up, ")
    assert numpy.startswith("numpy        101 ms ± ")
    assert threads.startswith("threads × 2  51 ms ± ")
    assert threads.endswith("300/300 tasks  *")
    assert "× numpy" in threads
    assert "efficiency 99%" in threads


def test_markdown_says_why_a_case_has_not_all_its_figures(tmp_path: Path) -> None:
    text = render("markdown", wide_report(tmp_path))
    assert "each); failed: in round 3: its lane was killed (SIGKILL)" in text


def test_plain_says_why_a_case_has_no_figures(tmp_path: Path) -> None:
    text = render("plain", wide_report(tmp_path))
    assert f"failed: at the start: OSError: cannot reach {LONG_WORD}" in text
    assert "invalid: 3 of 3 samples invalid: 0 of 100 tasks ran" in text
    assert "failed: in round 3: its lane was killed (SIGKILL)" in text
    assert "incomplete: the run ended before" in text


@pytest.mark.parametrize("view", ["table", "plain", "markdown"])
def test_how_it_was_measured_stands_above(tmp_path: Path, view: str) -> None:
    lanes = [make_lane(case, blas=(Blas("openblas", case + 1),)) for case in (0, 1)]
    plan = make_plan(make_suite(rounds=3, warmup=2))
    assert "(3 rounds, 2 warm-up, BLAS threads 1/2)" in render(
        view, make_report(tmp_path, lanes, plan), Page(200)
    )


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"launches": 5}, "5 launches × 7 rounds, 1 warm-up each, "),
        ({"launches": 5, "rounds": 1, "warmup": 0}, "5 launches × 1 round, 0 warm-up, "),
        ({"precision": 0.02}, "7 rounds or more for a precision of 2%, 1 warm-up, "),
        (
            {"launches": 2, "precision": 0.005},
            "2 launches × 7 rounds or more for a precision of 0.5%, 1 warm-up each, ",
        ),
    ],
)
def test_launches_and_a_precision_stand_above(
    tmp_path: Path, settings: dict[str, Any], words: str
) -> None:
    text = render("plain", make_report(tmp_path, plan=make_plan(make_suite(**settings))))
    assert f"({words}BLAS" in text


# The table


def unfolded(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("width", [40, 80, 120, 200])
@pytest.mark.parametrize("published", [False, True])
def test_no_line_is_wider_than_the_page(tmp_path: Path, width: int, published: bool) -> None:
    text = render("table", wide_report(tmp_path, published=published), Page(width))
    too_wide = [line for line in text.splitlines() if cell_len(line) > width]
    assert too_wide == []


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_nothing_is_lost_on_a_narrow_page(tmp_path: Path, width: int) -> None:
    text = render("table", wide_report(tmp_path), Page(width))
    for title in TITLES:
        assert title in text
    for figure in ("352 ms ± 925 µs", "8 GiB", "700/700", "200/200", "300", "1,000", "800 ms"):
        assert figure in text
    assert "…" not in text


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_a_row_without_figures_says_why(tmp_path: Path, width: int) -> None:
    text = unfolded(render("table", wide_report(tmp_path), Page(width)))
    for word in ("failed:", "OSError:", "killed", "(SIGKILL)", "invalid:", "incomplete:"):
        assert word in text


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_a_long_word_in_a_reason_is_not_cut(tmp_path: Path, width: int) -> None:
    """Folded it may be."""
    plan = make_plan(make_suite(make_case("numpy")))
    events: list[Event] = [CaseFailed(0, "at the start", f"no route to {LONG_WORD}")]
    text = render("table", make_report(tmp_path, events, plan), Page(width))
    assert "…" not in text
    assert LONG_WORD[-4:] in text


def test_on_a_page_of_200_columns_all_stands_in_one_table(tmp_path: Path) -> None:
    lines = render("table", wide_report(tmp_path), Page(200)).splitlines()
    assert sum(line.startswith("scheduler × workers") for line in lines) == 1


def test_on_a_page_of_80_columns_the_main_figures_stand_beside_each_other(tmp_path: Path) -> None:
    lines = render("table", make_report(tmp_path), Page(80)).splitlines()
    head = next(line for line in lines if line.startswith("scheduler"))
    for title in ("scheduler × workers", "mean ± std", "ratio [95 % CI]", "eff."):
        assert title in head


def test_loops_are_shown_only_where_there_are_any(tmp_path: Path) -> None:
    assert "loops" not in render("table", make_report(tmp_path), Page(200))


def test_the_best_row_is_marked(tmp_path: Path) -> None:
    text = render("table", make_report(tmp_path), Page(200))
    [marked] = [line for line in text.splitlines() if re.match(r"\S.* \*  ", line)]
    assert marked.startswith("threads × 2 *")


@pytest.mark.parametrize("view", FORMATS)
def test_without_colour_there_is_no_escape_sequence(
    tmp_path: Path, view: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert not ANSI.search(render(view, wide_report(tmp_path), Page(80, color=False)))


def test_with_colour_the_best_row_and_the_failed_stand_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    report = wide_report(tmp_path)
    coloured = render("table", report, Page(120, color=True))
    lines = coloured.splitlines()
    assert any("processes-warm × 16 *" in line and "\x1b[1;32m" in line for line in lines)
    assert any("processes × 4" in line and "\x1b[31m" in line for line in lines)


def test_a_cluster_of_others_is_named_above(tmp_path: Path) -> None:
    suite = Suite("s", (make_case("numpy"),), cluster=Cluster(address="tcp://there:8786"))
    report = make_report(tmp_path, timed(0, NUMPY_S), make_plan(suite))
    assert "cluster tcp://there:8786" in render("table", report, Page(200))


@pytest.mark.parametrize("view", FORMATS)
def test_every_view_names_the_run_and_ends_with_a_line_end(tmp_path: Path, view: str) -> None:
    text = render(view, make_report(tmp_path))
    assert RUN_ID in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("view", FORMATS)
def test_every_view_shows_a_run_of_which_nothing_was_measured(tmp_path: Path, view: str) -> None:
    assert "incomplete" in render(view, make_report(tmp_path, []))


# Published figures


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
    [group] = wide_report(tmp_path).groups
    assert published_for(group, make_case("threads", 2)) == Published("threads", 1.28, 1.46e-3, 2)
    assert published_for(group, make_case("threads", 4)) is None
    assert published_for(group, make_case("processes", 2)) is None


def test_a_ratio_is_written_with_its_interval(tmp_path: Path) -> None:
    events = [*timed(0, FIVE_S[0]), *timed(1, FIVE_S[1])]
    result = make_report(tmp_path, events).results[1]
    assert result.ratio is not None
    assert re.fullmatch(r"0\.50 \[0\.\d\d, 0\.\d\d\]", ratio_text(result.ratio))


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


LOG = Estimate(0.0, 0.1, 3)


@pytest.mark.parametrize("value", [0.0036, 0.00021, 0.052])
def test_a_small_ratio_keeps_its_digits(value: float) -> None:
    written = float(ratio_text(Ratio(value, value * 0.9, value * 1.1, 7, 1, LOG)).split()[0])
    assert written == pytest.approx(value, rel=0.05)


@pytest.mark.parametrize(("value", "text"), [(0.5, "0.50"), (3.636, "3.64"), (12.34, "12.3")])
def test_a_ratio_has_three_digits_at_most(value: float, text: str) -> None:
    assert ratio_text(Ratio(value, value, value, 7, 1, LOG)) == f"{text} [{text}, {text}]"


# Decompositions

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
    assert "svd shape=200x10 chunks=50x10 (10 rounds" in text
    assert "distributed × 2, tsqr" in text
    assert "distributed × 2 of 250 MiB, gram" in text
    assert "method=" not in text


@pytest.mark.parametrize("view", SHOWN)
def test_what_the_machine_can_do_is_a_line_and_no_table(tmp_path: Path, view: str) -> None:
    text = render(view, svd_report(tmp_path), Page(200))
    assert "- hardware, in the same rounds: dgemm 100 GFLOP/s on 4 cores" in text
    assert "probe=" not in text
    assert "BLAS thread" not in text.replace("BLAS threads unknown", "")
    assert text.count("(10 rounds") == 1


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
    text = render(view, svd_report(tmp_path), Page(250))
    [gram] = [line for line in text.splitlines() if "MiB, gram" in line]
    cells = [cell for cell in re.split(r"\s*\|\s*|\s{2,}", gram) if cell]
    assert {"40.0", "40%", "1.5e-15"} <= set(cells)
    unfolded = " ".join(text.split())
    assert "GFLOP/s: by the textbook operation count" in unfolded
    assert "% dgemm: relative to dgemm on all cores" in unfolded


@pytest.mark.parametrize("view", ["table", "markdown"])
def test_rates_have_no_columns_where_they_are_not_known(tmp_path: Path, view: str) -> None:
    text = render(view, make_report(tmp_path), Page(250))
    assert "GFLOP/s" not in text
    assert "dgemm" not in text


def test_without_dgemm_there_is_a_rate_but_no_share(tmp_path: Path) -> None:
    plan = make_plan(make_svd_suite(*WAYS))
    text = render("table", make_report(tmp_path, timed(0, [0.1], flops=1e9), plan), Page(250))
    assert "GFLOP/s" in text
    assert "dgemm" not in text


@pytest.mark.parametrize("view", ["table", "markdown"])
def test_efficiency_has_a_column_only_where_there_is_one(tmp_path: Path, view: str) -> None:
    events: list[Event] = [*timed(0, NUMPY_S), *timed(1, THREADS_S)]
    with_numpy = make_report(tmp_path / "with", events)
    plan = make_plan(make_suite(make_case(workers=1), make_case(workers=2)))
    without = make_report(tmp_path / "without", events, plan)
    assert "eff." in render(view, with_numpy, Page(250))
    assert "eff." not in render(view, without, Page(250))


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
    text = render("table", svd_report(tmp_path), Page(width))
    assert [line for line in text.splitlines() if cell_len(line) > width] == []
    assert "…" not in text


@pytest.mark.parametrize("view", ["table", "markdown"])
@pytest.mark.parametrize(("build_s", "stands"), [(0.0, False), (0.0005, False), (0.07, True)])
def test_building_has_a_column_where_it_is_over_a_hundredth_of_a_sample(
    tmp_path: Path, view: str, build_s: float, stands: bool
) -> None:
    events: list[Event] = [*timed(0, NUMPY_S), *timed(1, THREADS_S, build_s=build_s)]
    text = render(view, make_report(tmp_path, events), Page(250))
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
