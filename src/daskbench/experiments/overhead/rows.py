"""The costs of a task at each place, as fitted to the samples, and what they mean for its size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from daskbench.benchmarks.base import Graph
from daskbench.experiments.overhead.graphs import FITTED, graph_of
from daskbench.journal.run import Column, Run, Samples
from daskbench.model import FEWEST, Suite
from daskbench.ranges import Fraction
from daskbench.stats.estimate import Estimate, Interval, difference
from daskbench.stats.regression import Fit, Point, fit
from daskbench.stats.result_tables import ResultTable
from daskbench.stats.results import Result
from daskbench.stats.tables import by_lane

if TYPE_CHECKING:
    from daskbench.experiments.overhead.sizes import Size

FIXED, TASK, STEP, DEPENDENCY, BYTE = "fixed", "task", "step", "dependency", "byte"
#: Seconds per task beside work, and how many times as long work takes.
BUSY_TASK, WORK = "busy_task", "work"
#: Terms that the graphs don't tell apart are part of the first of them.
TERMS = (FIXED, TASK, WORK, BUSY_TASK, STEP, DEPENDENCY, BYTE)
#: A fit is called wrong where it is off by more than this, and by more than chance.
FAR = 0.1
_SESSION = 2**40
#: Standard errors of a median of normal noise, in those of its mean.
_OF_MEDIAN = (np.pi / 2) ** 0.5


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The options: the share of work in the time of the smallest task."""

    efficiency: Fraction


@dataclass(frozen=True)
class Cost:
    """A cost, with its 95 % interval if there are enough rounds."""

    value: float
    interval: Interval | None

    def __float__(self) -> float:
        """Return the cost alone, as it is written: the end of its interval where it may be 0."""
        ends = self.interval
        return float(self.value if ends is None or self.is_shown else max(ends.high, 0.0))

    @property
    def is_shown(self) -> bool:
        """Whether it is more than nothing: its interval is above 0."""
        return self.interval is None or self.interval.low > 0

    def times(self, factor: float) -> "Cost":
        """Return so many times this, with its interval."""
        ends = self.interval
        scaled = Interval(ends.low * factor, ends.high * factor) if ends else None
        return Cost(self.value * factor, scaled)


@dataclass(frozen=True)
class Measured:
    """A graph at a place: its seconds, round by round, and those of the fit.

    `excess` is how much longer it took than the fit says, as a part of that.
    """

    result: Result
    graph: Graph
    seconds: float
    fitted: float
    excess: Cost
    used: bool

    def __float__(self) -> float:
        """Return its seconds."""
        return self.seconds


@dataclass(frozen=True)
class Costs:
    """What a task costs at one place, which has so many `threads`."""

    place: str
    threads: int
    fit: Fit | None
    graphs: tuple[Measured, ...]
    efficiency: float

    @property
    def is_rough(self) -> bool:
        """Whether its costs have no intervals, as they are fitted to too few rounds."""
        return self.fit is not None and self.fit.rounds < FEWEST

    @cached_property
    def by_term(self) -> Mapping[str, Cost | None]:
        """Each cost; None if the graphs don't tell it apart."""
        found = {term: self.fit.estimate(term) if self.fit else None for term in TERMS}
        return {term: self._cost(one) if one else None for term, one in found.items()}

    def _cost(self, estimate: Estimate) -> Cost:
        assert self.fit
        return cost_of(estimate, self.fit.rounds)

    @cached_property
    def lost(self) -> Cost | None:
        """Seconds of a thread that each busy task costs beside its work."""
        found = self.by_term[BUSY_TASK]
        return found.times(self.threads) if found else None

    @cached_property
    def smallest(self) -> Cost | None:
        """The CPU seconds of the smallest task of which work is the share `efficiency`.

        Either each thread waits after each task, or all wait for the scheduler, which can't hand
        out tasks faster than empty ones. Work counts as long as it takes beside others.
        """
        if self.fit is None or BUSY_TASK not in self.fit.terms:
            return None
        found = self._cost(self.fit.of(self._smallest))
        return Cost(
            found.value,
            found.interval and Interval(max(found.interval.low, 0.0), found.interval.high),
        )

    def _smallest(self, found: Mapping[str, float]) -> float:
        """Return the seconds of that task, by the cost of each term."""
        waiting_s = found[BUSY_TASK] * self.efficiency / (1 - self.efficiency)
        handing_s = found.get(TASK, 0.0) * self.efficiency
        return self.threads * max(waiting_s, handing_s) / stretch_of(found.get(WORK))

    def share(self, work_s: float) -> float:
        """Return the share of work in the time of a thread, with tasks that work so long."""
        lost_s, each_s = (self._least(term) * self.threads for term in (BUSY_TASK, TASK))
        takes_s = work_s * self.stretch
        return takes_s / max(takes_s + lost_s, each_s)

    def _least(self, term: str) -> float:
        found = self.by_term[term]
        return max(found.value, 0.0) if found else 0.0

    @property
    def stretch(self) -> float:
        """How many times as long work takes beside others."""
        work = self.by_term[WORK]
        return stretch_of(work.value if work else None)

    def seen(self, one: "Measured") -> float | None:
        """Return the share of work in a graph of busy tasks, as measured, less the graph's cost."""
        takes_s = one.graph.work_s / self.threads * self.stretch
        whole_s = one.seconds - self._least(FIXED)
        return min(takes_s / whole_s, 1.0) if one.graph.work_s and whole_s > 0 else None

    @property
    def misfits(self) -> list[Measured]:
        """The graphs that took clearly longer or less than the fit says."""
        return [one for one in self.graphs if is_far(one.excess)]


