"""The table for terminals: one block, and at most five lines below it."""

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.cells import cell_len

from daskbench.document import Chapter, Column, Document, Note, Records, Row, Said, Section, Table
from daskbench.document.chart import Bar
from daskbench.document.columns import columns_of_document, unknown
from daskbench.events import CaseFailed
from daskbench.experiments.report import Report
from daskbench.formats import Page
from daskbench.formats.table.below import MOST_LINES
from tests.unit.builders import make_case, make_lane, make_plan, make_report, make_suite, timed
from tests.unit.builders import render as render_view
from tests.unit.document.viewing import wide_report

PLACES = (
    ("numpy", None, 0.17),
    ("synchronous", None, 0.19),
    ("threads", 1, 0.205),
    ("threads", 2, 0.135),
    ("processes", 2, 0.44),
    ("processes-warm", 2, 0.09),
    ("distributed", 2, 0.36),
)
DETAILS = ("eff.", "tasks", "median", "min", "memory", "high water", "start-up")


def lesson(folder: Path, *more: Any) -> Report:
    """The usual table: seven rows of fifteen rounds, all proved and decided."""
    noise = random.Random(1)
    cases = [make_case(scheduler, workers) for scheduler, workers, _ in PLACES]
    events: list[Any] = []
    for number, (_, workers, seconds) in enumerate(PLACES):
        times = [seconds * noise.gauss(1, 0.02) for _ in range(15)]
        events += [make_lane(number, workers=workers), *timed(number, times)]
    return make_report(folder, [*events, *more], make_plan(make_suite(*cases, rounds=15)))


def shown(report: Report | Document, width: int = 80, **more: Any) -> list[str]:
    page = Page(width, how="daskbench show --explain", **more)
    return render_view("table", report, page).splitlines()


def below(lines: list[str]) -> list[str]:
    """The lines after the last block, or after its answer if it is one of several."""
    return lines[len(lines) - lines[::-1].index("") :]


def toy(
    *rows: Row,
    columns: tuple[Column[Any], ...] = (),
    lines: tuple[str | Said, ...] = (),
    **more: Any,
) -> Document:
    titles = (Column("case", "case", right=False), Column("mean_s", "mean"), *columns)
    section = Section("a heading", [Table(titles, rows)], "the legend", lines=lines, **more)
    return Document([Chapter("", [section])], lambda: Records([], []), dict)


def test_the_first_table_is_one_block_of_a_row_a_case_at_80_columns(tmp_path: Path) -> None:
    lines = shown(lesson(tmp_path))
    assert max(map(cell_len, lines)) <= 80
    head = next(number for number, line in enumerate(lines) if line.startswith("scheduler"))
    assert lines[head].split("  ")[0] == "scheduler × workers"
    assert lines[head].endswith("ratio [95 % CI]  verdict")
    rows = lines[head + 1 : head + 1 + len(PLACES)]
    for row, (scheduler, _, _) in zip(rows, PLACES, strict=True):
        assert row.startswith(scheduler)
        assert "█" in row
    assert all("●" in row and re.search(r"\[\d", row) for row in rows[1:])
    assert lines[head + 1 + len(PLACES)] == ""
    assert not [title for title in DETAILS if title in lines[head]]


def test_what_is_the_same_in_all_rows_is_told_once(tmp_path: Path) -> None:
    lines = shown(lesson(tmp_path))
    assert "in all rows: every task ran, every answer right" in lines
    every = shown(lesson(tmp_path / "all"), columns=("all",))
    told = " ".join(" ".join(every).split())
    assert "tasks 1500/1500" in told
    assert "start-up 800 ms" in told
    assert not any(re.search("tasks  ", line) for line in every)


def test_the_answer_comes_first_and_then_little(tmp_path: Path) -> None:
    first, *others = below(shown(lesson(tmp_path)))
    assert first.startswith("processes-warm × 2 is fastest of 7: 1.")
    assert len(others) < MOST_LINES
    assert "daskbench show --explain" in others[-1]


@pytest.mark.parametrize("width", [80, 120])
def test_there_are_five_lines_below_at_most(tmp_path: Path, width: int) -> None:
    lines = below(shown(wide_report(tmp_path), width))
    assert len(lines) <= MOST_LINES
    assert re.search(r"; \d+ more: daskbench show --explain$", lines[-1])


