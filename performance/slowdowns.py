"""How often a known slow-down is found, and in how much time, measured as ``daskbench ab`` does.

A case of about 40 ms is compared with itself slowed down, again and again. The time of a comparison
is all that passes: lanes started, warmed up, frozen, and their samples. With journals of earlier
runs of this script these are judged instead.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from scipy import stats

from daskbench.cli.options import RunOptions
from daskbench.cli.session import measure
from daskbench.journal.read import read_run
from daskbench.journal.run import Column, Run
from daskbench.journal.store import Store
from daskbench.model import VERDICT, Case, Plan, Settings, Side, Suite
from daskbench.stats.ratio import log_ratios, ratios_of_logs
from daskbench.stats.summary import split
from daskbench.stats.verdict import Verdict, verdict_of


@dataclass(frozen=True)
class Bar:
    """What is asked: so large a slow-down, found so often within that time."""

    slowdown: float
    limit_s: float
    share: float
    launches: int
    rounds: int
    comparisons: int


BARS = (
    Bar(0.05, 30, 0.9, VERDICT.launches, VERDICT.rounds, 20),
    Bar(0.02, 120, 0.8, 20, 45, 9),
)


def plan_of(bar: Bar) -> Plan:
    """Return the comparisons of a bar."""
    cases = tuple(
        Case("calc_mean", "synchronous", {"n": 250_000, "tasks": 10, "rng": "legacy"}, side=side)
        for side in (Side("A"), Side("B", slowdown=bar.slowdown))
    )
    settings = Settings(rounds=bar.rounds, launches=bar.launches * bar.comparisons)
    return Plan((Suite("slower", cases, settings),))


def comparisons_of(run: Run, bar: Bar) -> Iterator[tuple[Verdict, float]]:
    """Yield the verdict of each comparison, and how long it took from its begin to its end."""
    one, two = run.samples[0], run.samples[1]
    logs = split(*log_ratios(two, one, run.plan.suites[0].settings))
    ends = _ends(run, bar)
    for number in range(min(len(logs) // bar.launches, len(ends))):
        first = number * bar.launches
        (ratio,) = ratios_of_logs([logs[first : first + bar.launches]])
        took_s = ends[number] - (ends[number - 1] if number else 0.0)
        yield verdict_of(ratio), float(took_s)


def _ends(run: Run, bar: Bar) -> Column:
    """Return when the last sample of each comparison was taken."""
    rounds = bar.launches * bar.rounds
    measured = int(min(samples["round"].max() for samples in run.samples.values()))
    return np.array(
        [
            max(samples["at_s"][samples["round"] == last].max() for samples in run.samples.values())
            for last in range(rounds, measured + 1, rounds)
        ]
    )


def main() -> None:
    """Measure, and print against each bar how often it was found, and in which time."""
    missed = False
    for bar, run in runs():
        found = list(comparisons_of(run, bar))
        count = sum(v == Verdict.SLOWER and took_s <= bar.limit_s for v, took_s in found)
        low, high = stats.binomtest(count, len(found)).proportion_ci()
        times = [took_s for _, took_s in found]
        wall_s = float(np.median(run.samples[0].loop_s))
        print(
            f"{bar.slowdown:.0%} slower, {wall_s * 1e3:.0f} ms: found in {bar.limit_s:.0f} s in "
            f"{count} of {len(found)} comparisons, {count / len(found):.0%} "
            f"[{low:.0%}, {high:.0%}]; bar {bar.share:.0%}; each took {np.median(times):.0f} s, at "
            f"most {max(times):.0f}"
        )
        missed |= count < bar.share * len(found)
    sys.exit(missed)


def runs() -> Iterator[tuple[Bar, Run]]:
    """Yield each bar with its run: measured now, or before."""
    for name in sys.argv[1:]:
        run = read_run(Path(name))
        slowdown = run.cases[1][2].side.slowdown
        yield next(bar for bar in BARS if bar.slowdown == slowdown), run
    for bar in BARS if not sys.argv[1:] else ():
        with TemporaryDirectory() as folder:
            measure(plan_of(bar), "slowdowns", RunOptions(Path(folder), view="plain"))
            yield bar, read_run(Store(Path(folder)).find("latest"))


if __name__ == "__main__":
    main()
