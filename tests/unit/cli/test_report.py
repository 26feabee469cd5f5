"""``daskbench report``, ``--html``, and pictures by a browser that is not there."""

from pathlib import Path
from time import monotonic

import psutil
import pytest
from click.testing import CliRunner

from daskbench import formats
from daskbench.cli import browser, main
from daskbench.journal.read import read_run
from daskbench.journal.store import FOLDER, Store
from tests.unit.builders import make_run
from tests.unit.fakes import FakeLanes
from tests.unit.formats.webpage.parsed import Page

FEW = ("--schedulers", "numpy,threads", "--workers", "2", "--rounds", "2")
ONE, TWO = "20261123-101500-one", "20261123-101600-two"


@pytest.fixture
def runs(here: Path) -> Path:
    for name in (ONE, TWO):
        make_run(here / FOLDER, run_id=name)
    return here


def test_it_writes_the_latest_run(runs: Path, runner: CliRunner) -> None:
    result = runner.invoke(main, ["report"])
    assert result.exit_code == 0, result.output
    text = (runs / "report.html").read_text("utf-8")
    assert TWO in text
    assert ONE not in text
    assert runner.invoke(main, ["report"]).exit_code == 2


def test_it_writes_several_runs_each_once(runs: Path, runner: CliRunner) -> None:
    result = runner.invoke(main, ["report", ONE, "latest", TWO, "-o", "both.html"])
    assert result.exit_code == 0, result.output
    text = (runs / "both.html").read_text("utf-8")
    assert text.count(f"<h3>Run 1: {ONE}</h3>") == text.count(f"<h3>Run 2: {TWO}</h3>") > 0
    assert "<h3>Comparison</h3>" in text


@pytest.mark.parametrize(
    "words", [["export", "latest"], ["compare", ONE, TWO]], ids=["export", "compare"]
)
def test_others_write_a_page_too(runs: Path, runner: CliRunner, words: list[str]) -> None:
    result = runner.invoke(main, [*words, "--html", "page.html"])
    assert result.exit_code == 0, result.output
    assert (runs / "page.html").read_text("utf-8").startswith("<!doctype html>")


def test_what_was_measured_is_a_page(here: Path, lanes: FakeLanes, runner: CliRunner) -> None:
    result = runner.invoke(main, ["schedulers", *FEW, "--html", "page.html"])
    assert result.exit_code == 0, result.output
    assert "Distributions" in (here / "page.html").read_text("utf-8")


@pytest.mark.parametrize(
    "words",
    [
        ["report"],
        ["report", "latest", "-o", "report.html"],
        ["schedulers", "--html", "report.html"],
    ],
)
def test_without_bokeh_it_says_so_first(
    runs: Path, runner: CliRunner, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    result = runner.invoke(main, words)
    assert result.exit_code == 2
    assert "report.html needs the Python package bokeh: pip install 'daskbench[report]'" in (
        result.stderr
    )
    assert [*runs.glob("*.html")] == []
    assert len([*(runs / FOLDER).glob("*.jsonl")]) == 2


def test_without_a_browser_no_picture_is_promised(
    runs: Path, runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    result = runner.invoke(main, ["report", "--png", "chart.png"])
    assert result.exit_code == 2
    assert "--png needs Chromium or Chrome, and neither is on PATH" in result.stderr
    assert [*runs.glob("*.html")] == []


def test_what_a_stopped_run_comes_to_is_a_page(
    here: Path, lanes: FakeLanes, runner: CliRunner
) -> None:
    runner.invoke(main, ["schedulers", *FEW])
    (path,) = (here / FOLDER).glob("*.jsonl")
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-4]))
    refused = runner.invoke(main, ["resume", "--timeline", "x.csv"])
    assert refused.exit_code == 2
    assert "x.csv is for readings of worker memory" in refused.stderr
    result = runner.invoke(main, ["resume", "--html", "page.html"])
    assert result.exit_code == 0, result.output
    assert "Distributions" in (here / "page.html").read_text("utf-8")


def test_a_comparison_has_the_runs_on_its_page(runs: Path, runner: CliRunner) -> None:
    result = runner.invoke(main, ["compare", ONE, TWO, "--html", "page.html"])
    assert result.exit_code == 0, result.output
    page = Page((runs / "page.html").read_text("utf-8"))
    headings = [one.text for one in page.all("h3")]
    assert {"Comparison", f"Run 1: {ONE}", f"Run 2: {TWO}"} <= {*headings}


def test_the_command_line_is_kept_and_told(here: Path, lanes: FakeLanes, runner: CliRunner) -> None:
    words = ["schedulers", *FEW, "--html", "a page.html"]
    result = runner.invoke(main, words)
    assert result.exit_code == 0, result.output
    assert read_run(Store(here / FOLDER).find("latest")).header.words == tuple(words)
    text = (here / "a page.html").read_text("utf-8")
    assert "daskbench schedulers --schedulers numpy,threads --workers 2 --rounds 2" in text
    assert "python -m pip install " in text


def program(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program of that text in place of a browser."""
    path = folder / "bin" / "chromium"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(path.parent), prepend=":")


def test_a_picture_is_what_the_browser_writes(
    runs: Path, runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = 'for w; do case $w in --screenshot=*) printf "\\211PNG" > "${w#*=}";; esac; done'
    program(runs, writes, monkeypatch)
    result = runner.invoke(main, ["report", "--png", "chart.png"])
    assert result.exit_code == 0, result.output
    assert (runs / "chart.png").read_bytes() == b"\x89PNG"


def test_a_browser_that_fails_is_quoted(
    runs: Path, runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = 'for w; do case $w in --screenshot=*) : > "${w#*=}";; esac; done; '
    for number, text in enumerate(("", empty)):
        program(runs, f"{text}echo 'no display' >&2; exit 1", monkeypatch)
        words = ["report", "-o", f"{number}.html", "--png", "chart.png"]
        result = runner.invoke(main, words)
        assert result.exit_code == 2
        assert "wrote no picture: no display" in result.stderr
        assert not (runs / "chart.png").exists()


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_browser_that_hangs_is_ended_with_all_that_it_started(
    runs: Path, runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = runs / "child"
    program(runs, f"sleep 600 & echo $! > {child}.new; mv {child}.new {child}; wait", monkeypatch)
    monkeypatch.setattr(browser, "_TIMEOUT_S", 2.0)
    result = runner.invoke(main, ["report", "--png", "chart.png"])
    assert result.exit_code == 2
    assert "chromium had no picture after 2 s" in result.stderr
    deadline = monotonic() + 10.0  # the kernel ends it when it next runs
    while is_running(int(child.read_text())):
        assert monotonic() < deadline


def test_what_has_no_chart_has_no_picture_and_no_page(
    here: Path, runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(here / FOLDER, [])
    program(here, "exit 1", monkeypatch)
    result = runner.invoke(main, ["report", "--png", "chart.png"])
    assert result.exit_code == 2
    assert "--png: these runs have no samples to draw" in result.stderr
    assert [*here.glob("*.html")] == []


def test_root_has_no_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for user, told in ((0, True), (1000, False)):
        monkeypatch.setattr("os.geteuid", lambda user=user: user)
        assert ("--no-sandbox" in browser._options(tmp_path, 800)) is told
