"""Figures of a search, in every format."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from daskbench.events import (
    CaseFailed,
    Event,
    Reading,
    WorkerEvent,
)
from daskbench.experiments.limit import EXPERIMENT
from daskbench.experiments.limit.rows import Search, trial_of
from daskbench.experiments.limit.search import GOALS, Outcome, bracket
from daskbench.experiments.report import Report, build
from daskbench.journal.store import Store
from daskbench.model import Plan
from tests.unit.builders import (
    make_lane,
    make_run,
    make_sample,
    render,
)
from tests.unit.experiments.limited import (
    BROKEN,
    MIB,
    SMALL,
    TRUTH,
    UNPAUSED,
    LimitedLanes,
    by_place,
    conduct,
    flat,
    held,
    invoke,
    search_suite,
)
from tests.unit.fakes import Clock


def report_of(folder: Path, events: Sequence[Event], count: int = 3, **more: Any) -> Report:
    return build(make_run(folder, events, Plan((search_suite(count, **more),))))


def reading(case: int, at_s: float, worker: str = "0", **more: Any) -> Reading:
    return msgspec.convert(held() | {"case": case, "at_s": at_s, "worker": worker} | more, Reading)


def test_the_price_of_each_limit_is_a_curve(tmp_path: Path) -> None:
    events = [e for n, s in ((2, 1.0), (1, 3.0)) for e in (make_lane(n), make_sample(n, 1, s))]
    (chapter,) = report_of(tmp_path, events).document.chapters
    (curve,) = chapter.sections[0].curves
    points = [(point.x, point.y, point.kind) for point in curve.points]
    assert points == [(200 * MIB, 3.0, "no spill"), (300 * MIB, 1.0, "no spill")]
    assert curve.x_text(200 * MIB) == "200 MiB"


def test_pauses_are_added_up_from_their_events(tmp_path: Path) -> None:
    def happens(at_s: float, what: str, worker: str = "0") -> WorkerEvent:
        return WorkerEvent(0, at_s, worker, what)  # type: ignore[arg-type]

    events: list[Event] = [
        happens(1.0, "paused"),
        happens(1.5, "resumed"),
        happens(2.0, "paused", "1"),
        happens(3.0, "terminated", "1"),
        happens(3.1, "left", "1"),
        happens(4.0, "paused", "1"),
        reading(0, 10.0, "1", state="paused"),
    ]
    run = make_run(tmp_path, events, Plan((search_suite(1),)))
    _, suite, case = run.cases[0]
    trial = trial_of(run, 0, suite, case)
    assert trial is not None
    assert trial.paused_s == pytest.approx(0.5 + 1.0 + 6.0)
    assert trial.workers_ended == 1
    assert trial.outcome is None, "it has no sample and did not fail"


def test_on_disk_is_the_most_of_all_workers_together(tmp_path: Path) -> None:
    events: list[Event] = [
        reading(0, 1.0, "0", spilled_bytes=5, written_bytes=7),
        reading(0, 1.1, "1", spilled_bytes=6, write_s=0.5),
        reading(0, 2.0, "0", spilled_bytes=0, read_s=0.25),
        make_sample(0),
    ]
    run = make_run(tmp_path, events, Plan((search_suite(1),)))
    _, suite, case = run.cases[0]
    trial = trial_of(run, 0, suite, case)
    assert trial is not None
    assert (trial.spilled_bytes, trial.written_bytes, trial.spill_s) == (11, 7, 0.75)
    assert trial.outcome == UNPAUSED


def test_a_trial_that_finished_with_workers_ended_is_worse_than_a_pause(tmp_path: Path) -> None:
    ended: list[Event] = [WorkerEvent(0, 1.0, "0", "terminated"), WorkerEvent(0, 1.1, "0", "left")]
    events = [*ended, make_lane(0), make_sample(0), make_lane(1), make_sample(1)]
    report = report_of(tmp_path, events, count=2)
    said = flat(render("plain", report))
    assert "1 worker ended" in said
    assert "no pause: 200 MiB per worker (with 100 MiB 1 worker was ended)" in said
    assert "finishes: 100 MiB per worker, the smallest" in said
    assert "left while samples ran" not in said


def test_noise_is_told(tmp_path: Path) -> None:
    events: list[Event] = [
        make_sample(2),
        make_sample(0),
        CaseFailed(1, "in round 1", "KilledWorker: died"),
    ]
    report = report_of(tmp_path, events)
    assert (
        "finishes: 300 MiB per worker (200 MiB failed); unreliable, as a smaller limit did better"
        in flat(render("plain", report))
    )
    said = flat(render("table", report))
    assert "unreliable, as a smaller limit did better than a larger one: use more --rounds" in said


def test_all_bounds_are_one_sentence(tmp_path: Path) -> None:
    events: list[Event] = [
        make_sample(2),
        make_sample(1),
        CaseFailed(0, "in round 1", "KilledWorker: died"),
    ]
    lines = render("table", report_of(tmp_path, events)).splitlines()
    answer = lines[lines.index("") + 1]
    assert answer.startswith("smallest memory limit per worker: 200 MiB without spilling, 200 MiB")
    assert "finishes: 200 MiB" not in flat("\n".join(lines))


def test_a_search_that_breaks_off_has_failed_even_if_a_limit_was_found(
    runner: CliRunner, here: Path, trials: LimitedLanes
) -> None:
    trials.truth = lambda limit: Outcome.UNSPILLED if limit > 9 * 10**8 else BROKEN
    result = invoke(runner, *SMALL)
    assert "smallest memory limit per worker: at most" in flat(result.stdout)
    assert result.exit_code == 1


def test_what_fails_for_another_reason_ends_the_search_with_that(
    runner: CliRunner, here: Path, trials: LimitedLanes
) -> None:
    trials.truth = lambda limit: BROKEN
    result = invoke(runner, *SMALL)
    assert result.exit_code == 1
    assert len(trials.tried) == 1
    said = flat(result.stdout)
    assert "which failed for a reason other than memory or time" in said
    assert "failed: in round 1: ModuleNotFoundError" in said
    assert "try a larger --to" not in said


def test_an_invalid_sample_is_a_failure(tmp_path: Path) -> None:
    events = [make_sample(2), make_sample(1, valid=False, reason="wrong answer")]
    said = flat(render("markdown", report_of(tmp_path, events)))
    assert "| failed |" in said
    assert "wrong answer" in said
    assert "excluded from the results" not in said


def test_the_time_of_several_samples_has_a_deviation(tmp_path: Path) -> None:
    events = [make_sample(2, n, 0.1 * n) for n in (1, 2, 3)]
    said = flat(render("table", report_of(tmp_path, events, rounds=3)))
    assert "200 ms ± 81.6 ms" in said
    assert " 3 samples each" in said


def test_a_trial_with_samples_missing_is_cut_short(tmp_path: Path) -> None:
    said = flat(render("table", report_of(tmp_path, [make_sample(2)], rounds=3)))
    assert "cut short" in said
    assert "MiB per worker" not in said


def test_brackets_of_the_view_are_those_of_the_search(tmp_path: Path) -> None:
    trials = LimitedLanes(Clock(), by_place(TRUTH))
    events, noted = conduct(search_suite(), trials)
    report = report_of(tmp_path, [*noted, *events[:-1]], count=len(TRUTH))
    known = {n: Outcome(one) for n, one in EXPERIMENT.outcomes(report.run).items()}
    [search] = report.tables
    assert isinstance(search, Search)
    for bound, goal in zip(search.bounds, GOALS, strict=True):
        good, bad = bracket(known, goal)
        assert bound.found
        assert bound.below
        assert (good, bad) == (
            bound.found.limit_bytes // (100 * MIB) - 1,
            bound.below.limit_bytes // (100 * MIB) - 1,
        )
        assert bound.sure


def test_a_search_is_found_again_by_its_store(
    runner: CliRunner, here: Path, trials: LimitedLanes
) -> None:
    first = invoke(runner, *SMALL)
    assert invoke(runner, "show").stdout == first.stdout
    assert Store(Path(".daskbench")).run_ids[0] in invoke(runner, "list").stdout