def stretch_of(work: float | None) -> float:
    """Return how many times as long work takes, by its coefficient; 1 where that tells nothing."""
    return work if work and work > 0 else 1.0


def is_far(excess: Cost) -> bool:
    """Whether a difference from the fit is one, and matters."""
    ends = excess.interval
    return ends is not None and abs(excess.value) > FAR and (ends.low > 0 or ends.high < 0)


def cost_of(estimate: Estimate, rounds: int) -> Cost:
    """Return an estimate as a cost; of few rounds it has no interval."""
    return Cost(estimate.value, estimate.interval() if rounds >= FEWEST else None)


@dataclass(frozen=True)
class CostTable(ResultTable):
    """Times of a graph, with the costs at all places, and the sizes of a benchmark's tasks.

    The tasks of those that are `idle` do nothing that can be told from their overhead.
    """

    costs: tuple[Costs, ...] = ()
    sizes: tuple["Size", ...] = ()
    idle: tuple[str, ...] = ()


def options_of(suite: Suite) -> Options:
    """Return the options of a suite."""
    return msgspec.convert(suite.experiment.options, Options)


def costs_of(run: Run, tables: Sequence[ResultTable]) -> list[Costs]:
    """Return the costs at each place that has a sample, in the order of the cases."""
    found: list[Costs] = []
    every = [row for table in tables for row in table.results]
    every.sort(key=lambda row: row.number)
    for rows in by_lane(every[0].suite, every, lambda row: row.case) if every else ():
        graphs = {row.number: graph for row in rows if (graph := graph_of(row.case))}
        rows = [row for row in rows if row.number in graphs and row.summary]
        if rows:
            found.append(_costs(run, rows, graphs))
    return found


def _costs(run: Run, rows: Sequence[Result], graphs: Mapping[int, Graph]) -> Costs:
    threads = next((row.threads for row in rows if row.threads), 1)
    points = {
        row.number: _point(run.samples[row.number], graphs[row.number], threads) for row in rows
    }
    used = _used(graphs, points)
    found = fit([points[number] for number in used], TERMS)
    noise = _noise([points[number] for number in used])
    measured = tuple(
        _measured(found, row, graphs[row.number], points[row.number], (row.number in used, noise))
        for row in rows
    )
    return Costs(rows[0].place, threads, found, measured, options_of(rows[0].suite).efficiency)


def _used(graphs: Mapping[int, Graph], points: Mapping[int, Point]) -> list[int]:
    """Return the graphs that costs are fitted to: large ones only if there are no others."""
    is_busy = {number: graphs[number].work_s > 0 for number in points}
    small = [n for n in points if is_busy[n] or graphs[n].tasks <= FITTED]
    return [*points] if all(is_busy[number] for number in small) else small


def _point(samples: Samples, graph: Graph, threads: int) -> Point:
    """Return what a graph consists of, and the time of each of its counted samples.

    Building it is not counted: that depends on what builds it.
    """
    counted = samples.counted
    rounds = samples["session"][counted] * _SESSION + samples["round"][counted]
    return Point(
        {
            FIXED: 1.0,
            TASK: 0.0 if graph.work_s else graph.tasks,
            BUSY_TASK: graph.tasks if graph.work_s else 0.0,
            WORK: graph.work_s / threads,
            STEP: graph.steps,
            DEPENDENCY: graph.dependencies,
            BYTE: graph.handed_bytes,
        },
        rounds,
        samples["wall_s"][counted] / samples["loops"][counted],
    )


def _measured(
    found: Fit | None, row: Result, graph: Graph, point: Point, known: tuple[bool, float]
) -> Measured:
    """Return a graph beside the fit; known is whether it is used for it, and the usual noise."""
    (used, noise), seconds = known, float(np.median(point.values))
    if found is None:
        return Measured(row, graph, seconds, seconds, Cost(0.0, None), used)
    fitted = found.at(point.amounts)
    excess = _excess(point.values, fitted, found.rounds, noise)
    return Measured(row, graph, seconds, fitted.value, excess, used)


def _excess(values: Column, fitted: Estimate, rounds: int, noise: float) -> Cost:
    """Return how much longer samples took than the fit says, as a part of that.

    Few samples are taken to be as noisy as those of the graphs that the fit is made of.
    """
    if fitted.value <= 0:
        return Cost(0.0, None)
    count, middle = len(values), float(np.median(values))
    spread = float(values.std(ddof=1)) if count >= FEWEST else noise * middle
    degrees = count - 1 if count >= FEWEST else rounds - 1
    taken = Estimate(middle, _OF_MEDIAN * spread / count**0.5, max(degrees, 1))
    return cost_of(difference(taken, fitted), rounds).times(1 / fitted.value)


def _noise(points: Sequence[Point]) -> float:
    """Return the typical standard deviation of a graph's samples, as a part of their median."""
    several = [point.values for point in points if len(point.values) > 1]
    parts = [float(values.std(ddof=1) / np.median(values)) for values in several]
    return float(np.median(parts)) if parts else 0.0
