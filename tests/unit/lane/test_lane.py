"""The child's floor, in this process: protocol, loop, sampling, counting."""

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any

import dask
import dask.array as da
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daskbench.benchmarks import make_benchmark
from daskbench.benchmarks.base import Account, Benchmark, Compute
from daskbench.benchmarks.calc_mean import CalcMean
from daskbench.errors import UsageError
from daskbench.lane import loop
from daskbench.lane.loop import serve
from daskbench.lane.probes.blas import blas_info
from daskbench.lane.probes.cpu import cpu_seconds
from daskbench.lane.probes.tasks import TaskCounter, count_tasks
from daskbench.lane.probes.tree import cpu_s, members, rss_bytes
from daskbench.lane.probes.watch import TaskWatch, begin, counts, hold, left_over
from daskbench.lane.protocol import PIPES, Channel, Message, encode, encode_answer
from daskbench.lane.sampling import Sampler
from daskbench.lane.schedulers import SCHEDULERS, make_scheduler
from daskbench.lane.schedulers.local import Synchronous
from daskbench.lane.work import Computing, Work
from tests.unit.builders import opening

SMALL = {"n": 100, "tasks": 10}

# Protocol


class Parent:
    """The conductor's ends of the pipes of a channel."""

    def __init__(self) -> None:
        lane_reads, self.commands = os.pipe()
        self.answers, lane_writes = os.pipe()
        self.channel = Channel(lane_reads, lane_writes)
        self._lane_writes = lane_writes

    def say(self, *messages: Message) -> None:
        for message in messages:
            os.write(self.commands, encode(message))
        os.close(self.commands)

    def hear(self) -> list[Message]:
        os.close(self._lane_writes)
        with os.fdopen(self.answers) as file:
            return [json.loads(line) for line in file]

    def close(self) -> None:
        self.channel._commands.close()


@pytest.fixture
def parent() -> Iterator[Parent]:
    made = Parent()
    yield made
    made.close()


MESSAGES = st.dictionaries(
    st.text(max_size=5), st.none() | st.integers() | st.text() | st.lists(st.text()), max_size=4
)


@given(MESSAGES)
def test_a_message_is_one_line_that_reads_as_the_same(message: Message) -> None:
    data = encode(message)
    assert data.count(b"\n") == 1
    assert data.endswith(b"\n")
    assert json.loads(data) == message


def test_a_channel_receives_until_the_parent_is_gone(parent: Parent) -> None:
    parent.say({"op": "a"}, {"op": "b"})
    assert parent.channel.receive() == {"op": "a"}
    assert parent.channel.receive() == {"op": "b"}
    assert parent.channel.receive() is None


def test_half_a_command_is_none(parent: Parent) -> None:
    os.write(parent.commands, b'{"op": "sam')
    os.close(parent.commands)
    assert parent.channel.receive() is None


def test_the_pipes_are_hidden_from_the_lanes_own_children(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader, writer = os.pipe()
    for descriptor in (reader, writer):
        os.set_inheritable(descriptor, True)
    monkeypatch.setenv(PIPES, f"{reader},{writer}")
    channel = Channel.from_environment()
    assert PIPES not in os.environ
    ends = channel._commands.fileno(), channel._answers
    assert min(ends) > max(reader, writer)
    assert not any(map(os.get_inheritable, ends))
    if not (child := os.fork()):
        os._exit(sum(map(is_open, ends)))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert all(map(is_open, ends))
    channel.close()


def is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def test_what_the_work_forked_ends_where_it_would_speak_for_the_lane(parent: Parent) -> None:
    if not (child := os.fork()):
        parent.channel.send({"ok": True})
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert parent.hear() == []


def test_texts_that_a_lane_sends_are_short_and_have_characters_that_utf_8_has() -> None:
    found = json.loads(encode_answer({"a\udcff": ["b\0", "c" * 99_999], "d": (1, None)}))
    texts = found.pop("a\\udcff")
    assert texts[0] == "b\\x00"
    assert texts[1].endswith("c... (83999 more characters)")
    assert found == {"d": [1, None]}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float32(1), {1, 2}])
def test_what_is_no_plain_data_is_a_failure_of_its_operation(value: Any) -> None:
    session = SimpleNamespace(answer=lambda command: {"x": value})
    answer = json.loads(loop._answer("7", session, {"op": "close"}))  # type: ignore[arg-type]
    assert (answer["id"], answer["ok"]) == ("7", False)
    assert answer["reason"].startswith(("ValueError: ", "TypeError: "))


