"""What is said of rows without a verdict."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from daskbench.events import Event
from daskbench.findings.forecast import more
from tests.unit.builders import (
    make_case,
    make_lane,
    make_plan,
    make_run,
    make_sample,
    make_suite,
    timed,
)
from tests.unit.findings.finding import found_in

CASES = (make_case("numpy"), make_case(workers=2))


def test_it_says_how_many_more_rounds_would_decide(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    times = (chance.normal(0.1, 0.01, 8), chance.normal(0.11, 0.01, 8))
    events = [sample for case, one in enumerate(times) for sample in timed(case, one.tolist())]
    found = found_in(tmp_path, events, make_plan(make_suite(*CASES, rounds=8)))
    (line,) = [line for line in found if line.startswith("undecided")]
    assert line.startswith("undecided; about this much more would decide: threads × 2 (")
    assert " more rounds, " in line


def test_the_name_of_a_table_is_said_once(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    cases = [make_case("numpy"), make_case(workers=1), make_case(workers=2)]
    times = [chance.normal(mean, 0.01, 8) for mean in (0.1, 0.11, 0.11)] * 2
    events = [sample for case, one in enumerate(times) for sample in timed(case, one.tolist())]
    suites = (make_suite(*cases, name=name, rounds=8) for name in ("one", "two"))
    found = found_in(tmp_path, events, make_plan(*suites))
    first, second = [line for line in found if "undecided" in line]
    assert first.startswith("one: undecided; about this much more would decide: threads × 1 (")
    assert "threads × 2 (" in first
    assert first.count("one: ") == 1
    assert "(one)" not in first
    assert second == first.replace("one: ", "two: ")


def test_nothing_is_said_where_all_is_decided(tmp_path: Path) -> None:
    events = [sample for case, s in enumerate((0.1, 0.2)) for sample in timed(case, [s] * 8)]
    found = found_in(tmp_path, events, make_plan(make_suite(*CASES, rounds=8)))
    assert not [line for line in found if line.startswith("undecided")]


@pytest.mark.parametrize(
    ("launches", "units", "expected"),
    [
        (1, 4, "4 more rounds, 1.2 s"),
        (5, 4, "4 more launches, 9.2 s"),  # a start of 0.25 s of two lanes, 5 + 1 rounds of 0.3 s
        (5, 1, "1 more launch, 2.3 s"),
        (1, 0, None),  # decided
        (1, None, None),  # it would take very many
    ],
)
def test_what_is_to_come_is_told_in_rounds_or_launches_and_seconds(
    tmp_path: Path, launches: int, units: int | None, expected: str | None
) -> None:
    suite = make_suite(*CASES, rounds=5, launches=launches)
    events: list[Event] = [make_lane(case, startup_s=0.25) for case in (0, 1)]
    events += [make_sample(case, 1, 0.1, watched_s=0.15) for case in (0, 1)]
    run = make_run(tmp_path, events, make_plan(suite))
    assert more(run, {0, 1}, suite, units) == expected


def test_a_round_of_lanes_in_turns_starts_them_anew(tmp_path: Path) -> None:
    suite = msgspec.structs.replace(make_suite(*CASES, rounds=5), in_turns="why")
    events: list[Event] = [make_lane(case, startup_s=0.25, queued_s=1.0) for case in (0, 1)]
    events += [make_sample(case, 1, 0.1, watched_s=0.15) for case in (0, 1)]
    run = make_run(tmp_path, events, make_plan(suite))
    assert more(run, {0, 1}, suite, 10) == "10 more rounds, 31 s"  # 2 x (1.25 s + 0.3 s)
