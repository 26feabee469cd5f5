"""Pages in a real browser: drawn, sorted, silent, and without a word to any network."""

import base64
import os
import signal
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from daskbench.cli import browser
from daskbench.events import Event
from daskbench.formats.webpage import main_chart, page_of
from tests.unit.builders import (
    FIVE_S,
    make_case,
    make_event,
    make_invalid,
    make_lane,
    make_plan,
    make_reading,
    make_report,
    make_run,
    make_sample,
    make_suite,
    render_file,
    timed,
)
from tests.unit.formats.hostile import hostile_report

from . import chromium
from .tool import Tool, wait_for

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(chromium.program() is None, reason="needs Chromium (make system-packages)"),
]
#: Where pictures are kept, to be looked at: the folder of this variable, if it is set.
KEPT = os.environ.get("DASKBENCH_ARTEFACTS")
#: Whether each plot has a canvas of which some pixel differs from its first; others are for
#: what a pointer does, and empty.
DRAWN = """
[...document.querySelectorAll(".plot")].map((plot) => {
  const every = [], look = (root) => {
    every.push(...root.querySelectorAll("canvas"));
    root.querySelectorAll("*").forEach((one) => one.shadowRoot && look(one.shadowRoot));
  };
  look(plot);
  return every.filter((one) => one.width && one.height).some((one) => {
    const data = new Uint32Array(
      one.getContext("2d").getImageData(0, 0, one.width, one.height).data.buffer);
    return data.some((pixel) => pixel !== data[0]);
  });
})
"""
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
COLUMN = (
    "[...document.querySelectorAll('table.sortable tbody tr')].map(r => r.cells[{}].dataset.key)"
)


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Tab]:
    with chromium.tab(tmp_path_factory.mktemp("chromium")) as found:
        yield found


@pytest.fixture(autouse=True)
def silence(request: pytest.FixtureRequest) -> None:
    """Forget what earlier pages told."""
    if chromium.program():
        request.getfixturevalue("tab").told.clear()


def written(folder: Path, text: str) -> Path:
    path = folder / "report.html"
    path.write_text(text, encoding="utf-8")
    return path


def keep(tab: chromium.Tab, folder: Path, name: str) -> Path:
    path = folder / f"{name}.png"
    tab.picture(path)
    keep_bytes(path.name, path.read_bytes())
    return path


def keep_bytes(name: str, data: bytes) -> None:
    if KEPT:
        Path(KEPT).mkdir(parents=True, exist_ok=True)
        (Path(KEPT) / name).write_bytes(data)


def check(tab: chromium.Tab, page: Path) -> None:
    """The page is the only thing that was loaded, and nothing complained."""
    assert tab.complaints == []
    assert tab.requests == [page.as_uri()]


def events() -> Sequence[Event]:
    """A baseline, a scheduler at three numbers of workers, warm-up, invalid samples, memory."""
    found: list[Event] = [make_lane(0), *timed(0, FIVE_S[0], at_s=1.0)]
    for number, workers in enumerate((1, 2, 4), start=1):
        found += [
            make_lane(
                number, workers=workers, memory_limit_bytes=1 << 30, thresholds={"pause": 0.8}
            ),
            make_sample(number, 0, 0.2, warmup=True),
            *timed(number, [wall_s / workers * 1.9 for wall_s in FIVE_S[0]], at_s=2.0 * number),
            make_invalid(number, 6),
        ]
    busy = [
        make_sample(1, n, 0.2, at_s=2.0 + n, watched_s=0.2, others_cpu_s=0.3) for n in (7, 8, 9)
    ]
    memory = [make_reading(0.5 * n, managed=40 * n) for n in range(1, 9)]
    return [*found, *busy, *memory, make_event("paused", 2.0), make_event("resumed", 3.0)]


def suite_page(folder: Path) -> Path:
    cases = [make_case("numpy"), *(make_case(workers=n) for n in (1, 2, 4))]
    report = make_report(folder, events(), make_plan(make_suite(*cases, memory=True)))
    return written(folder, render_file("html", report))


def test_a_page_is_drawn_in_silence(tab: chromium.Tab, tmp_path: Path) -> None:
    page = suite_page(tmp_path)
    tab.go(page)
    keep(tab, tmp_path, "report-light")
    drawn = tab.run(DRAWN)
    assert len(drawn) == tab.run("document.querySelectorAll('figure').length") >= 6
    assert all(drawn)
    check(tab, page)


