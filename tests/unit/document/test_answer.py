"""The answer below a table says no more than its intervals."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daskbench.document.answer import answer_of
from daskbench.events import CaseFailed, Event
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.verdict import Verdict
from tests.unit.builders import (
    make_case,
    make_compressed_case,
    make_invalid,
    make_plan,
    make_report,
    make_suite,
    make_svd_suite,
    timed,
)

CASES = (make_case("numpy"), make_case(workers=1), make_case(workers=2), make_case("synchronous"))
#: Alternating, so that intervals are narrow but not points.
WAVES = (0.99, 1.01, 1.0, 1.005, 0.995, 1.01, 0.99, 1.0)


def waves(seconds: float) -> list[float]:
    return [seconds * wave for wave in WAVES]


def table_of(
    folder: Path, times: Sequence[Sequence[float]], *more: Event, cases: int | None = None
) -> ResultTable:
    events = [event for number, one in enumerate(times) for event in timed(number, one)]
    plan = make_plan(make_suite(*CASES[: cases or len(times)], rounds=8))
    [table] = make_report(folder, [*events, *more], plan).tables
    return table


def test_the_fastest_is_named_with_its_speed(tmp_path: Path) -> None:
    table = table_of(tmp_path, [waves(0.2), waves(0.3), waves(0.1), waves(0.4)])
    answer = answer_of(table)
    assert answer.startswith("threads × 2 is fastest of 4: 2.00 [")
    assert answer.endswith(" times as fast as numpy")


def test_one_that_is_not_distinguished_from_another_is_among_the_fastest(tmp_path: Path) -> None:
    noisy = [0.1 * (1 + 0.1 * (-1) ** number) for number in range(8)]
    table = table_of(tmp_path, [waves(0.5), noisy[::-1], noisy, waves(0.4)])
    answer = answer_of(table)
    assert " is among the fastest of 4: " in answer
    assert "; not distinguished from threads × " in answer


def test_names_with_commas_are_listed_with_semicolons(tmp_path: Path) -> None:
    case = make_case(workers=2)
    cases = [make_case("numpy"), *(replace(case, blas_threads=n) for n in (1, 2, 3, 4))]
    noisy = [0.1 * (1 + 0.1 * (-1) ** number) for number in range(8)]
    times = [waves(0.5), *([noisy, noisy[::-1]] * 2)]
    events = [event for number, one in enumerate(times) for event in timed(number, one)]
    [table] = make_report(tmp_path, events, make_plan(make_suite(*cases, rounds=8))).tables
    _, rivals = answer_of(table).split("; not distinguished from ")
    first, second, more = rivals.split("; ")
    assert first != second
    assert first.startswith("threads × 2, ")
    assert more == "and 1 more"


def test_if_all_are_slower_the_baseline_is_fastest(tmp_path: Path) -> None:
    answer = answer_of(table_of(tmp_path, [waves(0.1), waves(0.2), waves(0.3), waves(0.4)]))
    assert answer.startswith("numpy is fastest of 4: threads × 1 takes 2.00 [")
    assert answer.endswith(" times as long")


def test_what_all_names_begin_with_is_left_out(tmp_path: Path) -> None:
    cases = (make_compressed_case(power_iterations=n) for n in (0, 2))
    events = [one for number in (0, 1) for one in timed(number, waves(0.1 + 0.1 * number))]
    [table] = make_report(tmp_path, events, make_plan(make_svd_suite(*cases))).tables
    assert table.results[0].label == "distributed × 2, power iterations 0"
    start = "power iterations 0 is fastest of 2: power iterations 2 takes 2.00 ["
    assert answer_of(table).startswith(start)


def test_a_baseline_that_failed_later_is_compared_with_as_in_its_rows(tmp_path: Path) -> None:
    failed = CaseFailed(0, "in round 9", "killed")
    answer = answer_of(table_of(tmp_path, [waves(0.2), waves(0.1)], failed))
    assert answer.startswith("threads × 1 is fastest of 2: 2.00 [")
    assert answer.endswith(" times as fast as numpy; 1 failed of 2 rows")


def test_it_is_said_why_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    failed = CaseFailed(0, "at the start", "no route")
    answer = answer_of(table_of(tmp_path / "a", [[], waves(0.1), waves(0.2)], failed))
    assert answer == "nothing is compared: numpy, the baseline, failed; 1 failed of 3 rows"
    invalid = [make_invalid(0, number) for number in (1, 2)]
    answer = answer_of(table_of(tmp_path / "b", [[], waves(0.1), waves(0.2)], *invalid))
    assert answer.startswith("nothing is compared: numpy, the baseline, has no valid sample; 1 inv")


def test_what_is_equivalent_is_said_to_be(tmp_path: Path) -> None:
    answer = answer_of(table_of(tmp_path, [waves(0.1), waves(0.1), waves(0.2)]))
    assert answer == (
        "none is proved faster than numpy: threads × 1 is equivalent within 2 %; 1 is slower"
    )


def test_if_nothing_is_decided_that_is_the_answer(tmp_path: Path) -> None:
    wild = [0.1, 0.2, 0.15, 0.3, 0.1, 0.25, 0.12, 0.2]
    answer = answer_of(table_of(tmp_path, [wild, wild[::-1], [*wild[4:], *wild[:4]]]))
    assert answer.startswith("nothing is decided: threads × ")


def test_without_intervals_it_says_what_they_need(tmp_path: Path) -> None:
    few = [0.1, 0.11, 0.1]
    answer = answer_of(table_of(tmp_path, [few, few]))
    assert answer == "nothing is decided: an interval needs 5 rounds"


def test_rows_that_failed_are_counted_and_not_ranked(tmp_path: Path) -> None:
    failed = CaseFailed(2, "in round 3", "gone")
    invalid = [make_invalid(3, number) for number in (1, 2)]
    table = table_of(tmp_path, [waves(0.2), waves(0.1), waves(0.01)], failed, *invalid, cases=4)
    answer = answer_of(table)
    assert answer.startswith("threads × 1 is fastest of 2 rows: 2.00 [")
    assert answer.endswith(" times as fast as numpy; 1 failed, 1 invalid of 4 rows")


def test_a_verdict_on_a_row_that_failed_is_not_denied(tmp_path: Path) -> None:
    failed = CaseFailed(1, "in round 9", "killed")
    answer = answer_of(table_of(tmp_path, [waves(0.1), waves(0.2), [0.1]], failed))
    assert answer == (
        "only rows that failed are compared: otherwise fewer than two rounds are shared with "
        "numpy; 1 failed of 3 rows"
    )


def test_a_row_alone_and_a_run_of_nothing(tmp_path: Path) -> None:
    assert answer_of(table_of(tmp_path / "one", [waves(0.1)])) == ""
    assert answer_of(table_of(tmp_path / "none", [[], []])) == (
        "nothing was measured; 2 incomplete of 2 rows"
    )
    only = answer_of(table_of(tmp_path / "only", [waves(0.1), []]))
    assert only == "only numpy was measured, so nothing is compared; 1 incomplete of 2 rows"


SECONDS = st.floats(0.05, 0.2) | st.sampled_from([0.1, 0.1001, 0.102, 0.1021])
TIMES = st.lists(st.lists(SECONDS, min_size=8, max_size=8), min_size=4, max_size=4)


@pytest.mark.parametrize("decide", [False, True])
@given(times=TIMES)
@settings(max_examples=60, deadline=None)
def test_an_answer_never_contradicts_its_table(times: list[list[float]], decide: bool) -> None:
    events = [event for number, one in enumerate(times) for event in timed(number, one)]
    plan = make_plan(make_suite(*CASES, rounds=8, decide=decide))
    with TemporaryDirectory() as folder:
        [table] = make_report(Path(folder), events, plan).tables
    answer = answer_of(table)
    others = [row.comparison for row in table.results if row.case != table.baseline]
    verdicts = [one.verdict for one in others]
    label, is_fastest, _ = answer.partition(" is fastest of 4")
    if is_fastest and label == "numpy":
        assert {*verdicts} == {Verdict.SLOWER}
    elif is_fastest:
        own = next(row.comparison.ratio for row in table.results if row.label == label)
        ratios = [one.ratio for one in others if one.ratio is not own]
        assert own
        assert own.high is not None
        assert all(one and one.low is not None and own.high < one.low for one in ratios)
    assert ("none is proved faster" in answer) <= (Verdict.FASTER not in verdicts)
    assert answer.startswith("nothing is decided") == ({*verdicts} == {Verdict.UNDECIDED})
