"""How rules turn into notes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from daskbench.document import Note, Said
from daskbench.experiments import EXPERIMENTS, experiment
from daskbench.findings import RULES
from daskbench.findings.rules import Rule
from daskbench.journal.run import Run
from tests.unit.builders import make_run, result_tables_of


def both(run: Run, tables: list[Any]) -> Iterator[str | Said]:
    yield "a line"
    yield Said("all of it, in full", "all of it")


@pytest.mark.parametrize("title", ["", "suite n=1"])
def test_a_line_may_have_a_brief_form_and_both_bear_the_title(tmp_path: Path, title: str) -> None:
    run = make_run(tmp_path)
    named = [(title, result_tables_of(run)[0])]
    before = f"{title}: " if title else ""
    assert [*Rule(both, per_table=True, urgent=True).notes(run, named)] == [
        Note(f"{before}a line", "both", urgent=True),
        Note(f"{before}all of it, in full", "both", brief=f"{before}all of it", urgent=True),
    ]


def test_what_is_shown_only_on_request_stays_so_with_a_title(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    rule = Rule(lambda run, tables: iter([Said("all of it", None)]), per_table=True)
    [note] = rule.notes(run, [("suite", result_tables_of(run)[0])])
    assert (note.text, note.brief) == ("suite: all of it", None)


def test_what_stops_or_disturbs_a_run_is_urgent_and_little_else() -> None:
    every = [*RULES, *(rule for kind in EXPERIMENTS for rule in experiment(kind).rules)]
    urgent = [rule.code for rule in every if rule.urgent]
    assert urgent == ["stopped-early", "advice", "other-programs", "swapping", "throttling"]
