"""What several tests of views share."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

from daskbench.events import CaseFailed, Event
from daskbench.experiments.report import Report
from daskbench.model import Published, Suite
from tests.unit.builders import (
    make_case,
    make_invalid,
    make_lane,
    make_plan,
    make_report,
    make_suite,
    render,
    timed,
)

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


def json_of(report: Report) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(render("json", report), parse_constant=refuse)


def table_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("|")]


def cells_of(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def unfolded(text: str) -> str:
    return re.sub(r"\s+", "", text)
