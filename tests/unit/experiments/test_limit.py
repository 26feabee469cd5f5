"""``daskbench limit``: a search conducted on fakes, kept, resumed and shown."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from daskbench.benchmarks import make_benchmark
from daskbench.cli import main, session
from daskbench.cli.progress import Progress as Screen
from daskbench.conductor.conduct import Activity, Conductor, Progress
from daskbench.config import fit, forecasts_of
from daskbench.errors import Interrupted, UsageError
from daskbench.events import (
    CaseFailed,
    Event,
    Finished,
    LaneStarted,
    Reading,
    Resumed,
    Sample,
    WorkerEvent,
)
from daskbench.experiments.limit import EXPERIMENT
from daskbench.experiments.limit.plan import limits_between, make_search, share_of_a_worker
from daskbench.experiments.limit.rows import Search, trial_of
from daskbench.experiments.limit.search import GOALS, Outcome, bracket
from daskbench.experiments.report import Report, build
from daskbench.formats import FORMATS
from daskbench.journal.read import read_run, read_status
from daskbench.journal.store import Store
from daskbench.lane.protocol import Message
from daskbench.lane.sampling import Sampler
from daskbench.model import Case, Experiment, Plan, Settings, Suite
from daskbench.processes.talk import Heard, LaneError
from tests.unit.builders import (
    PARAMETERS,
    make_case,
    make_lane,
    make_run,
    make_sample,
    make_suite,
    render,
)
from tests.unit.fakes import Clock, FakeLane, FakeLanes, FakeMachine, answer_of

MIB, GIB = 1 << 20, 1 << 30
BROKEN, FAILED, FINISHED, UNPAUSED, UNSPILLED = Outcome
TRUTH = (FAILED, FAILED, FINISHED, UNPAUSED, UNPAUSED, UNSPILLED, UNSPILLED, UNSPILLED)


def search_suite(count: int = len(TRUTH), **more: Any) -> Suite:
    parameters: dict[str, int | float | str] = {"n": 1000, "tasks": 100, "rng": "legacy"}
    cases = [
        Case("calc_mean", "distributed", parameters, 2, 1, memory_limit_bytes=(i + 1) * 100 * MIB)
        for i in range(count)
    ]
    how = Settings(**{"rounds": 1, "warmup": 0, "timeout_s": 9, "memory": True} | more)
    return Suite("limit", tuple(cases), how, experiment=Experiment("limit"), race=False, trial=True)


def held(spilled: int = 0, written: int = 0, state: str = "running") -> Message:
    sizes = ("process_bytes", "managed_bytes", "unmanaged_bytes", "unmanaged_recent_bytes")
    more = {"spilled_bytes": spilled, "written_bytes": written, "state": state, "span_s": 0.5}
    return {"event": "memory", "worker": "0", **dict.fromkeys(sizes, 50 * MIB), **more}


class LimitedLanes(FakeLanes):
    """Lanes in which the outcome hangs on the memory limit: what `truth` has for it."""

    def __init__(
        self, clock: Clock, truth: Callable[[int], Outcome], interrupt_at: int | None = None
    ) -> None:
        super().__init__(clock)
        self.truth, self.interrupt_at = truth, interrupt_at
        self.tried: list[int] = []

    def usual(self, lane: FakeLane, message: Message) -> Message:
        assert len(self.open) == 1, "one lane at a time"
        limit = lane.case["memory_limit_bytes"]
        if message["op"] == "open":
            assert lane.case["memory"]
            return super().usual(lane, message)
        outcome = self.truth(limit)
        if message["op"] == "listen":  # what is written last is told last
            if outcome == UNPAUSED:
                lane.heard.append(Heard(0.0, held(spilled=MIB, written=2 * MIB)))
            return {}
        self.tried.append(limit)
        if self.interrupt_at == len(self.tried):
            raise Interrupted("interrupted")
        lane.heard.append(Heard(0.0, held()))
        if outcome == FINISHED:
            self.clock.now += 1.0
            lane.heard.append(Heard(1.0, {"event": "worker", "worker": "0", "what": "paused"}))
            lane.heard.append(Heard(0.5, {"event": "worker", "worker": "0", "what": "resumed"}))
        if outcome == FAILED:
            raise LaneError("4 workers of 1 GiB died while running x; ended for its memory")
        if outcome == BROKEN:
            raise LaneError("ModuleNotFoundError: No module named 'x'")
        self.clock.now += 2.0 if outcome == UNSPILLED else 4.0
        return answer_of(2.0 if outcome == UNSPILLED else 4.0)


def by_place(truth: tuple[Outcome, ...]) -> Callable[[int], Outcome]:
    return lambda limit: truth[limit // (100 * MIB) - 1]


def conduct(
    suite: Suite, lanes: FakeLanes, before: Progress | None = None
) -> tuple[list[Event], list[Event]]:
    """Return what the journal would get: what happened, and what lanes told in between."""
    noted: list[Event] = []
    conductor = Conductor(
        Plan((suite,)),
        lanes,
        clock=lanes.clock,
        machine=FakeMachine(),
        tick=lambda: None,
        note=noted.append,
        before=before,
        policy=EXPERIMENT.policy,
    )
    return [event for event in conductor.run() if not isinstance(event, Activity)], noted


def tried_in(events: list[Event]) -> list[int]:
    return [event.case for event in events if isinstance(event, Sample | CaseFailed)]


# The conductor


def test_the_largest_is_tried_first_then_the_middle() -> None:
    lanes = LimitedLanes(Clock(), by_place(TRUTH))
    events, noted = conduct(search_suite(), lanes)
    assert tried_in(events) == [7, 3, 5, 4, 1, 2]
    assert [event.case for event in events if isinstance(event, LaneStarted)] == tried_in(events)
    assert lanes.open == []
    assert events[-1] == Finished("complete", lanes.clock.now - 100.0, failed=0)
    assert any(isinstance(event, WorkerEvent) for event in noted)


def test_what_is_told_last_of_all_is_heard_before_the_sample_counts() -> None:
    lanes = LimitedLanes(Clock(), by_place((UNPAUSED,)))
    _, noted = conduct(search_suite(1), lanes)
    assert any(isinstance(event, Reading) and event.written_bytes for event in noted)
    assert [op for op, _ in lanes.log] == ["open", "sample", "listen"]


def test_where_the_largest_fails_nothing_more_is_tried_and_the_case_failed() -> None:
    lanes = LimitedLanes(Clock(), lambda limit: FAILED)
    events, _ = conduct(search_suite(), lanes)
    assert tried_in(events) == [7]
    assert isinstance(events[-1], Finished)
    assert events[-1].failed == 1


def test_a_trial_of_several_samples_keeps_its_lane_and_ends_at_a_failure() -> None:
    lanes = LimitedLanes(Clock(), by_place((FAILED, UNSPILLED)))
    events, _ = conduct(search_suite(2, rounds=3), lanes)
    assert tried_in(events) == [1, 1, 1, 0]
    assert len(lanes.all) == 2


def test_the_worst_of_several_samples_counts() -> None:
    """The second sample at the largest limit spills: so none is without spilling."""
    outcomes = iter([UNSPILLED, UNSPILLED, UNPAUSED, UNPAUSED] + [UNSPILLED] * 20)
    lanes = LimitedLanes(Clock(), lambda limit: next(outcomes))
    suite = search_suite(2, rounds=2)
    events, noted = conduct(suite, lanes)
    run_signs = [*events, *noted]
    assert any(isinstance(e, Reading) and e.case == 1 and e.spilled_bytes for e in run_signs)
    assert tried_in(events) == [1, 1, 0, 0]


@given(
    truth=st.lists(st.sampled_from(Outcome), min_size=1, max_size=25),
    cut=st.integers(1, 12),
)
@settings(max_examples=40, deadline=None)
def test_cut_anywhere_it_goes_on_from_its_journal(
    tmp_path_factory: pytest.TempPathFactory, truth: list[Outcome], cut: int
) -> None:
    """Samples, failures and readings of the first session are enough to go on as if uncut."""
    suite = search_suite(len(truth))
    whole = LimitedLanes(Clock(), by_place(tuple(truth)))
    events, noted = conduct(suite, whole)
    first = LimitedLanes(Clock(), by_place(tuple(truth)), interrupt_at=cut)
    events, noted = conduct(suite, first)
    folder = tmp_path_factory.mktemp("store")
    run = make_run(folder, [*noted, *events], Plan((suite,)), finish=False)
    done = {n: frozenset(int(r) for r in s["round"]) for n, s in run.samples.items()}
    before = Progress(done=done, outcomes=EXPERIMENT.outcomes(run), session=1)
    second = LimitedLanes(Clock(), by_place(tuple(truth)))
    conduct(suite, second, before)
    assert first.tried[: cut - 1] + second.tried == whole.tried


def test_what_failed_in_a_search_is_not_forgotten_by_a_resume(tmp_path: Path) -> None:
    """In other suites it is, so that it is measured again."""
    other = make_suite(make_case(), name="other")
    plan = Plan((search_suite(2), other))
    failures: list[Event] = [CaseFailed(n, "in round 1", "KilledWorker: died") for n in (0, 2)]
    run = make_run(tmp_path, [*failures, Resumed("2026-11-23T11:00:00+00:00", 1.0)], plan)
    assert [*run.failures] == [0]
    assert EXPERIMENT.outcomes(run) == {0: FAILED}


def test_a_search_is_left_whole_by_the_preflight() -> None:
    suite = make_search("limit", "svd", {"shape": ("1e6x100",)}, [100 * MIB, 200 * MIB], cores=2)
    found = forecasts_of(suite, 2, GIB)
    assert any(one.skip for one in found)
    assert fit(suite, found, GIB, force=False) == suite
    how = suite.settings
    assert (how.memory, how.hardware, how.warmup, how.rounds) == (True, False, 0, 1)
    assert [case.memory_limit_bytes for case in suite.cases] == [100 * MIB, 200 * MIB]


def test_a_lane_listens_only_where_memory_is_told() -> None:
    heard: list[str] = []

    class Quiet:
        """Tells nothing."""

    class Telling(Quiet):
        def tell_memory(self, tell: Callable[[Message], None], interval_s: float | None) -> None:
            """Not asked for here."""

        def listen(self) -> None:
            heard.append("listened")

    for scheduler in (Quiet(), Telling()):
        Sampler(make_benchmark("calc_mean", PARAMETERS, 1), scheduler).listen()  # type: ignore[arg-type]
    assert heard == ["listened"]


# From the command line


@pytest.fixture
def lanes(monkeypatch: pytest.MonkeyPatch) -> LimitedLanes:
    """What finishes from 200 MiB on, is not paused from 300 on, and does not spill from 450 on."""
    clock = Clock()

    def truth(limit: int) -> Outcome:
        return Outcome(sum(limit >= threshold * MIB for threshold in (200, 300, 450)))

    fake = LimitedLanes(clock, truth)
    monkeypatch.setattr(session, "Lanes", lambda _folder: fake)
    monkeypatch.setattr(session, "ThisMachine", FakeMachine)
    monkeypatch.setattr(session, "monotonic", clock)
    monkeypatch.setattr("daskbench.environment.cores", lambda: 2)
    monkeypatch.setattr("daskbench.environment.memory_bytes", lambda: 8 << 30)
    return fake


SMALL = ("limit", "--shape", "200x10", "--from", "100MiB", "--to", "1GiB", "--precision", "20%")


def invoke(runner: CliRunner, *arguments: str) -> Result:
    result = runner.invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_three_limits_each_with_its_neighbour(
    runner: CliRunner, here: Path, lanes: LimitedLanes
) -> None:
    result = invoke(runner, *SMALL)
    assert result.exit_code == 0, result.stderr
    said = flat(result.stdout)
    assert "no spill: 501 MiB per worker (419 MiB spilled)" in said
    assert "no pause: 350 MiB per worker (293 MiB paused)" in said
    assert "finishes: 205 MiB per worker (171 MiB failed)" in said
    assert "price: time / time with 1 GiB, the largest limit without spilling" in said
    assert "at most 13 trials of 14 limits, 100 MiB to 1 GiB per worker" in result.stderr
    assert "dashboard" not in result.stderr
    assert len(lanes.tried) < 13
    [path] = Path(".daskbench").glob("*.jsonl")
    assert read_status(path)[1] == "complete"


def test_rows_are_the_limits_that_were_tried_in_order(
    runner: CliRunner, here: Path, lanes: LimitedLanes
) -> None:
    result = invoke(runner, *SMALL, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    limits = [int(row["memory_limit_bytes"]) for row in rows]
    assert limits == sorted(lanes.tried)
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


def test_json_has_the_limits_in_bytes(runner: CliRunner, here: Path, lanes: LimitedLanes) -> None:
    document = json.loads(invoke(runner, *SMALL, "--format", "json").stdout)
    limits = {found["goal"]: found for found in document["limits"]}
    assert [*limits] == ["unspilled", "unpaused", "finished"]
    found = limits["finished"]
    assert (found["memory_limit_bytes"], found["below_bytes"]) == (205 * MIB, 171 * MIB)
    assert all(one["sure"] and one["monotone"] for one in limits.values())
    assert len(document["cases"]) == len(lanes.tried)


def test_where_the_largest_fails_it_says_so_and_exits_1(
    runner: CliRunner, here: Path, lanes: LimitedLanes
) -> None:
    result = invoke(runner, *SMALL[:-4], "--to", "150MiB")
    assert result.exit_code == 1
    assert lanes.tried == [150 * MIB]
    said = flat(result.stdout)
    assert "finishes: none of the limits tried (150 MiB failed); try a larger --to" in said
    assert "4 workers of 1 GiB died" in said


def test_where_the_largest_spills_that_alone_is_not_found_and_exits_1(
    runner: CliRunner, here: Path, lanes: LimitedLanes
) -> None:
    result = invoke(runner, *SMALL[:-4], "--to", "400MiB")
    assert result.exit_code == 1
    said = flat(result.stdout)
    assert "no spill: none of the limits tried (400 MiB spilled)" in said
    assert "finishes: 20" in said
    assert "price" not in said


def test_where_the_smallest_does_it_that_is_said(
    runner: CliRunner, here: Path, lanes: LimitedLanes
) -> None:
    result = invoke(runner, "limit", "--shape", "200x10", "--from", "500MiB", "--to", "900MiB")
    assert result.exit_code == 0
    assert "500 MiB per worker, the smallest limit tried; try a smaller --from" in flat(
        result.stdout
    )


def test_interrupted_it_shows_what_it_has_and_resume_goes_on(
    runner: CliRunner, here: Path, lanes: LimitedLanes
) -> None:
    uncut = LimitedLanes(lanes.clock, lanes.truth)
    lanes.interrupt_at = 6
    result = invoke(runner, *SMALL)
    assert result.exit_code == 130
    said = flat(result.stdout)
    assert "finishes: so far at most" in said
    assert "interrupted: continue with 'daskbench resume" in said
    tried = lanes.tried[:-1]
    lanes.interrupt_at, lanes.tried = None, []
    result = invoke(runner, "resume")
    assert result.exit_code == 0, result.stderr
    assert "finishes: 205 MiB per worker (171 MiB failed)" in flat(result.stdout)
    [path] = Path(".daskbench").glob("*.jsonl")
    suite = read_run(path).plan.suites[0]
    conduct(suite, uncut)
    assert tried + lanes.tried == uncut.tried
    again = invoke(runner, "resume")
    assert again.exit_code == 2
    assert "is complete" in again.stderr


def test_interrupted_before_anything_was_tried(
    runner: CliRunner, here: Path, lanes: LimitedLanes
) -> None:
    lanes.interrupt_at = 1
    for view in FORMATS:
        lanes.tried = []
        result = invoke(runner, *SMALL, "--format", view)
        assert result.exit_code == 130, view
        assert "1 GiB" in result.stdout or "1073741824" in result.stdout


def test_what_could_not_hold_one_task_is_tried_all_the_same(
    runner: CliRunner, here: Path, lanes: LimitedLanes
) -> None:
    arguments = ("limit", "--shape", "1e6x100", "--chunks", "1e5x100", "--to", "500MiB")
    result = invoke(runner, *arguments, "--from", "130MiB", "--precision", "50%")
    assert "skipped" not in result.stderr + result.stdout
    assert min(lanes.tried) < 200 * MIB


def test_a_dry_run_shows_the_bounds_and_no_case_lines(
    runner: CliRunner, here: Path, lanes: LimitedLanes
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
    runner: CliRunner, here: Path, lanes: LimitedLanes
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
        (("--workers", "100"), "share of the machine is 81 MiB, not above --from 120 MiB"),
        (("--benchmark", "calc_meen"), "did you mean 'calc_mean'?"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    runner: CliRunner, here: Path, lanes: LimitedLanes, arguments: tuple[str, ...], message: str
) -> None:
    result = invoke(runner, "limit", *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert message in flat(result.stderr)
    assert lanes.all == []
    assert not (here / ".daskbench").exists()


def test_distributed_may_be_said(runner: CliRunner, here: Path, lanes: LimitedLanes) -> None:
    assert invoke(runner, *SMALL, "--schedulers", "distributed", "--dry-run").exit_code == 0


# The grid


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


# Figures and views


def report_of(folder: Path, events: Sequence[Event], count: int = 3, **more: Any) -> Report:
    return build(make_run(folder, events, Plan((search_suite(count, **more),))))


def reading(case: int, at_s: float, worker: str = "0", **more: Any) -> Reading:
    return msgspec.convert(held() | {"case": case, "at_s": at_s, "worker": worker} | more, Reading)


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
    said = flat(render("table", report))
    assert (
        "finishes: 300 MiB per worker (200 MiB failed); unreliable, as a smaller limit did better"
        in said
    )


def test_what_fails_for_another_reason_ends_the_search_with_that(
    runner: CliRunner, here: Path, lanes: LimitedLanes
) -> None:
    lanes.truth = lambda limit: BROKEN
    result = invoke(runner, *SMALL)
    assert result.exit_code == 1
    assert len(lanes.tried) == 1
    said = flat(result.stdout)
    assert "failed for a reason other than memory or time: in round 1: ModuleNotFoundError" in said
    assert "try a larger --to" not in said


def test_an_invalid_sample_is_a_failure(tmp_path: Path) -> None:
    events = [make_sample(2), make_sample(1, valid=False, reason="wrong answer")]
    said = flat(render("markdown", report_of(tmp_path, events)))
    assert "| failed |" in said
    assert "wrong answer" in said
    assert "they count in no figure" not in said


def test_the_time_of_several_samples_has_a_deviation(tmp_path: Path) -> None:
    events = [make_sample(2, n, 0.1 * n) for n in (1, 2, 3)]
    said = flat(render("table", report_of(tmp_path, events, rounds=3)))
    assert "200 ms ± 81.6 ms" in said
    assert "(3 samples each" in said


def test_a_trial_with_samples_missing_is_cut_short(tmp_path: Path) -> None:
    said = flat(render("table", report_of(tmp_path, [make_sample(2)], rounds=3)))
    assert "cut short" in said
    assert "MiB per worker" not in said


def test_brackets_of_the_view_are_those_of_the_search(tmp_path: Path) -> None:
    lanes = LimitedLanes(Clock(), by_place(TRUTH))
    events, noted = conduct(search_suite(), lanes)
    report = report_of(tmp_path, [*noted, *events[:-1]], count=len(TRUTH))
    known = {n: Outcome(one) for n, one in EXPERIMENT.outcomes(report.run).items()}
    [search] = report.groups
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
    runner: CliRunner, here: Path, lanes: LimitedLanes
) -> None:
    first = invoke(runner, *SMALL)
    assert invoke(runner, "show").stdout == first.stdout
    assert Store(Path(".daskbench")).run_ids[0] in invoke(runner, "list").stdout


# Progress


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
