"""Hostile text in every text field of a journal, over every format: seen, and nothing more."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from daskbench.experiments.report import Report
from daskbench.formats import FORMATS, INTEROP, Page, html
from tests.unit.builders import (
    render,
    render_events,
    render_samples,
    render_timeline,
)
from tests.unit.formats import hostile
from tests.unit.formats.hostile import hostile_report


@pytest.fixture
def report(tmp_path: Path) -> Report:
    return hostile_report(tmp_path)


@pytest.mark.parametrize("view", [*FORMATS, *INTEROP])
@pytest.mark.parametrize("color", [False, True])
def test_no_view_writes_what_a_terminal_obeys(report: Report, view: str, color: bool) -> None:
    text = render(view, report, Page(120, color=color and view == "table"))
    text = re.sub(r"\x1b\[[0-9;]*m", "", text) if color and view == "table" else text
    bad = {char for char in text if not (char.isprintable() or char in "\n\r")}
    assert not bad
    assert "n" * 50 in text


def test_markdown_draws_and_links_nothing(report: Report) -> None:
    parser = MarkdownIt("gfm-like", {"linkify": False, "html": True})
    every = [
        t for one in parser.parse(render("markdown", report)) for t in (one, *(one.children or ()))
    ]
    kinds = {token.type for token in every}
    assert not {k for k in kinds if k.startswith(("html", "link", "image", "em_", "s_", "fence"))}
    assert not any("@" in token.content for token in every if token.type == "text")


@pytest.mark.parametrize("write", [render_samples, render_timeline, render_events, None])
def test_no_cell_and_no_heading_of_csv_begins_a_formula(report: Report, write: Any) -> None:
    text = write(report) if write else render("csv", report)
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) > 1
    cells = [cell for row in rows for cell in row]
    assert any(cell.startswith("'=1+1") for cell in cells)
    assert not [c for c in cells if re.match(r"\s*[=@+]|-(?![0-9.])", c) and c != "-inf"]


@pytest.mark.parametrize("notebook", [False, True])
def test_whatever_is_from_right_to_left_is_isolated_in_html(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, notebook: bool
) -> None:
    monkeypatch.setattr(hostile, "HOSTILE", "שלום עולם 12")
    document = hostile_report(tmp_path).document
    page = html.render(document, Page()) if notebook else render("html", document)
    text = re.sub('<(script|title)\\b.*?</\\1>|"[^"]*"', "", page, flags=re.DOTALL)
    assert text.count("<bdi>שלום עולם</bdi> 12") > 10
    assert not re.search("[א-ת]", re.sub("<bdi>.*?</bdi>", "", text))
