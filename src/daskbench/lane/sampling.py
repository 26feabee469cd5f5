"""One sample: build, settle, clock, compute, clock, prove, report."""

import gc
import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from daskbench.benchmarks import make_benchmark
from daskbench.benchmarks.base import Benchmark, Evaluates, Evaluation, Explains
from daskbench.lane import doing
from daskbench.lane.probes.cpu import cpu_seconds
from daskbench.lane.probes.identity import IdentityProbe
from daskbench.lane.probes.versions import versions
from daskbench.lane.protocol import Open, Opened, Sampled, Told
from daskbench.lane.schedulers import make_scheduler
from daskbench.lane.schedulers.base import Scheduler, TellsMemory
from daskbench.lane.work import Work

#: No row shows more of what a check says.
_LONGEST_WRONG = 16_000


class Sampler:
    """A benchmark on a scheduler, ready to give samples."""

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
        """Make both from the message that names them, and start the scheduler.

        What its workers hold is told as it is read, where that is asked for.
        """
        doing.tell("importing the benchmark")
        identity = IdentityProbe(case.benchmark, case.digest_key)
        benchmark = make_benchmark(case.benchmark, case.parameters, case.seed)
        scheduler = make_scheduler(case)
        if case.memory and isinstance(scheduler, TellsMemory):
            scheduler.tell_memory(tell, case.memory_interval_s)
        doing.tell("starting its scheduler")
        scheduler.open(benchmark)
        doing.tell("counting its tasks")
        return cls(benchmark, scheduler, case.slowdown, identity)

    def describe(self) -> Opened:
        """Say what was found: tasks of one loop, workers, BLAS, versions, identity, notes."""
        tasks = self._scheduler.count(self._scheduler.build(self._benchmark))
        elsewhere, found = self._scheduler.elsewhere(), self._scheduler.describe()
        told = replace(self._identity.tell(), elsewhere=elsewhere) if self._identity else None
        return Opened(tasks=tasks, versions=versions(), identity=told, **vars(found))

    def sample(self, loops: int, report: str | None = None) -> Sampled:
        """Build and compute `loops` times, each timed; all else is outside the clock.

        With `report`, Dask's own report goes to that file, and the time means nothing.
        """
        scheduler, first_cpu = self._scheduler, cpu_seconds()
        doing.tell("building its work")
        start = perf_counter()
        works = [scheduler.build(self._benchmark) for _ in range(loops)]
        build_s = perf_counter() - start
        with self._reporting(report):
            taken = _sum([self._take(part, build_s / loops) for part in _apart(works)])
        reasons = [evaluation.wrong for evaluation in taken.evaluations if evaluation.wrong]
        last = taken.evaluations[-1]
        return Sampled(
            tasks_expected=taken.tasks_expected,
            tasks_run=taken.tasks_run,
            answer_ok=not reasons,
            reason=_reason(taken.tasks_run, taken.tasks_expected, reasons),
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
        )

    def _take(self, works: Sequence[Any], build_s: float) -> "_Taken":
        """Compute these, one after the other, on a scheduler that has nothing else to do.

        Each took `build_s` to build, which a slow-down that is injected makes longer, too.
        """
        scheduler = self._scheduler
        doing.tell("waiting for its workers to be ready")
        scheduler.settle()
        gc.collect(1)  # young garbage; a full collection walks all of Dask and takes 50 ms
        answers = []
        doing.tell("computing")
        with scheduler.proof() as proof:
            cpu = cpu_seconds()
            start = perf_counter()
            for work in works:
                answers.append(self._compute(work))
            self._slow_down(start - build_s * len(works))
            wall_s = perf_counter() - start
            cpu = cpu_seconds() - cpu
        doing.tell("checking the answer")
        evaluations = [self._judge(answer) for answer in answers]
        # Counted now, not before: it optimises the graph, and Dask would remember that. And for
        # each sample: how many tasks are fused can differ from one build of a graph to the next.
        expected = proof.tasks_known or sum(scheduler.count(work) for work in works)
        first = proof.first_task - start if proof.first_task else None
        return _Taken(
            wall_s,
            cpu,
            first,
            expected,
            proof.tasks_run,
            proof.workers_lost,
            proof.workers_rss_bytes,
            evaluations,
        )

    def _compute(self, work: Any) -> Any:
        try:
            return self._scheduler.compute(work)
        except (ArithmeticError, ValueError) as error:  # NumPy's LinAlgError is a ValueError
            why = self._benchmark.explain() if isinstance(self._benchmark, Explains) else None
            if why:
                raise OverflowError(why) from error
            raise

    def _slow_down(self, start: float) -> None:
        """Spin for the injected fraction of the time that the work took."""
        end = perf_counter()
        end += self._slowdown * (end - start)
        while perf_counter() < end:
            pass

    def _reporting(self, path: str | None) -> AbstractContextManager[None]:
        return self._scheduler.report(path) if path else nullcontext()

    def _judge(self, answer: Any) -> Evaluation:
        """Return what the answer is worth."""
        if not isinstance(self._benchmark, Evaluates):
            return Evaluation(wrong=_verdict(self._benchmark.check(answer), "check"))
        evaluation = self._benchmark.account(answer, self._scheduler.computing)
        if not isinstance(evaluation, Evaluation):
            raise TypeError(f"account returned a {type(evaluation).__name__}, not an Evaluation")
        _verdict(evaluation.wrong, "account, as what is wrong,")
        return evaluation

    def listen(self) -> None:
        """Wait for the next heartbeat of every worker, where they are listened to."""
        doing.tell("listening for heartbeats")
        if isinstance(self._scheduler, TellsMemory):
            self._scheduler.listen()

    def close(self) -> None:
        """End the scheduler."""
        self._scheduler.close()


