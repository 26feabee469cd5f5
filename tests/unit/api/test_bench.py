"""`daskbench.bench` and what it returns, on lanes that are not there."""

import csv
import json
import os
import signal
import subprocess
import sys
import threading
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

import daskbench
from daskbench import Bench, UsageError, formats
from daskbench.cli import main
from daskbench.lane.protocol import Message
from tests.unit.fakes import FakeLane, FakeLanes, failing

FEW: dict[str, Any] = {"schedulers": ["numpy", "threads"], "workers": 2, "n": 1000, "tasks": 100}


def test_it_returns_what_was_measured_and_prints_nothing(
    here: Path, lanes: FakeLanes, capfd: pytest.CaptureFixture[str]
) -> None:
    found = daskbench.bench("calc_mean", rounds=5, **FEW)
    assert capfd.readouterr() == ("", "")
    assert found.status == "complete"
    assert not found.interrupted
    assert found.verdicts == {"threads × 2": "faster"}
    assert found.failures == {}
    assert found.path.parent == Path(".daskbench")
    assert lanes.open == []


def test_rows_of_several_tables_are_told_apart(here: Path, lanes: FakeLanes) -> None:
    found = daskbench.bench("calc_mean", rounds=5, **{**FEW, "n": [1000, 2000]})
    assert [*found.verdicts] == ["threads × 2 (n=1000)", "threads × 2 (n=2000)"]


def test_its_text_is_what_the_command_shows(here: Path, lanes: FakeLanes, runner: Any) -> None:
    found = daskbench.bench("calc_mean", rounds=5, **FEW)
    shown = runner.invoke(main, ["show"], env={"COLUMNS": "100"}).stdout
    *lines, last = found.table(width=100).splitlines()
    assert lines == shown.splitlines()[:-1]
    assert last == f"run {found.run_id}; legend: table(explain=True)"
    assert "ratio: time / time of numpy" in found.table(explain=True)
    assert repr(found) == found.table().rstrip("\n")


def test_a_frame_has_the_columns_of_the_csv(here: Path, lanes: FakeLanes) -> None:
    found = daskbench.bench("calc_mean", rounds=5, **FEW)
    found.save("a.csv")
    rows = [*csv.DictReader(StringIO((here / "a.csv").read_text()))]
    frame = found.frame()
    assert [*rows[0]] == [*frame.columns]
    assert [*frame["mean_s"]] == [1.0, 0.5]
    assert len(found.samples()) == 12


def test_it_saves_by_suffix(here: Path, lanes: FakeLanes) -> None:
    found = daskbench.bench("calc_mean", rounds=2, **FEW)
    for name in ("a.json", "a.md", "a.html", "a.txt"):
        found.save(name)
    assert json.loads((here / "a.json").read_text())["run_id"] == found.run_id
    assert "| numpy |" in (here / "a.md").read_text()
    with pytest.raises(UsageError, match="exists"):
        found.save(here / "a.md")
    found.save(here / "a.md", force=True)
    with pytest.raises(UsageError, match=r"cannot save a\.xlsx"):
        found.save("a.xlsx")


def test_html_is_escaped(here: Path, lanes: FakeLanes) -> None:
    lanes.answers = {"threads-2": failing("<script>alert(1)</script>")}
    found = daskbench.bench("calc_mean", rounds=2, **FEW)
    shown = found._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert shown.count("<table>") == shown.count("</table>") == 1
    assert list(found.failures) == ["threads × 2"]


def test_a_report_is_a_page_in_a_frame(
    here: Path, lanes: FakeLanes, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = daskbench.bench("calc_mean", rounds=2, **FEW)
    page = found.report()
    assert page.html.startswith("<!doctype html>")
    shown = page._repr_html_()
    assert shown.startswith("<iframe ")
    assert 'sandbox="allow-scripts allow-downloads"' in shown
    assert unescape(shown.partition('srcdoc="')[2].partition('"')[0]) == page.html
    found.save("a.html")
    assert (here / "a.html").read_text("utf-8") == page.html
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    for refused in (found.report, lambda: found.save("b.html")):
        with pytest.raises(UsageError, match="needs the Python package bokeh"):
            refused()
    assert not (here / "b.html").exists()


def test_an_interrupt_returns_what_was_measured(here: Path, lanes: FakeLanes) -> None:
    def interrupt(lane: FakeLane, message: Message) -> Message:
        if len(lane.asked) == 4:
            os.kill(os.getpid(), signal.SIGINT)
        return lane.lanes.usual(lane, message)

    lanes.answers = {"threads-2": interrupt}
    before = signal.getsignal(signal.SIGINT)
    found = daskbench.bench("calc_mean", rounds=50, **FEW)
    assert found.interrupted
    assert 1 <= len(found.samples()) < 50
    assert signal.getsignal(signal.SIGINT) is before


def test_it_works_outside_the_main_thread(here: Path, lanes: FakeLanes) -> None:
    found: list[Bench] = []
    work = threading.Thread(
        target=lambda: found.append(daskbench.bench("calc_mean", rounds=2, **FEW))
    )
    work.start()
    work.join()
    assert found[0].status == "complete"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"schedulers": "thread"}, "schedulers: no 'thread': did you mean 'threads'?"),
        ({"workers": 0}, "workers: '0' is not a whole number above zero"),
        ({"task": 3}, "no argument 'task': did you mean 'tasks'?"),
        ({"n": "many"}, "n: 'many' is not a whole number above zero"),
        ({"memory_limit": "lots"}, "memory_limit: "),
    ],
)
def test_bad_arguments_are_named_before_anything_is_measured(
    here: Path, lanes: FakeLanes, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError) as error:
        daskbench.bench("calc_mean", **given)
    assert said in str(error.value)
    assert lanes.all == []
    assert list(here.iterdir()) == []


def test_what_is_neither_function_nor_collection_is_refused(here: Path) -> None:
    with pytest.raises(UsageError, match="cannot measure a int: give a function"):
        daskbench.bench(3)


def test_earlier_runs_are_found(here: Path, lanes: FakeLanes) -> None:
    first = daskbench.bench("calc_mean", rounds=2, store="s", **FEW)
    assert Bench.load(store="s").run_id == first.run_id
    assert Bench.load(first.run_id[:15], store="s").verdicts == first.verdicts
    with pytest.raises(UsageError, match="no runs in"):
        Bench.load()


def test_the_public_interface_is_there_and_costs_no_import() -> None:
    assert all(getattr(daskbench, name) for name in daskbench.__all__)
    assert {*daskbench.__all__} <= {*dir(daskbench)}
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = daskbench.nothing
    code = "import sys, daskbench; sys.exit('numpy' in sys.modules or 'click' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
