"""Hostile text in every text field of a journal, over every format: seen, and nothing more."""

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from markdown_it import MarkdownIt

from daskbench.events import Blas, CaseFailed, Event
from daskbench.experiments.report import Report, build
from daskbench.formats import FORMATS, INTEROP, Page
from daskbench.model import Cluster, Plan
from tests.unit.builders import (
    NUMPY_S,
    make_case,
    make_event,
    make_lane,
    make_reading,
    make_run,
    make_suite,
    render,
    render_events,
    render_samples,
    render_timeline,
    timed,
)

HOSTILE = (
    "=1+1 [/x] \x1b[31m \x1b]8;;x\x07 \x9b1m \u202e\u200b \x7f\x85\r\n"
    "<script>x</script> ![i](http://e) [l](http://e) @all #1 | `c` *e* _e_ " + "n" * 400
)
#: What the tool itself looks up, so that other text there is another program's journal.
_KEYS = {
    "kind",
    "benchmark",
    "scheduler",
    "what",
    "reason",
    "state",
    "phase",
    "tag",
    "run_id",
    "started",
}


def hostile(value: Any) -> Any:
    """Return a copy in which every text of a struct, however deep, is hostile."""
    if isinstance(value, msgspec.Struct):
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        changed = {n: v if n in _KEYS else hostile(v) for n, v in fields.items()}
        for name, kind in type(value).__annotations__.items():
            if changed[name] is None and "str" in str(kind) and name != "skip":
                changed[name] = HOSTILE
        return type(value)(**changed)
    if isinstance(value, str):
        return HOSTILE
    if isinstance(value, tuple):
        return tuple(map(hostile, value))
    if isinstance(value, Mapping):
        return {f"{HOSTILE}{key}": hostile(one) for key, one in value.items()}
    return value


@pytest.fixture
def report(tmp_path: Path) -> Report:
    cases = (make_case("numpy", text="t"), make_case(workers=2, text="t"), make_case(text="t"))
    suite = hostile(make_suite(*cases, name="s"))
    suite = msgspec.structs.replace(suite, cluster=Cluster(), description=HOSTILE)
    lane = make_lane(0, versions={"dask": "1"}, notes=("n",), blas=(Blas("api", 1, "v"),))
    events: list[Event] = [
        *(hostile(msgspec.structs.replace(lane, case=n, workers=2)) for n in (0, 1)),
        *(
            hostile(one)
            for n in (0, 1)
            for one in timed(n, NUMPY_S, figures={"error": 1.0}, note="n")
        ),
        hostile(make_reading()),
        hostile(make_event("paused")),
        CaseFailed(2, HOSTILE, HOSTILE, HOSTILE),
    ]
    run = make_run(tmp_path, events, Plan((suite,)), host=HOSTILE, cpu=HOSTILE, python=HOSTILE)
    return build(run)


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
