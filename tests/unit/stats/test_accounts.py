"""The accounts of a case together."""

from dataclasses import fields
from pathlib import Path

import pytest

from daskbench import account
from daskbench.events import Event
from daskbench.lane import protocol
from daskbench.stats.accounts import accounts_of
from tests.unit.builders import make_accounted, make_run, timed
from tests.unit.stats.resulting import results_of


def test_journals_keep_all_that_lanes_tell() -> None:
    told = {field.name for field in fields(protocol.Account)}
    assert told <= {*account.Accounted.__struct_fields__}


def test_core_seconds_are_of_one_loop_and_the_rest_is_told(tmp_path: Path) -> None:
    events: list[Event] = [
        *timed(0, [1.0, 1.0, 1.0]),
        *timed(1, [0.5, 0.51, 0.49]),
        make_accounted(1, 1.1, 2, loops=2, computing=1.0, waiting=0.6, scheduling=0.2),
        make_accounted(1, 1.1, 2, loops=2, computing=1.4, waiting=0.6),
        make_accounted(1, 9.0, 2, valid=False, reason="0 of 100 tasks ran", computing=1.0),
    ]
    run = make_run(tmp_path, events)
    [found] = accounts_of(run, results_of(run))
    assert len(found.accounts) == 2, "the invalid one counts nowhere"
    assert found.whole_s == pytest.approx(1.1)
    assert found.causes["computing"] == pytest.approx(0.6)
    assert found.causes["waiting"] == pytest.approx(0.3)
    assert found.unexplained_s == pytest.approx(0.15)
    assert found.avoidable == "waiting"
    assert found.share("computing") == pytest.approx(0.6 / 1.1)


def test_what_instruments_cost_has_an_interval(tmp_path: Path) -> None:
    events: list[Event] = [
        *timed(0, [1.0, 1.02, 0.98]),
        *(make_accounted(0, s) for s in (1.1, 1.12, 1.08)),
    ]
    run = make_run(tmp_path, events)
    [found] = accounts_of(run, results_of(run))
    assert found.slower is not None
    assert found.slower.value == pytest.approx(1.1, rel=1e-3)
    assert found.slower.low is not None
    assert found.slower.high is not None
    assert 1.0 < found.slower.low < 1.1 < found.slower.high


def test_an_account_is_in_no_other_figure(tmp_path: Path) -> None:
    bare = make_run(tmp_path, timed(0, [1.0, 1.0]), run_id="bare")
    more = make_run(tmp_path, [*timed(0, [1.0, 1.0]), make_accounted(0, 9.0)], run_id="more")
    assert results_of(more)[0] == results_of(bare)[0]
    assert [len(more.accounts[0]), len(more.samples[0])] == [1, 2]


def test_a_note_of_each_sample_is_told_once(tmp_path: Path) -> None:
    events: list[Event] = [
        *timed(0, [1.0, 1.0]),
        *(make_accounted(0, 1.0, notes=(f"more tasks ran, for {s} core-s",)) for s in (1.5, 2)),
        make_accounted(0, 1.0, notes=("a worker was lost",)),
    ]
    run = make_run(tmp_path, events)
    [found] = accounts_of(run, results_of(run))
    assert found.notes == ["more tasks ran, for 1.5 core-s", "a worker was lost"]