@dataclass(frozen=True)
class _Taken:
    """What was measured of works that were computed together."""

    wall_s: float
    cpu_s: float
    first_task_s: float | None
    tasks_expected: int
    tasks_run: int
    workers_lost: int
    workers_rss_bytes: int | None
    evaluations: list[Evaluation]


def _sum(parts: Sequence[_Taken]) -> _Taken:
    """Return several as one, from the first of their tasks on."""
    return _Taken(
        sum(part.wall_s for part in parts),
        sum(part.cpu_s for part in parts),
        parts[0].first_task_s,
        sum(part.tasks_expected for part in parts),
        sum(part.tasks_run for part in parts),
        sum(part.workers_lost for part in parts),
        max((part.workers_rss_bytes or 0 for part in parts), default=0) or None,
        [evaluation for part in parts for evaluation in part.evaluations],
    )


def _apart(works: Sequence[Any]) -> list[Sequence[Any]]:
    """Return which works to compute together: each alone if they have the same keys.

    Builds on persisted or deterministic data have the same keys: computed right after each other,
    one may find the previous results before they are released, and then runs nothing.
    """
    keys = [key for work in works if isinstance(work, Work) for key in work.keys]
    return [[work] for work in works] if len({*keys}) < len(keys) else [works]


def _verdict(wrong: object, who: str) -> str | None:
    """Return it if it is one: anything but None or a text may be meant either way."""
    if wrong is None:
        return None
    if isinstance(wrong, str) and wrong.strip():
        return wrong[:_LONGEST_WRONG]  # one is kept for each of the loops
    shown = repr(wrong) if isinstance(wrong, bool | str) else f"a {type(wrong).__name__}"
    raise TypeError(
        f"{who} returned {shown}; return None if the answer is right, otherwise a text that says "
        "what is wrong"
    )


def _worst(evaluations: list[Evaluation]) -> dict[str, float]:
    """Return the largest of each figure. What is no number is told by what is wrong."""
    worst: dict[str, float] = {}
    for name, value in (item for evaluation in evaluations for item in evaluation.figures.items()):
        if math.isfinite(value):
            worst[name] = max(value, worst.get(name, value))
    return worst


def _reason(run: int, expected: int, wrong: list[Any]) -> str | None:
    if run != expected:
        return f"{run} of {expected} tasks ran"
    return f"wrong answer: {wrong[0]}" if wrong else None
