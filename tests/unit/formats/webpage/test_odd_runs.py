"""Pages of runs in which something is missing, and of every kind that was ever recorded."""

import lzma
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from daskbench.document import Document
from daskbench.events import CaseFailed, Event
from daskbench.experiments.report import build
from daskbench.formats.webpage import main_chart, page_of
from daskbench.formats.webpage.tables import key_of
from daskbench.journal.read import read_run
from tests.unit.builders import (
    make_case,
    make_event,
    make_invalid,
    make_lane,
    make_plan,
    make_reading,
    make_report,
    make_sample,
    make_suite,
    timed,
)
from tests.unit.formats.webpage.parsed import Page

SCHEMAS = Path(__file__).parents[2] / "journal" / "schemas"
JOURNALS = sorted(SCHEMAS.glob("*/*.jsonl"))
KEPT = sorted((Path(__file__).parents[4] / "docs" / "journals").glob("*.xz"))
#: What is drawn of each kind of run, whichever version measured it.
DRAWN: dict[str, str | tuple[str, ...]] = {
    "ab": "time of B / time of A",
    "calibrate": "Distributions",
    "limit": "The price of less memory",
    "memory": "memory of distributed",
    "schedulers": "time / time of numpy",
    "svd": ("time / time of", "Distributions"),  # of one row there is no ratio
    "thresholds": "memory of",
}


def titles(page: Page) -> list[str]:
    return [one.text for one in page.all("h3") if "figure" in one.inside]


@pytest.mark.parametrize("path", JOURNALS, ids=lambda path: f"{path.parent.name}, {path.stem}")
def test_every_kind_of_run_is_drawn(path: Path) -> None:
    document = build(read_run(path)).document
    found = Page(page_of([document]))
    assert any(title.startswith(DRAWN[path.stem]) for title in titles(found)), titles(found)
    assert main_chart([document])


def test_all_kinds_of_runs_share_a_page() -> None:
    documents = [build(read_run(path)).document for path in JOURNALS]
    found = Page(page_of(documents))
    assert len(titles(found)) > 10
    assert len([one for one in found.all("h3") if one.text.startswith("Run ")]) >= len(JOURNALS)


def figures_of(document: Document) -> Iterator[tuple[str, str]]:
    """The keys of all cells of figures, with the text that is shown."""
    for section in (section for chapter in document.chapters for section in chapter.sections):
        for table in section.tables:
            for row, texts in zip(table.rows, table.texts(marked=False), strict=True):
                for column, cell, text in zip(table.columns, row.cells, texts, strict=True):
                    if column.right and not column.wraps:
                        yield key_of(cell), text


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.name)
def test_figures_are_sorted_by_value(path: Path, tmp_path: Path) -> None:
    """So 1.2 s comes after 900 ms; of tasks proved, such as 99/100, the text is their value."""
    journal = tmp_path / path.stem
    journal.write_bytes(lzma.decompress(path.read_bytes()))
    found = [*figures_of(build(read_run(journal)).document)]
    assert found
    assert [
        (key, text)
        for key, text in found
        if re.search(r"\d", text) and not is_number(key) and not re.fullmatch(r"\d+/\d+", text)
    ] == []


def test_a_run_of_failures_alone_has_reasons_and_no_plots(tmp_path: Path) -> None:
    failures: list[Event] = [
        CaseFailed(n, "at the start", "its <lane> ended", "a\ntraceback") for n in (0, 1)
    ]
    document = make_report(tmp_path, failures).document
    found = Page(page_of([document]))
    assert titles(found) == []
    assert "its <lane> ended" in found.all("main")[0].text
    assert main_chart([document]) is None


def test_a_run_of_invalid_samples_alone_is_drawn(tmp_path: Path) -> None:
    events: list[Event] = [make_lane(0), *(make_invalid(0, n) for n in range(1, 6))]
    found = Page(page_of([make_report(tmp_path, events).document]))
    assert [title.partition(":")[0] for title in titles(found)] == [
        "Distributions",
        "Samples over time",
    ]
    assert "No sample counts" in found.all("main")[0].text


def test_an_interrupted_run_says_so(tmp_path: Path) -> None:
    events: list[Event] = [make_lane(0), make_sample(0, 0, warmup=True), *timed(0, (0.1,))]
    found = Page(page_of([make_report(tmp_path, events, finish=False).document]))
    assert "interrupted" in found.all("main")[0].text


def test_the_least_times_are_no_trouble(tmp_path: Path) -> None:
    events: list[Event] = [
        make_lane(0),
        make_lane(1, workers=2),
        *timed(0, [1e-9] * 5),
        *timed(1, [1e-9] * 5),
    ]
    found = Page(page_of([make_report(tmp_path, events).document]))
    assert len(titles(found)) >= 2


def test_the_chart_of_a_memory_run_is_its_memory(tmp_path: Path) -> None:
    case = make_case("distributed", workers=1, memory_limit_bytes=1 << 30)
    plan = make_plan(make_suite(case, rounds=1, memory=True))
    lane = make_lane(0, workers=1, memory_limit_bytes=1 << 30, thresholds={"pause": 0.8})
    readings = [make_reading(0.5 * n, managed=40 * n) for n in range(1, 9)]
    events: list[Event] = [
        lane,
        *readings,
        make_event("spill-began", 1.5),
        make_event("paused", 2.0),
        make_sample(0, 1, 5.0, at_s=0.1),
    ]
    document = make_report(tmp_path, events, plan).document
    chart = main_chart([document])
    assert chart
    found = Page(chart[0])
    (title,) = titles(found)
    assert title.startswith("memory of distributed × 1")
    assert "Events: spill began, paused." in found.all("figcaption")[0].text
