"""Suites in the order in which they were measured, each named, with its own charts and findings."""

from pathlib import Path

import msgspec
import pytest

from daskbench.cli.plan import tell
from daskbench.events import Event
from daskbench.formats import Page
from tests.unit.builders import (
    NUMPY_S,
    make_case,
    make_invalid,
    make_lane,
    make_plan,
    make_reading,
    make_report,
    make_suite,
    render,
    timed,
)


def events(cases: int) -> list[Event]:
    """Each case has samples, one of them invalid, and a worker that was read."""
    found: list[Event] = []
    for case in range(cases):
        found += [make_lane(case), *timed(case, NUMPY_S), make_invalid(case, 4)]
        found += [msgspec.structs.replace(make_reading(), case=case)]
    return found


@pytest.mark.parametrize("view", ["table", "plain", "markdown"])
def test_each_suite_is_named_and_has_its_own_charts_beside_it(tmp_path: Path, view: str) -> None:
    suites = [
        msgspec.structs.replace(make_suite(make_case(workers=2), name=name), description=what)
        for name, what in (("zebra", "The first"), ("ant", "The second"))
    ]
    text = render(view, make_report(tmp_path, events(2), make_plan(*suites)), Page(200))
    wanted = ["zebra: The first", "memory of", "ant: The second", "memory of"]
    places = [text.index(wanted[0])]
    for what in wanted[1:]:
        places.append(text.index(what, places[-1]))
    assert places == sorted(places)


def test_a_suite_alone_without_a_description_has_no_heading(tmp_path: Path) -> None:
    text = render("plain", make_report(tmp_path))
    assert "suite" not in text


def test_findings_say_which_of_several_tables_they_are_about(tmp_path: Path) -> None:
    plan = make_plan(
        make_suite(make_case(n=10), make_case(n=100), name="a"), make_suite(make_case(), name="b")
    )
    found = make_report(tmp_path, events(3), plan).findings
    told = [line.partition(": 1 of")[0] for line in found if "samples invalid" in line]
    assert told == ["threads (a n=10)", "threads (a n=100)", "threads (b)"]


def test_findings_about_one_table_do_not_name_it(tmp_path: Path) -> None:
    found = make_report(tmp_path, events(1), make_plan(make_suite(make_case()))).findings
    assert any(line.startswith("threads: 1 of 4 samples invalid") for line in found)


def test_lanes_that_open_in_turns_are_told_with_their_suite(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = make_suite(make_case(), name="a"), make_suite(make_case(), name="b")
    second = msgspec.structs.replace(second, in_turns="lanes run one at a time: too many")
    report = make_report(tmp_path, events(2), make_plan(first, second))
    assert "b: lanes run one at a time: too many" in report.findings
    tell(report.run.plan, {})
    assert capsys.readouterr().err == "b: lanes run one at a time: too many\n"
    alone = make_report(tmp_path / "alone", events(1), make_plan(second))
    assert "lanes run one at a time: too many" in alone.findings