def test_it_is_drawn_in_the_dark(tab: chromium.Tab, tmp_path: Path) -> None:
    page = suite_page(tmp_path)
    with tab.dark():
        tab.go(page)
        keep(tab, tmp_path, "report-dark")
        color = tab.run("getComputedStyle(document.querySelector('.plot')).backgroundColor")
        assert color == "rgb(22, 22, 28)"
        assert all(tab.run(DRAWN))
    check(tab, page)


def test_a_table_is_sorted_by_mouse_and_keyboard(tab: chromium.Tab, tmp_path: Path) -> None:
    page = suite_page(tmp_path)
    tab.go(page)
    before = tab.run(COLUMN.format(1))
    tab.run("document.querySelectorAll('table.sortable th button')[1].click()")
    up = tab.run(COLUMN.format(1))
    numbers = [float(one) for one in up if one.replace(".", "").isdigit()]
    assert up != before
    assert numbers == sorted(numbers)
    assert tab.run("document.querySelectorAll('thead th')[1].ariaSort") == "ascending"
    tab.run("document.querySelectorAll('table.sortable th button')[1].focus()")
    tab.press("Enter")
    assert tab.run("document.querySelectorAll('thead th')[1].ariaSort") == "descending"
    assert tab.run(COLUMN.format(1)) != up
    check(tab, page)


def test_columns_are_switched_on_by_keyboard(tab: chromium.Tab, tmp_path: Path) -> None:
    page = suite_page(tmp_path)
    tab.go(page)
    width = "document.querySelector('td.asked').getBoundingClientRect().width"
    assert tab.run(width) == 0
    tab.run("document.querySelector('.switch input').focus()")
    tab.press(" ")
    assert tab.run(width) > 0
    check(tab, page)


def test_on_paper_plots_are_pictures(tab: chromium.Tab, tmp_path: Path) -> None:
    page = suite_page(tmp_path)
    with tab.dark():
        tab.go(page)
        tab.run("dispatchEvent(new Event('beforeprint'))")
        pictures = "document.querySelectorAll('.paper').length"
        assert tab.run(pictures) == tab.run("document.querySelectorAll('figure').length")
        tab.run("dispatchEvent(new Event('afterprint'))")
        assert tab.run(pictures) == 0
        printed = base64.b64decode(tab.ask("Page.printToPDF", printBackground=True)["data"])
    keep_bytes("report.pdf", printed)
    assert printed.startswith(b"%PDF")
    assert len(printed) > 50_000
    check(tab, page)


def test_the_page_turns_dark_while_it_is_open(tab: chromium.Tab, tmp_path: Path) -> None:
    page = suite_page(tmp_path)
    tab.go(page)
    color = "getComputedStyle(document.querySelector('.plot')).backgroundColor"
    light = tab.run(color)
    with tab.dark():
        tab.run("new Promise((done) => setTimeout(done, 3000))")
        assert tab.run(color) != light
        assert all(tab.run(DRAWN))
    check(tab, page)


def test_it_fits_a_telephone(tab: chromium.Tab, tmp_path: Path) -> None:
    page = suite_page(tmp_path)
    tab.size(400)
    try:
        tab.go(page)
        keep(tab, tmp_path, "report-narrow")
        assert tab.run(FITS)
    finally:
        tab.size(1200)
    check(tab, page)


def test_the_main_chart_is_a_picture(tmp_path: Path) -> None:
    """By a browser that is started as the command does."""
    cases = [make_case("numpy"), *(make_case(workers=n) for n in (1, 2, 4))]
    report = make_report(tmp_path, events(), make_plan(make_suite(*cases, memory=True)))
    chart = main_chart([report.document])
    assert chart
    found = browser.picture(browser.find(), *chart)
    keep_bytes("chart.png", found)
    assert found.startswith(b"\x89PNG")
    width, height = (int.from_bytes(found[n : n + 4], "big") for n in (16, 20))
    assert (width, height) == (2400, 2 * chart[1])
    assert len({*zlib.decompress(_data_of(found))}) > 20


