"""Sampling, and what a benchmark may have beyond the least."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import dask.array as da
import numpy as np
import pytest

from daskbench.benchmarks import make_benchmark
from daskbench.benchmarks.base import Benchmark, Compute, Evaluation
from daskbench.lane.probes.calls import CallInstruments
from daskbench.lane.probes.tasks import TaskCounter, count_tasks
from daskbench.lane.protocol import Found, Identity
from daskbench.lane.sampling import Sampler
from daskbench.lane.schedulers import SCHEDULERS, make_scheduler
from daskbench.lane.schedulers.local import Synchronous
from daskbench.lane.work import Computing, Work
from tests.unit.builders import opening
from tests.unit.lane.laning import OPEN, SMALL


class FakeScheduler:
    """Runs nothing, but says that it did; it remembers in which order it was called."""

    local = True
    computing = Computing(lambda collections: collections, lambda collections: collections)

    def __init__(self, tasks_run: int = 10, answers: list[float] | None = None) -> None:
        self.tasks_run, self.answers = tasks_run, answers
        self.calls: list[str] = []

    def open(self, benchmark: Any) -> None:
        self.calls.append("open")

    def prepare(self, benchmark: Any) -> None:
        self.calls.append("prepare")

    def describe(self) -> Found:
        return Found()

    def elsewhere(self) -> dict[str, Identity]:
        return {}

    def count(self, benchmark: Any) -> int:
        return 10

    def build(self, benchmark: Any) -> Any:
        self.calls.append("build")
        return benchmark.calls()

    def settle(self) -> None:
        self.calls.append("settle")

    @contextmanager
    def proof(self) -> Iterator[Any]:
        self.calls.append("watch")
        yield SimpleNamespace(
            tasks_run=self.tasks_run,
            tasks_known=None,
            tasks_reused=0,
            tasks_astray=0,
            computes=1,
            stray=None,
            first_task=None,
            workers_lost=2,
            workers_rss_bytes=None,
        )
        self.calls.append("watched")

    def instruments(self) -> CallInstruments:
        return CallInstruments(1)

    def compute(self, work: Any) -> Any:
        self.calls.append("compute")
        return self.answers or [call() for call in work]

    def default(self) -> AbstractContextManager[None]:
        return nullcontext()

    def report(self, path: str) -> AbstractContextManager[None]:
        self.calls.append(f"report {path}")
        return nullcontext()

    def close(self) -> None:
        self.calls.append("close")


def sampler_of(scheduler: FakeScheduler, rng: str = "generator") -> Sampler:
    return Sampler(make_benchmark("calc_mean", SMALL | {"rng": rng}, 1), scheduler)


def test_a_sample_builds_settles_computes_and_checks_in_this_order() -> None:
    scheduler = FakeScheduler(tasks_run=20)
    sample = sampler_of(scheduler).sample(loops=2)
    assert scheduler.calls == [
        *["build", "build", "settle"],
        *["watch", "compute", "compute", "watched"],
    ]
    assert (sample.tasks_run, sample.tasks_expected) == (20, 20)
    assert sample.answer_ok
    assert sample.reason is None
    assert sample.workers_lost == 2


def test_a_sample_whose_tasks_did_not_run_says_so() -> None:
    sample = sampler_of(FakeScheduler(tasks_run=0)).sample(loops=1)
    assert sample.reason == "0 of 10 tasks ran"
    assert sample.answer_ok


def test_a_sample_with_a_wrong_answer_says_so() -> None:
    sample = sampler_of(FakeScheduler(answers=[9.0] * 10)).sample(loops=1)
    assert sample.reason == "wrong answer: 10 of 10 means differ from NumPy's"
    assert not sample.answer_ok


def test_where_others_compute_no_cpu_is_claimed() -> None:
    scheduler = FakeScheduler()
    scheduler.local = False
    sample = sampler_of(scheduler).sample(loops=1)
    assert sample.cpu_s is None
    assert sample.lane_cpu_s is None


@pytest.mark.parametrize("name", ["numpy", "synchronous", "threads"])
def test_schedulers_of_this_process_prove_every_task(name: str) -> None:
    sampler = Sampler.open(opening(**OPEN | {"scheduler": name, "workers": 2}))
    for _ in range(2):
        sample = sampler.sample(loops=3)
        assert (sample.tasks_run, sample.tasks_expected) == (30, 30)
        assert sample.reason is None
    sampler.close()


@pytest.mark.parametrize("name", SCHEDULERS)
def test_every_scheduler_can_be_made(name: str) -> None:
    case = {"scheduler": name, "workers": 1, "blas_threads": 1, "cluster": {}}
    assert make_scheduler(opening(**case)).local


class Least:
    """Two sums of an array of four chunks, and nothing that is optional."""

    numbers = np.arange(8.0)
    held: Any = None

    def x(self) -> Any:
        return da.from_array(self.numbers, chunks=2) if self.held is None else self.held

    def collection(self) -> Sequence[Any]:
        return [self.x().sum(), (self.x() + 1).sum()]

    def calls(self) -> Sequence[Callable[[], Any]]:
        return [self.numbers.sum, (self.numbers + 1).sum]

    def check(self, answer: Sequence[Any]) -> str | None:
        return None if list(answer) == [28, 36] else "not the sums"


class Proceeding(Least):
    """Goes on twice: with a value, and with an array that stays where it is."""

    def proceed(self, results: Sequence[Any], compute: Compute) -> Any:
        [third] = compute((self.x() * results[0]).sum())
        [kept] = compute.keep(self.x() + third)
        return [*results, third, kept]


class Keeping(Least):
    """Wants an array as it is."""

    keeps = True

    def collection(self) -> Sequence[Any]:
        return [self.x() + 1]


class Preparing(Least):
    """Holds the array, and remembers how often it did."""

    prepared = 0

    def prepare(self, compute: Compute) -> None:
        self.prepared += 1
        [self.held] = compute.keep(da.from_array(self.numbers, chunks=2))


class Accounting(Least):
    """Has these accounts of its answers, one after the other, and no check."""

    def __init__(self, *accounts: Evaluation) -> None:
        self.accounts = list(accounts)
        self.judged: list[tuple[Any, Any]] = []

    def check(self, answer: Sequence[Any]) -> str | None:
        raise AssertionError("who accounts is not asked to check")

    def account(self, answer: Any, compute: Compute) -> Evaluation:
        self.judged.append((answer, compute))
        return self.accounts[len(self.judged) - 1]


COMPUTING = Synchronous(opening()).computing


def run_and_counted(benchmark: Benchmark) -> tuple[Any, int, int]:
    """Return the answer, the tasks that Dask has to run for it, and those that ran."""
    work = Work(benchmark)
    with TaskCounter() as counter:
        answer = work.run(COMPUTING)
    return answer, work.tasks(), counter.tasks_run


def test_the_answer_is_that_of_the_only_compute() -> None:
    answer, known, ran = run_and_counted(Least())
    assert Least().check(answer) is None
    assert known == ran > 8


def test_the_tasks_of_all_steps_are_counted() -> None:
    answer, known, ran = run_and_counted(Proceeding())
    assert list(answer[:3]) == [28, 36, 28 * 28]
    assert known == ran
    _, first, _ = run_and_counted(Least())
    step = Least().x()
    then = [count_tasks([(step * 28).sum()]), count_tasks([step + 784], keep=True)]
    assert known == first + sum(then)


def test_before_it_runs_only_the_first_step_is_known() -> None:
    work = Work(Proceeding())
    first = work.tasks()
    assert first == Work(Least()).tasks()
    work.run(COMPUTING)
    assert work.tasks() > first


def test_what_a_step_keeps_stays_in_its_chunks() -> None:
    kept = run_and_counted(Proceeding())[0][3]
    assert kept.numblocks == (4,)
    assert count_tasks([kept], keep=True) == 0
    assert list(COMPUTING(kept)[0]) == list(np.arange(8) + 784)


def test_the_first_compute_may_keep_its_results() -> None:
    [kept], known, ran = run_and_counted(Keeping())
    assert known == ran
    assert count_tasks([kept], keep=True) == 0
    assert list(COMPUTING(kept)[0]) == list(np.arange(1, 9))


def test_who_may_keep_but_does_not_gets_values() -> None:
    class Wavering(Keeping):
        keeps = False

    [value], known, ran = run_and_counted(Wavering())
    assert isinstance(value, np.ndarray)
    assert known == ran


def test_data_that_are_held_are_no_tasks() -> None:
    made = da.from_array(np.arange(8.0), chunks=2).map_blocks(np.sqrt)
    [held] = COMPUTING.keep(made)
    assert count_tasks([made], keep=True) >= 4
    assert count_tasks([held], keep=True) == 0
    assert count_tasks([held]) == 1  # the chunks are put together
    assert count_tasks([held, held.sum()]) < count_tasks([made, made.sum()])
    with TaskCounter() as counter:
        COMPUTING(held, held.sum())
    assert counter.tasks_run == count_tasks([held, held.sum()])


@pytest.mark.parametrize(("name", "times"), [("numpy", 0), ("synchronous", 1), ("threads", 1)])
def test_what_is_prepared_is_prepared_once_before_the_first_sample(
    name: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In plain NumPy `calls` sees to it."""
    benchmark = Preparing()
    monkeypatch.setattr("daskbench.lane.sampling.make_benchmark", lambda *_: benchmark)
    sampler = Sampler.open(opening(**OPEN | {"scheduler": name, "workers": 2}))
    assert benchmark.prepared == times
    sampler.describe()
    for _ in range(2):
        assert sampler.sample(loops=2).reason is None
    assert benchmark.prepared == times