# The loop


OPEN: Message = {
    "op": "open",
    "benchmark": "calc_mean",
    "scheduler": "numpy",
    "parameters": SMALL | {"rng": "generator"},
    "seed": 1,
    "blas_threads": 1,
    "cluster": {},
}


def commands(*messages: Message) -> list[Message]:
    """Return these with a token each."""
    return [message | {"id": str(number)} for number, message in enumerate(messages)]


def test_the_loop_opens_samples_and_closes(parent: Parent) -> None:
    parent.say(*commands(OPEN, {"op": "sample", "loops": 2}, {"op": "close"}))
    serve(parent.channel)
    opened, sample, closed = parent.hear()
    assert opened["ok"]
    assert opened["tasks"] == 10
    assert opened["versions"]["numpy"] == np.__version__
    assert (sample["tasks_run"], sample["tasks_expected"], sample["reason"]) == (20, 20, None)
    assert closed == {"id": "2", "ok": True}


def test_an_error_is_an_answer_that_says_why_and_the_loop_goes_on(parent: Parent) -> None:
    broken = OPEN | {"parameters": {"n": 100}}
    parent.say(*commands(broken, OPEN, {"op": "close"}))
    serve(parent.channel)
    failed, opened, _ = parent.hear()
    assert not failed["ok"]
    assert failed["reason"].startswith("UsageError: ")
    assert "Traceback" in failed["detail"]
    assert opened["ok"]


def test_a_lane_that_was_never_opened_closes_too(parent: Parent) -> None:
    parent.say(*commands({"op": "close"}))
    serve(parent.channel)
    assert parent.hear() == [{"id": "0", "ok": True}]


# Sampling


class FakeScheduler:
    """Runs nothing, but says that it did; it remembers in which order it was called."""

    local = True
    computing = Computing(lambda collections: collections, lambda collections: collections)

    def __init__(self, tasks_run: int = 10, answers: list[float] | None = None) -> None:
        self.tasks_run, self.answers = tasks_run, answers
        self.calls: list[str] = []

    def open(self, benchmark: Any) -> None:
        self.calls.append("open")

    def describe(self) -> Message:
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
            first_task=None,
            workers_lost=2,
            workers_rss_bytes=None,
        )
        self.calls.append("watched")

    def compute(self, work: Any) -> Any:
        self.calls.append("compute")
        return self.answers or [call() for call in work]

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
    assert (sample["tasks_run"], sample["tasks_expected"]) == (20, 20)
    assert sample["answer_ok"]
    assert sample["reason"] is None
    assert sample["workers_lost"] == 2


def test_a_sample_whose_tasks_did_not_run_says_so() -> None:
    sample = sampler_of(FakeScheduler(tasks_run=0)).sample(loops=1)
    assert sample["reason"] == "0 of 10 tasks ran"
    assert sample["answer_ok"]


def test_a_sample_with_a_wrong_answer_says_so() -> None:
    sample = sampler_of(FakeScheduler(answers=[9.0] * 10)).sample(loops=1)
    assert sample["reason"] == "wrong answer: 10 of 10 means differ from NumPy's"
    assert not sample["answer_ok"]


def test_where_others_compute_no_cpu_is_claimed() -> None:
    scheduler = FakeScheduler()
    scheduler.local = False
    sample = sampler_of(scheduler).sample(loops=1)
    assert sample["cpu_s"] is None
    assert sample["lane_cpu_s"] is None


@pytest.mark.parametrize("name", ["numpy", "synchronous", "threads"])
def test_schedulers_of_this_process_prove_every_task(name: str) -> None:
    sampler = Sampler.open(opening(**OPEN | {"scheduler": name, "workers": 2}))
    for _ in range(2):
        sample = sampler.sample(loops=3)
        assert (sample["tasks_run"], sample["tasks_expected"]) == (30, 30)
        assert sample["reason"] is None
    sampler.close()


@pytest.mark.parametrize("name", SCHEDULERS)
def test_every_scheduler_can_be_made(name: str) -> None:
    case = {"scheduler": name, "workers": 1, "blas_threads": 1, "cluster": {}}
    assert make_scheduler(opening(**case)).local


