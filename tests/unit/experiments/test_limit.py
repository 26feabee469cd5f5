"""From the command line; The grid; Progress."""

import csv
import io
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from daskbench.cli.progress import Progress as Screen
from daskbench.conductor.conduct import Activity
from daskbench.errors import UsageError
from daskbench.experiments.limit.plan import limits_between, share_of_a_worker
from daskbench.formats import FORMATS
from daskbench.journal.read import read_run, read_status
from daskbench.model import Plan
from tests.unit.builders import (
    make_sample,
)
from tests.unit.experiments.limited import (
    MIB,
    SMALL,
    LimitedLanes,
    conduct,
    flat,
    invoke,
    search_suite,
)
from tests.unit.fakes import Clock


def test_the_three_limits_each_with_its_neighbour(
    runner: CliRunner, here: Path, trials: LimitedLanes
) -> None:
    result = invoke(runner, *SMALL, "--explain")
    assert result.exit_code == 0, result.stderr
    said = flat(result.stdout)
    assert "no spill: 501 MiB per worker (419 MiB spilled)" in said
    assert "no pause: 350 MiB per worker (293 MiB paused)" in said
    assert "finishes: 205 MiB per worker (171 MiB failed)" in said
    assert "price: time / time with 1 GiB, the largest limit without spilling" in said
    assert "at most 13 trials of 14 limits, 100 MiB to 1 GiB per worker" in result.stderr
    assert "dashboard" not in result.stderr
    assert len(trials.tried) < 13
    [path] = Path(".daskbench").glob("*.jsonl")
    assert read_status(path)[1] == "complete"


