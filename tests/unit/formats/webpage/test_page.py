"""The whole page: one file that asks for nothing, in which no text of others is more than text."""

import base64
import csv
import gzip
import hashlib
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec import structs

from daskbench.document import Column, Records, Row, Table
from daskbench.document.chart import Bar
from daskbench.document.writers import Timing
from daskbench.events import Event
from daskbench.experiments.report import Report, build
from daskbench.formats.webpage import main_chart, page_of, saved, tables
from daskbench.stats.ratio import Ratio
from tests.unit.builders import (
    FIVE_S,
    make_case,
    make_invalid,
    make_lane,
    make_plan,
    make_report,
    make_run,
    make_sample,
    make_suite,
    render_file,
    timed,
)
from tests.unit.formats.hostile import hostile_report
from tests.unit.formats.webpage.parsed import Page

MOST_BYTES = 5_000_000


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    numpy_s, threads_s = FIVE_S
    events: list[Event] = [
        make_lane(0),
        make_lane(1, workers=2),
        *timed(0, numpy_s),
        *timed(1, threads_s),
        make_invalid(1, round=6),
    ]
    return make_report(tmp_path_factory.mktemp("page"), events)


@pytest.fixture(scope="module")
def page(report: Report) -> Page:
    return Page(render_file("html", report))


def test_it_is_a_function_of_the_journal(report: Report) -> None:
    assert render_file("html", report) == render_file("html", report)


def test_it_loads_nothing(page: Page) -> None:
    assert page.loaded == []
    styles = "".join(one.text for one in page.all("style"))
    assert "url(" not in styles
    assert "@import" not in styles


def test_its_policy_lets_these_scripts_run_alone(page: Page) -> None:
    (policy,) = [e.attributes["content"] for e in page.all("meta") if "http-equiv" in e.attributes]
    run = [e.text for e in page.scripts]
    digests = [base64.b64encode(hashlib.sha256(t.encode()).digest()).decode() for t in run]
    assert re.findall(r"'sha256-([^']+)'", policy) == digests
    assert len(run) == 2
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe-eval" not in policy
    assert "http" not in policy


def test_it_is_accessible(page: Page) -> None:
    assert [e.attributes["lang"] for e in page.all("html")] == ["en"]
    assert len(page.all("h1")) == len(page.all("main")) == 1
    ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
    assert len(ids) == len({*ids})
    for element in page.elements:
        for name in ("aria-labelledby", "aria-describedby"):
            assert element.attributes.get(name, ids[0]) in ids
    assert all(e.attributes.get("scope") in ("col", "row") for e in page.all("th"))
    assert len(page.all("table")) == len(page.all("caption"))
    assert len(page.all("figure")) == len(page.all("figcaption")) >= 3


def test_words_and_table_are_there_without_javascript(page: Page) -> None:
    text = page.all("main")[0].text
    assert "threads × 2 is fastest of 2: 1.98 [" in text
    assert "times as fast as numpy" in text
    rows = [e for e in page.all("tr") if "tbody" in e.inside]
    assert len(rows) == 2
    assert "1 of 6 samples invalid" in text
    assert page.all("noscript")
    assert not [e for e in page.all("button") if "hidden" not in e.attributes]


def test_what_ran_is_told(page: Page) -> None:
    text = page.all("main")[0].text
    for told in ("a processor", "2026.8.0", "random seed", "calc_mean n=100000", "7 rounds"):
        assert told in text
    assert "The journal of this run has no command line" in text


def test_what_to_type_is_one_line_a_command(tmp_path: Path) -> None:
    words = ("bench", "a b.py:f", "--env-a", "TOKEN=(secret 1:2)", "<i>\x1b[1m")
    run = make_run(tmp_path)
    document = build(replace(run, header=structs.replace(run.header, words=words))).document
    (text,) = [one.text for one in Page(page_of([document])).all("pre")]
    install, measure = text.splitlines()
    assert install == "python -m pip install dask==2026.8.0"
    assert measure == (r"daskbench bench 'a b.py:f' --env-a 'TOKEN=(secret 1:2)' '<i>\x1b[1m'")
    assert "supply it again" in page_of([document])