# What a benchmark may have beyond the least


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

    def __init__(self, *accounts: Account) -> None:
        self.accounts = list(accounts)
        self.judged: list[tuple[Any, Any]] = []

    def check(self, answer: Sequence[Any]) -> str | None:
        raise AssertionError("who accounts is not asked to check")

    def account(self, answer: Any, compute: Compute) -> Account:
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
        assert sampler.sample(loops=2)["reason"] is None
    assert benchmark.prepared == times


@pytest.mark.parametrize("name", ["numpy", "synchronous", "threads"])
@pytest.mark.parametrize("benchmark", [Least(), Proceeding(), Keeping(), Preparing()])
def test_whatever_a_benchmark_has_its_tasks_are_proved(
    benchmark: Benchmark, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daskbench.lane.sampling.make_benchmark", lambda *_: benchmark)
    sampler = Sampler.open(opening(**OPEN | {"scheduler": name, "workers": 2}))
    sample = sampler.sample(loops=3)
    assert sample["tasks_run"] == sample["tasks_expected"] > 0
    sampler.close()


def test_who_accounts_is_not_asked_to_check() -> None:
    benchmark, scheduler = Accounting(Account()), FakeScheduler(answers=[1.0])
    sample = Sampler(benchmark, scheduler).sample(loops=1)
    assert benchmark.judged == [([1.0], scheduler.computing)]
    assert sample["reason"] is None
    assert sample["answer_ok"]


def test_the_worst_figures_of_all_loops_are_in_the_answer() -> None:
    accounts = [
        Account(None, {"error": error, "residual": residual}, 1e9, 2e9, "went over")
        for error, residual in ((1e-15, 3e-15), (2e-15, 2e-15), (1e-16, 1e-15))
    ]
    sample = Sampler(Accounting(*accounts), FakeScheduler(tasks_run=30)).sample(loops=3)
    assert sample["figures"] == {"error": 2e-15, "residual": 3e-15}
    assert (sample["flops"], sample["moved_bytes"]) == (1e9, 2e9)
    assert sample["note"] == "went over"
    assert sample["reason"] is None


def test_one_wrong_loop_makes_the_sample_wrong() -> None:
    accounts = [Account(), Account("u is wrong"), Account("v is wrong"), Account()]
    sample = Sampler(Accounting(*accounts), FakeScheduler(tasks_run=40)).sample(loops=4)
    assert not sample["answer_ok"]
    assert sample["reason"] == "wrong answer: u is wrong"


def test_of_a_long_answer_of_check_a_part_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand loops of one that returns 10 MB would hold 10 GB."""
    benchmark = make_benchmark("calc_mean", SMALL | {"rng": "generator"}, 1)
    monkeypatch.setattr(benchmark, "check", lambda _: "z" * 100_000, raising=False)
    sample = Sampler(benchmark, FakeScheduler(tasks_run=10)).sample(loops=1)
    assert len(sample["reason"]) == len("wrong answer: ") + 16_000


def test_a_figure_may_be_missing_where_an_answer_is_wrong() -> None:
    accounts = [Account(None, {"error": 1.0, "residual": 2.0}), Account("no u", {"error": 3.0})]
    sample = Sampler(Accounting(*accounts), FakeScheduler(tasks_run=20)).sample(loops=2)
    assert sample["figures"] == {"error": 3.0, "residual": 2.0}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_figure_that_is_no_number_is_left_to_what_is_wrong(value: float) -> None:
    """A journal can't hold it: it would be null there, and no longer read as a figure."""
    accounts = [
        Account("no number", {"error": value, "residual": 1.0}),
        Account(None, {"error": 2}),
    ]
    sample = Sampler(Accounting(*accounts), FakeScheduler(tasks_run=20)).sample(loops=2)
    assert sample["figures"] == {"error": 2, "residual": 1.0}
    assert sample["reason"] == "wrong answer: no number"


def test_without_an_account_there_are_no_figures() -> None:
    sample = Sampler(Least(), FakeScheduler()).sample(loops=1)
    assert sample["figures"] == {}
    assert [sample[name] for name in ("flops", "moved_bytes", "note")] == [None] * 3
    assert sample["answer_ok"]


def test_a_report_is_written_only_where_it_is_asked_for() -> None:
    scheduler = FakeScheduler()
    sampler = sampler_of(scheduler)
    sampler.sample(loops=1)
    assert "report file.html" not in scheduler.calls
    sampler.sample(loops=1, report="file.html")
    assert scheduler.calls.index("report file.html") < scheduler.calls.index("compute", 6)


# Counting


def test_tasks_are_counted_without_running_any() -> None:
    ran: list[int] = []
    collection = [dask.delayed(ran.append)(i) for i in range(7)]
    assert count_tasks(collection) == 7
    assert ran == []


def test_the_counter_sees_what_ran_and_when_first() -> None:
    before = time.perf_counter()
    with TaskCounter() as counter:
        dask.compute(*[dask.delayed(abs)(i) for i in range(5)], scheduler="synchronous")
    assert counter.tasks_run == 5
    assert counter.first_task is not None
    assert before <= counter.first_task <= time.perf_counter()
    assert TaskCounter().first_task is None


def test_the_watch_counts_the_tasks_of_its_client_alone() -> None:
    watch = TaskWatch("ours")
    scheduler = SimpleNamespace(
        plugins={watch.name: watch}, workers={"a": 1, "b": 2}, tasks={"x": 1, "z": 1}
    )
    begin(scheduler, watch.name)
    watch.update_graph(scheduler, client="ours", tasks=["x", "y"])
    watch.update_graph(scheduler, client="theirs", tasks=["z"])
    for key in ("x", "z"):
        watch.transition(key, "processing", "memory")
    watch.transition("y", "waiting", "processing")
    watch.transition("y", "memory", "released")
    watch.remove_worker(scheduler, worker="a")
    assert counts(scheduler, watch.name) == (2, 1, 1)
    assert left_over(scheduler, watch.name) == 1
    begin(scheduler, watch.name)
    assert counts(scheduler, watch.name) == (0, 0, 0)


def test_the_same_key_in_two_graphs_has_to_run_twice() -> None:
    """What the second finds in memory has not run, and what ran again for a lost worker is one."""
    watch = TaskWatch("ours")
    scheduler = SimpleNamespace(plugins={watch.name: watch}, workers={}, tasks={})
    begin(scheduler, watch.name)
    for _ in range(2):
        watch.update_graph(scheduler, client="ours", tasks=["x", "y"])
        for _ in range(2):
            watch.transition("x", "processing", "memory")
    assert counts(scheduler, watch.name) == (4, 2, 0)


def watched(*tasks: str) -> tuple[TaskWatch, SimpleNamespace]:
    """A watch, and a scheduler that knows these tasks."""
    watch = TaskWatch("ours")
    return watch, SimpleNamespace(plugins={watch.name: watch}, tasks=dict.fromkeys(tasks))


def arrive(watch: TaskWatch, scheduler: Any, *tasks: str, run: Sequence[str] = ()) -> None:
    """Let a graph of ours arrive, of which these tasks run."""
    watch.update_graph(scheduler, client="ours", tasks=list(tasks))
    for key in run:
        watch.transition(key, "processing", "memory")


def test_data_that_are_held_need_not_run() -> None:
    watch, scheduler = watched("x", "y")
    hold(scheduler, watch.name, ["x"])
    for _ in range(2):
        begin(scheduler, watch.name)
        arrive(watch, scheduler, "x", "y", "z", run="yz")
        assert left_over(scheduler, watch.name) == 1  # y; what is held may stay
        assert counts(scheduler, watch.name) == (2, 2, 0)


def test_data_that_are_held_count_for_no_graph_when_they_run_again() -> None:
    """As when the worker that held them was lost."""
    watch, scheduler = watched()
    hold(scheduler, watch.name, ["x"])
    hold(scheduler, watch.name, ["w"])
    begin(scheduler, watch.name)
    arrive(watch, scheduler, "w", "x", "y", run="wxy")
    assert counts(scheduler, watch.name) == (1, 1, 0)


def test_nothing_is_counted_before_a_sample_nor_after_it() -> None:
    watch, scheduler = watched("a", "x", "b")
    arrive(watch, scheduler, "a", run="a")  # to prepare
    assert counts(scheduler, watch.name) == (0, 0, 0)
    begin(scheduler, watch.name)
    arrive(watch, scheduler, "x", run="x")
    assert counts(scheduler, watch.name) == (1, 1, 0)
    arrive(watch, scheduler, "b", run="b")  # to judge the answer
    assert counts(scheduler, watch.name) == (1, 1, 0)
    assert left_over(scheduler, watch.name) == 1  # x alone: what judges may stay
    begin(scheduler, watch.name)
    assert counts(scheduler, watch.name) == (0, 0, 0)


def test_the_watch_leaves_with_its_client() -> None:
    removed: list[str] = []
    scheduler = SimpleNamespace(remove_plugin=lambda name: removed.append(name))
    watch = TaskWatch("ours")
    watch.remove_client(scheduler, client="theirs")
    assert removed == []
    watch.remove_client(scheduler, client="ours")
    assert removed == [watch.name]


# Probes


def test_the_memory_and_cpu_of_this_process_are_seen() -> None:
    assert next(members(os.getpid())) == os.getpid()
    assert 1 << 20 < rss_bytes(os.getpid()) <= rss_bytes(os.getpid(), high_water=True)
    assert cpu_s(os.getpid()) > 0


def test_of_a_process_that_is_gone_nothing_is_seen() -> None:
    gone = 2**22 + 1  # above the kernel's highest id
    assert rss_bytes(gone) == 0
    assert cpu_s(gone) == 0


def test_cpu_seconds_grow_with_work() -> None:
    first = cpu_seconds()
    while (now := cpu_seconds()) <= first:
        sum(range(1000))
    assert now > first


def test_blas_threads_are_found() -> None:
    found = blas_info()
    assert found
    assert all(blas["threads"] >= 1 and blas["api"] for blas in found)


# calc_mean


def checked(rng: str, *answers: list[float], n: int = 100, tasks: int = 3) -> str | None:
    """What the check says of the last of these answers."""
    benchmark = CalcMean(n, tasks, rng, seed=5)
    said = [benchmark.check(answer) for answer in answers]
    return said[-1]


def test_every_way_to_compute_gives_the_same_means_with_generator() -> None:
    benchmark = make_benchmark("calc_mean", SMALL | {"rng": "generator"}, 3)
    loop = [call() for call in benchmark.calls()]
    computed = dask.compute(*benchmark.collection(), scheduler="synchronous")
    assert list(computed) == loop
    assert benchmark.check(loop) is None
    assert len(set(loop)) == 10


def test_the_seed_changes_the_means() -> None:
    one, two = (
        [call() for call in make_benchmark("calc_mean", SMALL | {"rng": "generator"}, s).calls()]
        for s in (1, 2)
    )
    assert not set(one) & set(two)


def test_legacy_means_are_new_each_time() -> None:
    benchmark = make_benchmark("calc_mean", SMALL | {"rng": "legacy"}, 1)
    for _ in range(2):
        answer = dask.compute(*benchmark.collection(), scheduler="synchronous")
        assert benchmark.check(answer) is None


def test_a_collection_has_new_keys_each_time() -> None:
    benchmark = make_benchmark("calc_mean", SMALL | {"rng": "generator"}, 1)
    one, two = ({item.key for item in benchmark.collection()} for _ in range(2))
    assert len(one) == len(two) == 10
    assert not one & two


@pytest.mark.parametrize("rng", ["legacy", "generator"])
def test_too_few_means_are_wrong(rng: str) -> None:
    assert checked(rng, [0.1, 0.2]) == "2 means instead of 3"


def test_a_mean_that_is_off_by_the_least_is_wrong() -> None:
    means = [float(call()) for call in CalcMean(100, 3, "generator", 5).calls()]
    assert checked("generator", means) is None
    means[1] = float(np.nextafter(means[1], 1))
    assert checked("generator", means) == "1 of 3 means differ from NumPy's"


def test_implausible_means_are_wrong() -> None:
    said = checked("legacy", [0.1, 0.61, -0.7])
    assert said == "2 of 3 means are further than 6/sqrt(n) = 0.6 from 0"
    assert checked("legacy", [0.1, float("nan"), 0.2]) is not None


def test_means_of_an_earlier_sample_are_wrong() -> None:
    first = [0.1, 0.2, 0.3]
    assert checked("legacy", first, [0.4, 0.2, 0.5]) == (
        "1 of 3 means are those of the last sample"
    )


def test_means_that_occur_twice_are_wrong() -> None:
    assert checked("legacy", [0.1, 0.1, 0.2]) == "1 of 3 means occur twice"


def test_an_unknown_benchmark_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="no benchmark 'calc_men': did you mean 'calc_mean'"):
        make_benchmark("calc_men", {}, 0)