def test_rows_are_the_limits_that_were_tried_in_order(
    runner: CliRunner, here: Path, trials: LimitedLanes
) -> None:
    result = invoke(runner, *SMALL, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    limits = [int(row["memory_limit_bytes"]) for row in rows]
    assert limits == sorted(trials.tried)
    outcomes = [row["outcome"] for row in rows]
    assert outcomes[0] == "failed"
    assert outcomes[-1] == "unspilled"
    assert float(rows[-1]["price"]) == 1
    spilled = next(row for row in rows if row["outcome"] == "unpaused")
    assert (spilled["spilled_bytes"], spilled["written_bytes"]) == (str(MIB), str(2 * MIB))
    assert float(spilled["price"]) == 2.0
    paused = next(row for row in rows if row["outcome"] == "finished")
    assert float(paused["paused_s"]) == pytest.approx(0.5)
    assert {row["status"] for row in rows} == {"ok", "failed"}


def test_json_has_the_limits_in_bytes(runner: CliRunner, here: Path, trials: LimitedLanes) -> None:
    document = json.loads(invoke(runner, *SMALL, "--format", "json").stdout)
    limits = {found["goal"]: found for found in document["limits"]}
    assert [*limits] == ["unspilled", "unpaused", "finished"]
    found = limits["finished"]
    assert (found["memory_limit_bytes"], found["below_bytes"]) == (205 * MIB, 171 * MIB)
    assert all(one["sure"] and one["monotone"] for one in limits.values())
    assert len(document["cases"]) == len(trials.tried)


def test_where_the_largest_fails_it_says_so_and_exits_1(
    runner: CliRunner, here: Path, trials: LimitedLanes
) -> None:
    result = invoke(runner, *SMALL[:-4], "--to", "150MiB")
    assert result.exit_code == 1
    assert trials.tried == [150 * MIB]
    said = flat(result.stdout)
    assert "finishes: none of the limits tried (150 MiB failed); try a larger --to" in said
    assert "4 workers of 1 GiB died" in said


def test_where_the_largest_spills_that_alone_is_not_found_and_exits_1(
    runner: CliRunner, here: Path, trials: LimitedLanes
) -> None:
    result = invoke(runner, *SMALL[:-4], "--to", "400MiB")
    assert result.exit_code == 1
    said = flat(result.stdout)
    assert "no spill: none of the limits tried (400 MiB spilled)" in said
    assert re.search(r"smallest memory limit per worker: .* 20. MiB to finish", said)
    assert "price" not in said


def test_where_the_smallest_does_it_that_is_said(
    runner: CliRunner, here: Path, trials: LimitedLanes
) -> None:
    result = invoke(runner, "limit", "--shape", "200x10", "--from", "500MiB", "--to", "900MiB")
    assert result.exit_code == 0
    assert "500 MiB per worker, the smallest limit tried; try a smaller --from" in flat(
        result.stdout
    )


def test_interrupted_it_shows_what_it_has_and_resume_goes_on(
    runner: CliRunner, here: Path, trials: LimitedLanes
) -> None:
    uncut = LimitedLanes(trials.clock, trials.truth)
    trials.interrupt_at = 6
    result = invoke(runner, *SMALL)
    assert result.exit_code == 130
    said = flat(result.stdout)
    assert re.search(r"smallest memory limit per worker: .*at most \d+ MiB to finish", said)
    assert "interrupted: continue with 'daskbench resume" in said
    tried = trials.tried[:-1]
    trials.interrupt_at, trials.tried = None, []
    result = invoke(runner, "resume")
    assert result.exit_code == 0, result.stderr
    assert " 205 MiB to finish" in flat(result.stdout)
    explained = flat(invoke(runner, "show", "--explain").stdout)
    assert "finishes: 205 MiB per worker (171 MiB failed)" in explained
    [path] = Path(".daskbench").glob("*.jsonl")
    suite = read_run(path).plan.suites[0]
    conduct(suite, uncut)
    assert tried + trials.tried == uncut.tried
    again = invoke(runner, "resume")
    assert again.exit_code == 2
    assert "is complete" in again.stderr


def test_interrupted_before_anything_was_tried(
    runner: CliRunner, here: Path, trials: LimitedLanes
) -> None:
    trials.interrupt_at = 1
    for view in FORMATS:
        trials.tried = []
        result = invoke(runner, *SMALL, "--format", view)
        assert result.exit_code == 130, view
        assert "1 GiB" in result.stdout or "1073741824" in result.stdout


def test_what_could_not_hold_one_task_is_tried_all_the_same(
    runner: CliRunner, here: Path, trials: LimitedLanes
) -> None:
    arguments = ("limit", "--shape", "1e6x100", "--chunks", "1e5x100", "--to", "500MiB")
    result = invoke(runner, *arguments, "--from", "130MiB", "--precision", "50%")
    assert "skipped" not in result.stderr + result.stdout
    assert min(trials.tried) < 200 * MIB


def test_a_dry_run_shows_the_bounds_and_no_case_lines(
    runner: CliRunner, here: Path, trials: LimitedLanes
) -> None:
    result = invoke(runner, *SMALL, "--dry-run")
    assert result.exit_code == 0
    head, what, needs, time = result.stdout.splitlines()
    assert head == (
        "limit: at most 13 trials of 14 limits, 100 MiB to 1 GiB per worker, 1 sample each"
    )
    assert "svd shape=200x10" in what
    assert "compute=usv" in what
    assert "tasks" in needs
    assert "not measured yet" in time
    assert not (here / ".daskbench").exists()
    invoke(runner, *SMALL)
    assert "about " in invoke(runner, *SMALL, "--dry-run").stdout.splitlines()[-1]


def test_another_benchmark_with_its_own_options(
    runner: CliRunner, here: Path, trials: LimitedLanes
) -> None:
    arguments = ("limit", "--benchmark", "calc_mean", "--n", "1e4", "--tasks", "10")
    result = invoke(runner, *arguments, "--to", "1GiB", "--rounds", "2")
    assert result.exit_code == 0, result.stderr
    assert "calc_mean n=10000 tasks=10" in flat(result.stdout)
    assert "2 samples each" in flat(result.stdout)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from", "2GiB", "--to", "1GiB"), "--from 2 GiB must be below --to 1 GiB"),
        (("--from", "1GiB", "--to", "1GiB"), "must be below --to"),
        (("--precision", "0%"), "'0%' is out of range"),
        (("--precision", "0.001"), "use 1% to 100%"),
        (("--precision", "200%"), "use 1% to 100%"),
        (("--precision", "fine"), "'fine' is out of range"),
        (("--shape", "200x10,400x10"), "--shape has 2 values; a search takes only one"),
        (("--workers", "1,2"), "--workers has 2 values"),
        (("--address", "tcp://there:1"), "--address is not an option of this command"),
        (("--scheduler-file", "x.json"), "starts its own"),
        (("--schedulers", "threads"), "--schedulers is not an option of this command"),
        (("--memory-limit", "1GiB"), "with --from and --to"),
        (("--workers", "1000", "--to", "1GiB"), "too many for 2 cores"),
        (("--workers", "100"), "share of the job's memory is 81 MiB, not above --from 120 MiB"),
        (("--benchmark", "calc_meen"), "did you mean 'calc_mean'?"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    runner: CliRunner, here: Path, trials: LimitedLanes, arguments: tuple[str, ...], message: str
) -> None:
    result = invoke(runner, "limit", *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert message in flat(result.stderr)
    assert trials.all == []
    assert not (here / ".daskbench").exists()


def test_distributed_may_be_said(runner: CliRunner, here: Path, trials: LimitedLanes) -> None:
    assert invoke(runner, *SMALL, "--schedulers", "distributed", "--dry-run").exit_code == 0


@given(st.integers(MIB, 1 << 36), st.integers(MIB, 1 << 40), st.floats(0.01, 1.0))
def test_the_grid_goes_from_one_end_to_the_other(low: int, high: int, precision: float) -> None:
    if low >= high:
        with pytest.raises(UsageError):
            limits_between(low, high, precision)
        return
    limits = limits_between(low, high, precision)
    assert (limits[0], limits[-1]) == (low, high)
    assert limits == sorted(set(limits))
    for below, above in pairwise(limits):
        assert above <= below * (1 + precision) + 2 * MIB


def test_a_workers_share_is_dasks_own_but_never_more_than_there_is() -> None:
    assert share_of_a_worker(8 << 30, workers=2, threads=1, cores=4) == 2 << 30
    assert share_of_a_worker(8 << 30, workers=1, threads=9, cores=4) == 8 << 30
    assert share_of_a_worker(8 << 30, workers=8, threads=1, cores=4) == 1 << 30


def test_progress_shows_what_was_tried_and_how_much_it_may_be() -> None:
    from rich.console import Console

    console = Console(file=io.StringIO(), force_terminal=True, width=100, color_system=None)
    screen = Screen(Plan((search_suite(),)), console, Clock())

    def now() -> list[str]:
        with console.capture() as capture:
            console.print(screen._picture())
        return capture.get().splitlines()

    assert now()[-1].startswith("1 s, trial 1 of at most 8")
    screen.show(Activity(7, "starting"))
    screen.show(make_sample(7))
    screen.show(Activity(3, "round 1"))
    lines = now()
    assert len(lines) == 3
    assert lines[0].startswith("distributed × 2 of 400 MiB")
    assert "round 1" in lines[0]
    assert lines[1].startswith("distributed × 2 of 800 MiB")
    assert "trial 2 of at most 8" in lines[2]
