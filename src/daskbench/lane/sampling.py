"""One sample: build, settle, clock, compute, clock, prove, report."""

import gc
import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from time import perf_counter
from typing import Any

from daskbench.benchmarks import USERS_OWN, make_benchmark
from daskbench.benchmarks.base import Account, Accounts, Benchmark
from daskbench.lane import doing
from daskbench.lane.probes.cpu import cpu_seconds
from daskbench.lane.probes.identity import Identity
from daskbench.lane.probes.versions import versions
from daskbench.lane.protocol import Message
from daskbench.lane.schedulers import make_scheduler
from daskbench.lane.schedulers.base import Scheduler, TellsMemory
from daskbench.lane.travel import let_travel


class Sampler:
    """A benchmark on a scheduler, ready to give samples."""

    def __init__(
        self,
        benchmark: Benchmark,
        scheduler: Scheduler,
        slowdown: float = 0.0,
        identity: Identity | None = None,
    ) -> None:
        self._benchmark, self._scheduler, self._slowdown = benchmark, scheduler, slowdown
        self._acts = identity

    @classmethod
    def open(cls, case: Message, tell: Callable[[Message], None] = lambda _: None) -> "Sampler":
        """Make both from the message that names them, and start the scheduler.

        What its workers hold is told as it is read, where that is asked for.
        """
        doing.tell("importing the benchmark")
        identity = Identity(case["benchmark"], case.get("digest_key"))
        benchmark = make_benchmark(case["benchmark"], case["parameters"], case["seed"])
        if (module := type(benchmark).__module__).startswith(USERS_OWN):
            let_travel(module)
        scheduler = make_scheduler(case)
        if case.get("memory") and isinstance(scheduler, TellsMemory):
            scheduler.tell_memory(tell, case.get("memory_interval_s"))
        doing.tell("starting its scheduler")
        scheduler.open(benchmark)
        doing.tell("counting its tasks")
        return cls(benchmark, scheduler, case.get("slowdown", 0.0), identity)

    def describe(self) -> Message:
        """Say what was found: tasks of one loop, workers, BLAS, versions, identity, notes."""
        work = self._scheduler.build(self._benchmark)
        tasks, found = self._scheduler.count(work), self._scheduler.describe()
        elsewhere = found.pop("elsewhere", {})
        acts = {**self._acts.tell(), "elsewhere": elsewhere} if self._acts else None
        return {"tasks": tasks, "versions": versions(), **found, "identity": acts}

    def sample(self, loops: int, report: str | None = None) -> Message:
        """Build and compute `loops` times, each timed; all else is outside the clock.

        With `report`, Dask's own report goes to that file, and the time means nothing.
        """
        scheduler, first_cpu = self._scheduler, cpu_seconds()
        doing.tell("building its work")
        start = perf_counter()
        works = [scheduler.build(self._benchmark) for _ in range(loops)]
        build_s = perf_counter() - start
        doing.tell("waiting for its workers to be ready")
        scheduler.settle()
        gc.collect(1)  # young garbage; a full collection walks all of Dask and takes 50 ms
        answers = []
        doing.tell("computing")
        with self._reporting(report), scheduler.proof() as proof:
            cpu = cpu_seconds()
            start = perf_counter()
            for work in works:
                answers.append(scheduler.compute(work))
            self._slow_down(start - build_s)
            wall_s = perf_counter() - start
            cpu = cpu_seconds() - cpu
        doing.tell("checking the answer")
        accounts = [self._judge(answer) for answer in answers]
        reasons = [account.wrong for account in accounts if account.wrong]
        # Counted now, not before: it optimises the graph, and Dask would remember that. And for
        # each sample: how many tasks are fused can differ from one build of a graph to the next.
        expected = proof.tasks_known or sum(scheduler.count(work) for work in works)
        return {
            "wall_s": wall_s,
            "build_s": build_s,
            "cpu_s": cpu if scheduler.local else None,
            "lane_cpu_s": cpu_seconds() - first_cpu if scheduler.local else None,
            "first_task_s": proof.first_task - start if proof.first_task else None,
            "tasks_expected": expected,
            "tasks_run": proof.tasks_run,
            "answer_ok": not reasons,
            "figures": _worst(accounts),
            "flops": accounts[-1].flops,
            "moved_bytes": accounts[-1].moved_bytes,
            "note": accounts[-1].note,
            "workers_lost": proof.workers_lost,
            "reason": _reason(proof.tasks_run, expected, reasons),
        }

    def _slow_down(self, start: float) -> None:
        """Be busy for the injected part of the time that the work took: it is to be found again."""
        end = perf_counter()
        end += self._slowdown * (end - start)
        while perf_counter() < end:
            pass

    def _reporting(self, path: str | None) -> AbstractContextManager[None]:
        return self._scheduler.report(path) if path else nullcontext()

    def _judge(self, answer: Any) -> Account:
        """Return what the answer is worth."""
        if isinstance(self._benchmark, Accounts):
            return self._benchmark.account(answer, self._scheduler.computing)
        return Account(wrong=self._benchmark.check(answer))

    def listen(self) -> None:
        """Wait for the next heartbeat of every worker, where they are listened to."""
        doing.tell("listening for heartbeats")
        if isinstance(self._scheduler, TellsMemory):
            self._scheduler.listen()

    def close(self) -> None:
        """End the scheduler."""
        self._scheduler.close()


def _worst(accounts: list[Account]) -> dict[str, float]:
    """Return the largest of each figure. What is no number is told by what is wrong."""
    worst: dict[str, float] = {}
    for name, value in (item for account in accounts for item in account.figures.items()):
        if math.isfinite(value):
            worst[name] = max(value, worst.get(name, value))
    return worst


def _reason(run: int, expected: int, wrong: list[Any]) -> str | None:
    if run != expected:
        return f"{run} of {expected} tasks ran"
    return f"wrong answer: {wrong[0]}" if wrong else None
