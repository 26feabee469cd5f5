"""Markdown, plain text and the table."""

import re
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from daskbench.events import Blas, CaseFailed, Event
from daskbench.experiments.report import Report
from daskbench.formats import FORMATS, Page
from daskbench.model import Cluster, Suite
from tests.unit.builders import (
    NUMPY_S,
    RUN_ID,
    make_case,
    make_lane,
    make_plan,
    make_report,
    make_suite,
    render,
    timed,
)
from tests.unit.document.viewing import (
    LESSON_S,
    LONG_WORD,
    cells_of,
    table_lines,
    unfolded,
    wide_report,
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
    "memory",
    "high water",
    "start-up",
)
ANSI = re.compile(r"\x1b\[")


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


def test_plain_has_a_line_for_each_case(tmp_path: Path) -> None:
    heading, numpy, threads, *_ = render("plain", make_report(tmp_path)).splitlines()
    assert heading.startswith("calc_mean n=100000 tasks=100 rng=legacy (7 rounds, 1 warm-up, ")
    assert numpy.startswith("numpy        101 ms ± ")
    assert threads.startswith("threads × 2  51 ms ± ")
    assert threads.endswith("300/300 tasks  *")
    assert "× numpy" in threads
    assert "efficiency 99%" in threads


def test_plain_is_aligned_in_ascii_too(tmp_path: Path) -> None:
    text = render("plain", wide_report(tmp_path), Page(ascii=True))
    assert text.isascii()
    assert "threads x 2          1.27 s +/- 3.33 ms per loop" in text


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
    text = render(view, make_report(tmp_path, lanes, plan), Page(200))
    assert "3 rounds, 2 warm-up, BLAS threads 1/2" in text


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


@pytest.mark.parametrize("width", [40, 80, 120, 200])
@pytest.mark.parametrize("published", [False, True])
def test_no_line_is_wider_than_the_page(tmp_path: Path, width: int, published: bool) -> None:
    text = render("table", wide_report(tmp_path, published=published), Page(width))
    too_wide = [line for line in text.splitlines() if cell_len(line) > width]
    assert too_wide == []


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_nothing_is_lost_on_a_narrow_page(tmp_path: Path, width: int) -> None:
    text = render("table", wide_report(tmp_path), Page(width, columns=("all",), explain=True))
    for title in TITLES:
        assert title in text
    for figure in ("352 ms ± 925 µs", "8 GiB", "700/700", "200/200", "300", "1,000", "800 ms"):
        assert figure in text
    assert "…" not in text


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_a_row_without_figures_says_why(tmp_path: Path, width: int) -> None:
    text = unfolded(render("table", wide_report(tmp_path), Page(width, explain=True)))
    for word in ("failed:", "OSError:", "killed", "(SIGKILL)", "invalid:", "incomplete:"):
        assert word in text


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_a_long_word_in_a_reason_is_not_cut(tmp_path: Path, width: int) -> None:
    """Folded it may be."""
    plan = make_plan(make_suite(make_case("numpy")))
    events: list[Event] = [CaseFailed(0, "at the start", f"no route to {LONG_WORD}")]
    text = render("table", make_report(tmp_path, events, plan), Page(width, explain=True))
    assert "…" not in text
    assert LONG_WORD[-4:] in text


def test_on_a_page_of_200_columns_all_stands_in_one_table(tmp_path: Path) -> None:
    page = Page(200, columns=("all",))
    lines = render("table", wide_report(tmp_path), page).splitlines()
    assert sum(line.startswith("scheduler × workers") for line in lines) == 1


def test_on_a_page_of_80_columns_the_main_figures_stand_beside_each_other(tmp_path: Path) -> None:
    lines = render("table", make_report(tmp_path), Page(80)).splitlines()
    head = next(line for line in lines if line.startswith("scheduler"))
    for title in ("scheduler × workers", "mean ± std", "ratio [95 % CI]", "verdict"):
        assert title in head


def test_loops_are_shown_only_where_there_are_any(tmp_path: Path) -> None:
    assert "loops" not in render("table", make_report(tmp_path), Page(200, columns=("all",)))


def test_the_best_row_is_marked(tmp_path: Path) -> None:
    text = render("table", make_report(tmp_path), Page(200, explain=True))
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
    assert any("processes-warm × 16" in line and "\x1b[1;32m" in line for line in lines)
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
