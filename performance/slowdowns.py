"""How often a known slow-down is found, and in how much time, by ``daskbench ab``.

A case that takes about 40 ms here is compared with itself slowed down, again and again, until it is
decided. The time of a comparison is all that passes: lanes started, warmed up, frozen, and their
samples. As 2 % is the usual margin, that bar has a smaller one. ``slowdowns.py 20`` makes so many
comparisons for each bar, one without a number; journals of earlier runs of this script are judged
instead.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from msgspec import structs
from scipy import stats

from daskbench.cli.options import RunOptions
from daskbench.cli.session import measure
from daskbench.cli.views import View
from daskbench.experiments.ab.rows import KIND
from daskbench.journal.read import read_run
from daskbench.journal.run import Run
from daskbench.journal.store import Store
from daskbench.model import DECIDE_SIDES, Case, Experiment, Plan, Side, Suite
from daskbench.stats.ratio import paired_ratio
from daskbench.stats.verdict import Verdict, verdict_of


@dataclass(frozen=True)
class Bar:
    """What is asked: so large a slow-down, found so often within that time."""

    slowdown: float
    margin: float
    limit_s: float
    share: float


CASE_S, TASKS = 0.04, 10
BARS = (Bar(0.05, 0.02, 20, 0.9), Bar(0.02, 0.005, 75, 0.8))


def numbers_for(seconds: float, tasks: int) -> int:
    """Return how many random numbers each of the tasks draws in so much time here."""
    trial, took_s = 100_000, []
    for _ in range(201):
        began = perf_counter()
        np.random.normal(size=trial).mean()
        took_s.append(perf_counter() - began)
    return 1000 * round(trial * seconds / tasks / float(np.median(took_s)) / 1000)


def plan_of(bar: Bar, comparisons: int) -> Plan:
    """Return so many comparisons, each a suite of its own."""
    work: dict[str, int | float | str] = {"n": numbers_for(CASE_S, TASKS), "tasks": TASKS}
    cases = tuple(
        Case("calc_mean", "synchronous", {**work, "rng": "legacy"}, side=side)
        for side in (Side("A"), Side("B", slowdown=bar.slowdown))
    )
    settings = structs.replace(DECIDE_SIDES, margin=bar.margin)
    suites = (
        Suite(f"slower {number}", cases, settings, experiment=Experiment(KIND))
        for number in range(comparisons)
    )
    return Plan(tuple(suites))


def comparisons_of(run: Run, bar: Bar) -> Iterator[tuple[Verdict, float]]:
    """Yield the verdict of each comparison, and how many seconds it took."""
    before_s = 0.0
    for number, suite, case in run.cases:
        if case.side.slowdown and suite.name in run.ended_suites:
            one, two = run.samples[number - 1], run.samples[number]
            ended_s = max(float(side["at_s"].max()) for side in (one, two))
            yield verdict_of(paired_ratio(two, one, suite.settings), bar.margin), ended_s - before_s
            before_s = ended_s


def main() -> None:
    """Measure, and print against each bar how often it was found, and in which time."""
    missed = False
    for bar, run in runs():
        found = list(comparisons_of(run, bar))
        right = [took_s for verdict, took_s in found if verdict is Verdict.SLOWER]
        count = sum(took_s <= bar.limit_s for took_s in right)
        low, high = stats.binomtest(count, len(found)).proportion_ci()
        wall_s = float(np.median(run.samples[0].loop_s))
        print(
            f"{bar.slowdown:.0%} slower, {wall_s * 1e3:.0f} ms, margin {bar.margin:.1%}: found in "
            f"{bar.limit_s:.0f} s in {count} of {len(found)} comparisons, {count / len(found):.0%} "
            f"[{low:.0%}, {high:.0%}]; bar {bar.share:.0%}; in the end in {len(right)}, after "
            f"{np.median(right or [np.nan]):.0f} s in the median, {max(right, default=0):.0f} s at "
            f"most; called faster or equivalent: {_wrong(found)}"
        )
        missed |= count < bar.share * len(found)
    sys.exit(missed)


def _wrong(found: list[tuple[Verdict, float]]) -> int:
    return sum(verdict in (Verdict.FASTER, Verdict.EQUIVALENT) for verdict, _ in found)


def runs() -> Iterator[tuple[Bar, Run]]:
    """Yield each bar with its run: measured now, or before."""
    asked = sys.argv[1:] or ["1"]
    for name in () if asked[0].isdigit() else asked:
        run = read_run(Path(name))
        slowdown = run.cases[1][2].side.slowdown
        yield next(bar for bar in BARS if bar.slowdown == slowdown), run
    for bar in BARS if asked[0].isdigit() else ():
        with TemporaryDirectory() as folder:
            plan = plan_of(bar, int(asked[0]))
            measure(plan, "slowdowns", RunOptions(Path(folder), view=View("plain")))
            yield bar, read_run(Store(Path(folder)).find("latest"))


if __name__ == "__main__":
    main()