def test_only_rows_with_which_something_is_wrong_have_a_mark(tmp_path: Path) -> None:
    lines = shown(wide_report(tmp_path), 120)
    marked = [line.split("  ")[0] for line in lines if line.endswith(" !")]
    assert marked == ["distributed × 16×4", "processes × 4", "synchronous", "distributed × 2"]
    assert not any(line.endswith("!") for line in shown(lesson(tmp_path / "fine")))


def test_tasks_that_are_not_proved_and_workers_that_left_are_marked(tmp_path: Path) -> None:
    plan = make_plan(make_suite(make_case("numpy"), make_case(workers=1), make_case(workers=2)))
    events = [
        *timed(0, [0.1] * 5),
        *timed(1, [0.1] * 5, tasks_run=99),
        *timed(2, [0.1] * 5, workers_lost=1),
    ]
    lines = shown(make_report(tmp_path, events, plan))
    assert [line[:11] for line in lines if line.endswith(" !")] == ["threads × 1", "threads × 2"]
    said = " ".join(lines)
    assert "threads × 1: not proved: 495/500 tasks ran" in said
    assert "threads × 2: 5 workers left while samples ran" in said
    assert "every task ran" not in said


def test_what_is_wrong_with_a_row_is_said_once(tmp_path: Path) -> None:
    said = " ".join(shown(wide_report(tmp_path), 120, explain=True))
    assert said.count("0 of 100 tasks ran") == 1


def test_names_with_commas_of_their_own_are_listed_apart(tmp_path: Path) -> None:
    case = make_case(workers=2)
    cases = [msgspec.structs.replace(case, blas_threads=threads) for threads in (1, 2)]
    events = [CaseFailed(number, "at the start", "no route") for number in range(2)]
    said = " ".join(shown(make_report(tmp_path, events, make_plan(make_suite(*cases))), 120))
    assert "threads × 2, 1 BLAS thread; threads × 2, 2 BLAS threads: failed" in said


def test_rows_that_fail_alike_are_one_line(tmp_path: Path) -> None:
    plan = make_plan(make_suite(*(make_case(workers=n) for n in range(1, 8))))
    events = [CaseFailed(number, "at the start", "no route") for number in range(7)]
    lines = below(shown(make_report(tmp_path, events, plan), 120))
    assert (
        "- threads × 1, threads × 2, threads × 3 and 4 more: failed: at the start: no route"
        in lines
    )


@pytest.mark.parametrize("width", [20, 32, 40, 50, 60, 70, 79])
def test_on_a_narrow_page_rows_take_more_lines_and_lose_nothing(tmp_path: Path, width: int) -> None:
    lines = shown(lesson(tmp_path), width)
    assert max(map(cell_len, lines)) <= width
    said = "".join("".join(lines).split())
    for title in ("scheduler×workers|case", "mean±std", r"ratio\[95%CI\]", "verdict"):
        assert len(re.findall(title, said)) == 1
    for scheduler, workers, _ in PLACES:
        assert f"{scheduler}×{workers}" if workers else scheduler in said
    assert said.count("slower") == 4


def test_a_wide_page_has_longer_bars_and_the_same_columns(tmp_path: Path) -> None:
    narrow, wide = (shown(lesson(tmp_path / str(width)), width) for width in (80, 200))
    bars = [max(line.count("█") for line in lines) for lines in (narrow, wide)]
    assert bars[0] < bars[1] <= 30
    [head] = [line for line in wide if line.startswith("scheduler")]
    assert not any(title in head for title in DETAILS)


def test_all_columns_or_some_by_name_or_title(tmp_path: Path) -> None:
    report = lesson(tmp_path)
    every = " ".join(shown(report, 200, columns=("all",)))
    for title in ("eff.", "median", "min"):
        assert title in every
    head = next(
        line
        for line in shown(report, columns=("median_s", "TASKS"))
        if line.startswith("scheduler")
    )
    titles = ["scheduler", "×", "workers", "relative", "time", "tasks", "median"]
    assert head.split() == titles
    columns = columns_of_document(report.document)
    assert unknown(["Median", "mean_s", "nosuch"], columns) == ["nosuch"]


def test_wide_has_a_line_a_row_however_long(tmp_path: Path) -> None:
    lines = shown(wide_report(tmp_path), 60, wide=True)
    [row] = [line for line in lines if line.startswith("threads × 2")]
    assert "1.27 s ± 3.33 ms" in row
    assert "700/700" in row
    assert len(row) > 120


