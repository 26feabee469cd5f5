"""Samples: build, settle, compute against the clock, check."""

import gc
import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, NamedTuple

from daskbench.benchmarks import make_benchmark
from daskbench.benchmarks.base import (
    Benchmark,
    Evaluates,
    Evaluation,
    Explains,
    Finishes,
    HasTraits,
)
from daskbench.benchmarks.workers import Transfer
from daskbench.lane import activity, proving
from daskbench.lane.accounting.account import account_of, total
from daskbench.lane.probes.cpu import cpu_seconds
from daskbench.lane.probes.identity import IdentityProbe
from daskbench.lane.probes.versions import versions
from daskbench.lane.protocol import Account, Open, Opened, Sampled, Told
from daskbench.lane.schedulers import make_scheduler
from daskbench.lane.schedulers.base import HasHosts, HasParts, Proof, Scheduler, TellsMemory
from daskbench.units import counted

#: Maximum length of a check's message, in characters.
_LONGEST_WRONG = 16_000


class Sampler:
    """A benchmark on a scheduler, ready to take samples."""

    def __init__(
        self,
        benchmark: Benchmark,
        scheduler: Scheduler,
        slowdown: float = 0.0,
        identity: IdentityProbe | None = None,
    ) -> None:
        self._benchmark, self._scheduler, self._slowdown = benchmark, scheduler, slowdown
        self._identity = identity

    @classmethod
    def open(cls, case: Open, tell: Callable[[Told], None] = lambda _: None) -> "Sampler":
        """Create benchmark and scheduler of a case, and start the scheduler.

        If the case asks for memory, readings are passed to `tell`, from another thread.
        """
        activity.report("importing the benchmark")
        identity = IdentityProbe(case.benchmark, case.digest_key)
        benchmark = make_benchmark(case.benchmark, case.parameters, case.seed, case.work)
        scheduler = make_scheduler(case)
        if case.memory and isinstance(scheduler, TellsMemory):
            scheduler.tell_memory(tell, case.memory_interval_s)
        activity.report("starting its scheduler")
        scheduler.open(benchmark)
        activity.report("counting its tasks")
        return cls(benchmark, scheduler, case.slowdown, identity)

    def beside(self, case: Open) -> "Sampler":
        """Create the benchmark of another case, on the same scheduler or a part of its workers."""
        activity.report("importing the benchmark")
        identity = self._identity.beside(case.benchmark) if self._identity else None
        benchmark = make_benchmark(case.benchmark, case.parameters, case.seed, case.work)
        own = self._scheduler
        scheduler = own.part(case) if isinstance(own, HasParts) else own
        activity.report("preparing")
        scheduler.prepare(benchmark)
        activity.report("counting its tasks")
        return Sampler(benchmark, scheduler, case.slowdown, identity)

    def describe(self) -> Opened:
        """Return tasks per loop, workers, BLAS, versions, identity and notes."""
        with self._scheduler.default():
            work = self._scheduler.build(self._benchmark)
        tasks = self._scheduler.count(work)
        found = self._scheduler.describe()  # first: it imports what sets variables of its own
        elsewhere = self._scheduler.elsewhere()
        told = replace(self._identity.tell(), elsewhere=elsewhere) if self._identity else None
        return Opened(tasks=tasks, versions=versions(), identity=told, **vars(found))

    def transfers(self) -> Sequence[Transfer]:
        """Return messages between hosts, for benchmarks that come near what the hardware can do."""
        kind = type(self._benchmark)
        is_near = isinstance(kind, HasTraits) and kind.traits.near_hardware
        if not (is_near and isinstance(self._scheduler, HasHosts)):
            return []
        activity.report("measuring the network between hosts")
        return self._scheduler.between_hosts()

    def sample(self, loops: int, report: str | None = None, *, account: bool = False) -> Sampled:
        """Build and compute `loops` times, timing only these.

        With `report`, write Dask's performance report to that file, and with `account` see where
        the time goes; both distort the times.
        """
        scheduler, first_cpu = self._scheduler, cpu_seconds()
        activity.report("building its work")
        start = perf_counter()
        with scheduler.default():
            works = [scheduler.build(self._benchmark) for _ in range(loops)]
        build_s = perf_counter() - start
        with self._reporting(report):
            parts = proving.apart(works)
            taken = _sum([self._take(part, build_s / loops, account=account) for part in parts])
        reasons = [evaluation.wrong for evaluation in taken.evaluations if evaluation.wrong]
        last = taken.evaluations[-1]
        return Sampled(
            tasks_expected=taken.tasks_expected,
            tasks_run=taken.tasks_run,
            answer_ok=not reasons,
            reason=proving.reason(taken.tasks_run, taken.tasks_expected, taken.short, reasons),
            wall_s=taken.wall_s,
            build_s=build_s,
            cpu_s=taken.cpu_s if scheduler.local else None,
            lane_cpu_s=cpu_seconds() - first_cpu if scheduler.local else None,
            first_task_s=taken.first_task_s,
            figures=_worst(taken.evaluations),
            flops=last.flops,
            moved_bytes=last.moved_bytes,
            note=last.note,
            workers_lost=taken.workers_lost,
            workers_rss_bytes=taken.workers_rss_bytes,
            account=taken.account,
            transfers=[one for each in taken.evaluations for one in each.transfers],
        )

    def _take(self, works: Sequence[Any], build_s: float, *, account: bool) -> "_Taken":
        """Compute `works` one after the other on an idle scheduler.

        Each took `build_s` to build, to which an injected slowdown applies, too.
        """
        scheduler = self._scheduler
        activity.report("waiting for its workers to be ready")
        scheduler.settle()
        gc.collect(1)  # young garbage; a full collection walks all of Dask and takes 50 ms
        activity.report("computing")
        timed = self._time(works, build_s, account=account)
        activity.report("checking the answer")
        evaluations = [self._judge(answer) for answer in timed.answers]
        # Counted afterwards, because it optimises the graph, which Dask caches; and for each
        # sample, because fusion can differ between builds of a graph.
        proof = timed.proof
        expected = proving.expected_tasks(works, proof, scheduler.count)
        return _Taken(
            timed.wall_s,
            timed.cpu_s,
            proof.first_task - timed.start if proof.first_task else None,
            expected,
            proving.tasks_run(works, proof),
            proof.workers_lost,
            proof.workers_rss_bytes,
            evaluations,
            proving.shortfall(works, proof),
            timed.account,
        )

    def _time(self, works: Sequence[Any], build_s: float, *, account: bool) -> "_Timed":
        scheduler, answers = self._scheduler, []
        instruments = scheduler.instruments() if account else None
        with scheduler.default(), scheduler.proof() as proof, instruments or nullcontext():
            cpu_s = cpu_seconds()
            start = perf_counter()
            for work in works:
                answers.append(self._compute(work))
            self._slow_down(start - build_s * len(works))
            wall_s = perf_counter() - start
            cpu_s = cpu_seconds() - cpu_s
        facts = instruments.facts(start, start + wall_s) if instruments else None
        accounted = account_of(facts, build_s * len(works)) if facts else None
        if accounted and proof.workers_lost:
            accounted = replace(accounted, notes=[*accounted.notes, _lost(proof.workers_lost)])
        return _Timed(start, wall_s, cpu_s, answers, proof, accounted)

    def _compute(self, work: Any) -> Any:
        try:
            return self._scheduler.compute(work)
        except (ArithmeticError, ValueError) as error:  # NumPy's LinAlgError is a ValueError
            why = self._benchmark.explain() if isinstance(self._benchmark, Explains) else None
            if why:
                raise OverflowError(why) from error
            raise

    def _slow_down(self, start: float) -> None:
        """Spin for the injected fraction of the time since `start`."""
        end = perf_counter()
        end += self._slowdown * (end - start)
        while perf_counter() < end:
            pass

    def _reporting(self, path: str | None) -> AbstractContextManager[None]:
        return self._scheduler.report(path) if path else nullcontext()

    def _judge(self, answer: Any) -> Evaluation:
        """Evaluate an answer."""
        if not isinstance(self._benchmark, Evaluates):
            return Evaluation(wrong=_verdict(self._benchmark.check(answer), "check"))
        evaluation = self._benchmark.account(answer, self._scheduler.computing)
        if not isinstance(evaluation, Evaluation):
            raise TypeError(f"account returned a {type(evaluation).__name__}, not an Evaluation")
        _verdict(evaluation.wrong, "account, as what is wrong,")
        return evaluation

    def listen(self) -> None:
        """Wait for the next heartbeat of every worker, if the scheduler has any."""
        activity.report("listening for heartbeats")
        if isinstance(self._scheduler, TellsMemory):
            self._scheduler.listen()

    def finish(self) -> None:
        """Let the benchmark clean up."""
        if isinstance(self._benchmark, Finishes):
            activity.report("cleaning up")
            with self._scheduler.default():
                self._benchmark.finish()

    def close(self) -> None:
        """Let the benchmark clean up, and close the scheduler."""
        try:
            self.finish()
        finally:
            self._scheduler.close()


