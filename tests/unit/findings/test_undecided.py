"""What is said of rows without a verdict."""

from pathlib import Path

import numpy as np
import pytest

from daskbench.experiments.compare.undecided import more_rounds
from daskbench.stats.ratio import Ratio
from tests.unit.builders import make_case, make_plan, make_suite, timed
from tests.unit.findings.finding import found_in

CASES = (make_case("numpy"), make_case(workers=2))


def test_it_says_how_many_more_rounds_would_decide(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    times = (chance.normal(0.1, 0.01, 8), chance.normal(0.11, 0.01, 8))
    events = [sample for case, one in enumerate(times) for sample in timed(case, one.tolist())]
    found = found_in(tmp_path, events, make_plan(make_suite(*CASES, rounds=8)))
    (line,) = [line for line in found if line.startswith("undecided")]
    assert line.startswith("undecided: threads × 2; about ")
    assert "more rounds would decide, " in line


def test_nothing_is_said_where_all_is_decided(tmp_path: Path) -> None:
    events = [sample for case, s in enumerate((0.1, 0.2)) for sample in timed(case, [s] * 8)]
    found = found_in(tmp_path, events, make_plan(make_suite(*CASES, rounds=8)))
    assert not [line for line in found if line.startswith("undecided")]


@pytest.mark.parametrize(
    ("ratio", "rounds"),
    [
        (Ratio(1.1, 1.0, 1.21, 10, 1), 6),  # half 0.095, and 0.0755 from the margin
        (Ratio(1.0, 0.95, 1 / 0.95, 10, 1), 58),
        (Ratio(1.0201, 0.9, 1.15, 10, 1), None),  # at the edge of the margin: very many
        (Ratio(1.1, None, None, 3, 1), None),
        (Ratio(1.1, 1.0, 1.21, 0, 5), None),  # of two runs, whose rounds are over
        (None, None),
    ],
)
def test_widths_shrink_with_the_square_root_of_the_rounds(
    ratio: Ratio | None, rounds: int | None
) -> None:
    assert more_rounds(ratio) == rounds