def test_legends_and_all_findings_only_if_explained(tmp_path: Path) -> None:
    brief, full = (
        " ".join(shown(wide_report(tmp_path / str(one)), explain=one)) for one in (False, True)
    )
    assert "ratio: time / time of numpy" in full
    assert "more workers than cores (4)" in full
    assert "ratio: time" not in brief
    assert "…" not in full
    assert "--explain" not in full


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("name", ["x" * 300, "解析" * 100, "e\u0301" * 50, "a b " * 70])
def test_long_and_wide_names_are_folded(width: int, name: str) -> None:
    rows = [Row([name, "1 s"], bar=Bar(1.0)), Row(["short", "2 s"], bar=Bar(2.0))]
    lines = shown(toy(*rows), width)
    assert max(map(cell_len, lines)) <= width
    said = "".join("".join(lines).split())
    assert "2s" in said
    assert said.count(name.replace(" ", "")[:4]) > 0


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("report_of", [lesson, wide_report])
def test_a_terminal_that_knows_only_ascii(
    tmp_path: Path, width: int, report_of: Callable[[Path], Report]
) -> None:
    lines = shown(report_of(tmp_path), width, ascii=True)
    text = "\n".join(lines)
    assert text.isascii()
    assert max(map(len, lines)) <= width
    assert "threads x 2" in text
    assert "+/-" in text
    assert "\\x" not in text


def test_columns_for_which_there_is_room_come_after_the_bar_has_its_own() -> None:
    more: Column[Any] = Column("more", "more", shown="room")
    rows = [Row(["a", "1 s", "m" * 30], bar=Bar(1.0)), Row(["b", "2 s", "n"], bar=Bar(2.0))]
    document = toy(*rows, columns=(more,))
    assert "more" in shown(document, 60)[1]
    assert "more" not in " ".join(shown(document, 45))
    assert "█" in " ".join(shown(document, 45))


def test_long_names_are_nested_where_bars_would_have_no_room() -> None:
    rows = [Row([f"a long place, {name}", "1 s"], bar=Bar(1.0)) for name in ("one", "two, too")]
    document = toy(*rows, Row(["other", "2 s"], bar=Bar(2.0)))
    assert any(line.startswith("a long place, two, too") for line in shown(document, 60))
    narrow = shown(document, 33)
    assert any(line.startswith("  two, too") for line in narrow)
    assert "█" in " ".join(narrow)


def test_a_row_whose_figures_have_no_room_is_left_out_with_them() -> None:
    more: Column[Any] = Column("more", "more", shown="room")
    rows = [Row(["a", "1 s", None]), Row(["b", None, "m" * 30]), Row(["c", None, None])]
    document = toy(*rows, columns=(more,))
    names = [[line[0] for line in shown(document, width)[2:5] if line] for width in (80, 40)]
    assert names == [["a", "b", "c"], ["a", "c"]]
    assert "b " in "\n".join(shown(document, 40, columns=("mean",)))


def test_colours_have_a_meaning_and_none_is_without(tmp_path: Path) -> None:
    coloured = "\n".join(shown(lesson(tmp_path), color=True))
    assert re.search(r"\x1b\[31mslower", coloured)
    assert re.search(r"\x1b\[32mfaster", coloured)
    assert re.search(r"\x1b\[1;32mprocesses-warm × 2", coloured)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    again = "\n".join(shown(lesson(tmp_path / "again")))
    assert [one.rstrip() for one in plain.splitlines()] == again.splitlines()


def test_only_the_documentation_of_dask_is_linked() -> None:
    own = "https://distributed.dask.org/en/stable/worker-memory.html"
    lines = (f"see {own}", "see https://example.org/index.html")
    document = toy(Row(["a", "1 s"]), lines=lines, answer="so it is")
    coloured = "\n".join(shown(document, 100, color=True, links=True))
    assert re.search(rf"\x1b\]8;[^;]*;{re.escape(own)}\x1b\\", coloured)
    assert coloured.count("\x1b]8;") == 2  # it begins and ends
    assert "\x1b]8;" not in "\n".join(shown(document, 100, color=True))
    assert "\x1b" not in "\n".join(shown(document, 100))


def test_a_finding_is_a_link_to_what_dask_says_about_it() -> None:
    base, see = toy(Row(["a", "1 s"])), "https://docs.dask.org/en/stable/scheduling.html"
    document = Document(base.chapters, base.records, base.facts, [Note("found", "f", see=see)])
    for explain in (False, True):
        text = "\n".join(shown(document, color=True, links=True, explain=explain))
        assert re.search(rf"\x1b\]8;[^;]*;{re.escape(see)}\x1b\\- found", text)
    assert see not in "\n".join(shown(document, color=True))