@pytest.mark.parametrize(
    ("number", "code"), [(0, 0), (signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, 130)]
)
def test_a_picture_leaves_nothing_behind(tool: Tool, number: int, code: int) -> None:
    make_run(tool.store)
    home = tool.folder / "home"
    home.mkdir()
    words = ("report", "--png", "chart.png")
    drawing = tool.start(*words, environment={"HOME": str(home)})
    if number:
        wait_for("a browser", lambda: tool.saying("--screenshot="))
        drawing.signal(number)
    done = drawing.wait()
    assert done.code == code, done.err
    assert (tool.folder / "chart.png").exists() == (number == 0)
    tool.wait_until_nothing_is_left()
    assert [*home.iterdir()] == []


def _data_of(png: bytes) -> bytes:
    """The compressed pixels of a PNG."""
    found, at = b"", 8
    while at < len(png):
        length, kind = int.from_bytes(png[at : at + 4], "big"), png[at + 4 : at + 8]
        found += png[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    return found


def test_words_and_tables_need_no_javascript(tab: chromium.Tab, tmp_path: Path) -> None:
    page = suite_page(tmp_path)
    tab.scripts(False)
    try:
        tab.ask("Page.navigate", url=page.as_uri())
        tab.wait_for("Page.loadEventFired")
        tree = tab.ask("DOM.getDocument", depth=1)["root"]["nodeId"]
        found = tab.ask("DOM.getOuterHTML", nodeId=tree)["outerHTML"]
        assert "is fastest of 4" in found
        assert "<noscript>" in found
    finally:
        tab.scripts(True)


def test_samples_are_saved_from_the_page(tab: chromium.Tab, tmp_path: Path) -> None:
    page = suite_page(tmp_path)
    tab.go(page)
    text = tab.run(
        """(async () => {
          const data = document.querySelector("script.saved").textContent;
          const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
          const opened = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
          return await new Response(opened).text();
        })()"""
    )
    assert text.startswith("benchmark,scheduler,workers,")
    assert tab.run("document.querySelector('button.save').hidden") is False
    tab.run("HTMLAnchorElement.prototype.click = function () { window.saved = this.download; }")
    tab.run("document.querySelector('button.save').click()")
    tab.run("new Promise((done) => setTimeout(done, 500))")
    assert tab.run("window.saved").endswith("-samples.csv")
    check(tab, page)


def test_hostile_names_do_nothing(tab: chromium.Tab, tmp_path: Path) -> None:
    page = written(tmp_path, render_file("html", hostile_report(tmp_path)))
    tab.go(page)
    keep(tab, tmp_path, "report-hostile")
    assert all(tab.run(DRAWN))
    assert tab.run(FITS)
    check(tab, page)


def test_names_that_bokeh_would_take_for_mathematics(tab: chromium.Tab, tmp_path: Path) -> None:
    name = r"$$x$$ \[y\] \(z\)"
    cases = (make_case("numpy", name=name), make_case(workers=2, name=name))
    lanes: list[Event] = [make_lane(0), make_lane(1, workers=2)]
    moments = [*lanes, *timed(0, FIVE_S[0]), *timed(1, FIVE_S[1])]
    report = make_report(tmp_path, moments, make_plan(make_suite(*cases, name=name)))
    page = written(tmp_path, render_file("html", report))
    tab.go(page)
    assert all(tab.run(DRAWN))
    check(tab, page)


def test_several_runs_are_one_page(tab: chromium.Tab, tmp_path: Path) -> None:
    runs = ("20261123-101500-one", "20261123-101600-two")
    page = written(tmp_path, page_of([make_report(tmp_path, run_id=r).document for r in runs]))
    tab.go(page)
    assert all(tab.run(DRAWN))
    check(tab, page)


def test_a_hundred_thousand_samples_open_soon(
    tab: chromium.Tab, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """In 5 s on a machine of its own; here others may take most of it."""
    seconds = np.random.default_rng(0).lognormal(-2, 0.2, 100_000).tolist()
    samples = [make_sample(i % 2, i // 2 + 1, s, at_s=0.2 * i) for i, s in enumerate(seconds)]
    plan = make_plan(make_suite(make_case("numpy"), make_case(workers=2), rounds=50_000))
    lanes: list[Event] = [make_lane(0), make_lane(1, workers=2)]
    page = written(tmp_path, render_file("html", make_report(tmp_path, [*lanes, *samples], plan)))
    took_s = tab.go(page)
    record_property("drawn_s", round(took_s, 1))
    record_property("page_bytes", page.stat().st_size)
    keep(tab, tmp_path, "report-many")
    assert all(tab.run(DRAWN))
    assert took_s < 30
    check(tab, page)