@pytest.mark.parametrize("name", ["numpy", "synchronous", "threads"])
@pytest.mark.parametrize("benchmark", [Least(), Proceeding(), Keeping(), Preparing()])
def test_whatever_a_benchmark_has_its_tasks_are_proved(
    benchmark: Benchmark, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daskbench.lane.sampling.make_benchmark", lambda *_: benchmark)
    sampler = Sampler.open(opening(**OPEN | {"scheduler": name, "workers": 2}))
    sample = sampler.sample(loops=3)
    assert sample.tasks_run == sample.tasks_expected > 0
    sampler.close()


def test_who_accounts_is_not_asked_to_check() -> None:
    benchmark, scheduler = Accounting(Evaluation()), FakeScheduler(answers=[1.0])
    sample = Sampler(benchmark, scheduler).sample(loops=1)
    assert benchmark.judged == [([1.0], scheduler.computing)]
    assert sample.reason is None
    assert sample.answer_ok


def test_the_worst_figures_of_all_loops_are_in_the_answer() -> None:
    accounts = [
        Evaluation(None, {"error": error, "residual": residual}, 1e9, 2e9, "went over")
        for error, residual in ((1e-15, 3e-15), (2e-15, 2e-15), (1e-16, 1e-15))
    ]
    sample = Sampler(Accounting(*accounts), FakeScheduler(tasks_run=30)).sample(loops=3)
    assert sample.figures == {"error": 2e-15, "residual": 3e-15}
    assert (sample.flops, sample.moved_bytes) == (1e9, 2e9)
    assert sample.note == "went over"
    assert sample.reason is None


def test_one_wrong_loop_makes_the_sample_wrong() -> None:
    accounts = [Evaluation(), Evaluation("u is wrong"), Evaluation("v is wrong"), Evaluation()]
    sample = Sampler(Accounting(*accounts), FakeScheduler(tasks_run=40)).sample(loops=4)
    assert not sample.answer_ok
    assert sample.reason == "wrong answer: u is wrong"


def test_of_a_long_answer_of_check_a_part_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand loops of one that returns 10 MB would hold 10 GB."""
    benchmark = make_benchmark("calc_mean", SMALL | {"rng": "generator"}, 1)
    monkeypatch.setattr(benchmark, "check", lambda _: "z" * 100_000, raising=False)
    sample = Sampler(benchmark, FakeScheduler(tasks_run=10)).sample(loops=1)
    assert len(sample.reason or "") == len("wrong answer: ") + 16_000


def test_a_figure_may_be_missing_where_an_answer_is_wrong() -> None:
    accounts = [
        Evaluation(None, {"error": 1.0, "residual": 2.0}),
        Evaluation("no u", {"error": 3.0}),
    ]
    sample = Sampler(Accounting(*accounts), FakeScheduler(tasks_run=20)).sample(loops=2)
    assert sample.figures == {"error": 3.0, "residual": 2.0}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_figure_that_is_no_number_is_left_to_what_is_wrong(value: float) -> None:
    """A journal can't hold it: it would be null there, and no longer read as a figure."""
    accounts = [
        Evaluation("no number", {"error": value, "residual": 1.0}),
        Evaluation(None, {"error": 2}),
    ]
    sample = Sampler(Accounting(*accounts), FakeScheduler(tasks_run=20)).sample(loops=2)
    assert sample.figures == {"error": 2, "residual": 1.0}
    assert sample.reason == "wrong answer: no number"


def test_without_an_account_there_are_no_figures() -> None:
    sample = Sampler(Least(), FakeScheduler()).sample(loops=1)
    assert sample.figures == {}
    assert [sample.flops, sample.moved_bytes, sample.note] == [None] * 3
    assert sample.answer_ok


def test_a_report_is_written_only_where_it_is_asked_for() -> None:
    scheduler = FakeScheduler()
    sampler = sampler_of(scheduler)
    sampler.sample(loops=1)
    assert "report file.html" not in scheduler.calls
    sampler.sample(loops=1, report="file.html")
    assert scheduler.calls.index("report file.html") < scheduler.calls.index("compute", 6)


def test_a_case_beside_another_has_its_own_benchmark_on_the_same_scheduler() -> None:
    tiny = {"tasks": 5, "shape": "wide"}
    case = opening(scheduler="threads", benchmark="empty_tasks", parameters=tiny, workers=2)
    first = Sampler.open(case)
    other = first.beside(replace(case, parameters={"tasks": 9, "shape": "chain"}, number=1))
    assert (first.describe().tasks, other.describe().tasks) == (5, 9)
    assert [sampler.sample(1).tasks_run for sampler in (other, first, other)] == [9, 5, 9]
    assert first._scheduler is other._scheduler