def test_urgent_findings_come_first_and_answers_before_all() -> None:
    notes = [Note(f"minor {n}", "m") for n in range(9)]
    notes += [Note("interrupted: resume it", "i", urgent=True), Note("12 MiB", "a", "answer")]
    base = toy(Row(["a", "1 s"]))
    document = Document(base.chapters, base.records, base.facts, notes)
    lines = below(shown(document))
    assert lines[:2] == ["12 MiB", "- interrupted: resume it"]
    assert lines[-1] == "7 more: daskbench show --explain"


@pytest.mark.parametrize("length", [10, 79, 150, 600])
@pytest.mark.parametrize("items", [0, 1, 3, 9])
def test_there_are_never_more_than_five_lines_at_80_columns(length: int, items: int) -> None:
    answer = ("word " * 200)[:length].strip()
    many = tuple(f"{number} {answer}" for number in range(items))
    notes = [Note(f"n{number} {answer}", "n", urgent=number == 0) for number in range(items)]
    base = toy(Row(["a", "1 s"]), lines=many, answer=answer)
    lines = below(shown(Document(base.chapters, base.records, base.facts, notes)))
    assert lines[0].startswith(answer[:20])
    assert len(lines) <= MOST_LINES
    told = sum(line.startswith("- ") for line in lines)
    more = 2 * items - told
    assert lines[-1].startswith(f"{more} more: " if more else "legend: ")


def test_what_is_for_those_who_ask_is_not_counted_as_more() -> None:
    document = toy(Row(["a", "1 s"]), lines=(Said("at length", None), Said("whole", "brief")))
    assert below(shown(document)) == ["- brief", "legend: daskbench show --explain"]
    explained = shown(document, explain=True)
    assert {"- at length", "- whole"} <= {*explained}


def test_what_is_wrong_with_a_row_is_below_its_own_table() -> None:
    name: Column[Any] = Column("case", "case", right=False)
    sections = [
        Section(
            f"table {number} (3 rounds)",
            [Table((name,), [Row([f"row {number}"], why="failed: no")])],
            answer=f"answer {number}",
        )
        for number in (1, 2)
    ]
    document = Document([Chapter("", sections)], lambda: Records([], []), dict)
    assert shown(document) == [
        "table 1",
        "3 rounds",
        "case",
        "row 1 !",
        "",
        "answer 1",
        "- row 1: failed: no",
        "",
        "table 2",
        "case",
        "row 2 !",
        "",
        "answer 2",
        "- row 2: failed: no",
        "",
        "legend: daskbench show --explain",
    ]


def test_a_reason_is_whole_while_there_are_lines_to_spare() -> None:
    why = "failed: " + "because it does " * 7 + "not"
    row = Row(["a", "-"], why=why)
    [first, second, last] = below(shown(toy(row)))
    assert f"{first}{second}".replace("  ", " ") == f"- a: {why}"
    assert last.startswith("legend")
    notes = [Note("note " * 20, "n") for number in range(9)]
    base = toy(row)
    lines = below(shown(Document(base.chapters, base.records, base.facts, notes)))
    assert lines[:2] == [first, second]
    assert lines[2].endswith(" …")
    assert len(lines) == MOST_LINES
    assert lines[-1].startswith("7 more: ")


def test_without_a_command_to_explain_it_none_is_named(tmp_path: Path) -> None:
    report = lesson(tmp_path)
    *_, last = render_view("table", report, Page(80)).splitlines()
    assert last == f"run {report.run.run_id}"


def test_a_heading_says_what_was_measured_and_below_it_how(tmp_path: Path) -> None:
    what, how, *_ = shown(lesson(tmp_path))
    assert what == "calc_mean n=100000 tasks=100 rng=legacy"
    assert how.startswith("15 rounds, ")


def test_what_all_names_begin_with_is_told_once() -> None:
    names = ("distributed × 2, method a, k 1", "distributed × 2, method a, k 2")
    lines = shown(toy(*(Row([name, "1 s"]) for name in names)))
    assert lines[1:5] == [
        "in all rows: distributed × 2, method a",
        "case  mean",
        "k 1    1 s",
        "k 2    1 s",
    ]
    other = shown(toy(*(Row([name, "1 s"]) for name in (*names, "numpy"))))
    assert other[2].startswith("distributed × 2, method a, k 1")


def test_a_table_without_rows_and_a_single_row() -> None:
    assert shown(toy()) == ["a heading", "", "legend: daskbench show --explain"]
    assert not any("█" in line for line in shown(toy(Row(["a", "1 s"], bar=Bar(1.0)))))