def test_what_python_called_is_told_apart_from_commands(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    header = structs.replace(run.header, call="daskbench.bench(build, n=[1, 2])")
    found = Page(page_of([build(replace(run, header=header)).document]))
    install, call = [one.text for one in found.all("pre")]
    assert install == "python -m pip install dask==2026.8.0"
    assert call == header.call
    assert (
        "The code of functions, cells and tests is not in the journal" in found.all("main")[0].text
    )


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    found = Page(render_file("html", hostile_report(tmp_path)))
    assert found.loaded == []
    assert len(found.scripts) == 2
    assert not [e for e in found.elements if any(n.startswith("on") for n in e.attributes)]
    assert {*(e.tag for e in found.elements)} <= {
        *("html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "h3", "h4"),
        *("p", "nav", "main", "section", "ul", "li", "div", "table", "caption", "thead", "tbody"),
        *("tr", "th", "td", "small", "details", "summary", "noscript", "figure", "figcaption"),
        *("dl", "dt", "dd", "pre", "code", "button", "script", "label", "input"),
        *("svg", "path", "rect", "circle"),
    }
    assert "<script>x</script>" in found.all("main")[0].text
    bad = {c for c in found.all("main")[0].text if not (c.isprintable() or c == "\n")}
    assert not bad


def test_a_hundred_thousand_samples_make_no_large_page(tmp_path: Path) -> None:
    plan = make_plan(make_suite(make_case("numpy"), make_case(workers=2), rounds=50_000))
    seconds = np.random.default_rng(0).lognormal(-2, 0.2, 100_000).tolist()
    events = [make_lane(0), make_lane(1, workers=2)]
    samples = [
        make_sample(i % 2, i // 2 + 1, s, at_s=0.2 * i, watched_s=s, build_s=s / 1e3)
        for i, s in enumerate(seconds)
    ]
    text = render_file("html", make_report(tmp_path, [*events, *samples], plan))
    assert len(text.encode()) < MOST_BYTES
    assert "of 100,000 samples are drawn" in text


def test_several_runs_are_drawn_together(tmp_path: Path) -> None:
    names = ("20261123-101500-One", "20261123-101600-two")
    documents = [make_report(tmp_path, run_id=name).document for name in names]
    found = Page(page_of(documents))
    headings = [e.text for e in found.all("h3")]
    assert all(f"Run {n}: {name}" in headings for n, name in enumerate(names, 1))
    (title,) = [e.text for e in found.all("h3") if e.text.startswith("Distributions")]
    assert title == "Distributions: suite: calc_mean n=100000 tasks=100 rng=legacy"


def test_answers_say_what_was_measured_and_not_how(tmp_path: Path) -> None:
    cases = [(make_case("numpy", n=n), make_case(workers=2, n=n)) for n in (1, 1, 2)]
    suites = [make_suite(*pair, name=name) for pair, name in zip(cases, "abc", strict=True)]
    seconds = [s for _ in suites for s in FIVE_S]
    events = [sample for number, s in enumerate(seconds) for sample in timed(number, s)]
    found = Page(page_of([make_report(tmp_path, events, make_plan(*suites)).document]))
    lines = [e.text.partition(" tasks=")[0] for e in found.all("li")][:3]
    assert lines == ["a: calc_mean n=1", "b: calc_mean n=1", "calc_mean n=2"]
    assert "rounds" not in found.all("section")[0].text


def test_a_run_without_samples_has_a_page(tmp_path: Path) -> None:
    documents = [make_report(tmp_path, []).document]
    assert main_chart(documents) is None
    found = Page(page_of(documents))
    assert found.all("figure") == []
    assert len(found.all("script")) > 0


def test_the_main_chart_stands_alone(report: Report) -> None:
    chart = main_chart([report.document])
    assert chart
    text, height = chart
    found = Page(text)
    assert 300 < height < 600
    assert len(found.all("figure")) == 1
    assert found.all("table") == []


# Tables


def test_cells_are_sorted_by_value() -> None:
    assert float(tables.key_of(Timing(0.5, None, 3, 1))) == 0.5
    assert float(tables.key_of(Ratio(2.0, None, None, 3, 1))) == 2.0
    assert tables.key_of(None) == ""
    assert tables.key_of("threads") == "threads"


def test_the_reason_of_a_row_is_in_the_row() -> None:
    table = Table([Column("a", "a"), Column("b", "b")], [Row(["x", None], why="failed: <b>")])
    (row,) = [one for one in tables.table_of(table, "c") if one.startswith("<tr class")]
    assert "<small>failed: &lt;b&gt;</small>" in row


def test_columns_for_those_who_ask_have_a_switch() -> None:
    columns: list[Column[Any]] = [Column("a", "a"), Column("b", "b", shown="asked")]
    text = "".join(tables.table_of(Table(columns, [Row(["x", 1])]), "c"))
    assert '<input type="checkbox">Show 1 more column</label>' in text
    assert '<td class="right asked" data-key="1.0">1</td>' in text
    assert "checkbox" not in "".join(tables.table_of(Table(columns[:1], [Row(["x"])]), "c"))


def test_rows_have_bars_where_there_are_figures() -> None:
    rows = [Row(["x"], bar=Bar(1.0)), Row(["y"], bar=Bar(0.5, 0.4, 0.6)), Row(["z"])]
    found = Page("".join(tables.table_of(Table([Column("a", "a")], rows), "c")))
    assert [e.text for e in found.all("th") if "thead" in e.inside] == ["a", "to scale"]
    one, half = (float(e.attributes["width"]) for e in found.all("rect"))
    assert one == pytest.approx(2 * half, rel=0.01)
    assert [e.attributes["data-key"] for e in found.all("td")] == ["1.0", "0.5", ""]
    assert all(e.attributes["aria-hidden"] == "true" for e in found.all("svg"))


# Samples to save


def rows_in(data: str) -> list[dict[str, str]]:
    text = gzip.decompress(base64.b64decode(data)).decode()
    return [*csv.DictReader(io.StringIO(text))]


def test_samples_are_saved_with_all_columns(report: Report) -> None:
    records = report.document.tables["samples"]()
    data, columns = saved.packed(records, 10**6)
    rows = rows_in(data)
    assert columns == "all"
    assert len(rows) == 11
    assert [*rows[0]] == [*records.names]
    assert float(rows[0]["wall_s"]) == FIVE_S[0][0]


def test_of_too_many_samples_only_times_are_saved_or_none() -> None:
    draw = np.random.default_rng(0)
    rows = [{"wall_s": 0.1, "cpu_s": float(s), "run_id": "r"} for s in draw.random(2000)]
    records = Records(["wall_s", "cpu_s", "run_id"], rows)
    data, columns = saved.packed(records, 2000)
    assert columns == "times"
    assert [*rows_in(data)[0]] == ["wall_s", "run_id"]
    assert saved.packed(records, 10) == ("", "")