class _Timed(NamedTuple):
    """Works that were computed: when, for how long, and what came of it."""

    start: float
    wall_s: float
    cpu_s: float
    answers: list[Any]
    proof: Proof
    account: Account | None


@dataclass(frozen=True)
class _Taken:
    """The measurements of works computed together."""

    wall_s: float
    cpu_s: float
    first_task_s: float | None
    tasks_expected: int
    tasks_run: int
    workers_lost: int
    workers_rss_bytes: int | None
    evaluations: list[Evaluation]
    short: str | None
    account: Account | None


def _lost(workers: int) -> str:
    """Say what the account of a sample that lost workers includes."""
    return (
        f"{counted(workers, 'worker')} lost meanwhile: its tasks ran again, and its threads count "
        "as free until it was replaced"
    )


def _sum(parts: Sequence[_Taken]) -> _Taken:
    """Combine several measurements; the first task is that of the first."""
    return _Taken(
        sum(part.wall_s for part in parts),
        sum(part.cpu_s for part in parts),
        parts[0].first_task_s,
        sum(part.tasks_expected for part in parts),
        sum(part.tasks_run for part in parts),
        sum(part.workers_lost for part in parts),
        max((part.workers_rss_bytes or 0 for part in parts), default=0) or None,
        [evaluation for part in parts for evaluation in part.evaluations],
        next(filter(None, (part.short for part in parts)), None),
        total([part.account for part in parts if part.account]),
    )


def _verdict(wrong: object, method: str) -> str | None:
    """Return the verdict; TypeError if it is neither None nor a string, hence ambiguous."""
    if wrong is None:
        return None
    if isinstance(wrong, str) and wrong.strip():
        return wrong[:_LONGEST_WRONG]  # kept for each loop
    shown = repr(wrong) if isinstance(wrong, bool | str) else f"a {type(wrong).__name__}"
    raise TypeError(
        f"{method} returned {shown}; return None if the answer is correct, otherwise a message"
    )


def _worst(evaluations: list[Evaluation]) -> dict[str, float]:
    """Return the largest finite value of each figure."""
    worst: dict[str, float] = {}
    for name, value in (item for evaluation in evaluations for item in evaluation.figures.items()):
        if math.isfinite(value):
            worst[name] = max(value, worst.get(name, value))
    return worst
