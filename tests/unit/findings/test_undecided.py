"""What is said of rows without a verdict."""

from pathlib import Path

import numpy as np

from daskbench.experiments.compare.undecided import more_rounds
from daskbench.stats.ratio import Ratio, ratios_of_logs
from tests.unit.builders import make_case, make_plan, make_suite, timed
from tests.unit.findings.finding import found_in

CASES = (make_case("numpy"), make_case(workers=2))


def test_it_says_how_many_more_rounds_would_decide(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    times = (chance.normal(0.1, 0.01, 8), chance.normal(0.11, 0.01, 8))
    events = [sample for case, one in enumerate(times) for sample in timed(case, one.tolist())]
    found = found_in(tmp_path, events, make_plan(make_suite(*CASES, rounds=8)))
    (line,) = [line for line in found if line.startswith("undecided")]
    assert line.startswith("undecided; about so much more would decide: threads × 2 (")
    assert " more rounds, " in line


def test_nothing_is_said_where_all_is_decided(tmp_path: Path) -> None:
    events = [sample for case, s in enumerate((0.1, 0.2)) for sample in timed(case, [s] * 8)]
    found = found_in(tmp_path, events, make_plan(make_suite(*CASES, rounds=8)))
    assert not [line for line in found if line.startswith("undecided")]


def ratio(*launches: list[float]) -> Ratio | None:
    return ratios_of_logs([[np.array(logs) for logs in launches]])[0]


def test_more_rounds_are_known_only_where_rounds_decide() -> None:
    noisy = np.random.default_rng(3).normal(0.1, 0.1, 10).tolist()
    assert (more_rounds(ratio(noisy)) or 0) > 0
    assert more_rounds(ratio([5.0] * 10)) == 0  # decided
    assert more_rounds(ratio(noisy[:3])) is None  # too few to know
    assert more_rounds(ratio(*[noisy] * 6)) is None  # launches decide
    assert more_rounds(Ratio(1.1, 1.0, 1.21, 0, 5)) is None  # two runs, whose rounds are over
    assert more_rounds(None) is None
