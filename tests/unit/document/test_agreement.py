"""In no table, in no format, do an interval and the verdict beside it disagree."""

import csv
import io
import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daskbench.experiments.report import build
from daskbench.formats import FORMATS, Page
from daskbench.stats.verdict import MARGIN
from tests.unit.builders import make_case, make_plan, make_run, make_suite, render, timed

CASES = (make_case("numpy"), make_case(workers=1), make_case(workers=2), make_case("synchronous"))
SECONDS = st.floats(0.05, 0.2) | st.sampled_from([0.1, 0.1001, 0.102, 0.1021])
ROWS = st.integers(2, 12).flatmap(
    lambda rounds: st.lists(
        st.lists(SECONDS, min_size=rounds, max_size=rounds), min_size=4, max_size=4
    )
)
#: As text formats write a ratio with its interval, and the verdict behind it.
PRINTED = re.compile(
    r"[\d.e+]+ \[([\d.e+-]+), ([\d.e+-]+)\][^a-z]*?(?:× numpy, )?"
    r"(faster|slower|equivalent|undecided)"
)


def expected(low: float, high: float) -> str:
    if low > 1 + MARGIN:
        return "slower"
    if high < 1 / (1 + MARGIN):
        return "faster"
    return "equivalent" if low >= 1 / (1 + MARGIN) and high <= 1 + MARGIN else "undecided"


def is_rounded_to_an_edge(end: float) -> bool:
    """Whether an end as printed may have been on either side of a margin."""
    return any(abs(end - edge) <= 0.006 for edge in (1 + MARGIN, 1 / (1 + MARGIN)))


@pytest.mark.parametrize("name", FORMATS)
@given(rows=ROWS, decide=st.booleans())
@settings(max_examples=40)
def test_interval_and_verdict_agree(rows: list[list[float]], decide: bool, name: str) -> None:
    events = [sample for case, times in enumerate(rows) for sample in timed(case, times)]
    plan = make_plan(make_suite(*CASES, rounds=len(rows[0]), decide=decide))
    with TemporaryDirectory() as folder:
        text = render(name, build(make_run(Path(folder), events, plan)), Page(width=300))
    if name == "json":
        found = [
            (case["ratio_low"], case["ratio_high"], case["verdict"])
            for case in json.loads(text)["cases"]
        ]
    elif name == "csv":
        found = [
            (row["ratio_low"], row["ratio_high"], row["verdict"])
            for row in csv.DictReader(io.StringIO(text))
        ]
    else:
        found = PRINTED.findall(text)
    shown = [(float(low), float(high), word) for low, high, word in found if word and low]
    assert len(shown) == (3 if len(rows[0]) >= 4 else 0)
    for low, high, word in shown:
        exact = name in ("json", "csv")
        if exact or not (is_rounded_to_an_edge(low) or is_rounded_to_an_edge(high)):
            assert word == expected(low, high), (low, high)
